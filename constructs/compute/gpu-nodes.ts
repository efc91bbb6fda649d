import type { Construct } from 'constructs';
import { compare, Component, type ComponentProps, type k8s as api, k8s, Layer } from '../platform';
import type { GpuMonitoring } from './dcgm-exporter';
import { type GpuPlace, type IGpuPool, POOL_LABEL } from './gpu-pool';

export interface GpuNodesProps extends Pick<ComponentProps, 'namespace'> {
  /**
   * The RuntimeClass that puts cards into containers: `install` makes one whose handler is `nvidia`, `existing` takes that of somebody
   * else, `none` is for nodes whose default runtime does it.
   *
   * @default 'install'
   */
  readonly runtimeClass?: 'install' | 'existing' | 'none';
  /** Its name. @default 'nvidia' */
  readonly runtimeClassName?: string;
  /** The kubelet's folder on the nodes. @default '/var/lib/kubelet' */
  readonly kubeletFolder?: string;
  /** Tells Prometheus what the cards do. @default - nobody watches them */
  readonly monitoring?: GpuMonitoring;
}

/** What Pods of people may do to get a card, and what forms offer them. */
export interface GpuOffer {
  /** The most that one service may ask for, by extended resource. */
  readonly most: Readonly<Record<string, number>>;
  /** What a Pod that asks for one needs to reach the nodes. */
  readonly tolerations: readonly api.Toleration[];
  /** @default - the runtime of the nodes puts cards into containers by itself */
  readonly runtimeClassName?: string;
  /** @default - that of every Pod */
  readonly priorityClassName?: string;
  /** Pools that people choose from, by the label of their nodes. @default - the resource tells the pool, or there is one only */
  readonly pools?: { readonly nodeLabel: string; readonly kinds: readonly [string, ...string[]] };
}

/** Of Pods that a person waits for: as high as that of Pods which say nothing. */
const INTERACTIVE = 0;
/** Of Pods that may wait. */
const BATCH = -1000;

/** Why the namespace is not held to a Pod Security level. */
const WHY_PRIVILEGED =
  "Device plugins reach the kubelet's sockets in folders of the node, which every level but privileged forbids.";

/**
 * The GPUs of a platform: a namespace for what runs on their nodes, the RuntimeClass, two PriorityClasses, and the pools that are made in
 * it. `<platform>-gpu-batch` is for Pods that may wait: they give way to those that somebody sits in front of, and displace nobody.
 *
 * The namespace is the only one of the platform where Pod Security lets everything pass, since device plugins need folders of the node.
 * Nobody but the platform's administrators makes Pods there.
 *
 * @throws Error when two pools agree in their resource and a third does not: a person could not tell which is meant
 *
 * @example
 * import { GpuNodePool, GpuNodes } from 'bouture';
 * const gpus = new GpuNodes(platform, 'gpu', { monitoring: { prometheus: { namespace: 'monitoring' } } });
 * new GpuNodePool(gpus, 'a100', { gpusPerNode: 8, maxNodes: 2 });
 */
export class GpuNodes extends Component implements GpuPlace {
  /** @default - the default runtime of the nodes */
  readonly runtimeClassName: string | undefined;
  /** The RuntimeClass is this platform's, not somebody else's. */
  readonly makesRuntimeClass: boolean;
  readonly kubeletFolder: string;
  readonly monitoring: GpuMonitoring | undefined;
  /** Of Pods that a person waits for. */
  readonly interactiveClassName: string;
  /** Of Pods that may wait. */
  readonly batchClassName: string;
  private readonly registered: IGpuPool[] = [];

  constructor(scope: Construct, id: string, props: GpuNodesProps = {}) {
    super(scope, id, Layer.FOUNDATIONS, props, {
      podSecurity: 'privileged',
      podSecurityWarning: 'privileged',
      annotations: { 'bouture.dev/suppress.namespace-guards': WHY_PRIVILEGED },
      // one Pod or two for each node of each pool
      quota: { pods: '1000' },
    });
    const { runtimeClass = 'install', runtimeClassName = 'nvidia', kubeletFolder = '/var/lib/kubelet' } = props;
    if (!/^(\/[A-Za-z0-9._-]+)+$/.test(kubeletFolder)) {
      throw new Error(`folder of the kubelet "${kubeletFolder}": expected an absolute path, such as /var/lib/kubelet`);
    }
    this.runtimeClassName = runtimeClass === 'none' ? undefined : runtimeClassName;
    this.makesRuntimeClass = runtimeClass === 'install';
    this.kubeletFolder = kubeletFolder;
    this.monitoring = props.monitoring;
    this.interactiveClassName = `${this.platform.name}-gpu-interactive`;
    this.batchClassName = `${this.platform.name}-gpu-batch`;
    const labels = this.labels('gpu', 'scheduling');
    if (this.makesRuntimeClass) {
      new k8s.KubeRuntimeClass(this, 'runtime-class', {
        metadata: { name: runtimeClassName, labels },
        handler: 'nvidia',
      });
    }
    new k8s.KubePriorityClass(this, 'interactive', {
      metadata: { name: this.interactiveClassName, labels },
      value: INTERACTIVE,
      description: 'GPU services that somebody sits in front of: batch Pods give way to them.',
    });
    new k8s.KubePriorityClass(this, 'batch', {
      metadata: { name: this.batchClassName, labels },
      value: BATCH,
      preemptionPolicy: 'Never',
      description: 'GPU Pods that may wait: they run where nobody else needs the cards, and displace nobody.',
    });
  }

  /** The pools, in the order in which they were made. */
  get pools(): readonly IGpuPool[] {
    return this.registered;
  }

  /** The extended resources of the pools, each once, in order. */
  get resources(): readonly string[] {
    return [...new Set(this.registered.map(({ resource }) => resource))].sort(compare);
  }

  /** Resources by key of taint: a Pod may tolerate the taint that asks for one of them. */
  get deviceTolerations(): Readonly<Record<string, readonly string[]>> {
    const keys = this.registered.flatMap(({ nodeGroup: { taints } }) => taints.map(({ key }) => key));
    return Object.fromEntries([...new Set(keys)].sort(compare).map((key) => [key, this.resources]));
  }

  /** What services may ask for. @default - undefined while there is no pool */
  get offer(): GpuOffer | undefined {
    const [first, ...others] = this.registered;
    if (first === undefined) return undefined;
    const most = Object.fromEntries(
      this.resources.map((resource) => [
        resource,
        Math.max(...this.registered.filter((pool) => pool.resource === resource).map(({ perService }) => perService)),
      ]),
    );
    const tolerations = new Map(
      this.registered.flatMap((pool) => pool.tolerations.map((one) => [`${one.key ?? ''} ${one.effect ?? ''}`, one])),
    );
    return {
      most,
      tolerations: [...tolerations].sort(([a], [b]) => compare(a, b)).map(([, toleration]) => toleration),
      ...(this.runtimeClassName === undefined ? {} : { runtimeClassName: this.runtimeClassName }),
      priorityClassName: this.interactiveClassName,
      ...(others.length > 0 && this.resources.length === 1
        ? { pools: { nodeLabel: POOL_LABEL, kinds: [first.name, ...others.map(({ name }) => name)] } }
        : {}),
    };
  }

  /** Called by a pool that is made here. */
  register(pool: IGpuPool): void {
    this.registered.push(pool);
    if (this.resources.length > 1 && this.resources.length < this.registered.length) {
      throw new Error(
        `GPU pool "${pool.name}": of several pools either all have one resource, and people choose by their names, or each has another; ` +
          `given ${this.registered.map(({ name, resource }) => `${name} (${resource})`).join(', ')}`,
      );
    }
  }
}
