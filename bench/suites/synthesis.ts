import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { round, timing } from '../support/measure';
import type { Benchmark } from '../support/report';
import { synthesizeLayers, synthesizeTenants } from '../synthesis';

const perObject = (runs: readonly { objects: number; milliseconds: number }[]) =>
  timing(runs.map(({ objects, milliseconds }) => (1000 * milliseconds) / objects));

/** The compiler of the engine has seen everything by then. */
function warmUp(): void {
  for (let i = 0; i < 5; i++) synthesizeTenants(200);
}

export const benchmarks: readonly Benchmark[] = [
  {
    title: 'cost per object, 1,000 tenant namespaces beside 10',
    bound: { kind: 'at most', value: 1.2 },
    measure: () => {
      warmUp();
      const small: ReturnType<typeof synthesizeTenants>[] = [];
      const large: ReturnType<typeof synthesizeTenants>[] = [];
      for (let i = 0; i < 7; i++) {
        // As many objects of each size, so that both pay their share of garbage collection.
        for (let j = 0; j < 100; j++) small.push(synthesizeTenants(10));
        large.push(synthesizeTenants(1000));
      }
      const batches = Array.from({ length: 7 }, (_, i) => small.slice(i * 100, (i + 1) * 100)).map((batch) => ({
        objects: batch.reduce((sum, run) => sum + run.objects, 0),
        milliseconds: batch.reduce((sum, run) => sum + run.milliseconds, 0),
      }));
      const [few, many] = [perObject(batches), perObject(large)];
      return {
        value: round(many.median / few.median),
        unit: 'times',
        details: { unit: 'microseconds per object', few, many },
      };
    },
  },
  {
    title: 'objects a second after start-up, 1,000 tenant namespaces',
    bound: { kind: 'at least', value: 5000 },
    measure: () => {
      warmUp();
      const rates = timing(
        Array.from({ length: 5 }, () => synthesizeTenants(1000)).map(
          ({ objects, milliseconds }) => (1000 * objects) / milliseconds,
        ),
      );
      return { value: Math.round(rates.median), unit: 'objects a second', details: { rates } };
    },
  },
  {
    title: 'cost per object, 12 dependent layers beside 1',
    bound: { kind: 'at most', value: 1.2 },
    measure: () => {
      warmUp();
      const sizes = [1, 2, 4, 8, 12];
      const runs = new Map(sizes.map((size) => [size, [] as ReturnType<typeof synthesizeLayers>[]]));
      for (let i = 0; i < 15; i++) {
        // The same number of objects, cut into more and more layers.
        for (const size of sizes) runs.get(size)?.push(synthesizeLayers(size, Math.round(2400 / size)));
      }
      const costs = Object.fromEntries([...runs].map(([size, measured]) => [size, perObject(measured)]));
      const ratio = (costs['12']?.median ?? Number.NaN) / (costs['1']?.median ?? Number.NaN);
      return {
        value: round(ratio),
        unit: 'times',
        details: { unit: 'microseconds per object', costs, plainCdk8s: plainCdk8s() },
      };
    },
  },
];

/** The same in plain cdk8s with `addDependency` between Charts, each stopped after a minute. */
function plainCdk8s(): Record<string, string> {
  const found: Record<string, string> = {};
  for (const charts of [1, 2, 4, 6, 8, 10]) {
    const { stdout, signal } = spawnSync(
      process.execPath,
      ['-r', 'ts-node/register', join(__dirname, '..', 'chained-charts.ts'), String(charts), '10'],
      {
        encoding: 'utf8',
        timeout: 60_000,
        killSignal: 'SIGKILL',
      },
    );
    found[charts] = signal === null ? `${stdout} microseconds per object` : 'stopped after 60 s';
    if (signal !== null) break;
  }
  return found;
}
