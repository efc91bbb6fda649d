import { existsSync } from 'node:fs';
import { NODE_NAME } from './addresses';
import { attempt, waitFor } from './commands';
import { ControlPlane } from './control-plane';
import { Daemons } from './daemons';
import { CONTAINERD_SOCKET, KubernetesNode, PAUSE_IMAGE } from './node';
import { kubeconfigPath, stateRoot } from './paths';

/** The parts of one embedded cluster, in the order in which they start. */
export const PARTS = [
  'registry',
  'etcd',
  'kube-apiserver',
  'kube-controller-manager',
  'kube-scheduler',
  'containerd',
  'kubelet',
  'kube-proxy',
] as const;

export type Part = (typeof PARTS)[number];

/** One embedded cluster: its state folder and its processes. Making the object touches nothing. */
export class EmbeddedCluster {
  readonly state: string;
  readonly kubeconfig: string;
  readonly daemons: Daemons;
  readonly controlPlane: ControlPlane;
  readonly node: KubernetesNode;

  /** @param directory folder whose `.bouture/cluster` it keeps its state in. @default the current one */
  constructor(directory: string = process.cwd()) {
    this.state = stateRoot(directory);
    this.kubeconfig = kubeconfigPath(directory);
    this.daemons = new Daemons(this.state);
    this.controlPlane = new ControlPlane(this.state);
    this.node = new KubernetesNode(this.state, this.controlPlane);
  }

  /** Whether it was ever started here, and not purged since. */
  exists(): boolean {
    return existsSync(this.state);
  }

  runningParts(): Part[] {
    return PARTS.filter((part) => this.daemons.isRunning(part));
  }

  /** Starts a part unless it runs as it should. @returns whether it had to be started */
  async start(part: Part): Promise<boolean> {
    return this.daemons.ensure(this.spec(part));
  }

  /** Fetches the image that every Pod begins with, and keeps every clean-up from removing it. */
  async pinPause(): Promise<void> {
    const ctr = ['-a', CONTAINERD_SOCKET, '-n', 'k8s.io', 'images'];
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

  async nodeReady(): Promise<boolean> {
    try {
      const path = '{.status.conditions[?(@.type=="Ready")].status}';
      return (await this.controlPlane.kubectl(['get', 'node', NODE_NAME, '-o', `jsonpath=${path}`])) === 'True';
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
    const { controlPlane, node } = this;
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
    }
  }
}
