import type { Access } from '../../constructs';

/**
 * What a person does next: the addresses of the platform, the command that makes them reachable, and the one that shows the password. Values
 * of secrets are never told.
 */
export function describeAccesses(accesses: readonly Access[]): readonly string[] {
  return accesses.flatMap(({ title, url, service, username, password }) => [
    `${title}: ${url}`,
    ...(service === undefined
      ? []
      : [
          `  from this machine  kubectl -n ${service.namespace} port-forward service/${service.name} ${localPort(service.port)}:${service.port}`,
        ]),
    ...(username === undefined ? [] : [`  user               ${username}`]),
    ...(password === undefined
      ? []
      : [
          `  password           kubectl -n ${password.namespace} get secret ${password.name} -o go-template='{{index .data "${password.key}" | base64decode}}'`,
        ]),
  ]);
}

/** Ports below 1024 are root's: `port-forward` offers 80 as 8080, 443 as 8443. */
function localPort(port: number): number {
  return port < 1024 ? 8000 + port : port;
}
