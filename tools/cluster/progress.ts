/** Tells a person what goes on. */
export interface Progress {
  /** Runs one step, saying when it begins (if it lasts) and how it ends. */
  step<T>(title: string, work: () => Promise<T>): Promise<T>;
  /** Says one line. */
  say(line: string): void;
}

/** Says nothing. */
export const silentProgress: Progress = { say: () => undefined, step: (_title, work) => work() };

/** Seconds after which a step that still runs is announced, and again each time that many more have passed. */
const PATIENCE_SECONDS = 30;

/**
 * Plain lines, good for a terminal and for a log alike: one when a step is done, with the time it took, and one every half minute
 * while it is not.
 *
 * @param write where a line goes. @default standard error, so that standard output stays free for results
 */
export function plainProgress(write: (line: string) => void = (line) => process.stderr.write(`${line}\n`)): Progress {
  return {
    say: write,
    async step(title, work) {
      const start = Date.now();
      const reminder = setInterval(() => {
        write(`  ... ${title}: still at it after ${duration(Date.now() - start)}`);
      }, PATIENCE_SECONDS * 1000);
      try {
        const result = await work();
        write(`  ok  ${title} (${duration(Date.now() - start)})`);
        return result;
      } catch (error) {
        write(`  --  ${title}: failed after ${duration(Date.now() - start)}`);
        throw error;
      } finally {
        clearInterval(reminder);
      }
    },
  };
}

/** `0.3 s`, `42 s`, `7 min 5 s` */
export function duration(milliseconds: number): string {
  if (milliseconds < 9950) return `${(milliseconds / 1000).toFixed(1)} s`;
  const seconds = Math.round(milliseconds / 1000);
  return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}
