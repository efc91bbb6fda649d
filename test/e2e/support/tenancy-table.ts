import { appendFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './commands';
import type { Outcome } from './tenancy-attempts';

/** Something that somebody tries at a server, once at one of a quick set-up and once at the platform's. */
export interface Trial<Subject> {
  /** Id of the test in the list of tenancy tests. */
  readonly test: string;
  /** Continues the sentence that somebody begins: `reads the bucket of another`. */
  readonly what: string;
  readonly act: (subject: Subject) => Promise<Outcome>;
  readonly without: Outcome;
  readonly with: Outcome;
}

/** What came of one attempt. */
export type Seen = Pick<Trial<unknown>, 'test' | 'what' | 'without' | 'with'>;

/** Tries everything, one after the other: what comes later finds what came before. */
export async function tryAll<Subject>(trials: readonly Trial<Subject>[], subject: Subject): Promise<Outcome[]> {
  const found: Outcome[] = [];
  for (const { act } of trials) found.push(await act(subject));
  return found;
}

/** Makes a test of each attempt. @param seen what came of all of them, in their order, once they were made */
export function testTrials(
  trials: readonly Seen[],
  seen: () => { readonly without: readonly Outcome[]; readonly with: readonly Outcome[] },
): void {
  test.each(trials.map((one, index) => [one.test, one.what, one, index] as const))(
    '%s: %s',
    (_test, _what, one, index) => {
      const { without, with: withThem } = seen();
      expect({ without: without[index], with: withThem[index] }).toEqual({ without: one.without, with: one.with });
    },
  );
}

const WORDS: Readonly<Record<string, string>> = {
  allowed: 'passes',
  absent: 'there is none',
  invalid: 'refused by Kubernetes',
};

/** Programs whose names are two words. */
const TWO_WORDS = new Set(['Pod Security', 'Label Studio']);

/** An outcome as a table says it: names of policies as code, programs as words. */
function told(outcome: Outcome): string {
  const word = WORDS[outcome];
  if (word !== undefined) return word;
  if (outcome.includes(' ') && !TWO_WORDS.has(outcome)) return outcome;
  return `refused by ${/^(quota|[A-Z].*)$/.test(outcome) ? outcome : `\`${outcome}\``}`;
}

/**
 * Checks that the documentation has the table of what was seen. With BOUTURE_WRITE_TABLE the table is added to that file, for whoever
 * puts it there.
 */
export function expectDocumented(seen: readonly Seen[]): void {
  const rows = seen.map((one) => `| ${one.test} | ${one.what} | ${told(one.without)} | ${told(one.with)} |`);
  const table = ['| Test | Somebody | Without | With |', '| --- | --- | --- | --- |', ...rows].join('\n');
  const file = process.env['BOUTURE_WRITE_TABLE'];
  if (file !== undefined) appendFileSync(file, `${table}\n\n`);
  expect(readFileSync(join(ROOT, 'docs/tenancy.md'), 'utf8')).toContain(table);
}
