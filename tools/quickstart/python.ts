import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { attempt, run } from '../cluster/commands';
import { cacheRoot, packageRoot } from '../cluster/paths';

/** The scripts that use MLflow as a statistician does. */
export function exampleScript(name: 'train.py' | 'use.py' | 'requirements.txt'): string {
  return join(packageRoot(), 'examples/mlflow-quickstart', name);
}

/**
 * A Python that has exactly the packages of files like `requirements.txt` with hashes. It is kept in the user's cache under the content of
 * those files, and a folder in the cache is always whole: it takes its name once every package is in.
 *
 * @returns the path of its interpreter
 * @throws Error when this machine has no Python that can make virtual environments, or when a package cannot be had
 */
export async function pythonWith(...requirements: readonly string[]): Promise<string> {
  const { code, stdout } = await attempt('python3', ['-c', 'import sys, venv, ensurepip; print(sys.version)']).catch(
    () => ({
      code: 1,
      stdout: '',
    }),
  );
  if (code !== 0) {
    throw new Error('Python 3.11 or later with venv is needed: apt-get install python3-venv');
  }
  const hash = createHash('sha256');
  for (const file of requirements) hash.update(readFileSync(file));
  const key = hash.update(stdout).digest('hex').slice(0, 16);
  const folder = join(cacheRoot(), 'venvs');
  const venv = join(folder, key);
  const python = join(venv, 'bin/python');
  if (existsSync(python)) return python;
  mkdirSync(folder, { recursive: true });
  const unfinished = join(folder, `.making-${key}-${process.pid}`);
  rmSync(unfinished, { recursive: true, force: true });
  await run('python3', ['-m', 'venv', unfinished]);
  const packages = [
    '--quiet',
    '--disable-pip-version-check',
    '--require-hashes',
    ...requirements.flatMap((file) => ['-r', file]),
  ];
  await run(join(unfinished, 'bin/python'), ['-m', 'pip', 'install', ...packages]);
  renameSync(unfinished, venv);
  return python;
}
