import type { EngineEvent, Stack } from '@pulumi/pulumi/automation';
import { STATE_FOLDER } from '../../stacks/environment';
import { describeLocks, isStale, locksIn } from './locks';
import { UsageError } from './workspace';

/** Objects that Pulumi works on at once. Most of the time it waits for a Pod or for the API server, so more than there are cores. */
const PARALLEL = 64;

/** What every run of the engine is told. */
export interface EngineOptions {
  readonly refresh?: boolean;
  readonly onEvent: (event: EngineEvent) => void;
  readonly parallel: number;
  readonly color: 'never';
  readonly signal: AbortSignal;
}

/** The engine ended with an error; what went wrong stands in its events. */
export class EngineError extends Error {
  override readonly name = 'EngineError';
}

/**
 * Runs Pulumi's engine on a stack. A lock that a killed Pulumi left behind is taken away; one that somebody holds is respected. The first
 * interrupt lets it finish what is under way, the second ends it.
 *
 * @throws UsageError when another update of the stack is running
 * @throws EngineError when it fails
 */
export async function runEngine(
  stack: Stack,
  onEvent: (event: EngineEvent) => void,
  operation: (options: EngineOptions) => Promise<unknown>,
): Promise<void> {
  // After an update the SDK asks the CLI for outputs and history: three more processes, for what nobody reads here.
  stack.outputs = () => Promise.resolve({});
  stack.info = () => Promise.resolve(undefined);
  const abort = new AbortController();
  const stop = (signal: NodeJS.Signals): void => {
    process.stderr.write('stopping once what is under way has ended; again to stop at once\n');
    // A terminal interrupts the whole group of processes, Pulumi among them; anybody else only this one.
    if (signal === 'SIGTERM' || !process.stdin.isTTY) abort.abort();
    process.removeListener('SIGINT', stop).removeListener('SIGTERM', stop);
  };
  process.on('SIGINT', stop).on('SIGTERM', stop);
  const options: EngineOptions = { onEvent, parallel: PARALLEL, color: 'never', signal: abort.signal };
  try {
    await withoutStaleLocks(stack, () => operation(options));
  } finally {
    process.removeListener('SIGINT', stop).removeListener('SIGTERM', stop);
  }
}

async function withoutStaleLocks(stack: Stack, run: () => Promise<unknown>): Promise<void> {
  for (let attempt = 0; ; attempt++) {
    try {
      await run();
      return;
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      if (message.includes('incorrect passphrase')) throw foreignPassphrase(stack.name);
      const locks = message.includes('currently locked by') ? locksIn(message) : [];
      if (locks.length === 0) throw new EngineError(reasonOf(message));
      if (attempt > 0 || !locks.every((lock) => isStale(lock))) throw new UsageError(describeLocks(stack.name, locks));
      await stack.cancel();
    }
  }
}

/** What is worth telling when the engine reported no error itself: that it was killed, or the last words of its error output. */
function reasonOf(message: string): string {
  const killed = /was killed with (SIG[A-Z]+)/.exec(message);
  if (killed !== null) return `Pulumi was killed (${killed[1] ?? ''})`;
  const stderr = message.split('\n stderr: ').at(-1) ?? message;
  return stderr.trim().split('\n').slice(-5).join('\n');
}

/** The stack's secrets were encrypted with another passphrase than the one that is here. */
function foreignPassphrase(stack: string): UsageError {
  const file = `Pulumi.${stack.slice(stack.lastIndexOf('/') + 1)}.yaml`;
  return new UsageError(
    `the secrets in ${file} were encrypted with another passphrase: bring back ${STATE_FOLDER}/passphrase, or set ` +
      `PULUMI_CONFIG_PASSPHRASE; where nothing of stack ${stack} is deployed any more, remove ${file} to begin anew`,
  );
}
