import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { startTimeOf } from '../../tools/cluster/process-identity';

/** Who holds a stack's lock, as Pulumi's file backends tell it. */
export interface StackLock {
  readonly user: string;
  readonly host: string;
  readonly pid: number;
  /** When it was taken, ISO 8601. */
  readonly since: string;
}

/** The locks that an error of Pulumi names: `created by user@host (pid 123) at 2026-01-01T00:00:00Z`. */
export function locksIn(message: string): readonly StackLock[] {
  return [...message.matchAll(/created by (.+?)@(.+?) \(pid (\d+)\) at (\S+)/g)].map(([, user, host, pid, since]) => ({
    user: user ?? '',
    host: host ?? '',
    pid: Number(pid),
    since: since ?? '',
  }));
}

/** True when whoever took the lock was killed: a Pulumi of this machine that runs no more. What other machines hold is never stale. */
export function isStale(lock: StackLock, alive: (pid: number) => boolean = pulumiRuns): boolean {
  return lock.host === hostname() && !alive(lock.pid);
}

/** Whether this process number is a Pulumi that runs: the number may have been given to another program since. */
function pulumiRuns(pid: number): boolean {
  if (process.platform !== 'linux') {
    try {
      return process.kill(pid, 0);
    } catch (error) {
      return (error as NodeJS.ErrnoException).code === 'EPERM';
    }
  }
  try {
    const [name, stat] = ['comm', 'stat'].map((file) => readFileSync(`/proc/${pid}/${file}`, 'utf8'));
    return name?.startsWith('pulumi') === true && startTimeOf(stat ?? '') !== undefined;
  } catch {
    return false;
  }
}

/** What to tell somebody who has to wait for another update. */
export function describeLocks(stack: string, locks: readonly StackLock[]): string {
  const holders = locks.map(({ user, host, pid, since }) => `process ${pid} of ${user}@${host} since ${since}`);
  return (
    `stack ${stack} is being changed by ${holders.join(' and ')}: wait until it has ended. ` +
    `If no such process exists, \`pulumi cancel --stack ${stack}\` takes the lock away.`
  );
}
