import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Bound {
  readonly kind: 'at most' | 'at least';
  readonly value: number;
}

/** What one benchmark found. */
export interface Measured {
  readonly value: number;
  /** What the value is a ratio of, or its unit. */
  readonly unit: string;
  /** The figures behind it. */
  readonly details: Readonly<Record<string, unknown>>;
}

export interface Benchmark {
  readonly title: string;
  readonly bound: Bound;
  readonly measure: () => Measured | Promise<Measured>;
}

export interface Outcome extends Measured {
  readonly suite: string;
  readonly title: string;
  readonly bound: Bound;
}

/** The page docs/benchmarks.md, from the JSON files of the last run of each suite. */
export function render(folder: string, machine: string): string {
  const outcomes = existsSync(folder)
    ? readdirSync(folder)
        .filter((name) => name.endsWith('.json'))
        .sort()
        .flatMap((name) => JSON.parse(readFileSync(join(folder, name), 'utf8')) as Outcome[])
    : [];
  const row = ({ suite, title, value, unit, bound }: Outcome) => {
    const holds = bound.kind === 'at most' ? value <= bound.value : value >= bound.value;
    return `| ${suite} | ${title} | ${value} ${unit} | ${bound.kind} ${bound.value} | ${holds ? 'yes' : '**no**'} |`;
  };
  return [
    '# Benchmarks',
    '',
    'Made by `npm run bench`; the figures behind each line stand in `bench/results/`. Every ratio compares things measured in turn in one run.',
    `Last run on ${machine}.`,
    '',
    '| suite | what | measured | wanted | holds |',
    '|---|---|---|---|---|',
    ...outcomes.map(row),
    '',
  ].join('\n');
}
