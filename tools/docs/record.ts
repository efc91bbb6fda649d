/**
 * `npm run docs:record FILE...`: takes what jest wrote with `--json` into `docs/results.json`, from which the page of proofs tells how each claim last
 * ended. A file of tests in which nothing ran leaves what is known of it.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { z } from 'zod';
import { readClaims, readResults, type Results } from './claims';

const ROOT = resolve(__dirname, '../..');

const jestSchema = z.object({
  testResults: z.array(
    z.object({
      name: z.string(),
      startTime: z.number(),
      endTime: z.number(),
      status: z.string(),
      assertionResults: z.array(z.object({ status: z.string() })),
    }),
  ),
});

/** The results of a run, by file of tests. @param text what jest wrote */
export function resultsOf(text: string, root: string, commit: string): Results {
  const entries = jestSchema.parse(JSON.parse(text)).testResults.flatMap((file) => {
    const count = (status: string) => file.assertionResults.filter((one) => one.status === status).length;
    const passed = count('passed');
    // A file that could not be read has no test that failed.
    const failed = Math.max(count('failed'), file.status === 'failed' ? 1 : 0);
    if (passed + failed === 0) return [];
    const result = {
      passed,
      failed,
      leftOut: file.assertionResults.length - passed - count('failed'),
      seconds: Math.round((file.endTime - file.startTime) / 1000),
      day: new Date(file.startTime).toISOString().slice(0, 10),
      commit,
    };
    return [[relative(root, file.name), result] as const];
  });
  return Object.fromEntries(entries);
}

function main(files: readonly string[]): void {
  const commit = execFileSync('git', ['rev-parse', '--short=12', 'HEAD'], { cwd: ROOT, encoding: 'utf8' }).trim();
  const runs = files.map((file) => resultsOf(readFileSync(file, 'utf8'), ROOT, commit));
  const all: Results = Object.assign({}, readResults(ROOT), ...runs) as Results;
  const claimed = new Set(readClaims(ROOT).flatMap(({ tests }) => tests));
  const kept = Object.entries(all)
    .filter(([test]) => claimed.has(test))
    .sort(([a], [b]) => (a < b ? -1 : 1));
  writeFileSync(join(ROOT, 'docs/results.json'), `${JSON.stringify(Object.fromEntries(kept), undefined, 2)}\n`);
  process.stdout.write(`docs/results.json: ${kept.length} of ${claimed.size} files of tests have a result\n`);
}

if (require.main === module) main(process.argv.slice(2));
