import { type ExternalHosts, type ForeignPods, type IConnectable, ipBlock, type Platform } from '../platform';
import { wholeNumber } from '../platform/whole-number';

/** Networks inside an office or a cluster, by which one would get round the holes: RFC 1918, RFC 6598, link-local with the clouds' metadata. */
const PRIVATE_NETWORKS = ['10.0.0.0/8', '100.64.0.0/10', '169.254.0.0/16', '172.16.0.0/12', '192.168.0.0/16'];
const PRIVATE_NETWORKS_6 = ['fc00::/7', 'fe80::/10'];

type Plain = Readonly<Record<string, unknown>>;

/** A NetworkPolicy of a space: its name and what it says of every Pod, as plain data. */
export interface SpaceNetworkPolicy {
  readonly name: string;
  readonly spec: Plain;
}

/**
 * The traffic of every space of people. The policies always have the same names, also where they open nothing, so that a hole that is
 * taken back is closed by writing its policy anew, and nothing has to be removed.
 */
export class SpaceNetwork {
  private readonly out = new Map<string, Plain>();
  private readonly in = new Map<string, Plain>();

  constructor(private readonly platform: Platform) {}

  /** Lets people's Pods call a port of Pods of the platform. */
  to({ connections }: IConnectable, port: number): void {
    this.toPods({ namespace: connections.namespace.name, podLabels: connections.podLabels }, port);
  }

  /** Lets people's Pods call a port of Pods that this platform does not make. */
  toPods(pods: ForeignPods, port: number): void {
    this.add(peer(pods), port);
  }

  /** Lets people's Pods call a port of hosts outside the cluster. */
  toHosts({ cidrs }: ExternalHosts, port: number): void {
    if (cidrs === undefined) for (const block of internet()) this.add({ ipBlock: block }, port);
    else for (const cidr of cidrs) this.add({ ipBlock: ipBlock(cidr) }, port);
  }

  /** Lets people's Pods call every port of the Internet, and none of a private network. */
  toInternet(): void {
    for (const block of internet()) this.out.set(JSON.stringify(block), { to: [{ ipBlock: block }] });
  }

  /** Lets Pods call every port of people's Pods: services choose their own. */
  from(pods: ForeignPods): void {
    const source = peer(pods);
    this.in.set(JSON.stringify(source), { from: [source] });
  }

  /** What {@link PlatformNamespace} makes in a namespace of its own. */
  get guards(): readonly SpaceNetworkPolicy[] {
    const { dns } = this.platform;
    return [
      { name: 'default-deny', spec: { podSelector: {}, policyTypes: ['Ingress', 'Egress'], ingress: [], egress: [] } },
      {
        name: 'allow-dns',
        spec: {
          podSelector: {},
          policyTypes: ['Egress'],
          egress: [
            {
              to: [peer(dns)],
              ports: [
                { port: 53, protocol: 'UDP' },
                { port: 53, protocol: 'TCP' },
              ],
            },
          ],
        },
      },
    ];
  }

  /** The holes: within the space, from outside into it, and from it to others. */
  get holes(): readonly SpaceNetworkPolicy[] {
    const everyPod = { podSelector: {} };
    return [
      {
        name: 'allow-within',
        spec: {
          podSelector: {},
          policyTypes: ['Ingress', 'Egress'],
          ingress: [{ from: [everyPod] }],
          egress: [{ to: [everyPod] }],
        },
      },
      { name: 'allow-in', spec: { podSelector: {}, policyTypes: ['Ingress'], ingress: sorted(this.in) } },
      { name: 'allow-out', spec: { podSelector: {}, policyTypes: ['Egress'], egress: sorted(this.out) } },
    ];
  }

  private add(target: Plain, port: number): void {
    wholeNumber('a port', port, 1, 65_535);
    const ports = [{ port, protocol: 'TCP' }];
    this.out.set(`${JSON.stringify(target)} ${String(port).padStart(5, '0')}`, { to: [target], ports });
  }
}

function internet(): readonly Plain[] {
  return [
    { cidr: '0.0.0.0/0', except: PRIVATE_NETWORKS },
    { cidr: '::/0', except: PRIVATE_NETWORKS_6 },
  ];
}

function peer({ namespace, podLabels }: ForeignPods): Plain {
  return {
    namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': namespace } },
    ...(podLabels === undefined ? {} : { podSelector: { matchLabels: { ...podLabels } } }),
  };
}

function sorted<T>(rules: ReadonlyMap<string, T>): T[] {
  return [...rules].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, rule]) => rule);
}
