import { type AdmissionPolicy, cel, inSpace, isAdministrator } from '../admission-policy';
import type { PolicyContext, SpaceExposure } from './context';
import { hostPattern, hostShape } from './hosts';

/** Routes of the Gateway API take hosts of their own space only, at the Gateways that are meant for people. */
export function routes({ names, onyxia }: PolicyContext, { domain, gateways = [] }: SpaceExposure): AdmissionPolicy {
  const isGateway = gateways
    .map(
      ({ gatewayNamespace, gatewayName }) =>
        `(p.name == ${cel(gatewayName)} && has(p.namespace) && p.namespace == ${cel(gatewayNamespace)} && ` +
        '(!has(p.kind) || p.kind == "Gateway"))',
    )
    .join(' || ');
  const known = gateways.map(({ gatewayNamespace, gatewayName }) => `${gatewayNamespace}/${gatewayName}`).join(', ');
  return {
    id: 'routes',
    resources: [
      {
        apiGroups: ['gateway.networking.k8s.io'],
        resources: [
          ...['httproutes', 'grpcroutes', 'tlsroutes', 'tcproutes', 'udproutes'],
          ...['gateways', 'listenersets', 'referencegrants'],
        ],
        operations: ['CREATE', 'UPDATE'],
      },
    ],
    conditions: [inSpace(names), `!(${isAdministrator(onyxia)})`],
    variables: {
      isRoute: 'request.resource.resource.endsWith("routes")',
      pattern: hostPattern(domain),
      hosts: 'has(object.spec.hostnames) ? object.spec.hostnames : []',
      parents: 'has(object.spec.parentRefs) ? object.spec.parentRefs : []',
    },
    validations: [
      {
        expression: 'variables.isRoute',
        message:
          'Gateways, listeners and grants to other namespaces belong to the platform. Attach an HTTPRoute to one of its Gateways instead.',
      },
      {
        expression:
          '!variables.isRoute || (variables.hosts.size() > 0 && variables.hosts.all(h, h.matches(variables.pattern)))',
        message:
          `A route names hosts of this space: ${hostShape(domain)}. No wildcard and no route without hostnames: ` +
          'those would take traffic of others.',
        messageExpression:
          '"a route of \\"" + request.namespace + "\\" names hosts such as \\"" + request.namespace + ' +
          `"--my-service.${domain}\\" or \\"" + request.namespace + "-jupyter-0.${domain}\\". No wildcard, no route without hostnames and no ` +
          'host of others: those would take their traffic."',
      },
      {
        expression:
          gateways.length === 0 ? '!variables.isRoute' : `!variables.isRoute || variables.parents.all(p, ${isGateway})`,
        message:
          gateways.length === 0
            ? 'Services are reached through an Ingress here. Make an Ingress instead of a route.'
            : `Routes of people's spaces attach to ${known}. Other Gateways serve the platform itself.`,
      },
    ],
  };
}
