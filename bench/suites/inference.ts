import { round } from '../support/measure';
import type { Benchmark, Bound, Measured } from '../support/report';
import { npmBench } from '../support/workload';

interface Results {
  readonly size: { readonly pairs: number; readonly secondsEach: number; readonly phrases: number };
  readonly inProcess: readonly unknown[];
  readonly pairs: readonly unknown[];
  readonly ratios: Readonly<Record<Ratio, number>>;
}

type Ratio = 'labelsInProcess' | 'requestsPerSecond' | 'p99' | 'batchLabelsPerSecond' | 'startToReady' | 'memory';

/** One measurement has all the ratios. */
const measured = new Map<boolean, Promise<Results>>();

async function results(isSmall: boolean): Promise<Results> {
  const known = measured.get(isSmall);
  if (known !== undefined) return known;
  const env = isSmall ? { BENCH_PAIRS: '2', BENCH_SECONDS: '3' } : { BENCH_PAIRS: '5', BENCH_SECONDS: '8' };
  const found = npmBench('inference', env) as Promise<Results>;
  measured.set(isSmall, found);
  return found;
}

function ratio(title: string, name: Ratio, bound: Bound): Benchmark {
  return {
    title,
    bound,
    measure: async ({ isSmall }): Promise<Measured> => {
      const { size, ratios, inProcess, pairs } = await results(isSmall);
      const isHttp = name !== 'labelsInProcess';
      return {
        value: round(ratios[name]),
        unit: 'times',
        size: isHttp
          ? `${size.pairs} pairs, ${size.secondsEach} s of each load`
          : `${size.pairs} pairs, ${size.phrases} phrases`,
        details: isHttp ? { ratios, pairs } : { inProcess },
      };
    },
  };
}

const beside = 'beside FastAPI, MLflow and fastText on one core';

export const benchmarks: readonly Benchmark[] = [
  ratio('labels a second on one core without HTTP, beside the native library', 'labelsInProcess', {
    kind: 'at least',
    value: 0.6,
  }),
  ratio(`requests a second of one label, ${beside}`, 'requestsPerSecond', { kind: 'at least', value: 10 }),
  ratio('99th percentile of these answers, beside the same', 'p99', { kind: 'at most', value: 1 }),
  ratio('labels a second in batches of 1,000, beside the same', 'batchLabelsPerSecond', { kind: 'at least', value: 3 }),
  ratio('from the start to the first answer, beside the same', 'startToReady', { kind: 'at most', value: 0.5 }),
  ratio('memory after the same requests, beside the same', 'memory', { kind: 'at most', value: 0.5 }),
];
