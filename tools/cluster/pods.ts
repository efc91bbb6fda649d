import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type NodePlace, NODES, POD_NETWORK } from './addresses';
import { attempt } from './commands';
import { containerdSocket } from './node';
import { RUNTIME_ROOT } from './paths';
import { processesWhere } from './process-identity';

/** Roots of the cgroup hierarchies: one each for the controllers of version 1, or the one of version 2. */
function hierarchies(): string[] {
  const root = '/sys/fs/cgroup';
  if (existsSync(join(root, 'cgroup.controllers'))) return [root];
  return existsSync(root) ? readdirSync(root).map((name) => join(root, name)) : [];
}

/** Folders of the kubelets' cgroups, the innermost first. */
function podCgroups(nodes: readonly NodePlace[] = NODES): string[] {
  return hierarchies().flatMap((root) =>
    nodes.flatMap(({ cgroup }) => cgroupsBelow(cgroup === undefined ? join(root, 'kubepods') : join(root, cgroup))),
  );
}

/** Makes the control group of a node, which its kubelet expects to be there. */
export function makeCgroup({ cgroup }: NodePlace): void {
  if (cgroup === undefined) return;
  for (const root of hierarchies()) mkdirSync(join(root, cgroup), { recursive: true });
}

function cgroupsBelow(folder: string): string[] {
  try {
    const children = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory());
    return [...children.flatMap((entry) => cgroupsBelow(join(folder, entry.name))), folder];
  } catch {
    return []; // There is none, or it vanished with its last process a moment ago.
  }
}

/** Processes of the Pods' containers. */
function podProcesses(nodes: readonly NodePlace[]): number[] {
  const pids = podCgroups(nodes).flatMap((folder) => {
    try {
      return readFileSync(join(folder, 'cgroup.procs'), 'utf8').split('\n');
    } catch {
      return []; // It was removed a moment ago.
    }
  });
  return [...new Set(pids.filter((line) => line !== '').map(Number))];
}

/** The shims that containerd leaves beside each Pod; they outlive it. Told from those of another containerd by their socket. */
function shims(nodes: readonly NodePlace[]): number[] {
  return processesWhere(
    (words) =>
      (words[0] ?? '').endsWith('containerd-shim-runc-v2') &&
      nodes.some((node) => words.includes(containerdSocket(node))),
  );
}

/** Where CNI plugins note what they gave to each container; no setting of containerd moves it. */
const CNI_RESULTS = '/var/lib/cni/results';

/**
 * Forgets the addresses of Pods that no longer run: without a running runtime nobody would ever give them back. Networks of other
 * programs are left alone.
 */
export function forgetAddresses(): void {
  rmSync(join(RUNTIME_ROOT, 'addresses'), { recursive: true, force: true });
  if (!existsSync(CNI_RESULTS)) return;
  const notes = readdirSync(CNI_RESULTS);
  const containers = notes.flatMap((note) => new RegExp(`^${POD_NETWORK}-(\\w+)-`).exec(note)?.[1] ?? []);
  for (const note of notes) {
    if (containers.some((container) => note.includes(container))) rmSync(join(CNI_RESULTS, note), { force: true });
  }
}

/** Whether containers of an earlier containerd still run. */
export function podsRun(): boolean {
  return shims(NODES).length > 0;
}

/**
 * Ends every Pod of nodes: asks their processes, waits, then insists. Their kubelets must not run any more, or they would start them again.
 *
 * @param patienceSeconds what a database gets to write its last page. @default 8
 * @param nodes whose Pods. @default - those of all
 */
export async function endPods(patienceSeconds = 8, nodes: readonly NodePlace[] = NODES): Promise<void> {
  signalAll(podProcesses(nodes), 'SIGTERM');
  for (let tries = 0; tries < patienceSeconds * 10 && podProcesses(nodes).length > 0; tries++) await sleep(100);
  while (podProcesses(nodes).length > 0) {
    signalAll(podProcesses(nodes), 'SIGKILL');
    await sleep(50);
  }
  signalAll(shims(nodes), 'SIGKILL');
  while (shims(nodes).length > 0) await sleep(50);
}

/** Releases what ended Pods leave: mounts below these folders, network namespaces, cgroups. */
export async function releasePods(state: string): Promise<void> {
  const points = readFileSync('/proc/mounts', 'utf8')
    .split('\n')
    .map((line) => (line.split(' ')[1] ?? '').replaceAll('\\040', ' '))
    .filter((point) =>
      [state, RUNTIME_ROOT, '/run/netns/cni-', '/var/run/netns/cni-'].some((prefix) => point.startsWith(prefix)),
    );
  for (const point of [...new Set(points)].sort().reverse()) await attempt('umount', ['-l', point]);
  if (existsSync('/run/netns')) {
    for (const name of readdirSync('/run/netns').filter((entry) => entry.startsWith('cni-'))) {
      await attempt('rm', ['-f', join('/run/netns', name)]);
    }
  }
  for (const folder of podCgroups()) {
    try {
      rmdirSync(folder);
    } catch {
      // A process that is about to vanish still holds it: the next `up` uses it again.
    }
  }
}

function signalAll(pids: readonly number[], name: 'SIGTERM' | 'SIGKILL'): void {
  for (const pid of pids) {
    try {
      process.kill(pid, name);
    } catch {
      // It has ended by itself.
    }
  }
}
