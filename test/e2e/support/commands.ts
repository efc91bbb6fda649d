import { type ChildProcess, spawn } from 'node:child_process';
import { resolve } from 'node:path';

/** The root of the repository. */
export const ROOT = resolve(__dirname, '../../..');

/** What a finished command left behind. */
export interface Finished {
  /** Exit code, or the signal's name when one ended it. */
  readonly code: number | NodeJS.Signals;
  readonly stdout: string;
  readonly stderr: string;
  /** Both, in the order in which they came. */
  readonly output: string;
  readonly seconds: number;
}

export interface CommandOptions {
  /** @default - the root of the repository */
  readonly cwd?: string;
  /** Added to this process's environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** Text for its standard input. */
  readonly input?: string;
  /** Seconds after which it is killed with its children. @default 600 */
  readonly timeoutSeconds?: number;
}

/** A command that runs. */
export class Running {
  readonly pid: number;
  readonly finished: Promise<Finished>;
  private text = '';

  constructor(
    readonly line: string,
    child: ChildProcess,
    timeoutSeconds: number,
  ) {
    if (child.pid === undefined) throw new Error(`cannot start: ${line}`);
    this.pid = child.pid;
    const begin = Date.now();
    const parts = { stdout: '', stderr: '' };
    for (const stream of ['stdout', 'stderr'] as const) {
      child[stream]?.setEncoding('utf8').on('data', (chunk: string) => {
        parts[stream] += chunk;
        this.text += chunk;
      });
    }
    this.finished = new Promise((done) => {
      const overdue = setTimeout(() => {
        this.text += `\n[killed after ${timeoutSeconds} s]\n`;
        this.killGroup('SIGKILL');
      }, timeoutSeconds * 1000);
      child.on('close', (code, signal) => {
        clearTimeout(overdue);
        done({ code: code ?? signal ?? 1, ...parts, output: this.text, seconds: (Date.now() - begin) / 1000 });
      });
    });
  }

  /** What it has said so far. */
  get output(): string {
    return this.text;
  }

  /** Ends it and its children. Nothing happens when it has ended by itself. */
  killGroup(signal: NodeJS.Signals): void {
    try {
      process.kill(-this.pid, signal);
    } catch {
      // It has ended.
    }
  }

  /** Ends it and its children, and waits until it is gone. */
  async stop(): Promise<void> {
    this.killGroup('SIGTERM');
    const insist = setTimeout(() => {
      this.killGroup('SIGKILL');
    }, 5000);
    await this.finished;
    clearTimeout(insist);
  }
}

/** Starts a command in a process group of its own. */
export function start(command: string, args: readonly string[], options: CommandOptions = {}): Running {
  const child = spawn(command, args, {
    cwd: options.cwd ?? ROOT,
    env: { ...process.env, ...options.env },
    stdio: [options.input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
    detached: true,
  });
  child.stdin?.on('error', () => undefined); // A command that ends without reading its input is no error.
  child.stdin?.end(options.input);
  child.on('error', () => undefined); // A missing program shows as a missing pid.
  return new Running([command, ...args].join(' '), child, options.timeoutSeconds ?? 600);
}

/** Runs a command to its end, whatever its exit code. */
export async function attempt(command: string, args: readonly string[], options?: CommandOptions): Promise<Finished> {
  return start(command, args, options).finished;
}

/**
 * Runs a command that must succeed.
 *
 * @throws Error with the end of its output when its exit code is not zero
 */
export async function run(command: string, args: readonly string[], options?: CommandOptions): Promise<Finished> {
  const finished = await attempt(command, args, options);
  if (finished.code !== 0) {
    const end = finished.output.trimEnd().split('\n').slice(-40).join('\n');
    throw new Error(`${command} ${args.join(' ').slice(0, 400)} ended with ${finished.code}:\n${end}`);
  }
  return finished;
}
