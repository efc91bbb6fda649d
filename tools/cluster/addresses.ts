/** Names and addresses of the embedded cluster. They are private to the machine, so they are the same everywhere. */

/** The node, the API server and everything that the cluster publishes listen here: an address of a bridge without any port. */
export const NODE_ADDRESS = '10.77.0.1';
export const NODE_NAME = 'bouture';

/** A node of the cluster. All of them are this machine: they differ in what they are called and in what their kubelet keeps. */
export interface NodePlace {
  /** Ends the names of its processes, folders and certificates; empty for the first. */
  readonly suffix: '' | '-2';
  readonly name: string;
  /** An address of the bridge on which its kubelet listens. */
  readonly address: string;
  /** Port of the loopback address on which its kubelet tells its health. */
  readonly healthPort: number;
  /** Control group below which its Pods run: two kubelets in one would take each other's Pods for orphans. @default - the root */
  readonly cgroup?: string;
}

/** The nodes that a cluster may have: the first is always there. */
export const NODES: readonly [NodePlace, NodePlace] = [
  { suffix: '', name: NODE_NAME, address: NODE_ADDRESS, healthPort: 10248 },
  { suffix: '-2', name: `${NODE_NAME}-2`, address: '10.77.0.2', healthPort: 10348, cgroup: 'bouture-2' },
];
export const POD_SUBNET = '10.244.0.0/24';
export const SERVICE_SUBNET = '10.96.0.0/16';
/** The first address of the Service subnet, which Kubernetes gives to its API server. */
export const API_SERVICE_ADDRESS = '10.96.0.1';
export const DNS_ADDRESS = '10.96.0.10';
export const API_PORT = 6443;
export const ETCD_PORT = 12379;
export const ETCD_PEER_PORT = 12380;
/** Where images are pushed to, and pulled from by the node. Not 5000, which is MLflow's own port on many a data scientist's machine. */
export const REGISTRY_PORT = 5001;
export const REGISTRY = `localhost:${REGISTRY_PORT}`;
/** Interfaces; Linux allows 15 characters. */
export const NODE_BRIDGE = 'bouture-node';
export const POD_BRIDGE = 'bouture-pods';
/** Name of the Pod network, which the CNI plugins use for their own files. */
export const POD_NETWORK = 'bouture';
/** Netfilter queue that the NetworkPolicy engine answers on: its default. */
export const POLICY_QUEUE = 100;

/** Domain whose hosts lead to the Ingress controller, with a certificate of the cluster's own authority; so do those of `lab.` below it. */
export const WEB_DOMAIN = 'data.test';
