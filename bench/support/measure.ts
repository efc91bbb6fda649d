import { spawnSync } from 'node:child_process';

/** Minimum, median and maximum of repeated runs, in milliseconds. */
export interface Timing {
  readonly min: number;
  readonly median: number;
  readonly max: number;
  readonly runs: number;
}

/** Sums up durations in milliseconds. @throws Error when there are none */
export function timing(milliseconds: readonly number[]): Timing {
  const sorted = [...milliseconds].sort((a, b) => a - b);
  const [min, median, max] = [sorted[0], sorted[Math.floor(sorted.length / 2)], sorted.at(-1)];
  if (min === undefined || median === undefined || max === undefined) throw new Error('no run to sum up');
  return { min: round(min), median: round(median), max: round(max), runs: sorted.length };
}

/** Times several things in turn, A B C A B C, so that a noisy minute touches all of them alike. */
export async function interleaved<K extends string>(
  runs: number,
  things: Record<K, () => void | Promise<void>>,
): Promise<Record<K, Timing>> {
  const names = Object.keys(things) as K[];
  const taken = new Map<K, number[]>(names.map((name) => [name, []]));
  for (let run = 0; run < runs; run++) {
    for (const name of names) {
      const start = performance.now();
      await things[name]();
      taken.get(name)?.push(performance.now() - start);
    }
  }
  return Object.fromEntries(names.map((name) => [name, timing(taken.get(name) ?? [])])) as Record<K, Timing>;
}

/** Runs a program to its end, quietly. @throws Error with what it printed when it fails */
export function run(
  command: string,
  args: readonly string[],
  options: { env?: NodeJS.ProcessEnv; cwd?: string; timeoutSeconds?: number } = {},
): string {
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    encoding: 'utf8',
    maxBuffer: 256 * 1024 * 1024,
    env: { ...process.env, ...options.env },
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    ...(options.timeoutSeconds === undefined
      ? {}
      : { timeout: options.timeoutSeconds * 1000, killSignal: 'SIGKILL' as const }),
  });
  if (error !== undefined) throw error;
  if (status !== 0)
    throw new Error(`${command} ${args.join(' ')} ended with ${status ?? 'a signal'}:\n${stdout}\n${stderr}`);
  return stdout;
}

/** Three significant digits after the point are more than a two-core machine can tell. */
export function round(value: number): number {
  return Math.round(value * 1000) / 1000;
}
