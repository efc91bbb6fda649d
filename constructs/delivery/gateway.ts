import { ApiObject } from 'cdk8s';
import { Construct } from 'constructs';
import { atStep, Component, type ComponentProps, compare, type ForeignPods, Layer, lazily } from '../platform';
import { makeCertificate } from './certificate';
import type { ExposureTls } from './exposure-tls';
import { dnsDomain } from './hosts';

/** API group of gateways and routes. */
export const GATEWAY_API = 'gateway.networking.k8s.io';

/** A listener of a Gateway, whoever runs it. */
export interface IGateway {
  /** Namespace of the Gateway. */
  readonly gatewayNamespace: string;
  readonly gatewayName: string;
  /** Name of the listener. @default - every listener whose host fits */
  readonly sectionName?: string;
  /** Domain whose subdomains the listener serves. */
  readonly domain: string;
  /** The listener ends TLS. */
  readonly isEncrypted: boolean;
  /** Port that the world sees. @default - 443 with TLS, 80 without */
  readonly port?: number;
  /** Pods that forward the traffic, which NetworkPolicies let in. */
  readonly controller: ForeignPods;
  /** Lets routes of a namespace attach for a host. */
  admit(namespace: string, host: string): void;
}

/** A Gateway that somebody else runs. */
export interface GatewayAttributes {
  readonly namespace: string;
  readonly name: string;
  /** Name of the listener. @default - every listener whose host fits */
  readonly sectionName?: string;
  /** Domain whose subdomains the listener serves. */
  readonly domain: string;
  /** The listener ends TLS. @default true */
  readonly isEncrypted?: boolean;
  /** Port that the world sees. @default - 443 with TLS, 80 without */
  readonly port?: number;
  /** Pods that forward the traffic, which NetworkPolicies let in. */
  readonly controller: ForeignPods;
}

export interface GatewayProps extends ComponentProps {
  /** Name of the GatewayClass. */
  readonly className: string;
  /** Domain whose subdomains it serves: `data.example.org`. */
  readonly domain: string;
  /** Pods that forward the traffic, which NetworkPolicies let in. */
  readonly controller: ForeignPods;
  /** Where the certificate comes from: a Secret of the Gateway's own namespace, or an issuer. */
  readonly tls: ExposureTls;
  /** Port that it listens on. @default - 443 with TLS, 80 without */
  readonly listenerPort?: number;
  /** Port that the world sees. @default - the listener's */
  readonly port?: number;
  /** With TLS, answer on port 80 too, and send browsers to HTTPS. @default true */
  readonly redirectsHttp?: boolean;
}

const LISTENER = 'main';
const PLAIN_LISTENER = 'redirect';

/**
 * A Gateway of the Gateway API v1, with one listener for all subdomains of a domain. Only namespaces whose services are exposed may
 * attach routes. No ReferenceGrant is needed: its certificate stands beside it, and routes stand beside their services.
 *
 * Where the implementation starts its proxies in the Gateway's own namespace, as Istio and NGINX Gateway Fabric do, let its
 * administrators make the Gateway and use `Gateway.fromAttributes`: a namespace of this library is closed to them.
 *
 * @throws Error when the domain is none, or when the certificate is said to be the controller's, which a Gateway cannot say
 *
 * @example
 * import { ExposureTls, Gateway, GatewayExposure, type MlflowServer } from 'bouture';
 * declare const mlflow: MlflowServer;
 * const gateway = new Gateway(platform, 'gateway', {
 *   className: 'traefik',
 *   domain: 'data.example.org',
 *   controller: { namespace: 'traefik', podLabels: { 'app.kubernetes.io/name': 'traefik' } },
 *   tls: ExposureTls.secret('wildcard-data-example-org'),
 * });
 * mlflow.exposeVia(new GatewayExposure(platform, 'exposure', { gateway }), 'mlflow');
 */
export class Gateway extends Component implements IGateway {
  /** A Gateway that somebody else runs, and whose listener admits the platform's namespaces. */
  static fromAttributes(attributes: GatewayAttributes): IGateway {
    const { namespace, name, domain, isEncrypted = true, ...rest } = attributes;
    return {
      ...rest,
      gatewayNamespace: namespace,
      gatewayName: name,
      domain: dnsDomain('domain', domain),
      isEncrypted,
      admit: () => undefined,
    };
  }

  readonly gatewayNamespace: string;
  readonly gatewayName: string;
  readonly sectionName = LISTENER;
  readonly domain: string;
  readonly isEncrypted: boolean;
  readonly port: number;
  readonly controller: ForeignPods;
  private readonly namespaces = new Set<string>();
  private readonly hosts = new Set<string>();

  constructor(scope: Construct, id: string, props: GatewayProps) {
    super(scope, id, Layer.FOUNDATIONS, props);
    const { tls } = props;
    this.gatewayNamespace = this.namespace.name;
    this.gatewayName = this.componentName;
    this.domain = dnsDomain('domain', props.domain);
    this.isEncrypted = tls.mode !== 'none';
    this.controller = props.controller;
    const listenerPort = props.listenerPort ?? (this.isEncrypted ? 443 : 80);
    this.port = props.port ?? listenerPort;
    const redirects = this.isEncrypted && (props.redirectsHttp ?? true);
    const certificate = this.certificate(tls);
    const hostname = `*.${this.domain}`;
    new ApiObject(this, 'gateway', {
      apiVersion: `${GATEWAY_API}/v1`,
      kind: 'Gateway',
      metadata: {
        ...this.metadata(this.gatewayName),
        // The rule looks for listeners without TLS, and holds in production only.
        ...(redirects && this.platform.isProduction
          ? {
              annotations: {
                'bouture.dev/suppress.encrypted-exposure': 'The plain listener only sends browsers to HTTPS.',
              },
            }
          : {}),
      },
      spec: {
        gatewayClassName: props.className,
        listeners: [
          {
            name: LISTENER,
            hostname,
            port: listenerPort,
            protocol: this.isEncrypted ? 'HTTPS' : 'HTTP',
            ...(certificate === undefined
              ? {}
              : { tls: { mode: 'Terminate', certificateRefs: [{ group: '', kind: 'Secret', name: certificate }] } }),
            allowedRoutes: { namespaces: lazily(() => this.admitted()) },
          },
          ...(redirects
            ? [
                {
                  name: PLAIN_LISTENER,
                  hostname,
                  port: 80,
                  protocol: 'HTTP',
                  allowedRoutes: { namespaces: { from: 'Same' } },
                },
              ]
            : []),
        ],
      },
    });
    if (redirects) this.redirect(hostname);
  }

  admit(namespace: string, host: string): void {
    this.namespaces.add(namespace);
    this.hosts.add(host);
  }

  private admitted(): unknown {
    if (this.namespaces.size === 0) return { from: 'Same' };
    const values = [...this.namespaces].sort(compare);
    return {
      from: 'Selector',
      selector: { matchExpressions: [{ key: 'kubernetes.io/metadata.name', operator: 'In', values }] },
    };
  }

  private certificate(tls: ExposureTls): string | undefined {
    switch (tls.mode) {
      case 'none':
        return undefined;
      case 'controller':
        throw new Error(
          `"${this.node.path}" names no certificate: a Gateway has no default one; give ExposureTls.secret() or .issuer()`,
        );
      case 'secret':
        this.platform.expectSecret({
          namespace: this.gatewayNamespace,
          name: tls.secretName,
          keys: ['tls.crt', 'tls.key'],
          purpose: `certificate of *.${this.domain}`,
        });
        return tls.secretName;
      case 'issuer': {
        const name = `${this.gatewayName}-tls`;
        makeCertificate(this, 'certificate', {
          namespace: this.gatewayNamespace,
          name,
          labels: this.labels('gateway', 'certificate'),
          // Each host by its name, so that any issuer can prove it; a certificate must name one.
          dnsNames: lazily(() => (this.hosts.size === 0 ? [this.domain] : [...this.hosts].sort(compare))),
          issuer: tls.issuer,
          step: 0,
        });
        return name;
      }
    }
  }

  private redirect(hostname: string): void {
    const route = new ApiObject(this, 'redirect', {
      apiVersion: `${GATEWAY_API}/v1`,
      kind: 'HTTPRoute',
      metadata: this.metadata(`${this.gatewayName}-redirect`),
      spec: {
        parentRefs: [{ group: GATEWAY_API, kind: 'Gateway', name: this.gatewayName, sectionName: PLAIN_LISTENER }],
        hostnames: [hostname],
        rules: [
          {
            matches: [{ path: { type: 'PathPrefix', value: '/' } }],
            filters: [
              {
                type: 'RequestRedirect',
                requestRedirect: {
                  scheme: 'https',
                  statusCode: 301,
                  ...(this.port === 443 ? {} : { port: this.port }),
                },
              },
            ],
          },
        ],
      },
    });
    atStep(route, 1);
  }

  private metadata(name: string): { name: string; namespace: string; labels: Record<string, string> } {
    return { name, namespace: this.gatewayNamespace, labels: { ...this.labels('gateway', 'listener') } };
  }
}
