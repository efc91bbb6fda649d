import { type AdmissionPolicy, inSpace, isAdministrator, isFrom } from '../admission-policy';
import type { PolicyContext } from './context';

/**
 * NetworkPolicies add up, so that one which opens everything would undo the default-deny without touching it. People decide who may
 * call their Pods; where their Pods may call is the platform's to say.
 */
export function networkEgress({ names, onyxia, managers }: PolicyContext): AdmissionPolicy {
  return {
    id: 'network-egress',
    resources: [{ apiGroups: ['networking.k8s.io'], resources: ['networkpolicies'], operations: ['CREATE', 'UPDATE'] }],
    conditions: [inSpace(names), `!(${isFrom(managers)})`, `!(${isAdministrator(onyxia)})`],
    variables: { egress: 'has(object.spec.egress) ? object.spec.egress : []' },
    validations: [
      {
        expression:
          'variables.egress.all(rule, has(rule.to) && rule.to.size() > 0 && ' +
          'rule.to.all(peer, !has(peer.ipBlock) && !has(peer.namespaceSelector)))',
        message:
          'This NetworkPolicy opens ways out of the space, which the platform decides on for all. Its egress rules may lead to Pods of the ' +
          'same namespace (a podSelector alone); ask the platform team for a way to another service.',
      },
    ],
  };
}
