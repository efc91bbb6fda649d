import type { PlatformRule } from '../rule';
import type { ObjectView } from '../view';

export const defaultDeny: PlatformRule = {
  id: 'default-deny',
  level: 'error',
  scope: 'platform',
  why: 'A namespace without a policy that denies everything lets each of its Pods talk to the whole cluster and back.',
  source: 'NSA/CISA Kubernetes Hardening Guide 1.2, Network policies',
  fix: 'make the namespace with PlatformNamespace, which denies all traffic in both directions',
  *check(platform) {
    const closed = new Set(
      platform
        .ofKind('NetworkPolicy')
        .filter(deniesAll)
        .map(({ namespace }) => namespace),
    );
    for (const object of platform.ofKind('Namespace')) {
      if (!closed.has(object.name)) {
        yield { object, field: 'metadata.name', message: 'no NetworkPolicy denies all its traffic' };
      }
    }
  },
};

function deniesAll({ spec }: ObjectView): boolean {
  const types = spec
    .at('policyTypes')
    .items()
    .map(({ text }) => text);
  return (
    spec.at('podSelector').entries().length === 0 &&
    types.includes('Ingress') &&
    types.includes('Egress') &&
    spec.at('ingress').items().length === 0 &&
    spec.at('egress').items().length === 0
  );
}
