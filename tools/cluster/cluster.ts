import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { NODES } from './addresses';
import { attempt, waitFor } from './commands';
import { ControlPlane } from './control-plane';
import { Daemons } from './daemons';
import { writeIfChanged } from './files';
import { containerdSocket, KubernetesNode, PAUSE_IMAGE } from './node';
import { kubeconfigPath, stateRoot } from './paths';

/** The parts of one embedded cluster, in the order in which they start; those of the second node are there where it has one. */
export const PARTS = [
  'registry',
  'etcd',
  'kube-apiserver',
  'kube-controller-manager',
  'kube-scheduler',
  'containerd',
  'kubelet',
  'kube-proxy',
  'containerd-2',
  'kubelet-2',
] as const;

const SECOND: readonly Part[] = ['containerd-2', 'kubelet-2'];

export type Part = (typeof PARTS)[number];

/** One embedded cluster: its state folder and its processes. Making the object touches nothing. */
export class EmbeddedCluster {
  readonly state: string;
  readonly kubeconfig: string;
  readonly daemons: Daemons;
  readonly controlPlane: ControlPlane;
  readonly node: KubernetesNode;
  readonly secondNode: KubernetesNode;

  /** @param directory folder whose `.bouture/cluster` it keeps its state in. @default the current one */
  constructor(directory: string = process.cwd()) {
    this.state = stateRoot(directory);
    this.kubeconfig = kubeconfigPath(directory);
    this.daemons = new Daemons(this.state);
    this.controlPlane = new ControlPlane(this.state);
    const [first, second] = NODES;
    this.node = new KubernetesNode(this.state, this.controlPlane, first);
    this.secondNode = new KubernetesNode(this.state, this.controlPlane, second);
  }

  /** Whether it was ever started here, and not purged since. */
  exists(): boolean {
    return existsSync(this.state);
  }

  /** Nodes that it has, 1 or 2: kept beside its state. */
  get nodeCount(): number {
    return existsSync(this.nodesFile) && readFileSync(this.nodesFile, 'utf8').trim() === '2' ? 2 : 1;
  }

  set nodeCount(count: number) {
    writeIfChanged(this.nodesFile, `${count}\n`);
  }

  /** The nodes that it has. */
  get nodes(): readonly KubernetesNode[] {
    return this.nodeCount === 2 ? [this.node, this.secondNode] : [this.node];
  }

  /** The parts that it has. */
  get parts(): readonly Part[] {
    return this.nodeCount === 2 ? PARTS : PARTS.filter((part) => !SECOND.includes(part));
  }

  private get nodesFile(): string {
    return join(this.state, 'nodes');
  }

  runningParts(): Part[] {
    return PARTS.filter((part) => this.daemons.isRunning(part));
  }

  /** Starts a part unless it runs as it should. @returns whether it had to be started */
  async start(part: Part): Promise<boolean> {
    return this.daemons.ensure(this.spec(part));
  }

  /** Fetches the image that every Pod begins with to each node, and keeps every clean-up from removing it. */
  async pinPause(): Promise<void> {
    for (const { place } of this.nodes) await pinPauseAt(containerdSocket(place));
  }

  /** Whether every node is ready. */
  async nodeReady(): Promise<boolean> {
    try {
      for (const { place } of this.nodes) {
        const path = '{.status.conditions[?(@.type=="Ready")].status}';
        if ((await this.controlPlane.kubectl(['get', 'node', place.name, '-o', `jsonpath=${path}`])) !== 'True')
          return false;
      }
      return true;
    } catch {
      return false;
    }
  }

  /** Ends kubelet and containerd without warning, as a node that fails does, and starts them again. Pods keep running meanwhile. */
  async restartNode(): Promise<void> {
    await this.daemons.kill('kubelet');
    await this.daemons.kill('containerd');
    await this.start('containerd');
    await this.start('kubelet');
    await waitFor('the node to be ready', () => this.nodeReady(), { timeoutSeconds: 120 });
  }

  /** Takes the API server away; everything else runs on. */
  async stopApiServer(): Promise<void> {
    await this.daemons.kill('kube-apiserver');
  }

  async startApiServer(): Promise<void> {
    await this.start('kube-apiserver');
  }

  private spec(part: Part) {
    const { controlPlane, node, secondNode } = this;
    switch (part) {
      case 'registry':
        return node.registry();
      case 'etcd':
        return controlPlane.etcd();
      case 'kube-apiserver':
        return controlPlane.apiServer();
      case 'kube-controller-manager':
        return controlPlane.controllerManager();
      case 'kube-scheduler':
        return controlPlane.scheduler();
      case 'containerd':
        return node.containerd();
      case 'kubelet':
        return node.kubelet();
      case 'kube-proxy':
        return node.kubeProxy();
      case 'containerd-2':
        return secondNode.containerd();
      case 'kubelet-2':
        return secondNode.kubelet();
    }
  }
}

async function pinPauseAt(socket: string): Promise<void> {
  const ctr = ['-a', socket, '-n', 'k8s.io', 'images'];
  const listed = await attempt('ctr', [...ctr, 'list', '-q', `name==${PAUSE_IMAGE}`]);
  if (listed.stdout.trim() === '') {
    const pulled = await attempt('ctr', [...ctr, 'pull', '--plain-http', PAUSE_IMAGE]);
    if (pulled.code !== 0) throw new Error(`cannot pull ${PAUSE_IMAGE}: ${pulled.stderr.trim()}`);
  }
  await attempt('ctr', [
    ...ctr,
    'label',
    PAUSE_IMAGE,
    'io.cri-containerd.pinned=pinned',
    'io.cri-containerd.image=managed',
  ]);
}
