import { ApiObject } from 'cdk8s';
import type { Construct } from 'constructs';
import { atStep, type HttpService, type ServicePath } from '../platform';
import { wholeNumber } from '../platform/whole-number';
import { Exposure, refuseUnknownBackendTls, ROUTE_STEP, routeLabels } from './exposure';
import { GATEWAY_API, type IGateway } from './gateway';

export interface GatewayExposureProps {
  /** One of the platform's own, `new Gateway(...)`, or one that somebody else runs, `Gateway.fromAttributes(...)`. */
  readonly gateway: IGateway;
  /** The longest time that a request may take, in seconds; 0 lifts the implementation's own limit. @default - the implementation's */
  readonly requestTimeoutSeconds?: number;
  /**
   * Who signed the certificates of services that speak HTTPS: `system`, or the name of a ConfigMap with the key `ca.crt` that something
   * else, such as trust-manager, keeps in their namespaces. Needs BackendTLSPolicy, which the Gateway API has since 1.4.
   *
   * @default - such a service is refused
   */
  readonly backendAuthority?: 'system' | { readonly configMapName: string };
}

/**
 * The way in through a Gateway: for each host an HTTPRoute in the namespace of its service, and a hole for the Pods that forward the
 * traffic. The Gateway API has no limit on bodies, and weighs requests between a service and its canary.
 *
 * @throws Error when production would speak plain HTTP, or when the time-out is no whole number of seconds
 *
 * @example
 * import { Gateway, GatewayExposure, type MlflowServer } from 'bouture';
 * declare const mlflow: MlflowServer;
 * const gateway = Gateway.fromAttributes({
 *   namespace: 'edge',
 *   name: 'public',
 *   sectionName: 'https',
 *   domain: 'data.example.org',
 *   controller: { namespace: 'envoy-gateway-system' },
 * });
 * mlflow.exposeVia(new GatewayExposure(platform, 'exposure', { gateway, requestTimeoutSeconds: 900 }), 'mlflow');
 */
export class GatewayExposure extends Exposure {
  private readonly props: GatewayExposureProps;

  constructor(scope: Construct, id: string, props: GatewayExposureProps) {
    super(scope, id, props.gateway);
    const seconds = props.requestTimeoutSeconds ?? 0;
    // The Gateway API writes durations with at most five digits before each unit (GEP-2257).
    wholeNumber('requestTimeoutSeconds', seconds, 0, 99_999);
    this.props = props;
  }

  protected override route(service: HttpService, host: string, backends: readonly ServicePath[]): void {
    const { gateway, requestTimeoutSeconds: seconds } = this.props;
    for (const { path, service: backend } of backends) {
      const name = path === '/' ? host : `${host}${path.replace(/[^a-z0-9]+/gi, '-')}`;
      if (backend.tls === true) this.backendTls(backend, name);
      if (backend.canary?.service.tls === true) this.backendTls(backend.canary.service, `${name}-canary`);
    }
    gateway.admit(service.namespace, host);
    const route = new ApiObject(service.connections, `route-${host}`, {
      apiVersion: `${GATEWAY_API}/v1`,
      kind: 'HTTPRoute',
      metadata: { name: host, namespace: service.namespace, labels: { ...routeLabels(service) } },
      spec: {
        parentRefs: [
          {
            group: GATEWAY_API,
            kind: 'Gateway',
            namespace: gateway.gatewayNamespace,
            name: gateway.gatewayName,
            ...(gateway.sectionName === undefined ? {} : { sectionName: gateway.sectionName }),
          },
        ],
        hostnames: [host],
        rules: backends.map(({ path, service: backend }) => ({
          matches: [{ path: { type: 'PathPrefix', value: path } }],
          backendRefs: backendRefs(backend),
          ...(seconds === undefined ? {} : { timeouts: { request: `${seconds}s` } }),
        })),
      },
    });
    atStep(route, ROUTE_STEP);
  }

  private backendTls(service: HttpService, name: string): void {
    const { backendAuthority: authority } = this.props;
    if (authority === undefined) {
      refuseUnknownBackendTls(service, 'give backendAuthority, the authority that signed its certificate');
    }
    const policy = new ApiObject(service.connections, `backend-tls-${name}`, {
      apiVersion: `${GATEWAY_API}/v1`,
      kind: 'BackendTLSPolicy',
      metadata: { name, namespace: service.namespace, labels: { ...routeLabels(service) } },
      spec: {
        targetRefs: [{ group: '', kind: 'Service', name: service.name }],
        validation: {
          hostname: `${service.name}.${service.namespace}.svc`,
          ...(authority === 'system'
            ? { wellKnownCACertificates: 'System' }
            : { caCertificateRefs: [{ group: '', kind: 'ConfigMap', name: authority.configMapName }] }),
        },
      },
    });
    atStep(policy, ROUTE_STEP);
  }
}

/** The services behind a rule, with their shares where there are two. */
function backendRefs(backend: HttpService): readonly unknown[] {
  const ref = ({ name, port }: HttpService): object => ({ group: '', kind: 'Service', name, port });
  if (backend.canary === undefined) return [ref(backend)];
  const { service, weight } = backend.canary;
  return [
    { ...ref(backend), weight: 100 - weight },
    { ...ref(service), weight },
  ];
}
