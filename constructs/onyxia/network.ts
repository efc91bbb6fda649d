import type { ExternalHosts, IConnectable } from '../platform';
import { portOf, proxyAddress, webhookPort } from './api-settings';
import { catalogAddress } from './catalogs';
import type { OnyxiaProps } from './onyxia-props';

/** Opens the ways that the API takes, and of them those that the program for first logins takes, too. */
export function openNetwork(
  props: OnyxiaProps,
  clusterDomain: string,
  api: IConnectable,
  onboarding: IConnectable | undefined,
): void {
  const {
    apiServer,
    identityProvider,
    issuerHosts,
    catalogs,
    eventWebhook,
    proxy,
    furtherHosts = [],
    services,
  } = props;
  const ports = apiServer?.ports ?? [443, 6443];
  for (const { connections } of onboarding === undefined ? [api] : [api, onboarding]) {
    for (const port of ports) connections.allowToExternal(hosts(apiServer), port);
    connections.allowToExternal(hosts(issuerHosts), portOf(new URL(identityProvider.issuer)));
    for (const { port, ...further } of furtherHosts) connections.allowToExternal(hosts(further), port);
  }
  const { connections } = api;
  for (const catalog of catalogs) {
    const { port, service } = catalogAddress(catalog, clusterDomain);
    if (service !== undefined) connections.allowTo(service, port);
    else if (proxy === undefined) connections.allowToExternal(hosts(catalog.hosts), port);
  }
  if (eventWebhook !== undefined) connections.allowToExternal(hosts(eventWebhook.hosts), webhookPort(eventWebhook));
  if (proxy !== undefined) connections.allowToExternal(hosts(proxy.hosts), proxyAddress(proxy).port);
  if (services.server !== undefined) connections.allowToExternal({}, portOf(new URL(services.server.url)));
}

function hosts(given: ExternalHosts | undefined): ExternalHosts {
  return given?.cidrs === undefined ? {} : { cidrs: given.cidrs };
}
