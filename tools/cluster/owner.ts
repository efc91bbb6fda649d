import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { restoreHost } from './host';
import { RUNTIME_ROOT } from './paths';
import { endPods, releasePods } from './pods';
import { processesWhere } from './process-identity';

/** Names the state folder of the cluster that has this machine: addresses, ports and interfaces are there once only. */
const OWNER = join(RUNTIME_ROOT, 'owner');

/** Programs of a cluster that have its state folder on their command line. */
const PROGRAMS = [
  'containerd',
  'docker-registry',
  'etcd',
  'kube-apiserver',
  'kube-controller-manager',
  'kube-proxy',
  'kube-scheduler',
  'kubelet',
];

/** The state folder of the cluster that has this machine. */
export function machineOwner(): string | undefined {
  return existsSync(OWNER) ? readFileSync(OWNER, 'utf8') : undefined;
}

/**
 * Takes the machine for one cluster. What another one left is cleared away when none of its processes runs any more, or when its folder
 * was deleted under it.
 *
 * @throws Error naming the other folder, when the cluster of another directory runs
 */
export async function claimMachine(state: string): Promise<void> {
  const owner = machineOwner();
  if (owner !== undefined && owner !== state) {
    const running = processesOf(owner);
    if (existsSync(owner) && running.length > 0) {
      throw new Error(
        `another cluster has this machine: ${owner}. Use it (KUBECONFIG=${join(owner, 'kubeconfig')}), or stop it with ` +
          `"bouture cluster down" in ${dirname(dirname(owner))}`,
      );
    }
    await end(running);
    await endPods();
    await releasePods(owner);
    await restoreHost();
  }
  mkdirSync(RUNTIME_ROOT, { recursive: true, mode: 0o755 });
  writeFileSync(OWNER, state);
}

/** Whether a command line is that of a cluster's program, with its files below a state folder. */
export function belongsTo(state: string, words: readonly string[]): boolean {
  return PROGRAMS.includes(basename(words[0] ?? '')) && words.some((word) => word.includes(`${state}/`));
}

function processesOf(state: string): number[] {
  return processesWhere((words) => belongsTo(state, words));
}

async function end(pids: readonly number[]): Promise<void> {
  for (const pid of pids) process.kill(pid, 'SIGKILL');
  await sleep(pids.length === 0 ? 0 : 500);
}
