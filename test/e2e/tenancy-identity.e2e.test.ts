import { type DeclaredRealm, LocalKeycloak, PUBLIC_URL } from './support/local-keycloak';
import { type Application, claimsOf, OidcBrowser, type Tokens } from './support/oidc-browser';
import type { Outcome } from './support/tenancy-attempts';
import { expectDocumented, testTrials, type Trial, tryAll } from './support/tenancy-table';

/**
 * What people try at Keycloak: at a realm as Keycloak makes it, with clients for which nothing but a name and any address was said, and
 * at the platform's. Both are in one server.
 */

const PASSWORD = 'a long Password of the test 1';
const ONYXIA: Application = { clientId: 'onyxia', redirect: 'https://datalab.example.org/' };
const MINIO: Application = { clientId: 'onyxia-minio', redirect: 'https://datalab.example.org/' };
const EVIL = 'https://evil.example.org/';
const TRIES = 50;

const DECLARED: DeclaredRealm = {
  build: (realm) => {
    realm.addPublicClient('onyxia').allowRedirect(ONYXIA.redirect);
    realm.addPublicClient('onyxia-minio', { audience: 'minio' }).allowRedirect(MINIO.redirect);
  },
};

let keycloak: LocalKeycloak;
let administrator = '';

/** Calls the administration API as the platform itself does. */
async function administer(method: string, path: string, body?: unknown): Promise<Response> {
  for (const again of [true, false]) {
    const response = await fetch(`${keycloak.url}/admin/realms${path}`, {
      method,
      headers: { authorization: `Bearer ${administrator}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (response.status !== 401 || !again) return response;
    const given = await new OidcBrowser(`${PUBLIC_URL}/realms/master`, keycloak.url).token({
      grant_type: 'client_credentials',
      client_id: 'bouture-reconciler',
      client_secret: keycloak.reconcilerSecret,
    });
    administrator = ((await given.json()) as Tokens).access_token;
  }
  throw new Error('no token');
}

async function change(method: string, path: string, body?: unknown): Promise<void> {
  const response = await administer(method, path, body);
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
}

/** A realm with people in it. */
class Realm {
  /** @param isOurs what the documentation says of people who leave is done */
  constructor(
    readonly name: string,
    readonly isOurs: boolean,
  ) {}

  /** Tokens that somebody had before it was removed. */
  before: Tokens | undefined;

  get browser(): OidcBrowser {
    return new OidcBrowser(`${PUBLIC_URL}/realms/${this.name}`, keycloak.url);
  }

  /** Makes a person whose account is complete. */
  person(username: string): Promise<Response> {
    return administer('POST', `/${this.name}/users`, {
      username,
      enabled: true,
      email: `${username}@example.org`,
      firstName: 'A',
      lastName: 'Person',
      credentials: [{ type: 'password', value: PASSWORD }],
    });
  }

  /** Takes somebody's account: for good in a hurry, or so that nobody gets the name again. */
  async remove(username: string): Promise<void> {
    const found = await administer('GET', `/${this.name}/users?username=${username}&exact=true`);
    const [person] = (await found.json()) as { id: string }[];
    const path = `/${this.name}/users/${person?.id ?? ''}`;
    if (!this.isOurs) return change('DELETE', path);
    await change('PUT', path, { enabled: false });
    await change('POST', `${path}/logout`);
  }
}

const outcome = (isAllowed: boolean): Outcome => (isAllowed ? 'allowed' : 'Keycloak');

const password =
  (clientId: string) =>
  async ({ browser }: Realm): Promise<Outcome> =>
    outcome(
      (await browser.token({ grant_type: 'password', client_id: clientId, username: 'alpha', password: PASSWORD })).ok,
    );

/** Whether a request for a login leads to the form of the login. */
const begins =
  (application: Application, parameters: Readonly<Record<string, string>> = {}) =>
  async ({ browser }: Realm): Promise<Outcome> => {
    const { status, page } = await browser.begin(application, parameters);
    return outcome(status === 200 && page.includes('name="password"'));
  };

const audiences = (token: string): readonly unknown[] => [claimsOf(token)['aud']].flat();

const TRIALS: readonly Trial<Realm>[] = [
  ...(
    [
      ['gives a password to a client, and gets a token', password('onyxia'), 'allowed'],
      ['gives it to the client for command lines that each realm has', password('admin-cli'), 'allowed'],
      ['is sent to another host after the login', begins({ clientId: 'onyxia', redirect: EVIL }), 'allowed'],
      [
        'is sent to a host whose name begins alike',
        begins({ clientId: 'onyxia', redirect: 'https://datalab.example.org.evil.org/' }),
        'allowed',
      ],
      ['logs in without PKCE', begins(ONYXIA, { code_challenge: '', code_challenge_method: '' }), 'allowed'],
      [
        'makes an account alone',
        async ({ name, browser }: Realm) => {
          const address = `${PUBLIC_URL}/realms/${name}/protocol/openid-connect/registrations`;
          const { page } = await browser.open(
            `${address}?client_id=onyxia&response_type=code&scope=openid&redirect_uri=${ONYXIA.redirect}`,
          );
          return outcome(page.includes('name="password-confirm"'));
        },
        'allowed',
      ],
      [
        'comes to one server with the token for another',
        async ({ browser, name }: Realm) => {
          const minio = await browser.tokens(MINIO, 'alpha', PASSWORD);
          const onyxia = await new Realm(name, false).browser.tokens(ONYXIA, 'alpha', PASSWORD);
          const wanted = audiences(onyxia.access_token);
          if (wanted.length === 0) return 'no audience';
          return outcome(audiences(minio.access_token).some((audience) => wanted.includes(audience)));
        },
        'allowed',
      ],
      [
        'asks the administration API with a token of its own',
        async ({ browser, name }: Realm) => {
          const { access_token: token } = await browser.tokens(ONYXIA, 'alpha', PASSWORD);
          const { status } = await fetch(`${keycloak.url}/admin/realms/${name}/users`, {
            headers: { authorization: `Bearer ${token}` },
          });
          return outcome(status === 200);
        },
        'Keycloak',
      ],
      [
        `tries ${TRIES} passwords, and then the right one`,
        async (realm: Realm) => {
          for (let tries = 0; tries < TRIES; tries += 1) {
            const { location } = await realm.browser.logIn(ONYXIA, 'victim', `wrong ${tries}`);
            if (location !== undefined) return 'a wrong password was taken';
          }
          return outcome((await realm.browser.logIn(ONYXIA, 'victim', PASSWORD)).location !== undefined);
        },
        'allowed',
      ],
    ] as const
  ).map(([what, act, without]) => ({ test: 'T26', what, act, without, with: 'Keycloak' })),
  ...(
    [
      [
        'was removed and makes its session last',
        async (realm: Realm) => {
          realm.before = await realm.browser.tokens(ONYXIA, 'leaver', PASSWORD);
          await realm.remove('leaver');
          const refresh = {
            grant_type: 'refresh_token',
            client_id: 'onyxia',
            refresh_token: realm.before.refresh_token,
          };
          return outcome((await realm.browser.token(refresh)).ok);
        },
        'Keycloak',
      ],
      [
        'was removed and logs in again',
        async ({ browser }: Realm) => outcome((await browser.logIn(ONYXIA, 'leaver', PASSWORD)).location !== undefined),
        'Keycloak',
      ],
      [
        'comes new and gets the name of somebody who left',
        async (realm: Realm) => outcome((await realm.person('leaver')).status === 201),
        'allowed',
      ],
    ] as const
  ).map(([what, act, without]) => ({ test: 'T30', what, act, without, with: 'Keycloak' })),
];

/** A realm as Keycloak makes it. */
async function defaultRealm(): Promise<Realm> {
  // Onyxia's own guide lets people make their accounts
  await change('POST', '', { realm: 'plain', enabled: true, registrationAllowed: true });
  for (const clientId of ['onyxia', 'onyxia-minio']) {
    // what its console asks for when it makes a client, and any address in place of one
    await change('POST', '/plain/clients', {
      clientId,
      publicClient: true,
      directAccessGrantsEnabled: true,
      redirectUris: ['*'],
    });
  }
  return new Realm('plain', false);
}

describe('people at an identity provider', () => {
  let without: readonly Outcome[];
  let withThem: readonly Outcome[];
  let before: Tokens | undefined;

  beforeAll(async () => {
    keycloak = await LocalKeycloak.create();
    await keycloak.serve(DECLARED);
    const { code, output } = await keycloak.reconcile(DECLARED);
    if (code !== 0) throw new Error(output);
    const [plain, ours] = [await defaultRealm(), new Realm('datalab', true)];
    for (const realm of [plain, ours]) {
      for (const username of ['alpha', 'victim', 'leaver']) {
        const made = await realm.person(username);
        if (!made.ok) throw new Error(`${username}: ${await made.text()}`);
      }
    }
    without = await tryAll(TRIALS, plain);
    withThem = await tryAll(TRIALS, ours);
    before = ours.before;
  });

  afterAll(async () => {
    await keycloak.dispose();
  });

  testTrials(TRIALS, () => ({ without, with: withThem }));

  test('T30: a token of somebody who was removed ends after five minutes', () => {
    const { exp, iat } = claimsOf(before?.access_token ?? '');
    expect(Number(exp) - Number(iat)).toBe(300);
  });

  test('docs/tenancy.md tells what was seen', () => {
    expectDocumented(TRIALS);
  });
});
