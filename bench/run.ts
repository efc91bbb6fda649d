import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { holds, type Outcome, render, type Suite } from './support/report';
import { benchmarks as catalog } from './suites/catalog';
import { benchmarks as dashboard } from './suites/dashboard';
import { benchmarks as etl } from './suites/etl';
import { benchmarks as grid } from './suites/grid';
import { benchmarks as inference } from './suites/inference';
import { benchmarks as launch } from './suites/launch';
import { benchmarks as pulumi } from './suites/pulumi';
import { benchmarks as synthesis } from './suites/synthesis';
import { benchmarks as up } from './suites/up';
import { benchmarks as validate } from './suites/validate';

const ROOT = join(__dirname, '..');
const RESULTS = join(ROOT, 'bench', 'results');

const CLUSTER = 'the embedded cluster: `npx bouture cluster up`';

const SUITES: Readonly<Record<string, Suite>> = {
  synthesis: { benchmarks: synthesis },
  validate: { benchmarks: validate },
  catalog: { benchmarks: catalog, needs: 'Helm, which it builds' },
  pulumi: { benchmarks: pulumi, needs: CLUSTER },
  up: { benchmarks: up, needs: CLUSTER },
  launch: { benchmarks: launch, needs: CLUSTER },
  inference: { benchmarks: inference, needs: 'two cores with nothing else to do, Python 3.11' },
  etl: {
    benchmarks: etl,
    needs: 'Python 3.11, the MinIO of the embedded cluster or `BOUTURE_MINIO`, 20 GB of disk, half an hour',
  },
  dashboard: { benchmarks: dashboard, needs: 'Python 3.11' },
  grid: {
    benchmarks: grid,
    needs:
      'the embedded cluster with blueprints/nace-coding as it stands (`BOUTURE_BENCH_PLATFORM` where it has another name); ' +
      '`BOUTURE_BENCH_WORKFLOW` names a grid that has finished, else one is started, whose best run becomes the challenger',
  },
};

async function main(): Promise<number> {
  const program = new Command('bench')
    .description('Measures, as ratios within one run. Suites: ' + Object.keys(SUITES).join(', '))
    .argument('[suites...]', 'suites to run', Object.keys(SUITES))
    .option('--small', 'less of everything, where a suite can')
    .parse();
  const { small: isSmall = false } = program.opts<{ small?: boolean }>();
  const outcomes: Outcome[] = [];
  for (const name of program.args.length > 0 ? program.args : Object.keys(SUITES)) {
    const suite = SUITES[name];
    if (suite === undefined) {
      process.stderr.write(`no suite "${name}": there are ${Object.keys(SUITES).join(', ')}\n`);
      return 2;
    }
    for (const benchmark of suite.benchmarks) {
      process.stderr.write(`${name}: ${benchmark.title} ...\n`);
      const measured = await benchmark.measure({ isSmall });
      const outcome: Outcome = { suite: name, title: benchmark.title, bound: benchmark.bound, ...measured };
      outcomes.push(outcome);
      process.stderr.write(
        `${name}: ${benchmark.title}: ${measured.value} ${measured.unit} (${benchmark.bound.kind} ${benchmark.bound.value}): ${holds(outcome) ? 'yes' : 'no'}\n`,
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
  writeFileSync(join(ROOT, 'docs', 'benchmarks.md'), render(RESULTS, SUITES, machine));
  const missed = outcomes.filter((outcome) => !holds(outcome));
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
