import type { Component, k8s } from '../platform';
import type { GpuSharing } from './gpu-sharing';
import type { NodeGroup } from './node-group';

/** Label of nodes that tells their pool. */
export const POOL_LABEL = 'bouture.dev/gpu-pool';

/** Priority of what a node cannot do without. */
export const NODE_CRITICAL = 'system-node-critical';

/** Nodes with GPUs of one kind, as others see them. */
export interface IGpuPool {
  /** Value of the label of its nodes. */
  readonly name: string;
  readonly sharing: GpuSharing;
  /** The extended resource that Pods ask for. */
  readonly resource: string;
  readonly nodeGroup: NodeGroup;
  /** Whether the platform runs the device plugin, or somebody else makes the nodes advertise their cards. */
  readonly devicePlugin: 'install' | 'existing';
  /** What all nodes together advertise at most. */
  readonly capacity: number;
  /** What one service may ask for at most: it runs on one node, and parts of cards do not add up. */
  readonly perService: number;
  /** Labels by which Pods find its nodes. */
  readonly nodeSelector: Readonly<Record<string, string>>;
  /** What Pods need to run on its nodes. */
  readonly tolerations: readonly k8s.Toleration[];
}

/** Where the Pods of pools stand, and what they need to know of the nodes. */
export interface GpuPlace extends Pick<Component, 'platform' | 'componentName' | 'namespace' | 'labels' | 'selector'> {
  /** @default - the default runtime of the nodes */
  readonly runtimeClassName: string | undefined;
  /** Folder of the kubelet on the nodes. */
  readonly kubeletFolder: string;
}
