import { readFileSync } from 'node:fs';
import { attempt } from './commands';
import { recipe } from './paths';

/** The first version that fetches a later one by itself when a module asks for it. */
const FETCHES_LATER_ONES = '1.21';

/** The Go version that a go.mod asks for: `1.25.0` */
export function goVersionOf(goMod: string): string {
  return /^go (\S+)$/m.exec(goMod)?.[1] ?? FETCHES_LATER_ONES;
}

/**
 * What is wrong with the Go of a machine, and the remedy; undefined when it can build what asks for a version.
 *
 * @param installed its version; undefined when there is none
 * @param needed the version that the programs ask for
 * @param toolchain Go's setting GOTOOLCHAIN
 */
export function goProblem(installed: string | undefined, needed: string, toolchain: string): string | undefined {
  const remedy = `install Go ${needed} or later, then run this again`;
  if (installed === undefined) return `the programs are built from source, and there is no Go on the PATH: ${remedy}`;
  if (compare(installed, needed) >= 0) return undefined;
  if (compare(installed, FETCHES_LATER_ONES) >= 0 && toolchain !== 'local') return undefined;
  return `the programs need Go ${needed}, and this machine has ${installed}: ${remedy}`;
}

/** {@link goProblem} of this machine, for the recipes of some programs. */
export async function goProblemOf(recipes: readonly string[]): Promise<string | undefined> {
  const needed = recipes
    .map((name) => goVersionOf(readFileSync(recipe('programs', name, 'go.mod'), 'utf8')))
    .reduce((a, b) => (compare(a, b) >= 0 ? a : b), FETCHES_LATER_ONES);
  const [version, toolchain] = await Promise.all([ask(['version']), ask(['env', 'GOTOOLCHAIN'])]);
  return goProblem(/go version go(\S+)/.exec(version)?.[1], needed, toolchain.trim());
}

async function ask(args: readonly string[]): Promise<string> {
  // The variable keeps an old Go from fetching a later one just to answer.
  const answer = attempt('go', args, { env: args[0] === 'version' ? { GOTOOLCHAIN: 'local' } : {} });
  return answer.then(({ stdout }) => stdout).catch(() => '');
}

function compare(a: string, b: string): number {
  return a.localeCompare(b, 'en', { numeric: true });
}
