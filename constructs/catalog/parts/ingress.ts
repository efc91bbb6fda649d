import { allOf, isSet, text, when } from '../functions';
import type { Condition } from '../functions';
import type { Expression } from '../expression';
import { object, objectName } from '../object';
import { injected, injectedText, type InstanceSchema } from '../onyxia-context';
import { definePart } from '../part';
import { value } from '../schema';
import { selectorLabels } from '../workload';

/** A Service of the chart. */
interface ServicePort {
  /** Id of the Service; empty for the main one. */
  readonly service: string;
  /** Name of its port. */
  readonly port: string;
}

export interface IngressProps {
  /** Name of the port of the Service that people reach. */
  readonly port: string;
  /** Id of that Service. @default - the main one */
  readonly service?: string;
  /** Paths of the same host that lead to other Services of the chart, such as `/api`. @default - none */
  readonly paths?: readonly (ServicePort & { readonly path: string })[];
  /** Where the second host leads, in place of a program of the person's own. @default - to that program, where there is one */
  readonly second?: ServicePort;
  /** Name by which the office lays down its own form. @default 'ide/ingress.json' */
  readonly instanceSchema?: Extract<InstanceSchema, `${string}/ingress.json`>;
  /** Number of the port on which people show a program of their own. @default - they cannot */
  readonly userPort?: number;
}

/** A host that a person's space may have, or none. `docs/tenancy.md` has the shape. */
const HOST = '^([a-z0-9]([a-z0-9-]*[a-z0-9])?(\\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)+)?$';

/**
 * How a browser reaches the service, and a program that the person starts in it on a port of its own. The hosts are those of the person's
 * space, `<namespace>-<word>-<word>.<domain>`, the only ones that the platform lets it have; Onyxia fills them in. The certificate is the
 * controller's own, unless the office has one made for each host.
 */
export function ingress({
  port,
  service = '',
  paths = [],
  second,
  userPort,
  instanceSchema = 'ide/ingress.json',
}: IngressProps) {
  return definePart(
    {
      ingress: value.group(
        { title: 'Ingress', hidden: true, instanceSchema },
        {
          enabled: value.flag({ default: true, hidden: true, from: injected('k8s.ingress') }),
          hostname: value.text({
            default: '',
            hidden: true,
            pattern: HOST,
            from: injectedText`${'project.id'}-${'k8s.randomSubdomain'}-0.${'k8s.domain'}`,
          }),
          userHostname: value.text({
            default: '',
            hidden: true,
            pattern: HOST,
            from: injectedText`${'project.id'}-${'k8s.randomSubdomain'}-user.${'k8s.domain'}`,
          }),
          ingressClassName: value.text({ default: '', hidden: true, from: injected('k8s.ingressClassName') }),
          useCertManager: value.flag({ default: false, hidden: true, from: injected('k8s.useCertManager') }),
          certManagerClusterIssuer: value.text({
            default: '',
            hidden: true,
            from: injected('k8s.certManagerClusterIssuer'),
          }),
        },
      ),
      ...(userPort === undefined
        ? {}
        : {
            networking: value.group(
              { title: { en: 'Network access', fr: 'Accès réseau' } },
              {
                user: value.group(
                  { title: { en: 'A port of your own', fr: 'Un port à vous' } },
                  {
                    enabled: value.flag({
                      default: false,
                      title: { en: 'Reach a program that you start', fr: 'Atteindre un programme que vous lancez' },
                    }),
                    port: value.whole({
                      default: userPort,
                      minimum: 1024,
                      title: 'Port',
                      hiddenIf: { sibling: 'enabled', is: false },
                    }),
                  },
                ),
              },
            ),
          }),
    },
    (values, { chart }) => {
      const { enabled, hostname, userHostname, ingressClassName, useCertManager, certManagerClusterIssuer } =
        values.ingress;
      const route = (
        id: string,
        condition: Condition,
        host: Expression<string>,
        backends: readonly (ServicePort & { readonly path: string })[],
      ) =>
        when(
          condition,
          object(
            'Ingress',
            id,
            {
              spec: {
                ingressClassName: when(isSet(ingressClassName), ingressClassName),
                tls: [
                  {
                    hosts: [host],
                    secretName: when(useCertManager, text`${objectName(id)}-tls`),
                  },
                ],
                rules: [
                  {
                    host,
                    http: {
                      paths: backends.map((backend) => ({
                        path: backend.path,
                        pathType: 'Prefix',
                        backend: { service: { name: objectName(backend.service), port: { name: backend.port } } },
                      })),
                    },
                  },
                ],
              },
            },
            { annotations: { 'cert-manager.io/cluster-issuer': when(useCertManager, certManagerClusterIssuer) } },
          ),
        );
      const main = route('', allOf(enabled, isSet(hostname)), hostname, [...paths, { path: '/', service, port }]);
      if (second !== undefined) {
        const other = route('second', allOf(enabled, isSet(userHostname)), userHostname, [{ path: '/', ...second }]);
        return { objects: [main, other] };
      }
      if (userPort === undefined) return { objects: [main] };
      const { networking } = values as unknown as UserValues;
      return {
        ports: [when(networking.user.enabled, { name: 'user', containerPort: networking.user.port, protocol: 'TCP' })],
        objects: [
          main,
          when(
            networking.user.enabled,
            object('Service', 'user', {
              spec: {
                type: 'ClusterIP',
                selector: selectorLabels(chart),
                ports: [{ name: 'user', port: 80, targetPort: 'user', protocol: 'TCP' }],
              },
            }),
          ),
          route('user', allOf(enabled, networking.user.enabled, isSet(userHostname)), userHostname, [
            { path: '/', service: 'user', port: 'user' },
          ]),
        ],
      };
    },
  );
}

/** References to the values of the user's port. */
interface UserValues {
  readonly networking: {
    readonly user: { readonly enabled: Expression<boolean>; readonly port: Expression<number> };
  };
}
