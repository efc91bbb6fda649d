import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { identify, isAlive } from './process-identity';

const holderSchema = z.object({ pid: z.number(), startTime: z.string(), bootId: z.string() });

/**
 * Runs work on a folder that no other command may do at the same time.
 *
 * @param folder what is worked on; the lock is a file beside it
 * @param waiting called once when another command is at it, which is then waited for. @default - not waited for
 * @throws Error when another command is at it and is not waited for
 */
export async function exclusively<T>(
  folder: string,
  work: () => Promise<T>,
  waiting?: (holder: number) => void,
): Promise<T> {
  mkdirSync(dirname(folder), { recursive: true });
  const file = `${folder}.lock`;
  let told = false;
  for (let holder = take(file); holder !== undefined; holder = take(file)) {
    if (waiting === undefined) {
      throw new Error(`another "bouture cluster" command is at work (process ${holder}): wait until it has ended`);
    }
    if (!told) waiting(holder);
    told = true;
    await sleep(500);
  }
  try {
    return await work();
  } finally {
    rmSync(file, { force: true });
  }
}

/** Takes a lock. @returns the process that has it, or undefined when it is taken now */
function take(file: string): number | undefined {
  const own = JSON.stringify(identify(process.pid));
  for (let tries = 0; tries < 2; tries++) {
    try {
      writeFileSync(file, own, { flag: 'wx' });
      return undefined;
    } catch {
      const holder = holderOf(file);
      if (holder !== undefined && isAlive(holder)) return holder.pid;
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
