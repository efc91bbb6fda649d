import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { type Benchmark, type Outcome, render } from './support/report';
import { benchmarks as catalog } from './suites/catalog';
import { benchmarks as launch } from './suites/launch';
import { benchmarks as pulumi } from './suites/pulumi';
import { benchmarks as synthesis } from './suites/synthesis';
import { benchmarks as up } from './suites/up';
import { benchmarks as validate } from './suites/validate';

const ROOT = join(__dirname, '..');
const RESULTS = join(ROOT, 'bench', 'results');

const SUITES: Readonly<Record<string, readonly Benchmark[]>> = { synthesis, validate, catalog, pulumi, up, launch };

async function main(): Promise<number> {
  const program = new Command('bench')
    .description('Measures, as ratios within one run. Suites: ' + Object.keys(SUITES).join(', '))
    .argument('[suites...]', 'suites to run', Object.keys(SUITES))
    .parse();
  const outcomes: Outcome[] = [];
  for (const name of program.args.length > 0 ? program.args : Object.keys(SUITES)) {
    const benchmarks = SUITES[name];
    if (benchmarks === undefined) {
      process.stderr.write(`no suite "${name}": there are ${Object.keys(SUITES).join(', ')}\n`);
      return 2;
    }
    for (const benchmark of benchmarks) {
      process.stderr.write(`${name}: ${benchmark.title} ...\n`);
      const measured = await benchmark.measure();
      const outcome: Outcome = { suite: name, title: benchmark.title, bound: benchmark.bound, ...measured };
      outcomes.push(outcome);
      process.stderr.write(
        `${name}: ${benchmark.title}: ${measured.value} (${benchmark.bound.kind} ${benchmark.bound.value})\n`,
      );
      mkdirSync(RESULTS, { recursive: true });
      writeFileSync(
        join(RESULTS, `${name}.json`),
        `${JSON.stringify(
          outcomes.filter(({ suite }) => suite === name),
          null,
          2,
        )}\n`,
      );
    }
  }
  const machine = `${cpus().length} cores, ${Math.round(totalmem() / 2 ** 30)} GiB, Node.js ${process.versions.node}`;
  writeFileSync(join(ROOT, 'docs', 'benchmarks.md'), render(RESULTS, machine));
  const missed = outcomes.filter((o) =>
    o.bound.kind === 'at most' ? o.value > o.bound.value : o.value < o.bound.value,
  );
  for (const { title, value, bound } of missed)
    process.stderr.write(`missed: ${title}: ${value}, wanted ${bound.kind} ${bound.value}\n`);
  return missed.length === 0 ? 0 : 1;
}

main().then(
  (code) => (process.exitCode = code),
  (error: unknown) => {
    console.error(error);
    process.exitCode = 1;
  },
);
