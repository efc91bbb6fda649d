import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { TestProject } from 'vitest/node';

const PYTHON_FOLDER = fileURLToPath(new URL('../python', import.meta.url));
const CACHE = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'bouture');

declare module 'vitest' {
  export interface ProvidedContext {
    /** Folder with models and answers of the Python library. */
    fixtures: string;
  }
}

const contentOf = (name: string) => readFileSync(join(PYTHON_FOLDER, name));
const keyOf = (...names: readonly string[]) =>
  names
    .reduce((hash, name) => hash.update(contentOf(name)), createHash('sha256'))
    .digest('hex')
    .slice(0, 16);

/** Makes a folder whole, or finds it whole. */
function made(folder: string, make: (unfinished: string) => void): string {
  if (existsSync(folder)) return folder;
  const unfinished = `${folder}.making-${process.pid}`;
  mkdirSync(join(folder, '..'), { recursive: true });
  make(unfinished);
  renameSync(unfinished, folder);
  rmSync(unfinished, { recursive: true, force: true });
  return folder;
}

/** The Python that has exactly the packages of a list in tests/python. */
export function pythonOf(requirements: string): string {
  const folder = made(join(CACHE, 'venvs', `inference-${keyOf(requirements)}`), (venv) => {
    execFileSync('python3', ['-m', 'venv', venv]);
    const options = ['--quiet', '--disable-pip-version-check', '--require-hashes', '-r'];
    execFileSync(join(venv, 'bin/python'), ['-m', 'pip', 'install', ...options, join(PYTHON_FOLDER, requirements)]);
  });
  return join(folder, 'bin/python');
}

/** The models that the Python library trained, and its answers. */
export function fixturesFolder(): string {
  return made(join(CACHE, 'inference-fixtures', keyOf('requirements.txt', 'fixtures.py')), (folder) => {
    execFileSync(pythonOf('requirements.txt'), [join(PYTHON_FOLDER, 'fixtures.py'), folder], { stdio: 'inherit' });
  });
}

export default function setup(project: TestProject): void {
  project.provide('fixtures', fixturesFolder());
}
