import type { PlatformRule } from '../rule';
import { Traffic } from './traffic';

export const holesLeadSomewhere: PlatformRule = {
  id: 'holes-lead-somewhere',
  level: 'error',
  scope: 'platform',
  why: 'A hole to or for Pods that do not exist is a door that waits for a stranger with the right labels.',
  source: 'https://kubernetes.io/docs/concepts/services-networking/network-policies/',
  fix: 'select the Pods by the labels of their workload, or remove the policy',
  *check(platform) {
    const traffic = new Traffic(platform);
    for (const object of platform.ofKind('NetworkPolicy')) {
      const selector = object.spec.at('podSelector');
      if (selector.entries().length > 0 && traffic.subjects(object).length === 0) {
        yield { object, field: selector.path, message: 'selects no Pod of the platform' };
      }
      for (const direction of ['ingress', 'egress'] as const) {
        for (const { peer } of traffic.holes(object, direction)) {
          if (traffic.peerNamespaces(object, peer).length === 0 || !peer.at('podSelector').exists) continue;
          if (traffic.peers(object, peer).length === 0) {
            yield { object, field: peer.path, message: 'leads to no Pod of the platform' };
          }
        }
      }
    }
  },
};
