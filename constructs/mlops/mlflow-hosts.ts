import type { ExposedHost, HttpService } from '../platform';

/** The names under which a Service answers inside the cluster, shortest first, without port. */
export function serviceNames(service: HttpService, clusterDomain: string): string[] {
  const { name, namespace } = service;
  return [name, `${name}.${namespace}`, `${name}.${namespace}.svc`, `${name}.${namespace}.svc.${clusterDomain}`];
}

/**
 * The `Host` headers that MLflow accepts (`--allowed-hosts`): every name that it is reached by, and no other. Since version 3.5 it answers
 * 403 to all others, against DNS rebinding. It compares the header with its port, so each name stands twice; `localhost` is for
 * `kubectl port-forward`.
 *
 * @param names names inside the cluster
 * @param exposed hosts that the world sees
 * @param further what else may stand in the header, without port
 */
export function allowedHosts(
  names: readonly string[],
  exposed: readonly ExposedHost[],
  further: readonly string[],
): string[] {
  const hosts = [...names, 'localhost', '127.0.0.1', ...exposed.map(({ host }) => host), ...further];
  return [...new Set(hosts)].flatMap((host) => [host, `${host}:*`]);
}

/**
 * The origins from which a browser may change something (`--cors-allowed-origins`): the pages that MLflow itself serves, under each
 * of its names. The server always accepts `localhost`.
 */
export function allowedOrigins(names: readonly string[], port: number, exposed: readonly ExposedHost[]): string[] {
  return [
    ...new Set([...exposed.map(({ url }) => new URL(url).origin), ...names.map((name) => `http://${name}:${port}`)]),
  ];
}
