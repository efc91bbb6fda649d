import { setTimeout as sleep } from 'node:timers/promises';

export { sleep };

/** Says something to whoever watches, past jest's own buffering. */
export function say(text: string): void {
  process.stderr.write(`    ${text}\n`);
}

/** An error that waiting longer cannot mend. */
export class Hopeless extends Error {}

/**
 * Asks until the answer is neither undefined nor false, and gives it.
 *
 * @param what what is waited for, for the error
 * @throws Hopeless as soon as the question throws it
 * @throws Error when the time is over: it names what was waited for, and the last error of the question
 */
export async function eventually<T>(
  what: string,
  ask: () => Promise<T | undefined | false>,
  { seconds = 60, everySeconds = 0.5 }: { readonly seconds?: number; readonly everySeconds?: number } = {},
): Promise<T> {
  const end = Date.now() + seconds * 1000;
  let last = '';
  do {
    try {
      const answer = await ask();
      if (answer !== undefined && answer !== false) return answer;
    } catch (error) {
      if (error instanceof Hopeless) throw error;
      last = `: ${error instanceof Error ? error.message : String(error)}`;
    }
    await sleep(everySeconds * 1000);
  } while (Date.now() < end);
  throw new Error(`gave up waiting for ${what} after ${seconds} s${last}`);
}
