import { join } from 'node:path';
import { interleaved, round, run } from '../support/measure';
import type { Benchmark } from '../support/report';

const ROOT = join(__dirname, '..', '..');

export const benchmarks: readonly Benchmark[] = [
  {
    title: 'bouture validate, whole process, beside node -e \'require("cdk8s")\'',
    bound: { kind: 'at most', value: 1.5 },
    measure: async () => {
      const times = await interleaved(15, {
        validate: () =>
          void run(process.execPath, ['bin/bouture.js', 'validate', 'blueprints/minimal/config.yaml'], { cwd: ROOT }),
        cdk8s: () => void run(process.execPath, ['-e', 'require("cdk8s")'], { cwd: ROOT }),
      });
      return {
        value: round(times.validate.median / times.cdk8s.median),
        unit: 'times',
        details: { unit: 'milliseconds', ...times },
      };
    },
  },
];
