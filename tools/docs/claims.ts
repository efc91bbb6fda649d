import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';

/** What is claimed: `docs/claims.yaml`. */
const claimsSchema = z.array(
  z.strictObject({ claim: z.string().min(1), tests: z.array(z.string().regex(/^test\/.+\.test\.ts$/)).min(1) }),
);
export type Claim = z.output<typeof claimsSchema>[number];

/** How the tests of a file last ended: `docs/results.json`. */
const resultsSchema = z.record(
  z.string(),
  z.strictObject({
    passed: z.number().int(),
    failed: z.number().int(),
    /** Left out at the level of that run. */
    leftOut: z.number().int(),
    seconds: z.number().int(),
    /** Day of the run, in UTC. */
    day: z.iso.date(),
    /** What was tested. */
    commit: z.string(),
  }),
);
export type Results = z.output<typeof resultsSchema>;

/** Where the table of claims stands in `docs/proofs.md`. */
export const MARK = '<!-- claims -->';

/**
 * The claims of a repository.
 *
 * @throws Error when the file is not as it must be, or names a test that is not there
 */
export function readClaims(root: string): readonly Claim[] {
  const claims = claimsSchema.parse(parse(readFileSync(join(root, 'docs/claims.yaml'), 'utf8')));
  const missing = claims.flatMap(({ tests }) => tests).filter((test) => !existsSync(join(root, test)));
  if (missing.length > 0) throw new Error(`docs/claims.yaml names tests that are not there: ${missing.join(', ')}`);
  return claims;
}

/** The last results; none where none were recorded. @throws Error when the file is not as it must be */
export function readResults(root: string): Results {
  const file = join(root, 'docs/results.json');
  return existsSync(file) ? resultsSchema.parse(JSON.parse(readFileSync(file, 'utf8'))) : {};
}

/** The command that proves a claim. @param full names of the end-to-end tests that only the full level runs */
export function commandFor(test: string, full: readonly string[]): string {
  const [, name = ''] = /([^/]+?)(?:\.e2e)?\.test\.ts$/.exec(test) ?? [];
  if (!test.startsWith('test/e2e/')) return `npx jest ${test}`;
  return full.some((file) => test.endsWith(`/${file}`))
    ? `npm run test:e2e:full -- ${name}`
    : `npm run test:e2e -- ${name}`;
}

/** The table of claims in Markdown. */
export function claimsTable(claims: readonly Claim[], results: Results, full: readonly string[]): string {
  return [
    '| claim | proved by | last result |',
    '| --- | --- | --- |',
    ...claims.map(({ claim, tests }) =>
      [
        '',
        ` ${claim.replaceAll('|', '\\|')} `,
        ` ${tests.map((test) => `\`${commandFor(test, full)}\``).join('<br>')} `,
        ` ${tests.map((test) => describe(results[test])).join('<br>')} `,
        '',
      ].join('|'),
    ),
  ].join('\n');
}

function describe(result: Results[string] | undefined): string {
  if (result === undefined) return '<span class="unproven">no result recorded</span>';
  const { passed, failed, leftOut, day, commit } = result;
  const word = failed > 0 ? `<span class="failed">${failed} failed</span>, ${passed} passed` : `${passed} passed`;
  const rest = leftOut === 0 ? '' : `, ${leftOut} left out`;
  return `${word}${rest}, ${day}, ${commit}`;
}
