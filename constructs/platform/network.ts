import { Lazy } from 'cdk8s';
import { Construct } from 'constructs';
import { ipBlock } from './ip-block';
import { k8s } from './kubernetes';
import { MANAGED_BY, type SelectorLabels } from './labels';
import type { PlatformNamespace } from './namespace';
import { Platform } from './platform';
import { wholeNumber } from './whole-number';

/** Something whose Pods take part in traffic: pass the object, never a name. */
export interface IConnectable {
  readonly connections: Connections;
}

/** Pods that this platform does not make, such as an ingress controller's. */
export interface ForeignPods {
  /** Name of their namespace. */
  readonly namespace: string;
  /** Labels that select them. @default - every Pod of the namespace */
  readonly podLabels?: Readonly<Record<string, string>>;
}

/** Hosts outside the cluster. */
export interface ExternalHosts {
  /** Networks in CIDR notation; the clouds' metadata service is never one of their addresses. @default - every IPv4 address but the cloud's metadata service, 169.254.169.254 */
  readonly cidrs?: readonly string[];
}

/** Where a server is that this platform does not make: in this cluster, or outside. */
export interface ServerPlace {
  /** Its Pods, where it runs in this cluster, with the port of the container. @default - it is outside */
  readonly pods?: (ForeignPods & { readonly port: number }) | undefined;
  /** Its networks, where it is outside. @default - every IPv4 address but the cloud's metadata service */
  readonly hosts?: ExternalHosts | undefined;
}

export interface ConnectionsProps {
  readonly namespace: PlatformNamespace;
  /** Name of the NetworkPolicy, and of the Pods in documentation. */
  readonly name: string;
  /** Labels that select the Pods. */
  readonly podLabels: SelectorLabels;
}

interface Hole {
  readonly peer: k8s.NetworkPolicyPeer;
  readonly ports: readonly k8s.NetworkPolicyPort[];
}

/**
 * The traffic of one set of Pods in a namespace that denies everything: a NetworkPolicy that holds exactly the holes that other
 * constructs opened. Each hole is opened on both sides at once.
 */
export class Connections extends Construct {
  readonly namespace: PlatformNamespace;
  readonly podLabels: SelectorLabels;
  private readonly ingress = new Map<string, Hole>();
  private readonly egress = new Map<string, Hole>();

  constructor(scope: Construct, id: string, props: ConnectionsProps) {
    super(scope, id);
    this.namespace = props.namespace;
    this.podLabels = props.podLabels;
    new k8s.KubeNetworkPolicy(this, 'policy', {
      metadata: {
        name: props.name,
        namespace: props.namespace.name,
        labels: {
          ...props.podLabels,
          'app.kubernetes.io/part-of': Platform.of(this).name,
          'app.kubernetes.io/managed-by': MANAGED_BY,
        },
      },
      spec: {
        podSelector: { matchLabels: { ...props.podLabels } },
        policyTypes: ['Ingress', 'Egress'],
        ingress: Lazy.any({
          produce: () => holes(this.ingress, ({ peer, ports }) => ({ from: [peer], ports })),
        }) as k8s.NetworkPolicyIngressRule[],
        egress: Lazy.any({
          produce: () => holes(this.egress, ({ peer, ports }) => ({ to: [peer], ports })),
        }) as k8s.NetworkPolicyEgressRule[],
      },
    });
  }

  /**
   * Lets these Pods call a port of others, and the others be called: a hole on both sides.
   *
   * @param other the Pods that are called
   * @param port number of the container's port, 1 to 65535
   */
  allowTo(other: IConnectable, port: number): void {
    open(this.egress, podsOf(other.connections), port);
    open(other.connections.ingress, podsOf(this), port);
  }

  /** Lets Pods that this platform does not make call a port of these. */
  allowFrom(pods: ForeignPods, port: number): void {
    open(this.ingress, foreign(pods), port);
  }

  /** Lets these Pods call a port of Pods that this platform does not make, which must let them in themselves. */
  allowToPods(pods: ForeignPods, port: number): void {
    open(this.egress, foreign(pods), port);
  }

  /** Lets these Pods call a port of hosts outside the cluster. */
  allowToExternal(hosts: ExternalHosts, port: number): void {
    for (const cidr of hosts.cidrs ?? ['0.0.0.0/0']) open(this.egress, { ipBlock: ipBlock(cidr) }, port);
  }

  /**
   * Lets these Pods call a server wherever it is.
   *
   * @param port of its address, where it is outside
   */
  allowToServer({ pods, hosts = {} }: ServerPlace, port: number): void {
    if (pods === undefined) this.allowToExternal(hosts, port);
    else this.allowToPods(pods, pods.port);
  }
}

/** Without holes the list is left out: the API drops an empty one, and would take each application of it for a change. */
function holes<T>(all: Map<string, Hole>, rule: (hole: Hole) => T): readonly T[] | undefined {
  return all.size === 0 ? undefined : sorted(all).map(rule);
}

function podsOf(connections: Connections): k8s.NetworkPolicyPeer {
  return foreign({ namespace: connections.namespace.name, podLabels: connections.podLabels });
}

function foreign(pods: ForeignPods): k8s.NetworkPolicyPeer {
  return {
    namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': pods.namespace } },
    ...(pods.podLabels === undefined ? {} : { podSelector: { matchLabels: { ...pods.podLabels } } }),
  };
}

function open(holes: Map<string, Hole>, peer: k8s.NetworkPolicyPeer, port: number): void {
  wholeNumber('a port', port, 1, 65_535);
  holes.set(`${JSON.stringify(peer)} ${String(port).padStart(5, '0')}`, {
    peer,
    ports: [{ port: k8s.IntOrString.fromNumber(port), protocol: 'TCP' }],
  });
}

function sorted(holes: Map<string, Hole>): Hole[] {
  return [...holes].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, hole]) => hole);
}
