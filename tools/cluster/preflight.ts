import { existsSync, readFileSync, statfsSync } from 'node:fs';
import { createServer } from 'node:net';
import { dirname } from 'node:path';
import { ETCD_PEER_PORT, ETCD_PORT, REGISTRY_PORT } from './addresses';
import { attempt } from './commands';
import { cacheRoot } from './paths';

/** What the checks look at; a test gives another machine. */
export interface Machine {
  readonly platform: string;
  readonly architecture: string;
  readonly root: boolean;
  /** Text of `/proc/cgroups`. */
  readonly cgroups: string;
  /** Text of `/proc/mounts`. */
  readonly mounts: string;
  /** Longest path that the cluster lies under. */
  readonly state: string;
  /** Free bytes where the cluster lies. */
  readonly free: number;
  /** Free bytes where programs are built and kept. */
  readonly freeForBuilds: number;
  /** Whether programs must still be built. */
  readonly mustBuild: boolean;
  /** Ports of the loopback address that others listen on. */
  readonly takenPorts: readonly number[];
  /** Text of `iptables-save`, from before the cluster. */
  readonly firewall: string;
}

/** Bytes below which etcd and images soon fill the disk. */
const LEAST_FREE = 5 * 1024 ** 3;
/** Bytes that Go's caches take at their peak, measured, and some air. */
const LEAST_FREE_FOR_BUILDS = 30 * 1024 ** 3;
/** Longest path: the kernel allows a socket 107 bytes, of which the part of the second node's kubelet takes 37. */
const LONGEST_STATE = 70;
const CONTROLLERS = ['cpu', 'memory', 'pids'] as const;

/** Ports of the loopback address that the cluster listens on, and what for. */
export const PORTS: Readonly<Record<number, string>> = {
  [REGISTRY_PORT]: 'image registry',
  [ETCD_PORT]: 'etcd',
  [ETCD_PEER_PORT]: 'etcd',
  10248: 'kubelet',
  10249: 'kube-proxy',
  10256: 'kube-proxy',
  10257: 'controller manager',
  10259: 'scheduler',
  10348: 'kubelet of the second node',
};

/** What keeps the cluster from starting on a machine, all at once, each with its remedy. */
export function problems(machine: Machine): string[] {
  const found: string[] = [];
  if (machine.platform !== 'linux') {
    return [
      `the embedded cluster runs on Linux; this is ${machine.platform}: point KUBECONFIG at a cluster of your own instead`,
    ];
  }
  if (!['x64', 'arm64'].includes(machine.architecture)) {
    found.push(`the embedded cluster runs on x64 and arm64; this is ${machine.architecture}`);
  }
  if (!machine.root) {
    found.push('starting containers needs root: run it again with sudo, or point KUBECONFIG at a cluster of your own');
  }
  found.push(...cgroupProblems(machine));
  if (machine.state.length > LONGEST_STATE) {
    found.push(
      `the path ${machine.state} has ${machine.state.length} characters; sockets below it allow ${LONGEST_STATE}: start from a directory with a shorter path`,
    );
  }
  if (machine.free < LEAST_FREE) {
    found.push(
      `${gigabytes(machine.free)} free for ${machine.state}: containers and volumes need at least ${gigabytes(LEAST_FREE)}`,
    );
  }
  if (machine.mustBuild && machine.freeForBuilds < LEAST_FREE_FOR_BUILDS) {
    found.push(
      `${gigabytes(machine.freeForBuilds)} free in ${cacheRoot()}: building the programs once takes up to ${gigabytes(LEAST_FREE_FOR_BUILDS)}; ` +
        'set BOUTURE_CACHE to a folder on a larger disk',
    );
  }
  for (const port of machine.takenPorts) {
    found.push(
      `port ${port} of 127.0.0.1, for the cluster's ${PORTS[port] ?? 'own use'}, is taken: stop what listens there (ss -ltnp)`,
    );
  }
  if (/^:KUBE-SERVICES /m.test(machine.firewall)) {
    found.push(
      'another Kubernetes has its rules in iptables (chain KUBE-SERVICES): two of them on one machine get in each other’s way; stop it, or point KUBECONFIG at it',
    );
  }
  return found;
}

function cgroupProblems({ cgroups, mounts }: Machine): string[] {
  if (!/\scgroup2?\s/m.test(mounts)) {
    return ['no cgroup file system is mounted: mount cgroup2 at /sys/fs/cgroup, or run on a machine that allows it'];
  }
  const enabled = new Set(
    cgroups
      .split('\n')
      .map((line) => line.split(/\s+/))
      .filter((fields) => fields[3] === '1')
      .map(([name]) => name),
  );
  const missing = CONTROLLERS.filter((controller) => !enabled.has(controller));
  return missing.length === 0
    ? []
    : [
        `the kernel has no cgroup controller for ${missing.join(', ')}: add cgroup_enable=${missing[0] ?? ''} to its command line`,
      ];
}

/** Looks at this machine. */
export async function inspectMachine(state: string, mustBuild: boolean, owned: boolean): Promise<Machine> {
  const read = (file: string) => (existsSync(file) ? readFileSync(file, 'utf8') : '');
  return {
    platform: process.platform,
    architecture: process.arch,
    root: process.geteuid?.() === 0,
    cgroups: read('/proc/cgroups'),
    mounts: read('/proc/mounts'),
    state,
    free: freeBytes(state),
    freeForBuilds: freeBytes(cacheRoot()),
    mustBuild,
    takenPorts: owned ? [] : await takenPorts(),
    firewall: owned ? '' : (await attempt('iptables-save', []).catch(() => ({ stdout: '' }))).stdout,
  };
}

function freeBytes(path: string): number {
  let folder = path;
  while (!existsSync(folder)) folder = dirname(folder);
  const { bavail, bsize } = statfsSync(folder);
  return bavail * bsize;
}

async function takenPorts(): Promise<number[]> {
  const answers = await Promise.all(
    Object.keys(PORTS).map(async (port) => ((await isFree(Number(port))) ? [] : [Number(port)])),
  );
  return answers.flat();
}

async function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => {
      resolve(false);
    });
    server.listen(port, '127.0.0.1', () => {
      server.close(() => {
        resolve(true);
      });
    });
  });
}

function gigabytes(bytes: number): string {
  return `${(bytes / 1024 ** 3).toFixed(1)} GiB`;
}
