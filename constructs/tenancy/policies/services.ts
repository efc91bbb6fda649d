import { type AdmissionPolicy, inSpace, isAdministrator } from '../admission-policy';
import type { PolicyContext } from './context';

/** People's services are reached through the Ingress or the Gateway alone, and lead to Pods of their own space. */
export function services({ names, onyxia }: PolicyContext): AdmissionPolicy {
  return {
    id: 'services',
    resources: [{ apiGroups: [''], resources: ['services'], operations: ['CREATE', 'UPDATE'] }],
    conditions: [inSpace(names), `!(${isAdministrator(onyxia)})`],
    variables: { type: 'has(object.spec.type) ? object.spec.type : "ClusterIP"' },
    validations: [
      {
        expression: 'variables.type == "ClusterIP"',
        message:
          'Services are of type ClusterIP here: NodePort and LoadBalancer open a door beside the one with TLS and a log, ' +
          'ExternalName leads callers anywhere. Use ClusterIP and expose it by an Ingress.',
        messageExpression:
          '"a Service of type " + variables.type + " is not for people\'s spaces: NodePort and LoadBalancer open a door beside the one ' +
          'with TLS and a log, ExternalName leads callers anywhere. Use the type ClusterIP and expose it by an Ingress."',
      },
      {
        expression:
          '(!has(object.spec.externalIPs) || object.spec.externalIPs.size() == 0) && ' +
          '(!has(object.spec.loadBalancerIP) || object.spec.loadBalancerIP == "")',
        message:
          'externalIPs and loadBalancerIP would let this Service take traffic of addresses that others use. Remove them, and expose the ' +
          'Service by an Ingress.',
      },
    ],
  };
}
