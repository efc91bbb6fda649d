import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { NODES } from './addresses';
import { applyAddons, waitingAddons } from './addons';
import { waitFor } from './commands';
import { EmbeddedCluster } from './cluster';
import { goProblemOf } from './go-toolchain';
import { prepareHost } from './host';
import { platformImages, systemImages } from './image-manifest';
import { ensureImages } from './images';
import { exclusively } from './lock';
import { claimMachine, machineOwner } from './owner';
import { ensurePackages } from './packages';
import { endPods, forgetAddresses, makeCgroup, podsRun } from './pods';
import { inspectMachine, problems } from './preflight';
import { plainProgress, type Progress } from './progress';
import { ensurePrograms, missingPrograms, TOOL_RECIPES } from './programs';

/** A machine on which the cluster cannot run: what to change is in the list. */
export class PreflightError extends Error {
  constructor(readonly problems: readonly string[]) {
    super(
      `the embedded cluster cannot start on this machine:\n${problems.map((problem) => `  - ${problem}`).join('\n')}`,
    );
  }
}

const RECIPES = [
  'pause',
  'etcd',
  'coredns',
  'local-path-provisioner',
  'kube-network-policies',
  'traefik',
  ...TOOL_RECIPES,
];

export interface UpOptions {
  /** Folder whose `.bouture/cluster` keeps the state. @default the current one */
  readonly directory?: string;
  /** @default plain lines on standard error */
  readonly progress?: Progress;
  /** Nodes of the cluster, all of them this machine. @default - as many as it had, and one at first */
  readonly nodes?: 1 | 2;
  /** Images of blueprints to build and push too, by their keys in `images.lock.yaml`. @default - all that are built here */
  readonly images?: readonly string[];
}

/**
 * Makes the embedded cluster run: builds what was never built, starts what does not run, leaves alone what does. It can be run again at
 * any time, also after it was interrupted.
 *
 * @throws PreflightError with every reason why this machine cannot run it
 */
export async function up(options: UpOptions = {}): Promise<EmbeddedCluster> {
  const progress = options.progress ?? plainProgress();
  const cluster = new EmbeddedCluster(options.directory);
  const missing = missingPrograms(RECIPES);
  // Where a cluster has the machine, this one or another, its ports are taken by it; claiming the machine says more about that.
  const found = problems(await inspectMachine(cluster.state, missing.length > 0, machineOwner() !== undefined));
  const goProblem = missing.length === 0 ? undefined : await goProblemOf(missing);
  if (goProblem !== undefined) found.push(goProblem);
  if (found.length > 0) throw new PreflightError(found);
  await exclusively(cluster.state, async () => {
    await ensurePackages(progress);
    await claimMachine(cluster.state);
    await ensurePrograms(RECIPES, progress);
    // A first build takes long enough for another cluster to have come and gone meanwhile.
    await claimMachine(cluster.state);
    mkdirSync(cluster.state, { recursive: true, mode: 0o700 });
    const isLeaving = options.nodes === 1 && cluster.nodeCount === 2;
    if (options.nodes !== undefined) cluster.nodeCount = options.nodes;
    if (!cluster.daemons.isRunning('containerd') && !podsRun()) forgetAddresses();
    await progress.step('prepare the host', prepareHost);
    await progress.step('certificates and configuration', async () => {
      await cluster.controlPlane.configure();
      for (const node of cluster.nodes) node.configure();
    });
    await start(cluster, progress);
    if (isLeaving) await progress.step('take the second node away', () => removeSecondNode(cluster));
    const system = systemImages();
    const platform = platformImages();
    const all = [...system, ...platform];
    const wanted = platform.filter(({ name }) => options.images?.includes(name) !== false);
    await together([
      ensureImages(system, all, progress).then(() => cluster.pinPause()),
      progress.step('node', () => startNode(cluster)),
    ]);
    await together([
      progress.step('DNS, volumes, NetworkPolicies, Ingress', () => installAddons(cluster)),
      ensureImages(wanted, all, progress),
    ]);
  });
  progress.say(`the cluster is ready: KUBECONFIG=${cluster.kubeconfig}`);
  return cluster;
}

async function start(cluster: EmbeddedCluster, progress: Progress): Promise<void> {
  await progress.step('image registry, etcd, API server, containerd', async () => {
    await Promise.all([
      cluster.start('registry'),
      cluster.start('containerd'),
      ...(cluster.nodeCount === 2 ? [cluster.start('containerd-2')] : []),
      cluster.start('etcd').then(() => cluster.start('kube-apiserver')),
    ]);
  });
  await progress.step('controllers and scheduler', () =>
    Promise.all([cluster.start('kube-controller-manager'), cluster.start('kube-scheduler')]),
  );
}

async function startNode(cluster: EmbeddedCluster): Promise<void> {
  await cluster.start('kubelet');
  await cluster.start('kube-proxy');
  if (cluster.nodeCount === 2) {
    makeCgroup(cluster.secondNode.place);
    await cluster.start('kubelet-2');
  }
  await waitFor('the node to be ready', () => cluster.nodeReady(), { timeoutSeconds: 120 });
}

/** Ends the second node with its Pods, which are started elsewhere by whatever keeps them. */
async function removeSecondNode(cluster: EmbeddedCluster): Promise<void> {
  await cluster.daemons.stop('kubelet-2');
  await endPods(undefined, NODES.slice(1));
  await cluster.daemons.stop('containerd-2');
  await cluster.controlPlane.kubectl(['delete', 'node', cluster.secondNode.place.name, '--ignore-not-found']);
}

/** Waits for all of it, also when one part fails, so that nothing works on when the failure is told. */
async function together(work: readonly Promise<void>[]): Promise<void> {
  const failed = (await Promise.allSettled(work)).find(({ status }) => status === 'rejected');
  if (failed?.status === 'rejected') throw failed.reason;
}

async function installAddons(cluster: EmbeddedCluster): Promise<void> {
  const { certificates } = cluster.controlPlane;
  await applyAddons(cluster.controlPlane, {
    volumes: join(cluster.state, 'volumes'),
    web: {
      certificate: readFileSync(certificates.certificate('web'), 'utf8'),
      key: readFileSync(certificates.key('web'), 'utf8'),
    },
    resolvers: cluster.node.upstreamResolvers(),
  });
  let waiting: readonly string[] = [];
  try {
    await waitFor('add-ons', async () => (waiting = await waitingAddons(cluster.controlPlane)).length === 0, {
      timeoutSeconds: 300,
      everyMilliseconds: 500,
    });
  } catch {
    throw new Error(`not ready after 5 minutes: ${waiting.join(', ')}; "kubectl describe pods -A" says why`);
  }
}
