import { Construct } from 'constructs';
import {
  type ExposedHost,
  type ForeignPods,
  type HttpService,
  type IExposure,
  MANAGED_BY,
  Platform,
  type RecommendedLabels,
} from '../platform';
import { claimHost } from './hosts';

/** How the world comes in. */
export interface ExposureWay {
  /** `data.example.org`: hosts are its subdomains. */
  readonly domain: string;
  readonly isEncrypted: boolean;
  /** Port that the world sees. @default - 443 with TLS, 80 without */
  readonly port?: number;
  /** The controller's Pods, which NetworkPolicies let in. */
  readonly controller: ForeignPods;
}

/** What every way into the cluster has in common: hosts that nobody else has, their addresses, and the hole for the controller. */
export abstract class Exposure extends Construct implements IExposure {
  private readonly exposed: ExposedHost[] = [];

  /** @throws Error in production when the way is plain HTTP */
  protected constructor(
    scope: Construct,
    id: string,
    private readonly way: ExposureWay,
  ) {
    super(scope, id);
    if (Platform.of(this).isProduction && !way.isEncrypted) {
      throw new Error(
        `"${this.node.path}" would expose passwords over plain HTTP: the production profile wants TLS: ` +
          'give tls as ExposureTls.secret(), .issuer() or .controller()',
      );
    }
  }

  /** The hosts that have been exposed, in that order. */
  get hosts(): readonly ExposedHost[] {
    return [...this.exposed];
  }

  expose(service: HttpService, subdomain: string): ExposedHost {
    const { domain, isEncrypted, controller } = this.way;
    const owner = `service "${service.name}" of namespace "${service.namespace}"`;
    const host = claimHost(Platform.of(this), subdomain, domain, owner);
    const scheme = isEncrypted ? 'https' : 'http';
    const usual = isEncrypted ? 443 : 80;
    const port = this.way.port ?? usual;
    service.connections.allowFrom(controller, service.containerPort);
    this.route(service, host);
    const exposed = { host, url: `${scheme}://${host}${port === usual ? '' : `:${port}`}` };
    this.exposed.push(exposed);
    return exposed;
  }

  /** Makes the objects that lead a host to a service. They stand under the service's own component, in its namespace, file and layer. */
  protected abstract route(service: HttpService, host: string): void;
}

/** The step inside a component's layer where its routes stand: after everything that they lead to. */
export const ROUTE_STEP = 9;

/** Labels of the objects that lead to a service. */
export function routeLabels(service: HttpService): RecommendedLabels {
  return {
    ...service.connections.podLabels,
    'app.kubernetes.io/component': 'exposure',
    'app.kubernetes.io/part-of': Platform.of(service.connections).name,
    'app.kubernetes.io/managed-by': MANAGED_BY,
  };
}

/** Refuses a service that speaks HTTPS where the way to speak it is unknown: plain HTTP to it would answer 400. */
export function refuseUnknownBackendTls(service: HttpService, remedy: string): never {
  throw new Error(`service "${service.name}" of namespace "${service.namespace}" speaks HTTPS: ${remedy}`);
}
