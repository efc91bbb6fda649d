import { createHash, randomBytes } from 'node:crypto';

/** What an authorization request ends with. */
export interface Arrival {
  /** Status of the last answer. */
  readonly status: number;
  /** Where it sends the browser to, outside of the provider. */
  readonly location?: URL;
  /** The last page. */
  readonly page: string;
}

/** What the token endpoint gives. */
export interface Tokens {
  readonly access_token: string;
  readonly id_token: string;
  readonly refresh_token: string;
  readonly expires_in: number;
}

/** Who asks for a token, and where people come back to. */
export interface Application {
  readonly clientId: string;
  readonly redirect: string;
}

/** The claims of a token, unchecked. */
export function claimsOf(token: string): Readonly<Record<string, unknown>> {
  return JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as Record<string, unknown>;
}

/**
 * A browser as far as a login needs one: it keeps cookies, follows redirects within the provider, and sends the form of the login page.
 * Addresses of the provider's public host lead to where it really listens, as through a proxy.
 */
export class OidcBrowser {
  readonly verifier = randomBytes(32).toString('base64url');
  private readonly cookies = new Map<string, string>();

  /**
   * @param realmUrl public address of the realm
   * @param listens where the provider really is: `http://127.0.0.1:8080`
   */
  constructor(
    private readonly realmUrl: string,
    private readonly listens: string,
  ) {}

  /** Asks for the login page. @param parameters beside those of an ordinary request; an empty one leaves it out */
  async begin(
    { clientId, redirect }: Application,
    parameters: Readonly<Record<string, string>> = {},
  ): Promise<Arrival> {
    const wanted = {
      client_id: clientId,
      redirect_uri: redirect,
      response_type: 'code',
      scope: 'openid profile email',
      state: 'a-state',
      code_challenge: createHash('sha256').update(this.verifier).digest('base64url'),
      code_challenge_method: 'S256',
      ...parameters,
    };
    const query = new URLSearchParams(Object.entries(wanted).filter(([, value]) => value !== ''));
    return this.go(`${this.realmUrl}/protocol/openid-connect/auth?${query.toString()}`);
  }

  /** Opens a page of the provider. */
  async open(address: string): Promise<Arrival> {
    return this.go(address);
  }

  /** Sends the form of a page. */
  async submit(page: string, fields: Readonly<Record<string, string>>): Promise<Arrival> {
    const action = /<form[^>]+action="([^"]+)"/.exec(page)?.[1]?.replaceAll('&amp;', '&');
    if (action === undefined) throw new Error(`the page has no form: ${page.slice(0, 2000)}`);
    return this.go(action, new URLSearchParams(fields));
  }

  /** Logs in by the form. */
  async logIn(application: Application, username: string, password: string): Promise<Arrival> {
    const { page } = await this.begin(application);
    return this.submit(page, { username, password, credentialId: '' });
  }

  /** The whole flow. @throws Error when it gives no tokens */
  async tokens(application: Application, username: string, password: string): Promise<Tokens> {
    const { location, page, status } = await this.logIn(application, username, password);
    const code = location?.searchParams.get('code');
    if (code === null || code === undefined) {
      const feedback = /<span[^>]*(?:error|feedback)[^>]*>([^<]*)/i.exec(page)?.[1]?.trim();
      throw new Error(`no code but ${status}: ${location?.href ?? feedback ?? page.slice(0, 3000)}`);
    }
    const answer = await this.token({
      grant_type: 'authorization_code',
      client_id: application.clientId,
      redirect_uri: application.redirect,
      code,
      code_verifier: this.verifier,
    });
    if (!answer.ok) throw new Error(await answer.text());
    return (await answer.json()) as Tokens;
  }

  /** Calls the token endpoint. */
  async token(fields: Readonly<Record<string, string>>): Promise<Response> {
    const url = this.here(`${this.realmUrl}/protocol/openid-connect/token`);
    return fetch(url, { method: 'POST', body: new URLSearchParams(fields) });
  }

  private async go(address: string, form?: URLSearchParams): Promise<Arrival> {
    let body = form;
    let url = new URL(address, this.realmUrl);
    for (let hops = 0; hops < 10; hops += 1) {
      const response = await fetch(this.here(url.href), {
        ...(body === undefined ? {} : { method: 'POST', body }),
        redirect: 'manual',
        headers: {
          cookie: [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; '),
          'x-forwarded-proto': 'https',
          'x-forwarded-host': new URL(this.realmUrl).host,
        },
      });
      for (const line of response.headers.getSetCookie()) {
        const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
        this.cookies.set(name, value);
      }
      const page = await response.text();
      const next = response.headers.get('location');
      if (next === null) return { status: response.status, page };
      body = undefined;
      url = new URL(next, url);
      if (url.origin !== new URL(this.realmUrl).origin) return { status: response.status, location: url, page };
    }
    throw new Error(`${address} sends the browser round in circles`);
  }

  private here(url: string): string {
    const { origin } = new URL(this.realmUrl);
    return url.startsWith(origin) ? `${this.listens}${url.slice(origin.length)}` : url;
  }
}
