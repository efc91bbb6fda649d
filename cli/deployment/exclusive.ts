import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { identify, isAlive, type ProcessIdentity } from '../../tools/cluster/process-identity';

/** Another command is changing the same stack. */
export class BusyError extends Error {
  override readonly name = 'BusyError';
}

/**
 * Runs work that no other command of this folder may do at the same time: Pulumi's own lock comes too late, after the stack's configuration has
 * been written. A lock whose process was killed is taken over.
 *
 * @param file the lock
 * @throws BusyError when another command is at it
 */
export async function exclusively<T>(file: string, work: () => Promise<T>): Promise<T> {
  mkdirSync(dirname(file), { recursive: true });
  take(file);
  try {
    return await work();
  } finally {
    rmSync(file, { force: true });
  }
}

function take(file: string): void {
  // Where there is no /proc to name a process for good, its number has to do.
  const own: ProcessIdentity = identify(process.pid) ?? { pid: process.pid, startTime: '', bootId: '' };
  for (let attempt = 0; attempt < 2; attempt++) {
    try {
      writeFileSync(file, JSON.stringify(own), { flag: 'wx' });
      return;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    const holder = read(file);
    if (holder !== undefined && runs(holder)) {
      throw new BusyError(`another command is changing this stack (process ${holder.pid}): wait until it has ended`);
    }
    rmSync(file, { force: true });
  }
  throw new BusyError('another command has just begun to change this stack: wait until it has ended');
}

function runs(holder: ProcessIdentity): boolean {
  if (holder.startTime !== '') return isAlive(holder);
  try {
    return process.kill(holder.pid, 0);
  } catch {
    return false;
  }
}

/** Who holds the lock; undefined when the file is gone again, or was cut short by a kill. */
function read(file: string): ProcessIdentity | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as ProcessIdentity;
  } catch {
    return undefined;
  }
}
