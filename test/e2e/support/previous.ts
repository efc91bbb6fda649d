import { existsSync, mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { attempt, ROOT, run } from './commands';

/** An earlier state of this repository, checked out beside it and compiled. */
export interface PreviousVersion {
  readonly commit: string;
  readonly folder: string;
}

/**
 * The last commit at which `charts-out/` was different from what it is now, checked out under `.bouture/e2e/` with its own sources, so that a
 * stack is made as that commit made it. It uses the packages that are installed here.
 *
 * @returns undefined when there is no such commit: the history is not here, or the manifests have never been different
 */
export async function previousVersion(): Promise<PreviousVersion | undefined> {
  const log = await attempt('git', ['log', '--format=%H', '--', 'charts-out/minimal']);
  const commits = log.code === 0 ? log.stdout.trim().split('\n').filter(Boolean) : [];
  for (const commit of commits.slice(0, 20)) {
    const same = await attempt('git', ['diff', '--quiet', commit, '--', 'charts-out/minimal']);
    if (same.code !== 0) return checkedOut(commit);
  }
  return undefined;
}

/** The folders that make the package what it is for an office. */
const LIBRARY = ['constructs', 'blueprints', 'stacks', 'cli'];
/** The file with which offices got programs of their own. */
const PROGRAMS = 'blueprints/office.ts';

/**
 * The last version of the library that is not this one and knows offices' programs; the one that brought them where there is no later one.
 *
 * @throws Error where the history is not here
 */
export async function previousLibrary(): Promise<PreviousVersion> {
  const [introduced] = await commitsOf('--diff-filter=A', '--', PROGRAMS);
  if (introduced === undefined) throw new Error('the history of the repository is not here: git fetch --unshallow');
  for (const commit of await commitsOf(`${introduced}^..HEAD`, '--', ...LIBRARY)) {
    const same = await attempt('git', ['diff', '--quiet', commit, '--', ...LIBRARY]);
    if (same.code !== 0) return checkedOut(commit);
  }
  return checkedOut(introduced);
}

/** The last version of the library before offices had programs. @throws Error where the history is not here */
export async function libraryBeforePrograms(): Promise<PreviousVersion> {
  const [introduced] = await commitsOf('--diff-filter=A', '--', PROGRAMS);
  const [before] = introduced === undefined ? [] : await commitsOf('-1', `${introduced}^`);
  if (before === undefined) throw new Error('the history of the repository is not here: git fetch --unshallow');
  return checkedOut(before);
}

async function commitsOf(...selection: readonly string[]): Promise<readonly string[]> {
  const { code, stdout } = await attempt('git', ['log', '--format=%H', ...selection]);
  return code === 0 ? stdout.trim().split('\n').filter(Boolean) : [];
}

async function checkedOut(commit: string): Promise<PreviousVersion> {
  const folder = join(ROOT, '.bouture/e2e/previous', commit.slice(0, 12));
  if (!existsSync(join(folder, 'dist/cli/main.js'))) {
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    await run('bash', ['-c', 'git archive "$1" | tar -x -C "$2"', 'bash', commit, folder]);
    symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
    await run('npx', ['--no-install', 'tsc', '-p', 'tsconfig.build.json'], { cwd: folder });
  }
  return { commit, folder };
}
