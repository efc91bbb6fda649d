import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';

export interface CommandOptions {
  readonly cwd?: string;
  /** Added to this process's environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** Text for its standard input. */
  readonly input?: string;
  /** Seconds after which it is killed. @default - it may run as long as it likes */
  readonly timeoutSeconds?: number;
}

export interface CommandResult {
  /** Exit code; of a command that a signal ended, 128 and the signal's number, as a shell tells it. */
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  /** Both, in the order in which they came. */
  readonly output: string;
}

/** Runs a command and gives what it said, whatever its exit code. Throws only when it cannot be started. */
export async function attempt(
  command: string,
  args: readonly string[],
  options: CommandOptions = {},
): Promise<CommandResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd: options.cwd,
      env: { ...process.env, ...options.env },
      stdio: ['pipe', 'pipe', 'pipe'],
      ...(options.timeoutSeconds === undefined ? {} : { timeout: options.timeoutSeconds * 1000 }),
    });
    const out: Buffer[] = [];
    const err: Buffer[] = [];
    const all: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => all.push(chunk) && out.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => all.push(chunk) && err.push(chunk));
    child.stdin.on('error', () => undefined); // A command that ends without reading its input is no error.
    child.on('error', (error) => {
      reject(new Error(`cannot run ${command}: ${error.message}`));
    });
    child.on('close', (code, signal) => {
      const text = (chunks: readonly Buffer[]) => Buffer.concat(chunks).toString();
      resolve({
        code: code ?? 128 + (signal === null ? 0 : constants.signals[signal]),
        stdout: text(out),
        stderr: text(err),
        output: text(all),
      });
    });
    child.stdin.end(options.input ?? '');
  });
}

/**
 * Runs a command and gives its standard output.
 *
 * @throws Error with the last lines that the command wrote, to either output, when its exit code is not zero
 */
export async function run(command: string, args: readonly string[], options: CommandOptions = {}): Promise<string> {
  const { code, stdout, output } = await attempt(command, args, options);
  if (code !== 0) {
    const said = output.trim().split('\n').slice(-25).join('\n');
    throw new Error(`${command} ${args.slice(0, 6).join(' ')} failed with exit code ${code}:\n${said}`);
  }
  return stdout;
}

/**
 * Asks again and again until the answer is yes.
 *
 * @throws Error naming what was waited for, when the time is over
 */
export async function waitFor(
  what: string,
  ready: () => Promise<boolean>,
  { timeoutSeconds = 60, everyMilliseconds = 200 }: { timeoutSeconds?: number; everyMilliseconds?: number } = {},
): Promise<void> {
  const end = Date.now() + timeoutSeconds * 1000;
  while (!(await ready())) {
    if (Date.now() > end) throw new Error(`gave up waiting for ${what} after ${timeoutSeconds} s`);
    await sleep(everyMilliseconds);
  }
}
