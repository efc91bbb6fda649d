import { Construct } from 'constructs';
import {
  compare,
  type ExposedHost,
  type ForeignPods,
  type HttpService,
  type IExposure,
  MANAGED_BY,
  Platform,
  type RecommendedLabels,
  type ServicePath,
  type ServiceShare,
} from '../platform';
import { wholeNumber } from '../platform/whole-number';
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
    const backends = backendsOf(service);
    const canary = canaryOf(service);
    for (const { service: backend } of [...backends, ...canary]) {
      backend.connections.allowFrom(controller, backend.containerPort);
    }
    this.route(service, host, backends);
    const exposed = { host, url: `${scheme}://${host}${port === usual ? '' : `:${port}`}` };
    this.exposed.push(exposed);
    return exposed;
  }

  /** Makes the objects that lead a host to a service. They stand under the service's own component, in its namespace, file and layer. */
  protected abstract route(service: HttpService, host: string, backends: readonly ServicePath[]): void;
}

/** Parts of a path as browsers send them unchanged. */
const PATH = /^(\/[A-Za-z0-9._~-]+)+$/;

/**
 * Which service answers which path of a host: the longest path first, the service itself last, at `/`.
 *
 * @throws Error when a path is none or is given twice, or when a service stands in another namespace or has paths of its own
 */
function backendsOf(service: HttpService): readonly ServicePath[] {
  const { paths = [], name, namespace } = service;
  const seen = new Set<string>();
  for (const { path, service: backend } of paths) {
    if (!PATH.test(path) || path.split('/').some((part) => part === '.' || part === '..')) {
      throw new Error(`path "${path}" of service "${name}": expected "/api", with a slash first and none last`);
    }
    if (seen.has(path)) throw new Error(`path "${path}" of service "${name}" is given twice: leave one out`);
    seen.add(path);
    if (backend.namespace !== namespace) {
      throw new Error(
        `path "${path}" of service "${name}" leads to namespace "${backend.namespace}": a host is routed within one namespace, "${namespace}"`,
      );
    }
    if ((backend.paths ?? []).length > 0) {
      throw new Error(
        `path "${path}" of service "${name}" leads to "${backend.name}", which has paths too: list them all`,
      );
    }
    if (backend.canary !== undefined) {
      throw new Error(
        `path "${path}" of service "${name}" leads to "${backend.name}", which has a canary: it can have none`,
      );
    }
  }
  const longestFirst = [...paths].sort((a, b) => b.path.length - a.path.length || compare(a.path, b.path));
  return [...longestFirst, { path: '/', service }];
}

/**
 * The service that takes a share of the requests; none where there is no canary.
 *
 * @throws Error when its weight is none, or when it stands in another namespace or has paths or a canary of its own
 */
function canaryOf({ canary, name, namespace }: HttpService): readonly ServiceShare[] {
  if (canary === undefined) return [];
  const { service, weight } = canary;
  wholeNumber(`weight of the canary of service "${name}"`, weight, 0, 100);
  if (service.namespace !== namespace) {
    throw new Error(
      `the canary of service "${name}" stands in namespace "${service.namespace}": a host is routed within one namespace, "${namespace}"`,
    );
  }
  if ((service.paths ?? []).length > 0 || service.canary !== undefined) {
    throw new Error(`the canary of service "${name}" has paths or a canary of its own: it can have neither`);
  }
  return [canary];
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
