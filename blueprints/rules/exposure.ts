import type { Conflict } from '../config/check';
import type { Path } from '../config/problems';
import { type Sections, servesPeople } from '../sections/platform';

/** The longest host name, in characters (RFC 1035). */
const HOST_MAX = 253;

/** A part that has a host, with the key that names its subdomain. */
interface Host {
  readonly subdomain: string;
  readonly path: Path;
}

/** First label of the host of the S3 interface, where people need it and the configuration names none. */
export const API_SUBDOMAIN = 's3';

/** First label of the host of Argo Workflows, where people log in to it and the configuration names none. */
export const WORKFLOWS_SUBDOMAIN = 'workflows';

/** First label of the host of the S3 interface: people reach it, so it has one wherever there are people. Undefined without a host. */
function apiSubdomainOf(config: Sections): string | undefined {
  const { objectStore } = config;
  if (objectStore?.minio === undefined) return undefined;
  return objectStore.minio.apiSubdomain ?? (servesPeople(config) ? API_SUBDOMAIN : undefined);
}

/** The hosts that an exposure gives. The later of two that are equal is the one that is told. */
function hostsOf(config: Sections): Host[] {
  const { objectStore, mlflow, identity, secrets, onyxia, coding, monitoring, workflows, delivery } = config;
  const keycloak = identity?.keycloak;
  const hosts: readonly (readonly [subdomain: string | undefined, ...path: Path])[] = [
    [apiSubdomainOf(config), 'objectStore', 'minio', 'apiSubdomain'],
    [
      objectStore?.minio?.console === true ? (objectStore.minio.consoleSubdomain ?? 'minio') : undefined,
      ...['objectStore', 'minio', 'consoleSubdomain'],
    ],
    [mlflow && (mlflow.subdomain ?? 'mlflow'), 'mlflow', 'subdomain'],
    [keycloak && (keycloak.subdomain ?? 'auth'), 'identity', 'keycloak', 'subdomain'],
    [secrets && (secrets.subdomain ?? 'vault'), 'secrets', 'subdomain'],
    [coding && (coding.subdomain ?? 'coding'), 'coding', 'subdomain'],
    [coding && (monitoring?.subdomain ?? 'monitoring'), 'monitoring', 'subdomain'],
    [coding && identity && (workflows?.subdomain ?? WORKFLOWS_SUBDOMAIN), 'workflows', 'subdomain'],
    [coding && delivery && 'argo-cd', 'delivery'],
    [onyxia && (onyxia.subdomain ?? 'datalab'), 'onyxia', 'subdomain'],
  ];
  return hosts.flatMap(([subdomain, ...path]) => (subdomain === undefined ? [] : [{ subdomain, path }]));
}

/** Each host leads to one service, and fits. */
export function* hostsDiffer(config: Sections): Iterable<Conflict> {
  const domain = config.exposure?.domain;
  if (domain === undefined) return;
  const reads = [['exposure']];
  const seen = new Set<string>();
  for (const { subdomain, path } of hostsOf(config)) {
    const host = `${subdomain}.${domain}`;
    if (seen.has(host))
      yield { path, reads, message: `the host ${host} leads to another service already: choose another subdomain` };
    else if (host.length > HOST_MAX)
      yield { path, reads, message: `its host has ${host.length} characters; at most ${HOST_MAX} fit` };
    seen.add(host);
  }
  const outside: readonly (readonly [string | undefined, Path])[] = [
    [
      config.objectStore?.external?.endpoint?.replace(/^https?:\/\/|:\d+$/g, ''),
      ['objectStore', 'external', 'endpoint'],
    ],
    [config.database?.external?.host, ['database', 'external', 'host']],
  ];
  for (const [host, path] of outside) {
    if (host !== undefined && seen.has(host)) {
      yield { path, reads, message: `the host ${host} leads into this platform: what is external stands elsewhere` };
    }
  }
}

/** What asks for a host has a way to get one. */
export function* hostsHaveAWay(config: Sections): Iterable<Conflict> {
  const { apiSubdomain, console: hasConsole, consoleSubdomain, metrics } = config.objectStore?.minio ?? {};
  const base: Path = ['objectStore', 'minio'];
  if (apiSubdomain !== undefined && config.exposure === undefined) {
    const message = 'a host needs a way in, and there is no exposure';
    yield { path: [...base, 'apiSubdomain'], reads: [['exposure']], message, expected: 'exposure; or no apiSubdomain' };
  }
  if (consoleSubdomain !== undefined && hasConsole !== true) {
    const message = 'there is no console to give a host to';
    yield { path: [...base, 'consoleSubdomain'], reads: [[...base, 'console']], message, expected: 'console: true' };
  }
  if (apiSubdomainOf(config) !== undefined && metrics !== undefined && metrics.publicBecause === undefined) {
    const message =
      'the metrics ask for no credentials, and everyone outside could read them through the exposed S3 interface';
    const expected = 'no metrics, or metrics.publicBecause with the reason why that is right';
    yield { path: [...base, 'metrics'], reads: [[...base, 'apiSubdomain'], ['identity']], message, expected };
  }
}

/** An exposure speaks HTTPS where the service behind it does. */
export function* backendsAreUnderstood(config: Sections): Iterable<Conflict> {
  const { minio } = config.objectStore ?? {};
  const speaks = (part: { readonly tls?: { readonly plainTextBecause?: unknown } | undefined } | undefined): boolean =>
    part?.tls !== undefined && part.tls.plainTextBecause === undefined;
  const isExposed = minio?.apiSubdomain !== undefined || minio?.console === true || servesPeople(config);
  const [part] = [
    ...(speaks(minio) && isExposed ? ['MinIO'] : []),
    ...(speaks(config.identity?.keycloak) ? ['Keycloak'] : []),
    ...(speaks(config.secrets) ? ['the secret store'] : []),
  ];
  if (part === undefined) return;
  const { ingress, gateway } = config.exposure ?? {};
  const message = `${part} speaks HTTPS, and the way to speak it to a service is not said`;
  if (config.exposure !== undefined && ingress === undefined && gateway === undefined) {
    yield {
      path: ['exposure'],
      message,
      expected: 'ingress or gateway, which say it; or plainTextBecause in the tls of the part',
    };
  }
  if (ingress !== undefined && ingress.httpsBackendAnnotations === undefined) {
    yield {
      path: ['exposure', 'ingress', 'httpsBackendAnnotations'],
      message,
      expected: 'the annotations that make the controller speak HTTPS',
    };
  }
  if (gateway !== undefined && gateway.backendAuthority === undefined) {
    yield {
      path: ['exposure', 'gateway', 'backendAuthority'],
      message,
      expected: 'the authority that signed its certificate',
    };
  }
}

/** Production lets nobody in over plain HTTP, nor without a password. */
export function* exposureIsGuarded(config: Sections): Iterable<Conflict> {
  if (config.profile !== 'production' || config.exposure === undefined) return;
  const { ingress, gateway } = config.exposure;
  const message = 'production sends no password over plain HTTP';
  if (ingress !== undefined && ingress.tls === undefined) {
    yield { path: ['exposure', 'ingress', 'tls'], message, expected: 'secretName, issuer or controller' };
  }
  if (gateway?.className !== undefined && gateway.tls === undefined) {
    yield { path: ['exposure', 'gateway', 'tls'], message, expected: 'secretName or issuer' };
  }
  if (gateway?.existing?.isEncrypted === false) {
    yield { path: ['exposure', 'gateway', 'existing', 'isEncrypted'], message, expected: 'a listener that ends TLS' };
  }
  if (config.mlflow?.authentication === false) {
    const open = 'production exposes nothing that asks for no password';
    yield {
      path: ['mlflow', 'authentication'],
      reads: [['exposure']],
      message: open,
      expected: 'true; or no exposure',
    };
  }
}
