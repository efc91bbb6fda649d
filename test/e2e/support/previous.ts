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
