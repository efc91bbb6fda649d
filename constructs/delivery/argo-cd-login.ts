import type { Connections, ExposedHost } from '../platform';
import { checkedGroup } from './argo-cd-project';
import type { ArgoCdPeople } from './argo-cd-props';
import type { LoginSettings } from './argo-cd-settings';

/** Where `argocd login --sso` listens on a person's machine. */
const COMMAND_LINE = 'http://localhost:8085/auth/callback';
const SESSION_SECONDS = 3600;

/**
 * Asks the identity provider for a public client, to which people come back in their browser and from the command line, and opens the way
 * to the issuer.
 *
 * @throws Error when no group administers it, or when a group is none that a policy can name
 */
export function loginOf(
  { identityProvider, administrators, readers = [], clientId, sessionSeconds, issuerHosts }: ArgoCdPeople,
  componentName: string,
  { url }: ExposedHost,
  connections: Connections,
): LoginSettings {
  if (administrators.length === 0) throw new Error(`nobody administers Argo CD "${componentName}": name a group`);
  const client = identityProvider.addPublicClient(clientId ?? componentName, {
    accessTokenSeconds: sessionSeconds ?? SESSION_SECONDS,
  });
  client.allowRedirect(`${url}/auth/callback`);
  client.allowRedirect(COMMAND_LINE);
  for (const group of [...administrators, ...readers]) identityProvider.addGroup(checkedGroup(group));
  const issuer = new URL(identityProvider.issuer);
  const port = Number(issuer.port) || (issuer.protocol === 'https:' ? 443 : 80);
  connections.allowToExternal(issuerHosts ?? {}, port);
  return {
    issuer: identityProvider.issuer,
    clientId: client.clientId,
    groupsClaim: identityProvider.claims.groups,
    administrators,
    readers,
  };
}
