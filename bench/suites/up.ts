import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Installation } from '../support/deployment';
import { round } from '../support/measure';
import type { Benchmark } from '../support/report';

const MINIMAL = readFileSync(join(__dirname, '..', '..', 'blueprints', 'minimal', 'config.yaml'), 'utf8');

export const benchmarks: readonly Benchmark[] = [
  {
    title: 'up of the minimal blueprint, from nothing to Ready, beside kubectl apply and wait by layer',
    bound: { kind: 'at most', value: 1.3 },
    measure: () => {
      const installation = new Installation(MINIMAL.replace(/^name: .*$/m, 'name: bench-minimal'));
      const times = { bouture: [] as number[], kubectl: [] as number[] };
      try {
        for (let i = 0; i < 2; i++) {
          times.kubectl.push(round(installation.kubectlUp()));
          installation.kubectlRemove();
          times.bouture.push(round(installation.bouture('up', installation.config)));
          installation.remove();
        }
      } finally {
        installation.dispose();
      }
      return {
        value: round(Math.min(...times.bouture) / Math.min(...times.kubectl)),
        unit: 'times',
        details: { unit: 'seconds', ...times },
      };
    },
  },
];
