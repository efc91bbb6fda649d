import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { z } from 'zod';
import { identify, isAlive } from './process-identity';

const holderSchema = z.object({ pid: z.number(), startTime: z.string(), bootId: z.string() });

/**
 * Runs work on a folder that no other command may do at the same time.
 *
 * @param folder what is worked on; the lock is a file beside it
 * @throws Error when another command is at it
 */
export async function exclusively<T>(folder: string, work: () => Promise<T>): Promise<T> {
  mkdirSync(dirname(folder), { recursive: true });
  const file = `${folder}.lock`;
  take(file);
  try {
    return await work();
  } finally {
    rmSync(file, { force: true });
  }
}

function take(file: string): void {
  const own = JSON.stringify(identify(process.pid));
  for (let tries = 0; tries < 2; tries++) {
    try {
      writeFileSync(file, own, { flag: 'wx' });
      return;
    } catch {
      const holder = holderOf(file);
      if (holder !== undefined && isAlive(holder)) {
        throw new Error(
          `another "bouture cluster" command is at work (process ${holder.pid}): wait until it has ended`,
        );
      }
      rmSync(file, { force: true }); // Its holder was killed.
    }
  }
  throw new Error(`cannot take ${file}: another command was faster; try again`);
}

function holderOf(file: string): z.infer<typeof holderSchema> | undefined {
  try {
    return holderSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    return undefined; // Gone by now, or torn by a crash.
  }
}
