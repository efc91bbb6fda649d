import { policiesAllow, portsOfPolicies } from './network-policies';

const namespaces = { a: { 'kubernetes.io/metadata.name': 'a' }, b: { 'kubernetes.io/metadata.name': 'b' } };
const client = { namespace: 'a', podLabels: { app: 'client' } };
const server = { namespace: 'b', podLabels: { app: 'server' } };

function policy(namespace: string, podLabels: object, rest: object): object {
  return { kind: 'NetworkPolicy', metadata: { namespace }, spec: { podSelector: { matchLabels: podLabels }, ...rest } };
}

const peer = (namespace: string, app: string) => ({
  namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': namespace } },
  podSelector: { matchLabels: { app } },
});
const ports = [{ port: 9000, protocol: 'TCP' }];
const out = policy('a', { app: 'client' }, { policyTypes: ['Egress'], egress: [{ to: [peer('b', 'server')], ports }] });
const into = policy('b', {}, { policyTypes: ['Ingress'], ingress: [{ from: [peer('a', 'client')], ports }] });
const closed = policy('b', {}, { policyTypes: ['Ingress'] });

const allowed = (policies: readonly object[], port = 9000) => policiesAllow(policies, namespaces, client, server, port);

test('Pods that no policy selects are open', () => {
  expect(allowed([])).toBe(true);
});

test('a hole needs both sides', () => {
  expect(allowed([out, into])).toBe(true);
  expect(allowed([out, closed])).toBe(false);
  expect(allowed([policy('a', {}, { policyTypes: ['Egress'] }), into])).toBe(false);
});

test('a hole is one port wide', () => {
  expect(allowed([out, into], 9001)).toBe(false);
});

test('a peer without namespace is one of the policy’s own', () => {
  const own = [{ from: [{ podSelector: {} }], ports }];
  expect(allowed([policy('b', {}, { policyTypes: ['Ingress'], ingress: own })])).toBe(false);
});

test('rules name their ports', () => {
  expect(portsOfPolicies([out, into])).toEqual([9000]);
});
