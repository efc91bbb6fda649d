import type { Field } from '../field';
import { selects } from '../selector';
import type { ObjectView, PlatformView, Workload } from '../view';

/** Seen from the Pods that a policy selects. */
export type Direction = 'ingress' | 'egress';

/** One hole of a NetworkPolicy: a peer of one of its rules, and a port. */
export interface Hole {
  readonly policy: ObjectView;
  /** Place of the peer. */
  readonly peer: Field;
  /** Number or name of the port. @default - every port */
  readonly port: number | string | undefined;
}

const PEERS: Readonly<Record<Direction, string>> = { ingress: 'from', egress: 'to' };
const TYPES: Readonly<Record<Direction, string>> = { ingress: 'Ingress', egress: 'Egress' };

/**
 * What the NetworkPolicies of a platform let through, by the semantics of the API: policies add up, and Pods that no policy selects
 * in a direction are open in it. https://kubernetes.io/docs/concepts/services-networking/network-policies/
 */
export class Traffic {
  private readonly policies = new Map<string, ObjectView[]>();

  constructor(private readonly platform: PlatformView) {
    for (const policy of platform.ofKind('NetworkPolicy')) {
      const namespace = policy.namespace ?? '';
      this.policies.set(namespace, [...(this.policies.get(namespace) ?? []), policy]);
    }
  }

  /** The holes of a policy towards Pods; holes towards networks (`ipBlock`) are not among them. */
  holes(policy: ObjectView, direction: Direction): readonly Hole[] {
    return this.rules(policy, direction).flatMap(({ peers, ports }) =>
      peers
        .filter((peer) => !peer.at('ipBlock').exists)
        .flatMap((peer) => ports.map((port) => ({ policy, peer, port }))),
    );
  }

  /** The networks that a policy opens, each with a port. */
  networks(policy: ObjectView, direction: Direction): readonly { cidr: string; port: number | string | undefined }[] {
    return this.rules(policy, direction).flatMap(({ peers, ports }) =>
      peers.flatMap((peer) => {
        const cidr = peer.at('ipBlock', 'cidr').text;
        return cidr === undefined ? [] : ports.map((port) => ({ cidr, port }));
      }),
    );
  }

  /** The workloads of a policy. */
  subjects(policy: ObjectView): readonly Workload[] {
    return this.platform.selected(policy.namespace, policy.spec.at('podSelector'));
  }

  /** The namespaces of this platform that a peer means. */
  peerNamespaces(policy: ObjectView, peer: Field): readonly string[] {
    const selector = peer.at('namespaceSelector');
    if (!selector.exists) return policy.namespace === undefined ? [] : [policy.namespace];
    const named = selector.at('matchLabels', 'kubernetes.io/metadata.name').text;
    const candidates = named === undefined ? [...this.platform.namespaces.keys()] : [named];
    return candidates.filter((name) => {
      const labels = this.platform.namespaces.get(name);
      return labels !== undefined && selects(selector, labels);
    });
  }

  /** The workloads of this platform that a peer means. */
  peers(policy: ObjectView, peer: Field): readonly Workload[] {
    const selector = peer.at('podSelector');
    return this.peerNamespaces(policy, peer).flatMap((namespace) =>
      selector.exists ? this.platform.selected(namespace, selector) : this.platform.workloads(namespace),
    );
  }

  /**
   * Whether the policies of one workload let it talk to, or be called by, another at a port.
   *
   * @param port number or name; undefined asks for every port
   */
  allows(direction: Direction, workload: Workload, other: Workload, port: number | string | undefined): boolean {
    const policies = (this.policies.get(workload.namespace ?? '') ?? []).filter(
      (policy) => appliesTo(policy, direction) && selects(policy.spec.at('podSelector'), workload.pod.labels),
    );
    if (policies.length === 0) return true;
    const callee = direction === 'ingress' ? workload : other;
    const wanted = numbered(callee, port);
    return policies.some((policy) =>
      policy.spec
        .at(direction)
        .items()
        .some((rule) => {
          const peers = rule.at(PEERS[direction]).items();
          const toPeer = peers.length === 0 || peers.some((peer) => this.peers(policy, peer).includes(other));
          const ports = rule.at('ports').items();
          const atPort =
            ports.length === 0 || ports.some((open) => numbered(callee, portOf(open.at('port'))) === wanted);
          return toPeer && atPort;
        }),
    );
  }

  /** The rules of a policy; one without ports means every port, `undefined`. */
  private rules(
    { spec }: ObjectView,
    direction: Direction,
  ): readonly { peers: readonly Field[]; ports: readonly (number | string | undefined)[] }[] {
    return spec
      .at(direction)
      .items()
      .map((rule) => {
        const ports = rule.at('ports').items();
        return {
          peers: rule.at(PEERS[direction]).items(),
          ports: ports.length === 0 ? [undefined] : ports.map((port) => portOf(port.at('port'))),
        };
      });
  }
}

/** A policy without policyTypes is about ingress, and about egress where it has egress rules. */
function appliesTo({ spec }: ObjectView, direction: Direction): boolean {
  const types = spec
    .at('policyTypes')
    .items()
    .map(({ text }) => text);
  if (types.length > 0) return types.includes(TYPES[direction]);
  return direction === 'ingress' || spec.at('egress').exists;
}

function portOf(port: Field): number | string | undefined {
  return port.number ?? port.text;
}

/** A port by its number, where the callee's containers tell it. */
function numbered(callee: Workload, port: number | string | undefined): number | string | undefined {
  if (typeof port !== 'string') return port;
  const named = callee.pod.containers
    .flatMap((container) => container.at('ports').items())
    .find((declared) => declared.at('name').text === port);
  return named?.at('containerPort').number ?? port;
}
