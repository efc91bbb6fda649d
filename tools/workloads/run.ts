import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { attempt, type CommandResult } from '../cluster/commands';
import { pythonWith } from '../quickstart/python';
import { LOCKS, type Workload } from './folders';
import { leftOut } from './full-level';

/** Holds the key of what is installed in a `node_modules`. */
const INSTALLED = 'node_modules/.installed-for';

/** Runs the tests of a program with exactly the packages that it pins, but for those of the full level. */
export async function testWorkload(workload: Workload): Promise<CommandResult> {
  return workload.language === 'node' ? testNode(workload) : testPython(workload);
}

/**
 * Installs exactly the packages that a program of Node.js pins, unless they are there.
 *
 * @throws Error with what npm said, when it fails
 */
export async function ensurePackages(folder: string): Promise<void> {
  const installed = await installNode(folder);
  if (installed !== undefined && installed.code !== 0)
    throw new Error(`npm ci in ${folder} failed:\n${installed.output}`);
}

async function installNode(folder: string): Promise<CommandResult | undefined> {
  const hash = createHash('sha256').update(process.version);
  for (const file of LOCKS.node) hash.update(readFileSync(join(folder, file)));
  const key = hash.digest('hex');
  const note = join(folder, INSTALLED);
  if (existsSync(note) && readFileSync(note, 'utf8') === key) return undefined;
  const installed = await attempt('npm', ['ci', '--no-audit', '--no-fund'], { cwd: folder });
  if (installed.code === 0 && existsSync(join(folder, 'node_modules'))) writeFileSync(note, key);
  return installed;
}

async function testNode({ name, folder }: Workload): Promise<CommandResult> {
  const installed = await installNode(folder);
  if (installed !== undefined && installed.code !== 0) return installed;
  return attempt('npm', ['test', '--', ...leftOut(name).flatMap((file) => ['--exclude', file])], { cwd: folder });
}

async function testPython({ name, folder }: Workload): Promise<CommandResult> {
  const python = await pythonWith(...LOCKS.python.map((file) => join(folder, file)));
  return attempt(python, ['-m', 'pytest', '-q', 'tests', ...leftOut(name).map((file) => `--ignore=${file}`)], {
    cwd: folder,
    env: { PYTHONDONTWRITEBYTECODE: '1', PYTHONPATH: folder },
  });
}
