import type { Construct } from 'constructs';
import { atStep, type ForeignPods, type HttpService, k8s, Platform, type ServicePath } from '../platform';
import { makeCertificate } from './certificate';
import { Exposure, refuseUnknownBackendTls, ROUTE_STEP, routeLabels } from './exposure';
import { ExposureTls } from './exposure-tls';
import { dnsDomain } from './hosts';

/** Traefik routes a host with TLS on every entry point, plain ones too; `websecure` is the TLS one of its own Helm chart. */
const TLS_ONLY = { 'traefik.ingress.kubernetes.io/router.entrypoints': 'websecure' };

export interface IngressExposureProps {
  /** Hosts are subdomains of it: `data.example.org`. */
  readonly domain: string;
  /** Name of the IngressClass. */
  readonly className: string;
  /** The controller's Pods, which NetworkPolicies let in. */
  readonly controller: ForeignPods;
  /** Where certificates come from. */
  readonly tls: ExposureTls;
  /** Port that the world sees. @default - 443 with TLS, 80 without */
  readonly port?: number;
  /**
   * Annotations of every Ingress, in the controller's own language: time-outs and sizes of bodies, for which Ingress has no field.
   * Artifacts of models are large: lift the limit, which is 1 MB for ingress-nginx. They take precedence over the default.
   *
   * @default - with TLS, what keeps Traefik from answering over plain HTTP too; others redirect by themselves
   */
  readonly annotations?: Readonly<Record<string, string>>;
  /** Annotations that make the controller speak HTTPS to a service that does. @default - such a service is refused */
  readonly httpsBackendAnnotations?: Readonly<Record<string, string>>;
}

/** A TLS Secret that has to be in a namespace, and that this library does not make. */
export interface RequiredSecret {
  readonly namespace: string;
  readonly name: string;
  /** The hosts that its certificate must cover. */
  readonly hosts: readonly string[];
}

/**
 * The way in through an Ingress controller that the cluster has: for each host an Ingress in the namespace of its service, and a hole
 * for the controller's Pods.
 *
 * @throws Error when the domain is none, when production would speak plain HTTP, or when an annotation is a snippet: free text in the
 * configuration of ingress-nginx, which is maintained no more
 *
 * @example
 * import { ExposureTls, IngressExposure, type MlflowServer } from 'bouture';
 * declare const mlflow: MlflowServer;
 * const exposure = new IngressExposure(platform, 'exposure', {
 *   domain: 'data.example.org',
 *   className: 'traefik',
 *   controller: { namespace: 'traefik', podLabels: { 'app.kubernetes.io/name': 'traefik' } },
 *   tls: ExposureTls.issuer({ name: 'office-ca' }),
 * });
 * mlflow.exposeVia(exposure, 'mlflow');
 */
export class IngressExposure extends Exposure {
  private readonly props: IngressExposureProps;
  private readonly required: RequiredSecret[] = [];

  constructor(scope: Construct, id: string, props: IngressExposureProps) {
    super(scope, id, {
      domain: dnsDomain('domain', props.domain),
      isEncrypted: props.tls.mode !== 'none',
      controller: props.controller,
      ...(props.port === undefined ? {} : { port: props.port }),
    });
    const snippet = Object.keys(props.annotations ?? {}).find((name) => name.includes('snippet'));
    if (snippet !== undefined) {
      throw new Error(
        `annotation "${snippet}" puts free text into the controller's configuration: use what it has an option for`,
      );
    }
    this.props = props;
  }

  /** The TLS Secrets that have to be in the services' namespaces already, because `tls` is a given Secret. */
  get requiredSecrets(): readonly RequiredSecret[] {
    return [...this.required];
  }

  protected override route(service: HttpService, host: string, backends: readonly ServicePath[]): void {
    const { className, annotations, httpsBackendAnnotations } = this.props;
    if (service.canary !== undefined) {
      throw new Error(
        `service "${service.name}" of namespace "${service.namespace}" has a canary, and an Ingress has no field for shares of requests: ` +
          'use a Gateway, which Traefik and other controllers speak too, or leave out the canary',
      );
    }
    const other = backends.find(({ service: backend }) => (backend.tls ?? false) !== (service.tls ?? false));
    if (other !== undefined) {
      throw new Error(
        `service "${service.name}" of namespace "${service.namespace}" and its path "${other.path}" do not both speak ` +
          'HTTPS: the annotations of an Ingress hold for all of its paths; use a Gateway',
      );
    }
    if (service.tls === true && httpsBackendAnnotations === undefined) {
      refuseUnknownBackendTls(service, 'give httpsBackendAnnotations, in the language of the Ingress controller');
    }
    const secretName = this.certificateFor(service, host);
    const ingress = new k8s.KubeIngress(service.connections, `ingress-${host}`, {
      metadata: {
        name: host,
        namespace: service.namespace,
        labels: routeLabels(service),
        annotations: {
          ...(this.props.tls.mode === 'none' ? {} : TLS_ONLY),
          ...annotations,
          ...(service.tls === true ? httpsBackendAnnotations : {}),
        },
      },
      spec: {
        ingressClassName: className,
        rules: [
          {
            host,
            http: {
              paths: backends.map(({ path, service: backend }) => ({
                path,
                pathType: 'Prefix',
                backend: { service: { name: backend.name, port: { number: backend.port } } },
              })),
            },
          },
        ],
        ...(this.props.tls.mode === 'none'
          ? {}
          : { tls: [{ hosts: [host], ...(secretName === undefined ? {} : { secretName }) }] }),
      },
    });
    atStep(ingress, ROUTE_STEP);
  }

  private certificateFor(service: HttpService, host: string): string | undefined {
    const { tls } = this.props;
    switch (tls.mode) {
      case 'none':
      case 'controller':
        return undefined;
      case 'secret':
        this.required.push({ namespace: service.namespace, name: tls.secretName, hosts: [host] });
        Platform.of(this).expectSecret({
          namespace: service.namespace,
          name: tls.secretName,
          keys: ['tls.crt', 'tls.key'],
          purpose: `certificate of ${host}`,
        });
        return tls.secretName;
      case 'issuer':
        makeCertificate(service.connections, `certificate-${host}`, {
          namespace: service.namespace,
          name: host,
          labels: routeLabels(service),
          dnsNames: [host],
          issuer: tls.issuer,
          step: ROUTE_STEP,
        });
        return host;
    }
  }
}
