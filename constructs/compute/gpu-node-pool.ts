import { Construct } from 'constructs';
import { dnsLabel, type k8s, type NodeTaint } from '../platform';
import { wholeNumber } from '../platform/whole-number';
import { addDevicePlugin } from './device-plugin-pods';
import type { DeviceListStrategy } from './device-plugin';
import { addDcgmExporter } from './dcgm-exporter';
import type { GpuNodes } from './gpu-nodes';
import { type IGpuPool, POOL_LABEL } from './gpu-pool';
import { GpuSharing, NVIDIA_GPU } from './gpu-sharing';
import type { NodeGroup } from './node-group';

export interface GpuNodePoolProps {
  /** GPUs of one node. @default 1 */
  readonly gpusPerNode?: number;
  /** Nodes that there always are; 0 lets an autoscaler take the last one away. @default 0 */
  readonly minNodes?: number;
  /** @default 1 */
  readonly maxNodes?: number;
  /** What the cloud calls such a machine. @default - whoever makes the nodes chooses */
  readonly instanceType?: string;
  /** How services share a card. @default - each card is one service's */
  readonly sharing?: GpuSharing;
  /** Labels that the nodes have besides `bouture.dev/gpu-pool`. @default - none */
  readonly labels?: Readonly<Record<string, string>>;
  /** @default - `nvidia.com/gpu=present:NoSchedule`, which keeps everybody away who asks for no GPU */
  readonly taints?: readonly NodeTaint[];
  /** Whether this platform runs NVIDIA's device plugin on the nodes, or somebody else makes them advertise their cards. @default 'install' */
  readonly devicePlugin?: 'install' | 'existing';
  /** How containers get their devices. @default 'envvar' */
  readonly deviceListStrategy?: DeviceListStrategy;
  /** The extended resource of cards that another's device plugin advertises: `amd.com/gpu`. @default - NVIDIA's name for what is shared so */
  readonly resource?: string;
}

const TAINT: NodeTaint = { key: NVIDIA_GPU, value: 'present', effect: 'NoSchedule' };

/**
 * Nodes with GPUs of one kind: what makes them advertise their cards, and everything that others must know of them. A cloud's node group
 * is made from `nodeGroup`; nodes that exist get its labels and taints by hand.
 *
 * Images: keys `nvidia-device-plugin`, and `dcgm-exporter` where the nodes are watched.
 *
 * @throws RangeError when a number is out of its range
 * @throws Error when a resource is named for nodes whose device plugin is this platform's
 *
 * @example
 * import { GpuNodePool, GpuNodes, GpuSharing } from 'bouture';
 * const gpus = new GpuNodes(platform, 'gpu');
 * const t4 = new GpuNodePool(gpus, 't4', { maxNodes: 4, sharing: GpuSharing.timeSlicing(4) });
 */
export class GpuNodePool extends Construct implements IGpuPool {
  /** Its id. */
  readonly name: string;
  readonly sharing: GpuSharing;
  /** The extended resource that Pods ask for. */
  readonly resource: string;
  readonly nodeGroup: NodeGroup;
  readonly devicePlugin: 'install' | 'existing';

  /** @param id name of the pool: value of the label of its nodes */
  constructor(scope: GpuNodes, id: string, props: GpuNodePoolProps = {}) {
    super(scope, id);
    const { gpusPerNode = 1, minNodes = 0, maxNodes = 1, devicePlugin = 'install', taints = [TAINT] } = props;
    this.name = dnsLabel('GPU pool', id);
    this.sharing = props.sharing ?? GpuSharing.none();
    this.devicePlugin = devicePlugin;
    wholeNumber(`number of GPUs of a node of pool "${id}"`, gpusPerNode, 1, 16);
    wholeNumber(`the least number of nodes of pool "${id}"`, minNodes, 0, 5000);
    wholeNumber(`the greatest number of nodes of pool "${id}"`, maxNodes, Math.max(1, minNodes), 5000);
    if (props.resource !== undefined && devicePlugin === 'install') {
      throw new Error(
        `pool "${id}": NVIDIA's device plugin calls its cards ${this.sharing.resource}, not "${props.resource}"; leave resource out, or say devicePlugin: 'existing'`,
      );
    }
    this.resource = props.resource ?? this.sharing.resource;
    this.nodeGroup = {
      name: this.name,
      ...(props.instanceType === undefined ? {} : { instanceType: props.instanceType }),
      minNodes,
      maxNodes,
      labels: { ...props.labels, [POOL_LABEL]: this.name },
      taints,
      resources: { [this.resource]: gpusPerNode * this.sharing.perCard },
    };
    scope.register(this);
    if (devicePlugin === 'install') addDevicePlugin(this, this, scope, props.deviceListStrategy ?? 'envvar');
    if (scope.monitoring !== undefined) addDcgmExporter(this, this, scope, scope.monitoring);
  }

  /** What all nodes together advertise at most. */
  get capacity(): number {
    return this.nodeGroup.maxNodes * (this.nodeGroup.resources[this.resource] ?? 0);
  }

  /** What one service may ask for at most: it runs on one node, and parts of cards do not add up. */
  get perService(): number {
    return this.sharing.addsUp ? (this.nodeGroup.resources[this.resource] ?? 0) : 1;
  }

  /** Labels by which Pods find its nodes. */
  get nodeSelector(): Readonly<Record<string, string>> {
    return { [POOL_LABEL]: this.name };
  }

  /** What Pods need to run on its nodes. */
  get tolerations(): readonly k8s.Toleration[] {
    return this.nodeGroup.taints.map(({ key, effect }) => ({ key, operator: 'Exists', effect }));
  }
}
