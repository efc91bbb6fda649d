import { type KeycloakRealm, LdapFederation, OidcBroker, PlatformNamespace } from '../../constructs';
import { type DeclaredRealm, LocalKeycloak, PUBLIC_URL } from './support/local-keycloak';
import { type Application, claimsOf, OidcBrowser } from './support/oidc-browser';

const REALM_URL = `${PUBLIC_URL}/realms/datalab`;
const PASSWORD = 'a long Password of the test 1';
const MINIO: Application = { clientId: 'onyxia-minio', redirect: 'https://datalab.example.org/deep/page' };
const S3: Application = { clientId: 'onyxia-s3', redirect: 'https://datalab.example.org/' };
const ONYXIA: Application = { clientId: 'onyxia', redirect: 'https://datalab.example.org/' };

/** Key of the realm's half of the secret of client `pages`; the other half is the same generated value in the namespace of its Pods. */
const PAGES_SECRET = 'demo-keycloak/keycloak-client-pages/clientSecret';
const PAGES: Application = { clientId: 'pages', redirect: 'https://pages.example.org/oauth2/callback' };

function build(realm: KeycloakRealm): void {
  const namespace = new PlatformNamespace(realm, 'pages-namespace', { name: 'demo-pages' });
  realm.addConfidentialClient('pages', { namespace, secretName: 'pages-login' }).allowRedirect(PAGES.redirect);
  const argo = realm.addConfidentialClient('argo', { namespace, secretName: 'argo-sso', pkce: false });
  argo.allowRedirect('https://workflows.example.org/oauth2/callback');
  const onyxia = realm.addPublicClient('onyxia');
  onyxia.allowRedirect(ONYXIA.redirect);
  const minio = realm.addPublicClient('onyxia-minio', {
    audience: 'minio',
    accessTokenSeconds: 3600,
    permissionsClaim: 'policy',
  });
  minio.allowRedirect('https://datalab.example.org/*');
  minio.grantEveryone('own-bucket');
  minio.grantGroup('census', 'project-census');
  const s3 = realm.addPublicClient('onyxia-s3', { permissionsClaim: 'amr', usernameTag: 'username' });
  s3.allowRedirect(S3.redirect);
  s3.grantGroup('census', 'projet-census');
  realm.addGroup('prices');
}

const DECLARED: DeclaredRealm = { build, props: { roles: ['gpu', 'teacher'], bruteForce: { failures: 4 } } };

type Json = Readonly<Record<string, unknown>>;

describe('a KeycloakRealm, against a real Keycloak', () => {
  let keycloak: LocalKeycloak;
  let token = '';

  const browser = () => new OidcBrowser(REALM_URL, keycloak.url);

  const tokenOfReconciler = (secret: string) =>
    new OidcBrowser(`${PUBLIC_URL}/realms/master`, keycloak.url).token({
      grant_type: 'client_credentials',
      client_id: 'bouture-reconciler',
      client_secret: secret,
    });

  /** Calls the administration API. @throws Error when the answer is another than expected */
  async function admin(method: string, path: string, body?: unknown): Promise<{ status: number; answer: unknown }> {
    for (const again of [true, false]) {
      const response = await fetch(`${keycloak.url}/admin/realms${path}`, {
        method,
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      if (response.status === 401 && again) {
        const given = await tokenOfReconciler(keycloak.reconcilerSecret);
        token = ((await given.json()) as { access_token: string }).access_token;
        continue;
      }
      const text = await response.text();
      return { status: response.status, answer: text === '' ? undefined : JSON.parse(text) };
    }
    throw new Error('no token');
  }

  async function ask<T>(path: string): Promise<T> {
    const { status, answer } = await admin('GET', path);
    if (status !== 200) throw new Error(`GET ${path}: ${status} ${JSON.stringify(answer)}`);
    return answer as T;
  }

  async function change(method: string, path: string, body?: unknown): Promise<void> {
    const { status, answer } = await admin(method, path, body);
    if (status >= 300) throw new Error(`${method} ${path}: ${status} ${JSON.stringify(answer)}`);
  }

  const idOf = async (clientId: string) =>
    (await ask<{ id: string }[]>(`/datalab/clients?clientId=${clientId}`))[0]?.id ?? '';

  async function userId(username: string): Promise<string> {
    return (await ask<{ id: string }[]>(`/datalab/users?username=${username}&exact=true`))[0]?.id ?? '';
  }

  /** Makes a person whose account is complete. */
  async function person(username: string, groups: readonly string[] = []): Promise<void> {
    await change('POST', '/datalab/users', {
      username,
      enabled: true,
      email: `${username}@example.org`,
      firstName: 'A',
      lastName: 'Person',
      groups,
      credentials: [{ type: 'password', value: PASSWORD }],
    });
  }

  /** Everything that the realm is, but people; lists of names in one order. */
  async function everything(): Promise<string> {
    const { answer } = await admin('POST', '/datalab/partial-export?exportClients=true&exportGroupsAndRoles=true');
    const ordered = (value: unknown): unknown => {
      if (Array.isArray(value))
        return value.map(ordered).sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
      if (typeof value !== 'object' || value === null) return value;
      return Object.fromEntries(
        Object.entries(value)
          .sort(([a], [b]) => (a < b ? -1 : 1))
          .map(([key, inner]) => [key, ordered(inner)]),
      );
    };
    return JSON.stringify(ordered(answer), undefined, 1);
  }

  const changesMade = async () =>
    (await ask<unknown[]>('/datalab/admin-events?max=10000')).length +
    (await ask<unknown[]>('/master/admin-events?max=10000')).length;

  beforeAll(async () => {
    keycloak = await LocalKeycloak.create();
    keycloak.secrets[PAGES_SECRET] = 'PAGEScanaryPAGEScanaryPAGEScanar';
    keycloak.secrets['demo-keycloak/keycloak-client-argo/clientSecret'] = 'ARGOcanaryARGOcanaryARGOcanaryAR';
    await keycloak.serve(DECLARED);
  });

  afterAll(async () => {
    await keycloak.dispose();
  });

  test('is made by the first run', async () => {
    const { code, output } = await keycloak.reconcile(DECLARED);
    expect({ code, output }).toMatchObject({
      code: 0,
      output: expect.stringContaining('realm datalab: made') as string,
    });
    expect(output).toContain('client onyxia-minio: made');
    expect(output).not.toContain('canary');
  });

  test('is not touched by the second run', async () => {
    const before = await everything();
    const changes = await changesMade();
    const { code, output } = await keycloak.reconcile(DECLARED, 'CronJob');
    expect({ code, output }).toEqual({ code: 0, output: 'the realm is as declared; changed: 0\n' });
    expect(await everything()).toBe(before);
    expect(await changesMade()).toBe(changes);
  });

  test('gives a member of a group a token with exactly the claims that the others expect', async () => {
    await person('alice', ['census', 'prices']);
    const [gpu] = (await ask<Json[]>('/datalab/roles')).filter(({ name }) => name === 'gpu');
    await change('POST', `/datalab/users/${await userId('alice')}/role-mappings/realm`, [gpu]);
    const tokens = await browser().tokens(MINIO, 'alice', PASSWORD);
    const access = claimsOf(tokens.access_token);
    expect(access).toMatchObject({
      iss: REALM_URL,
      aud: 'minio',
      azp: 'onyxia-minio',
      preferred_username: 'alice',
      groups: expect.arrayContaining(['census', 'prices']) as string[],
      roles: ['gpu'],
      policy: expect.arrayContaining(['own-bucket', 'project-census']) as string[],
    });
    expect([access['groups'], access['policy']].map((list) => (list as string[]).length)).toEqual([2, 2]);
    expect(Number(access['exp']) - Number(access['iat'])).toBe(3600);
    // Keycloak counts from the second in which the session began.
    expect(tokens.expires_in).toBeLessThanOrEqual(3600);
    expect(tokens.expires_in).toBeGreaterThan(3590);
    expect(Object.keys(access).sort()).toEqual(
      [
        ...[
          'aud',
          'auth_time',
          'azp',
          'email',
          'email_verified',
          'exp',
          'family_name',
          'given_name',
          'groups',
          'iat',
          'iss',
        ],
        ...['jti', 'name', 'policy', 'preferred_username', 'roles', 'scope', 'sid', 'sub', 'typ'],
      ].sort(),
    );
    const id = claimsOf(tokens.id_token);
    expect(id).toMatchObject({ aud: 'onyxia-minio', preferred_username: 'alice', roles: ['gpu'] });
    expect(id['policy']).toEqual(access['policy']);
    expect(id['groups']).toEqual(access['groups']);
  });

  test('gives a person of no group what everyone has, and each client tokens of its own', async () => {
    await person('bob');
    const minio = claimsOf((await browser().tokens(MINIO, 'bob', PASSWORD)).access_token);
    expect(minio['policy']).toEqual(['own-bucket']);
    expect(minio['groups'] ?? []).toEqual([]);
    expect(minio['roles'] ?? []).toEqual([]);
    const onyxia = claimsOf((await browser().tokens(ONYXIA, 'bob', PASSWORD)).access_token);
    expect(onyxia['aud']).toBe('onyxia');
    expect(onyxia['policy']).toBeUndefined();
    expect(Number(onyxia['exp']) - Number(onyxia['iat'])).toBe(300);
  });

  /** Logs a person in to a client and changes the code for tokens, as its program does. */
  async function redeem(
    application: Application,
    fields: Readonly<Record<string, string>>,
    parameters: Readonly<Record<string, string>> = {},
  ): Promise<{ readonly status: number; readonly answer: Readonly<Record<string, unknown>> }> {
    const person = browser();
    const { page } = await person.begin(application, parameters);
    const { location } = await person.submit(page, { username: 'alice', password: PASSWORD, credentialId: '' });
    const response = await person.token({
      grant_type: 'authorization_code',
      client_id: application.clientId,
      redirect_uri: application.redirect,
      code: location?.searchParams.get('code') ?? '',
      ...(parameters['code_challenge'] === '' ? {} : { code_verifier: person.verifier }),
      ...fields,
    });
    return { status: response.status, answer: (await response.json()) as Readonly<Record<string, unknown>> };
  }

  test('gives a program on a server tokens for its secret, and none for another or for none', async () => {
    const { status, answer } = await redeem(PAGES, { client_secret: keycloak.secrets[PAGES_SECRET] ?? '' });
    expect(status).toBe(200);
    expect(claimsOf(String(answer['id_token']))).toMatchObject({ aud: 'pages', groups: ['census', 'prices'] });
    for (const fields of [{ client_secret: 'another' }, {}]) {
      expect(await redeem(PAGES, fields)).toMatchObject({ status: 401, answer: { error: 'unauthorized_client' } });
    }
    for (const fields of [
      { grant_type: 'password', username: 'alice', password: PASSWORD },
      { grant_type: 'client_credentials' },
    ]) {
      const refused = await browser().token({
        client_id: 'pages',
        client_secret: keycloak.secrets[PAGES_SECRET] ?? '',
        ...fields,
      });
      expect(await refused.json()).toMatchObject({ error: 'unauthorized_client' });
    }
  });

  test('asks a program with a secret for PKCE, but for one that knows none', async () => {
    const without = { code_challenge: '', code_challenge_method: '' };
    const { location } = await browser().begin(PAGES, without);
    expect(location?.searchParams.get('error')).toBe('invalid_request');
    const argo: Application = { clientId: 'argo', redirect: 'https://workflows.example.org/oauth2/callback' };
    const secret = { client_secret: 'ARGOcanaryARGOcanaryARGOcanaryAR' };
    expect(await redeem(argo, secret, without)).toMatchObject({ status: 200 });
    const id = await idOf('argo');
    const found = await ask<Json>(`/datalab/clients/${id}`);
    const attributes = { ...(found['attributes'] as Json), 'pkce.code.challenge.method': 'S256' };
    await change('PUT', `/datalab/clients/${id}`, { ...found, attributes });
    expect((await browser().begin(argo, without)).location?.searchParams.get('error')).toBe('invalid_request');
    expect((await keycloak.reconcile(DECLARED)).output).toContain(
      'client argo: attributes.pkce.code.challenge.method corrected',
    );
    expect(await redeem(argo, secret, without)).toMatchObject({ status: 200 });
  });

  test('gives a rotated secret to the realm, after which the old one is refused', async () => {
    const old = keycloak.secrets[PAGES_SECRET] ?? '';
    keycloak.secrets[PAGES_SECRET] = 'ROTATEDcanaryROTATEDcanaryROTATE';
    const { code, output } = await keycloak.reconcile(DECLARED);
    expect({ code, output }).toEqual({
      code: 0,
      output: 'client pages: secret corrected\nthe realm is as declared; changed: 1\n',
    });
    expect(await redeem(PAGES, { client_secret: old })).toMatchObject({ status: 401 });
    expect(await redeem(PAGES, { client_secret: 'ROTATEDcanaryROTATEDcanaryROTATE' })).toMatchObject({ status: 200 });
    const changes = await changesMade();
    expect((await keycloak.reconcile(DECLARED, 'CronJob')).output).toBe('the realm is as declared; changed: 0\n');
    expect(await changesMade()).toBe(changes);
  });

  test('tells a store of somebody else the name and the projects in the form that AWS reads', async () => {
    const tokens = await browser().tokens(S3, 'alice', PASSWORD);
    const tags = 'https://aws.amazon.com/tags';
    expect(claimsOf(tokens.access_token)).toMatchObject({
      aud: 'onyxia-s3',
      azp: 'onyxia-s3',
      amr: ['projet-census'],
      [tags]: { principal_tags: { username: ['alice'] } },
    });
    expect(claimsOf(tokens.id_token)).not.toHaveProperty([tags]);
    const bob = claimsOf((await browser().tokens(S3, 'bob', PASSWORD)).access_token);
    expect(bob['amr'] ?? []).toEqual([]);
    expect(bob[tags]).toEqual({ principal_tags: { username: ['bob'] } });
  });

  test('tells Pods by the name of its Service what tokens will say, and where the keys are', async () => {
    const discovery = (await (
      await fetch(`${keycloak.url}/realms/datalab/.well-known/openid-configuration`)
    ).json()) as Record<string, string>;
    expect(discovery['issuer']).toBe(REALM_URL);
    expect(discovery['jwks_uri']).toBe(`${keycloak.url}/realms/datalab/protocol/openid-connect/certs`);
    expect(discovery['authorization_endpoint']).toBe(`${REALM_URL}/protocol/openid-connect/auth`);
    expect((await fetch(discovery['jwks_uri'] ?? '')).status).toBe(200);
  });

  test.each([
    ['another host', 'https://evil.example.org/deep/page', 'onyxia-minio'],
    ['another scheme', 'http://datalab.example.org/deep/page', 'onyxia-minio'],
    ['a path that is not the one', 'https://datalab.example.org/other', 'onyxia'],
    ['a host that begins alike', 'https://datalab.example.org.evil.org/', 'onyxia'],
  ])('refuses to send people to %s', async (_, redirect, clientId) => {
    const { status, location, page } = await browser().begin({ clientId, redirect });
    expect({ status, location }).toEqual({ status: 400, location: undefined });
    expect(page).toMatch(/redirect_uri/);
  });

  test.each([
    ['without PKCE', { code_challenge: '', code_challenge_method: '' }],
    ['with PKCE in plain text', { code_challenge_method: 'plain' }],
    ['by the implicit flow', { response_type: 'token' }],
  ])('refuses a request %s', async (_, parameters) => {
    const { location } = await browser().begin(MINIO, parameters);
    const answer = new URLSearchParams(location?.hash.slice(1) ?? '');
    expect(location?.searchParams.get('error') ?? answer.get('error')).toMatch(/invalid_request|unauthorized_client/);
  });

  test('gives no token to a client for a password', async () => {
    for (const client_id of ['onyxia', 'onyxia-minio', 'admin-cli']) {
      const answer = await browser().token({ grant_type: 'password', client_id, username: 'bob', password: PASSWORD });
      expect([answer.status, await answer.json()]).toMatchObject([400, { error: 'unauthorized_client' }]);
    }
  });

  test.each([
    'kube-system',
    'a.b',
    'a'.repeat(64),
    'a'.repeat(59),
    'admin',
    'vault-keeper',
    'a--b',
    '-a',
    'a-',
    'a_b',
    'a',
  ])('refuses the user name %s', async (username) => {
    const { status, answer } = await admin('POST', '/datalab/users', { username, enabled: true });
    expect([status, JSON.stringify(answer)]).toEqual([400, expect.stringMatching(/username|user name/i)]);
  });

  test('accepts the longest user name, and never changes one', async () => {
    const longest = 'b'.repeat(58);
    await change('POST', '/datalab/users', { username: longest, enabled: true });
    const id = await userId(longest);
    const renamed = { ...(await ask<Json>(`/datalab/users/${id}`)), username: 'someone-else' };
    await admin('PUT', `/datalab/users/${id}`, renamed);
    expect(await userId('someone-else')).toBe('');
  });

  test('makes small letters of a name, which then is one user’s alone', async () => {
    expect((await admin('POST', '/datalab/users', { username: 'Upper', enabled: true })).status).toBe(201);
    const names = (await ask<{ username: string }[]>('/datalab/users?max=1000')).map(({ username }) => username);
    expect(names).toContain('upper');
    expect(names).not.toContain('Upper');
    for (const username of ['UPPER', 'Alice']) {
      expect((await admin('POST', '/datalab/users', { username, enabled: true })).status).toBe(409);
    }
    expect((await admin('POST', '/datalab/users', { username: 'Kube-System', enabled: true })).status).toBe(400);
  });

  test('lets nobody make an account alone', async () => {
    const { page } = await browser().begin(ONYXIA);
    expect(page).not.toContain('/registration');
  });

  test('is brought back after somebody changed it by hand', async () => {
    const before = await everything();
    const minio = await idOf('onyxia-minio');
    const found = await ask<Json>(`/datalab/clients/${minio}`);
    await change('PUT', `/datalab/clients/${minio}`, {
      ...found,
      redirectUris: ['*'],
      webOrigins: ['*'],
      directAccessGrantsEnabled: true,
      fullScopeAllowed: true,
      attributes: { 'access.token.lifespan': '86400', 'pkce.code.challenge.method': '' },
    });
    const mappers = `/datalab/clients/${minio}/protocol-mappers/models`;
    const [audience] = (await ask<Json[]>(mappers)).filter(({ name }) => name === 'audience');
    await change('DELETE', `${mappers}/${String(audience?.['id'])}`);
    await change('POST', mappers, {
      name: 'impostor',
      protocol: 'openid-connect',
      protocolMapper: 'oidc-hardcoded-claim-mapper',
      config: { 'claim.name': 'preferred_username', 'claim.value': 'alice', 'access.token.claim': 'true' },
    });
    const roles = await ask<Json[]>(`/datalab/clients/${minio}/roles`);
    const [census] = roles.filter(({ name }) => name === 'project-census');
    await change('POST', `/datalab/users/${await userId('bob')}/role-mappings/clients/${minio}`, [census]);
    const prices = await ask<Json>('/datalab/group-by-path/prices');
    await change('POST', `/datalab/groups/${String(prices['id'])}/role-mappings/clients/${minio}`, [census]);
    const realm = await ask<Json>('/datalab');
    const defaultRole = String((realm['defaultRole'] as Json)['id']);
    await change('POST', `/datalab/roles-by-id/${defaultRole}/composites`, [census]);
    const scopes = await ask<Json[]>('/datalab/client-scopes');
    const builtIn = String(scopes.find(({ name }) => name === 'roles')?.['id']);
    await change('PUT', `/datalab/clients/${minio}/default-client-scopes/${builtIn}`);
    await change('PUT', '/datalab', {
      editUsernameAllowed: true,
      bruteForceProtected: false,
      registrationAllowed: true,
    });
    const profile = await ask<{ attributes: Json[] }>('/datalab/users/profile');
    await change('PUT', '/datalab/users/profile', {
      ...profile,
      attributes: profile.attributes.map((each) => (each['name'] === 'username' ? { ...each, validations: {} } : each)),
    });
    const cli = await idOf('admin-cli');
    await change('PUT', `/datalab/clients/${cli}`, {
      ...(await ask<Json>(`/datalab/clients/${cli}`)),
      directAccessGrantsEnabled: true,
    });
    await change('DELETE', `/datalab/clients/${await idOf('onyxia')}`);
    await change('POST', '/datalab/clients', { clientId: 'by-hand', publicClient: true });

    // The changes are felt: the tests above can fail.
    const felt = await browser().begin({ clientId: 'onyxia-minio', redirect: 'https://evil.example.org/' });
    expect(felt.status).toBe(200);

    const { code, output } = await keycloak.reconcile(DECLARED, 'CronJob');
    expect({ code, output }).toMatchObject({ code: 0 });
    for (const line of [
      /client onyxia-minio: .*redirectUris.* corrected/,
      /client onyxia-minio, mapper audience: made/,
      /client onyxia-minio, mapper impostor: removed/,
      /client onyxia-minio: default scope roles removed/,
      /client onyxia-minio: everyone no longer has project-census/,
      /client onyxia-minio: group \/prices no longer has project-census/,
      /client onyxia-minio: a person no longer has project-census/,
      /client onyxia: made/,
      /user profile: corrected/,
      /realm datalab: .*editUsernameAllowed/,
      /client by-hand is not declared: left as it is/,
    ]) {
      expect(output).toMatch(line);
    }
    await change('DELETE', `/datalab/clients/${await idOf('by-hand')}`);
    // Objects that were deleted come back with other ids.
    const withoutIds = (text: string) =>
      text
        .replace(/"[0-9a-f]{8}-[0-9a-f-]{27}"/g, '""')
        .split('\n')
        .sort()
        .join('\n');
    expect(withoutIds(await everything())).toBe(withoutIds(before));
    const bob = claimsOf((await browser().tokens(MINIO, 'bob', PASSWORD)).access_token);
    expect(bob).toMatchObject({ aud: 'minio', preferred_username: 'bob', policy: ['own-bucket'] });
  });

  test('ends a permission when it is no longer declared', async () => {
    const { code, output } = await keycloak.reconcile({
      ...DECLARED,
      build: (realm) => {
        const minio = realm.addPublicClient('onyxia-minio', { audience: 'minio', permissionsClaim: 'policy' });
        minio.allowRedirect('https://datalab.example.org/*');
        minio.grantEveryone('own-bucket');
      },
    });
    expect({ code, output }).toMatchObject({ code: 0 });
    expect(output).toContain('client onyxia is not declared: left as it is');
    const alice = claimsOf((await browser().tokens(MINIO, 'alice', PASSWORD)).access_token);
    expect(alice['policy']).toEqual(['own-bucket']);
    expect(Number(alice['exp']) - Number(alice['iat'])).toBe(300);
    expect(await keycloak.reconcile(DECLARED)).toMatchObject({ code: 0 });
  });

  test('locks an account out after wrong passwords, and its right password with it', async () => {
    await person('carol');
    for (let tries = 0; tries < 5; tries += 1) {
      const { location } = await browser().logIn(ONYXIA, 'carol', 'wrong');
      expect(location).toBeUndefined();
    }
    expect((await browser().logIn(ONYXIA, 'carol', PASSWORD)).location).toBeUndefined();
    const attack = `/datalab/attack-detection/brute-force/users/${await userId('carol')}`;
    expect(await ask(attack)).toMatchObject({ disabled: true });
    await change('DELETE', attack);
    expect((await browser().logIn(ONYXIA, 'carol', PASSWORD)).location?.searchParams.get('code')).toBeTruthy();
  });

  test('refuses a short password', async () => {
    const { status } = await admin('PUT', `/datalab/users/${await userId('carol')}/reset-password`, {
      type: 'password',
      value: 'Short1pass',
    });
    expect(status).toBe(400);
  });

  test('makes the first administrator choose another password, once', async () => {
    const find = async () => (await ask<Json[]>('/master/users?username=admin&exact=true'))[0] ?? {};
    expect((await find())['requiredActions']).toContain('UPDATE_PASSWORD');
    const master = new OidcBrowser(`${PUBLIC_URL}/realms/master`, keycloak.url);
    const console = { clientId: 'security-admin-console', redirect: `${PUBLIC_URL}/admin/master/console/` };
    const first = await master.logIn(console, 'admin', 'ADMINcanaryADMINcanary');
    expect(first.page).toContain('password-new');
    await master.submit(first.page, { 'password-new': PASSWORD, 'password-confirm': PASSWORD });
    expect(await keycloak.reconcile(DECLARED)).toMatchObject({ code: 0 });
    expect((await find())['requiredActions']).toEqual([]);
  });

  test('lets the first administrator in with a rotated password, to choose another, and with no older one', async () => {
    const secret = 'demo-keycloak/keycloak-admin/password';
    keycloak.secrets[secret] = 'ROTATEDadminROTATEDadmin1';
    const { output } = await keycloak.reconcile(DECLARED);
    expect(output).toContain('administrator admin: has the new password, and must change it');
    expect(output).not.toContain('ROTATEDadmin');
    const console = { clientId: 'security-admin-console', redirect: `${PUBLIC_URL}/admin/master/console/` };
    const enter = (password: string) =>
      new OidcBrowser(`${PUBLIC_URL}/realms/master`, keycloak.url).logIn(console, 'admin', password);
    expect((await enter(PASSWORD)).page).not.toContain('password-new');
    expect((await enter('ROTATEDadminROTATEDadmin1')).page).toContain('password-new');
    expect((await keycloak.reconcile(DECLARED)).output).toContain('changed: 0');
  });

  test('accepts the reconciler’s new secret after a rotation, and the old one no more', async () => {
    const old = keycloak.reconcilerSecret;
    keycloak.reconcilerSecret = 'ROTATEDcanaryROTATEDcanary';
    const { code, output } = await keycloak.reconcile(DECLARED);
    expect({ code, output }).toMatchObject({ code: 0 });
    expect(output).toContain('making an administrator to mend it');
    expect(output).not.toContain('canary');
    expect((await tokenOfReconciler(old)).status).toBe(401);
    token = '';
    const clients = await ask<{ clientId: string }[]>('/master/clients');
    expect(clients.filter(({ clientId }) => clientId.startsWith('bouture-recovery'))).toEqual([]);
  });

  test('knows brokers and directories, whose secrets come from files and follow them', async () => {
    const secret = { namespace: 'demo-keycloak', name: 'outside' };
    keycloak.secrets['demo-keycloak/outside/broker'] = 'BROKERcanary';
    keycloak.secrets['demo-keycloak/outside/ldap'] = 'LDAPcanary';
    const outside: DeclaredRealm = {
      ...DECLARED,
      props: {
        ...DECLARED.props,
        brokers: [
          new OidcBroker({
            alias: 'agents',
            issuer: 'https://login.example.org',
            authorizationUrl: 'https://login.example.org/auth',
            tokenUrl: 'https://login.example.org/token',
            jwksUrl: 'https://login.example.org/certs',
            clientId: 'datalab',
            clientSecret: { ...secret, key: 'broker' },
            groups: [{ claim: 'teams', value: 'T1', group: 'census' }],
          }),
        ],
        federations: [
          new LdapFederation({
            name: 'directory',
            url: 'ldaps://ldap.example.org',
            bindDn: 'cn=keycloak,dc=example,dc=org',
            bindCredential: { ...secret, key: 'ldap' },
            usersDn: 'ou=people,dc=example,dc=org',
            groups: { dn: 'ou=groups,dc=example,dc=org' },
          }),
        ],
      },
    };
    const stored = () =>
      keycloak.query(
        "select value from identity_provider_config where name = 'clientSecret' " +
          "union select value from component_config where name = 'bindCredential' order by 1",
      );
    const made = await keycloak.reconcile(outside);
    expect(made).toMatchObject({ code: 0 });
    expect(made.output).not.toContain('canary');
    expect(await stored()).toEqual(['BROKERcanary', 'LDAPcanary']);
    expect((await browser().begin(ONYXIA)).page).toContain('/broker/agents/login');

    expect((await keycloak.reconcile(outside)).output).toBe('the realm is as declared; changed: 0\n');
    keycloak.secrets['demo-keycloak/outside/broker'] = 'ROTATEDcanary';
    expect(await keycloak.reconcile(outside)).toMatchObject({ code: 0 });
    expect(await stored()).toEqual(['LDAPcanary', 'ROTATEDcanary']);
  });

  test('says nothing secret in the server’s log', () => {
    expect(keycloak.log).toContain('started in');
    expect(keycloak.log).not.toContain('canary');
  });
});
