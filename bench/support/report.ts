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
  /** How much was measured. @default - the title says it */
  readonly size?: string;
  /** The figures behind it. */
  readonly details: Readonly<Record<string, unknown>>;
}

export interface MeasureOptions {
  /** Less of everything, to see in minutes that it works; the size says so. */
  readonly isSmall: boolean;
}

export interface Benchmark {
  readonly title: string;
  readonly bound: Bound;
  readonly measure: (options: MeasureOptions) => Measured | Promise<Measured>;
}

/** Some benchmarks that are chosen together. */
export interface Suite {
  readonly benchmarks: readonly Benchmark[];
  /** What must be there. @default - nothing but the repository */
  readonly needs?: string;
}

export interface Outcome extends Measured {
  readonly suite: string;
  readonly title: string;
  readonly bound: Bound;
}

/** Whether what was measured is within its bound. */
export function holds({ value, bound }: Pick<Outcome, 'value' | 'bound'>): boolean {
  return bound.kind === 'at most' ? value <= bound.value : value >= bound.value;
}

/** The page docs/benchmarks.md, from the JSON files of the last run of each suite. */
export function render(folder: string, suites: Readonly<Record<string, Suite>>, machine: string): string {
  const outcomes = existsSync(folder)
    ? readdirSync(folder)
        .filter((name) => name.endsWith('.json'))
        .sort()
        .flatMap((name) => JSON.parse(readFileSync(join(folder, name), 'utf8')) as Outcome[])
    : [];
  const row = ({ suite, title, value, unit, bound, size = '' }: Outcome) =>
    `| ${suite} | ${title} | ${value} ${unit} | ${bound.kind} ${bound.value} | ${holds({ value, bound }) ? 'yes' : '**no**'} | ${size} |`;
  const commands = Object.entries(suites).map(
    ([name, { needs = '' }]) => `| \`npm run bench -- ${name}\` | ${needs} |`,
  );
  return [
    '# Benchmarks',
    '',
    'Made by `npm run bench`; the figures behind each line stand in `bench/results/`. Every ratio compares things measured in turn in one run.',
    `Last run on ${machine}.`,
    '',
    '| suite | what | measured | wanted | holds | on |',
    '|---|---|---|---|---|---|',
    ...outcomes.map(row),
    '',
    '| command | needs |',
    '|---|---|',
    ...commands,
    '',
    '`npm run bench -- --small SUITE` measures less of everything, where a suite can, to see in minutes that it works.',
    '',
  ].join('\n');
}
