import { round } from '../support/measure';
import type { Benchmark } from '../support/report';
import { pythonBench } from '../support/workload';

interface Results {
  readonly sizes: readonly { readonly rows: number; readonly seconds: number; readonly peak_megabytes: number }[];
  readonly microseconds_per_further_row: readonly number[];
  readonly [name: string]: unknown;
}

const measured = new Map<boolean, Promise<Results>>();

async function results(isSmall: boolean): Promise<Results> {
  const known = measured.get(isSmall);
  if (known !== undefined) return known;
  const sizes = isSmall ? [20_000, 60_000, 200_000] : [100_000, 1_000_000, 10_000_000];
  const found = pythonBench('etl', 'etl.py', ...sizes.map(String)) as Promise<Results>;
  measured.set(isSmall, found);
  return found;
}

const sizeOf = ({ sizes }: Results) => `${sizes.map(({ rows }) => rows.toLocaleString('en')).join(', ')} rows of a day`;

export const benchmarks: readonly Benchmark[] = [
  {
    title: 'what a further row costs the ETL, from the second size to the third beside from the first to the second',
    bound: { kind: 'at most', value: 1.3 },
    measure: async ({ isSmall }) => {
      const found = await results(isSmall);
      const [early = NaN, late = NaN] = found.microseconds_per_further_row;
      return { value: round(late / early), unit: 'times', size: sizeOf(found), details: found };
    },
  },
  {
    title: 'the most memory of the ETL at the third size',
    bound: { kind: 'at most', value: 24 },
    measure: async ({ isSmall }) => {
      const found = await results(isSmall);
      const peaks = found.sizes.map(({ peak_megabytes }) => peak_megabytes);
      return { value: round((peaks.at(-1) ?? NaN) / 1024), unit: 'GiB', size: sizeOf(found), details: { peaks } };
    },
  },
];
