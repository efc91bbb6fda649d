import { type AdmissionPolicy, cel, inSpace, isAdministrator } from '../admission-policy';
import type { PolicyContext, SpaceExposure } from './context';
import { hostPattern, hostShape } from './hosts';

/** Parts of annotations that put free text into a controller's configuration, take further hosts, or write into DNS. */
const FORBIDDEN_ANNOTATIONS = 'snippet|server-alias|external-dns|auth-tls|lua';
const CLASS_ANNOTATION = 'kubernetes.io/ingress.class';

/** An Ingress takes hosts of its own space only, through the controller that it is meant for. */
export function ingresses({ names, onyxia }: PolicyContext, exposure: SpaceExposure): AdmissionPolicy {
  const { domain, ingressClassName, ownCertificates = false } = exposure;
  return {
    id: 'ingresses',
    resources: [{ apiGroups: ['networking.k8s.io'], resources: ['ingresses'], operations: ['CREATE', 'UPDATE'] }],
    conditions: [inSpace(names), `!(${isAdministrator(onyxia)})`],
    variables: {
      pattern: hostPattern(domain),
      rules: 'has(object.spec.rules) ? object.spec.rules : []',
      tls: 'has(object.spec.tls) ? object.spec.tls : []',
      annotations: 'has(object.metadata.annotations) ? object.metadata.annotations : {}',
      className: 'has(object.spec.ingressClassName) ? object.spec.ingressClassName : ""',
    },
    validations: [
      {
        expression:
          'variables.rules.size() > 0 && variables.rules.all(r, has(r.host) && r.host.matches(variables.pattern)) && ' +
          'variables.tls.all(t, !has(t.hosts) || t.hosts.all(h, h.matches(variables.pattern)))',
        message:
          `Each rule of an Ingress names a host of this space: ${hostShape(domain)}. No wildcard and no rule without a host: ` +
          'those would take traffic of others.',
        messageExpression:
          '"an Ingress of \\"" + request.namespace + "\\" names in each rule a host such as \\"" + request.namespace + ' +
          `"--my-service.${domain}\\" or \\"" + request.namespace + "-jupyter-0.${domain}\\". No wildcard, no rule without a host and no host ` +
          'of others: those would take their traffic."',
      },
      {
        expression: '!has(object.spec.defaultBackend)',
        message:
          'A default backend answers for hosts that nobody has named. Remove defaultBackend and name a host in a rule.',
      },
      {
        expression:
          ingressClassName === undefined
            ? 'false'
            : `variables.className == ${cel(ingressClassName)} && (!(${cel(CLASS_ANNOTATION)} in variables.annotations) || ` +
              `variables.annotations[${cel(CLASS_ANNOTATION)}] == ${cel(ingressClassName)})`,
        message:
          ingressClassName === undefined
            ? 'Services are reached through a Gateway here. Make an HTTPRoute instead of an Ingress.'
            : `Ingresses of people's spaces have ingressClassName: ${ingressClassName}. Other controllers serve the platform itself.`,
      },
      {
        expression: `variables.annotations.all(a, !a.matches(${cel(FORBIDDEN_ANNOTATIONS)}))`,
        message:
          'An annotation of this Ingress changes the configuration that all share (snippets, further hosts, DNS, certificates of clients). ' +
          'Remove it; annotations about sizes and time-outs are all right.',
        messageExpression:
          `"annotation \\"" + variables.annotations.filter(a, a.matches(${cel(FORBIDDEN_ANNOTATIONS)}))[0] + "\\" changes the configuration ` +
          'that all share. Remove it; annotations about sizes and time-outs are all right."',
      },
      ...(ownCertificates
        ? []
        : [
            {
              expression: 'variables.tls.all(t, !has(t.secretName) || t.secretName == "")',
              message:
                'The platform has the certificate of this domain, and one of your own might be served for the hosts of others. ' +
                'Remove tls[].secretName and keep tls[].hosts.',
            },
          ]),
    ],
  };
}
