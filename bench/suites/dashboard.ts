import { round } from '../support/measure';
import type { Benchmark } from '../support/report';
import { pythonBench } from '../support/workload';

interface Results {
  readonly rows: number;
  readonly slowest: string;
  readonly slowest_seconds: number;
  readonly least_times_faster: number;
  readonly [name: string]: unknown;
}

const measured = new Map<boolean, Promise<Results>>();

async function results(isSmall: boolean): Promise<Results> {
  const known = measured.get(isSmall);
  if (known !== undefined) return known;
  const found = pythonBench('dashboard', 'queries.py', isSmall ? '1000000' : '10000000') as Promise<Results>;
  measured.set(isSmall, found);
  return found;
}

const sizeOf = ({ rows }: Results) => `${rows.toLocaleString('en')} rows of 100 days`;

export const benchmarks: readonly Benchmark[] = [
  {
    title: 'the slowest of all queries of the dashboard',
    bound: { kind: 'at most', value: 1 },
    measure: async ({ isSmall }) => {
      const found = await results(isSmall);
      return { value: round(found.slowest_seconds), unit: 'seconds', size: sizeOf(found), details: found };
    },
  },
  {
    title: 'the query of the dashboard that gains least beside the same by pandas',
    bound: { kind: 'at least', value: 1 },
    measure: async ({ isSmall }) => {
      const found = await results(isSmall);
      return { value: round(found.least_times_faster), unit: 'times faster', size: sizeOf(found), details: {} };
    },
  },
];
