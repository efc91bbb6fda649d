import { dirname, join } from 'node:path';
import { attempt } from '../cluster/commands';
import { packageRoot } from '../cluster/paths';
import { ensurePrograms, programPath } from '../cluster/programs';
import type { Progress } from '../cluster/progress';
import { pythonWith } from '../quickstart/python';

/** A linter of what runs outside the library: workflows, scripts, recipes of images. */
export type Linter = 'actionlint' | 'hadolint' | 'shellcheck';

/** The linter of a file. @returns undefined for a file that none of them reads */
export function linterOf(file: string): Linter | undefined {
  if (/(^|\/)workflows\/[^/]+\.ya?ml$/.test(file)) return 'actionlint';
  if (/\.sh$|^\.ci\/run$/.test(file)) return 'shellcheck';
  if (/(^|\/)Dockerfile$/.test(file)) return 'hadolint';
  return undefined;
}

/**
 * Lints files. Workflows are read by actionlint, which gives their scripts to shellcheck; scripts are read by shellcheck, and the
 * recipes of images by hadolint. The programs are installed once, from pinned sources.
 *
 * @param files of the repository; those that no linter reads are left out
 * @returns what the linters say, empty when they have nothing to say, and how many files they read
 */
export async function lintFiles(
  files: readonly string[],
  progress: Progress,
): Promise<{ readonly said: string; readonly read: number }> {
  await ensurePrograms(['actionlint'], progress);
  const programs = dirname(await pythonWith(join(__dirname, 'requirements.txt')));
  const commands: Readonly<Record<Linter, readonly [string, ...string[]]>> = {
    actionlint: [programPath('actionlint'), '-no-color', '-pyflakes=', `-shellcheck=${join(programs, 'shellcheck')}`],
    hadolint: [join(programs, 'hadolint'), '--no-color', '--config', join(__dirname, 'hadolint.yaml')],
    shellcheck: [join(programs, 'shellcheck'), '--color=never'],
  };
  const said: string[] = [];
  let read = 0;
  for (const [linter, [program, ...settings]] of Object.entries(commands)) {
    const own = files.filter((file) => linterOf(file) === linter);
    read += own.length;
    if (own.length === 0) continue;
    const { code, output } = await attempt(program, [...settings, ...own], { cwd: packageRoot() });
    if (code !== 0) said.push(`${linter}:\n${output.trim()}`);
  }
  return { said: said.join('\n\n'), read };
}
