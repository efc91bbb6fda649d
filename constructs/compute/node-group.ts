import type { NodeTaint } from '../platform';

/** Nodes of one kind, as data: what a cloud's node group is made of, or what nodes that exist must be. */
export interface NodeGroup {
  readonly name: string;
  /** What the cloud calls such a machine: `g5.xlarge`, `a2-highgpu-1g`, `Standard_NC6s_v3`. @default - whoever makes the nodes chooses */
  readonly instanceType?: string;
  /** Nodes that there always are; 0 lets the group vanish while nobody asks for it. */
  readonly minNodes: number;
  readonly maxNodes: number;
  /** Labels that each node has from its start on. */
  readonly labels: Readonly<Record<string, string>>;
  /** Taints that each node has from its start on. */
  readonly taints: readonly NodeTaint[];
  /** What each node advertises, by extended resource: an autoscaler that starts from 0 nodes must be told. */
  readonly resources: Readonly<Record<string, number>>;
}
