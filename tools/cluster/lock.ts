import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { RUNTIME_ROOT } from './paths';
import { identify, isAlive } from './process-identity';

/** Which checkout's cluster runs on this machine. */
const OWNER = join(RUNTIME_ROOT, 'owner');

const holderSchema = z.object({ pid: z.number(), startTime: z.string(), bootId: z.string() });

/**
 * Takes the machine for one cluster: addresses, ports and interfaces are there once only.
 *
 * @throws Error naming the other folder, when another checkout's cluster has it
 */
export function claimMachine(state: string): void {
  const owner = machineOwner();
  if (owner !== undefined && owner !== state) {
    throw new Error(
      `another cluster has this machine: ${owner}. Use it (KUBECONFIG=${join(owner, 'kubeconfig')}), or stop it with ` +
        `"bouture cluster down" in ${dirname(dirname(owner))}`,
    );
  }
  mkdirSync(RUNTIME_ROOT, { recursive: true, mode: 0o755 });
  writeFileSync(OWNER, state);
}

/** The state folder of the cluster that has this machine; a folder that was deleted by hand has nothing any more. */
export function machineOwner(): string | undefined {
  if (!existsSync(OWNER)) return undefined;
  return readFileSync(OWNER, 'utf8');
}

/**
 * Runs work that no other command of the same cluster may do at the same time.
 *
 * @throws Error when another one is at it
 */
export async function exclusively<T>(state: string, work: () => Promise<T>): Promise<T> {
  mkdirSync(dirname(state), { recursive: true });
  const file = `${state}.lock`;
  take(file);
  try {
    return await work();
  } finally {
    rmSync(file, { force: true });
  }
}

function take(file: string): void {
  const own = identify(process.pid);
  for (let tries = 0; tries < 2; tries++) {
    try {
      writeFileSync(file, JSON.stringify(own), { flag: 'wx' });
      return;
    } catch {
      const holder = holderSchema.safeParse(JSON.parse(readFileSync(file, 'utf8') || 'null'));
      if (holder.success && isAlive(holder.data)) {
        throw new Error(
          `another "bouture cluster" command is at work (process ${holder.data.pid}): wait until it has ended`,
        );
      }
      rmSync(file, { force: true }); // Its holder was killed.
    }
  }
  throw new Error(`cannot take ${file}: another command was faster; try again`);
}
