import { PUBLIC_URL, type LocalKeycloak } from './local-keycloak';
import { OidcBrowser } from './oidc-browser';

/** Whoever administers the realm `datalab` of a local Keycloak, as the client that the platform itself uses. */
export class KeycloakAdmin {
  private token = '';

  constructor(private readonly keycloak: LocalKeycloak) {}

  /** Reads something. @throws Error when there is no such thing */
  async ask<T>(path: string): Promise<T> {
    return (await this.call('GET', path)) as T;
  }

  /** Changes something. @throws Error when that is refused */
  async change(method: string, path: string, body?: unknown): Promise<void> {
    await this.call(method, path, body);
  }

  /** Id of a person. @default - undefined where there is none of that name */
  async person(username: string): Promise<string | undefined> {
    return (await this.ask<{ id: string }[]>(`users?username=${username}&exact=true`))[0]?.id;
  }

  /** Id of a client. @default - undefined where there is none */
  async client(clientId: string): Promise<string | undefined> {
    return (await this.ask<{ id: string }[]>(`clients?clientId=${clientId}`))[0]?.id;
  }

  private async call(method: string, path: string, body?: unknown): Promise<unknown> {
    for (const again of [true, false]) {
      const response = await fetch(`${this.keycloak.url}/admin/realms/datalab/${path}`, {
        method,
        headers: { authorization: `Bearer ${this.token}`, 'content-type': 'application/json' },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      if (response.status === 401 && again) {
        const realm = new OidcBrowser(`${PUBLIC_URL}/realms/master`, this.keycloak.url);
        const given = await realm.token({
          grant_type: 'client_credentials',
          client_id: 'bouture-reconciler',
          client_secret: this.keycloak.reconcilerSecret,
        });
        this.token = ((await given.json()) as { access_token: string }).access_token;
        continue;
      }
      const text = await response.text();
      if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
      return text === '' ? undefined : JSON.parse(text);
    }
    throw new Error('no token');
  }
}
