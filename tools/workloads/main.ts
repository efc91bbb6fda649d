import { join } from 'node:path';
import { packageRoot } from '../cluster/paths';
import { findWorkloads } from './folders';
import { leftOut } from './full-level';
import { testWorkload } from './run';

/**
 * Runs the tests of the programs below `workloads/`, one after the other, each with its own dependencies.
 *
 *     npm run test:workloads                          all of them
 *     npm run test:workloads -- nace-coding/etl       those that are named
 *     BOUTURE_E2E=full npm run test:workloads         with those that start servers and take minutes
 */
async function main(wanted: readonly string[]): Promise<number> {
  const all = findWorkloads(join(packageRoot(), 'workloads'));
  const unknown = wanted.filter((name) => !all.some((workload) => workload.name === name));
  if (unknown.length > 0)
    throw new Error(`no tests in ${unknown.join(', ')}; there are ${all.map(({ name }) => name).join(', ')}`);
  let failed = 0;
  const chosen = all.filter(({ name }) => wanted.length === 0 || wanted.includes(name));
  for (const workload of chosen) {
    const start = Date.now();
    const { code, output } = await testWorkload(workload);
    const seconds = Math.round((Date.now() - start) / 1000);
    if (code === 0) {
      console.log(`${workload.name}: ${summary(output)}, ${seconds} s`);
    } else {
      failed += 1;
      console.log(`${output}\n${workload.name}: failed with ${code}, ${seconds} s`);
    }
  }
  const missing = chosen.flatMap(({ name }) => leftOut(name).map((file) => `${name}/${file}`));
  if (missing.length > 0) console.log(`left out, for BOUTURE_E2E=full: ${missing.join(', ')}`);
  console.log(`${chosen.length - failed} workloads passed, ${failed} failed`);
  return failed === 0 ? 0 : 1;
}

/** What the runner of the tests says last of them. */
function summary(output: string): string {
  const lines = output.split('\n').map((line) => line.trim());
  return lines.reverse().find((line) => /\b\d+ passed\b|\bpass \d+/.test(line)) ?? 'passed';
}

main(process.argv.slice(2)).then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  },
);
