import { at, listAt } from './kubectl';

/** A Pod as a NetworkPolicy sees it. */
export interface Endpoint {
  readonly namespace: string;
  readonly podLabels: Readonly<Record<string, string>>;
}

type Labels = Readonly<Record<string, string>>;

/** A rule of a policy, for one direction: who is at the other end, and on which ports. */
interface Rule {
  readonly peers: readonly unknown[];
  readonly ports: readonly unknown[];
}

/**
 * Whether a set of NetworkPolicies lets one Pod open a TCP connection to another, by the rules of the API: a Pod that no policy selects
 * for a direction is open in it; otherwise some rule of some policy must match, on both sides.
 *
 * Written from the API's definition and not from the library's own code, so that it can judge what that code emits.
 *
 * @param policies manifests of kind NetworkPolicy
 * @param namespaceLabels of every namespace that takes part
 */
export function policiesAllow(
  policies: readonly object[],
  namespaceLabels: Readonly<Record<string, Labels>>,
  from: Endpoint,
  to: Endpoint,
  port: number,
): boolean {
  const side = (self: Endpoint, other: Endpoint, type: 'Ingress' | 'Egress', rules: string, peers: string) => {
    const selecting = policies.filter(
      (policy) =>
        at(policy, 'metadata', 'namespace') === self.namespace &&
        listAt(policy, 'spec', 'policyTypes').includes(type) &&
        selects(at(policy, 'spec', 'podSelector'), self.podLabels),
    );
    if (selecting.length === 0) return true;
    return selecting
      .flatMap((policy) => listAt(policy, 'spec', rules))
      .map((rule): Rule => ({ peers: listAt(rule, peers), ports: listAt(rule, 'ports') }))
      .some((rule) => matchesPeer(rule, other, namespaceLabels, self.namespace) && matchesPort(rule, port));
  };
  return side(from, to, 'Egress', 'egress', 'to') && side(to, from, 'Ingress', 'ingress', 'from');
}

/** Every port that a rule of these policies speaks of. */
export function portsOfPolicies(policies: readonly object[]): readonly number[] {
  const rules = policies.flatMap((policy) => [
    ...listAt(policy, 'spec', 'ingress'),
    ...listAt(policy, 'spec', 'egress'),
  ]);
  const ports = rules.flatMap((rule) => listAt(rule, 'ports')).map((entry) => at(entry, 'port'));
  return [...new Set(ports.filter((port): port is number => typeof port === 'number'))].sort((a, b) => a - b);
}

function matchesPeer(rule: Rule, other: Endpoint, namespaces: Readonly<Record<string, Labels>>, own: string): boolean {
  if (rule.peers.length === 0) return true;
  return rule.peers.some((peer) => {
    // Addresses of Pods are not what an ipBlock is for; a hole that one opens to Pods would be a mistake that the test shows.
    if (at(peer, 'ipBlock') !== undefined) return false;
    const namespaceSelector = at(peer, 'namespaceSelector');
    const inNamespace =
      namespaceSelector === undefined
        ? other.namespace === own
        : selects(namespaceSelector, namespaces[other.namespace] ?? {});
    const podSelector = at(peer, 'podSelector');
    return inNamespace && (podSelector === undefined || selects(podSelector, other.podLabels));
  });
}

function matchesPort(rule: Rule, port: number): boolean {
  if (rule.ports.length === 0) return true;
  return rule.ports.some((entry) => {
    if (at(entry, 'endPort') !== undefined) throw new Error('a port range: teach it to this test');
    return (
      (at(entry, 'protocol') ?? 'TCP') === 'TCP' && [port, undefined].includes(at(entry, 'port') as number | undefined)
    );
  });
}

function selects(selector: unknown, labels: Labels): boolean {
  if (at(selector, 'matchExpressions') !== undefined)
    throw new Error('a selector by expression: teach it to this test');
  return Object.entries((at(selector, 'matchLabels') ?? {}) as Labels).every(([key, value]) => labels[key] === value);
}
