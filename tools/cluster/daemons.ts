import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { identify, isAlive, type ProcessIdentity } from './process-identity';

/** A process of the cluster that runs on when the command that started it has ended. */
export interface DaemonSpec {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  /** Files that it reads at its start only: when one changes, it is started anew. */
  readonly configuration?: readonly string[];
  /** Whether it does its work. It is asked until it says yes. */
  readonly ready: () => Promise<boolean>;
  /** @default 60 */
  readonly timeoutSeconds?: number;
}

const recordSchema = z.object({
  pid: z.number().int().positive(),
  startTime: z.string(),
  bootId: z.string(),
  spec: z.string(),
});

type DaemonRecord = ProcessIdentity & { readonly spec: string };

/** Size in bytes above which a log is set aside before a process writes on. */
const LOG_LIMIT = 32 * 1024 * 1024;

/** Starts and stops the long-lived processes of one cluster; what it knows of them is in files, so that any later command finds them. */
export class Daemons {
  private readonly records: string;
  private readonly logs: string;

  /** @param state the state folder of the cluster */
  constructor(private readonly state: string) {
    this.records = join(state, 'processes');
    this.logs = join(state, 'log');
  }

  /** Whether the process of that name runs. */
  isRunning(name: string): boolean {
    return this.find(name) !== undefined;
  }

  /** The process of that name, if it runs. */
  find(name: string): ProcessIdentity | undefined {
    const record = this.read(name);
    return record !== undefined && isAlive(record) ? record : undefined;
  }

  logFile(name: string): string {
    return join(this.logs, `${name}.log`);
  }

  /**
   * Makes a process run: one that runs with the same command stays, one that runs with another is replaced.
   *
   * @returns whether it had to be started
   * @throws Error with the end of its log, when it ends at once or is not ready in time
   */
  async ensure(spec: DaemonSpec): Promise<boolean> {
    const fingerprint = fingerprintOf(spec);
    const record = this.read(spec.name);
    const running = record !== undefined && isAlive(record);
    if (running && record.spec === fingerprint) {
      await this.untilReady(spec);
      return false;
    }
    if (running) await this.stop(spec.name);
    this.start(spec, fingerprint);
    await this.untilReady(spec);
    return true;
  }

  /**
   * Asks a process to end, and insists after a while: an API server whose etcd is gone never ends by itself.
   *
   * @param patienceSeconds how long it may take before it is killed. @default 10
   */
  async stop(name: string, patienceSeconds = 10): Promise<void> {
    const found = this.find(name);
    if (found !== undefined) {
      signal(found, 'SIGTERM');
      for (let tries = 0; tries < patienceSeconds * 20 && isAlive(found); tries++) await sleep(50);
      if (isAlive(found)) signal(found, 'SIGKILL');
      while (isAlive(found)) await sleep(20);
    }
    rmSync(this.recordFile(name), { force: true });
  }

  /** Ends a process without warning, as a crash would; `ensure` starts it again. */
  async kill(name: string): Promise<void> {
    await this.stop(name, 0);
  }

  private start(spec: DaemonSpec, fingerprint: string): void {
    mkdirSync(this.records, { recursive: true });
    mkdirSync(this.logs, { recursive: true });
    const logFile = this.logFile(spec.name);
    if (existsSync(logFile) && statSync(logFile).size > LOG_LIMIT) renameSync(logFile, `${logFile}.1`);
    const log = openSync(logFile, 'a', 0o600);
    try {
      const child = spawn(spec.command, spec.args, {
        cwd: this.state,
        detached: true,
        stdio: ['ignore', log, log],
        env: { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', HOME: '/root' },
      });
      child.unref();
      child.on('error', () => undefined); // It has no process then, and says so just below.
      if (child.pid === undefined)
        throw new Error(`cannot start ${spec.name}: is ${spec.command} there, and executable?`);
      const identity = identify(child.pid);
      if (identity === undefined) throw this.endedAtOnce(spec);
      const record: DaemonRecord = { ...identity, spec: fingerprint };
      const file = this.recordFile(spec.name);
      writeFileSync(`${file}.new`, JSON.stringify(record));
      renameSync(`${file}.new`, file);
    } finally {
      closeSync(log);
    }
  }

  private async untilReady(spec: DaemonSpec): Promise<void> {
    const timeout = spec.timeoutSeconds ?? 60;
    const end = Date.now() + timeout * 1000;
    for (;;) {
      if (!this.isRunning(spec.name)) throw this.endedAtOnce(spec);
      if (await spec.ready()) return;
      if (Date.now() > end) throw new Error(`${spec.name} is not ready after ${timeout} s:\n${this.logEnd(spec.name)}`);
      await sleep(100);
    }
  }

  private endedAtOnce({ name }: DaemonSpec): Error {
    return new Error(`${name} ended at once:\n${this.logEnd(name)}`);
  }

  private logEnd(name: string): string {
    const file = this.logFile(name);
    if (!existsSync(file)) return '(no log)';
    const end = readFileSync(file, 'utf8').trimEnd().split('\n').slice(-8);
    return [...end, `(more in ${file})`].join('\n');
  }

  private recordFile(name: string): string {
    return join(this.records, `${name}.json`);
  }

  private read(name: string): DaemonRecord | undefined {
    const file = this.recordFile(name);
    if (!existsSync(file)) return undefined;
    try {
      return recordSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
    } catch {
      return undefined; // A torn file, from a machine that lost power: the process it named is gone with it.
    }
  }
}

/** Two specs with the same fingerprint make the same process. */
export function fingerprintOf(spec: Pick<DaemonSpec, 'command' | 'args' | 'configuration'>): string {
  const hash = createHash('sha256').update(JSON.stringify([spec.command, spec.args]));
  for (const file of spec.configuration ?? []) {
    hash.update(`\n${basename(file)}\n`).update(existsSync(file) ? readFileSync(file) : '');
  }
  return hash.digest('hex').slice(0, 16);
}

function signal(target: ProcessIdentity, name: 'SIGTERM' | 'SIGKILL'): void {
  try {
    process.kill(target.pid, name);
  } catch {
    // It has ended by itself in the meantime.
  }
}
