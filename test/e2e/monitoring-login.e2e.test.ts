import type { Browser, BrowserContext, Page } from 'playwright-core';
import { CertificateAuthority, ExternalIdentityProvider, synthesize } from '../../constructs';
import { testPlatform } from '../support/platform';
import { TestAuthority } from './support/certificate-authority';
import { KeycloakAdmin } from './support/keycloak-admin';
import { LocalKeycloak, PUBLIC_URL } from './support/local-keycloak';
import { addPages, LocalPages, PAGES_URL, realmWithPages, secretValues } from './support/local-pages';
import { LocalWeb } from './support/local-web';
import { sleep } from './support/waiting';

const REALM_URL = `${PUBLIC_URL}/realms/datalab`;
const LOGIN = `${REALM_URL}/protocol/openid-connect/auth`;
const PASSWORD = 'a long Password of the test 1';
const COOKIE = '__Host-monitoring-dashboard';
const CLIENT_SECRET = 'keycloak-client-monitoring-dashboard';
const SESSION_SECONDS = 60;
const DECLARED = realmWithPages({ groups: ['coders', 'readers'], sessionSeconds: SESSION_SECONDS });

describe('the pages of monitoring behind a login, with the real programs', () => {
  let keycloak: LocalKeycloak;
  let admin: KeycloakAdmin;
  let pages: LocalPages;
  let web: LocalWeb;
  let browser: Browser;

  async function person(username: string, groups: readonly string[]): Promise<void> {
    await admin.change('POST', 'users', {
      username,
      enabled: true,
      email: `${username}@example.org`,
      firstName: 'A',
      lastName: 'Person',
      groups,
      credentials: [{ type: 'password', value: PASSWORD }],
    });
  }

  /** Opens the pages, and sends the form of the login. @returns the answer with which the person comes back */
  async function logIn(page: Page, username: string, path = '/'): Promise<number> {
    await page.goto(`${PAGES_URL}${path}`);
    expect(page.url()).toContain(`${LOGIN}?`);
    await page.fill('#username', username);
    await page.fill('#password', PASSWORD);
    const back = page.waitForResponse((answer) => answer.url().startsWith(`${PAGES_URL}/oauth2/callback`));
    await page.click('#kc-login');
    const status = (await back).status();
    await page.waitForLoadState();
    return status;
  }

  const heading = (page: Page) => page.textContent('h1');

  /** The cookie that says who somebody is, as a browser sends it. */
  async function cookieOf(context: BrowserContext): Promise<string> {
    const cookies = await context.cookies(PAGES_URL);
    return cookies.map(({ name, value }) => `${name}=${value}`).join('; ');
  }

  async function inNewContext<T>(act: (page: Page, context: BrowserContext) => Promise<T>): Promise<T> {
    const context = await browser.newContext();
    try {
      return await act(await context.newPage(), context);
    } finally {
      await context.close();
    }
  }

  beforeAll(async () => {
    keycloak = await LocalKeycloak.create();
    // The realm reads its half of the client's secret, the login its own: both are what a deployment gives.
    Object.assign(keycloak.secrets, { ...secretValues(synthesize(keycloak.platform(DECLARED))), ...keycloak.secrets });
    await keycloak.serve(DECLARED);
    const { code, output } = await keycloak.reconcile(DECLARED);
    if (code !== 0) throw new Error(output);
    admin = new KeycloakAdmin(keycloak);
    await person('alice', ['readers']);
    await person('bob', []);
    pages = await LocalPages.create(keycloak.platform(DECLARED), keycloak);
    web = await LocalWeb.start('example.org', {
      [new URL(PUBLIC_URL).host]: () => keycloak.url,
      [new URL(PAGES_URL).host]: () => pages.url,
    });
    browser = await web.browser();
  });

  afterAll(async () => {
    await browser.close();
    await web.stop();
    await pages.stop();
    await keycloak.dispose();
  });

  test('answer the kubelet without a login, and tell it nothing else', async () => {
    expect((await pages.get('/oauth2/ping')).status).toBe(200);
    expect(await (await pages.health('/health')).text()).toBe('ok\n');
    expect((await pages.health('/')).status).toBe(404);
    expect((await pages.health('/index.html')).status).toBe(404);
  });

  test.each(['/', '/index.html', '/health', '/any/thing?ping=/oauth2/ping'])(
    'send whoever is not logged in from %s to the provider, with PKCE',
    async (path) => {
      const answer = await pages.get(path);
      const location = new URL(answer.headers.get('location') ?? '');
      expect([answer.status, `${location.origin}${location.pathname}`]).toEqual([302, LOGIN]);
      expect(Object.fromEntries(location.searchParams)).toMatchObject({
        client_id: 'monitoring-dashboard',
        redirect_uri: `${PAGES_URL}/oauth2/callback`,
        response_type: 'code',
        code_challenge_method: 'S256',
        scope: 'openid profile',
      });
      expect(await answer.text()).not.toContain('What was coded');
    },
  );

  test('believe no header about who somebody is', async () => {
    for (const header of ['x-forwarded-user', 'x-forwarded-email', 'x-forwarded-groups', 'authorization']) {
      const answer = await fetch(pages.url, { redirect: 'manual', headers: { [header]: 'alice' } });
      expect([header, answer.status]).toEqual([header, 302]);
    }
    const elsewhere = {
      'x-forwarded-uri': '/oauth2/ping',
      'x-forwarded-host': 'evil.example.org',
      'user-agent': 'kube-probe/1.34',
    };
    const answer = await fetch(pages.url, { redirect: 'manual', headers: elsewhere });
    expect(answer.headers.get('location')).toContain(encodeURIComponent(`${PAGES_URL}/oauth2/callback`));
  });

  test('show a member of the group the page that was asked for, by a cookie that nothing but this host over TLS is sent', async () => {
    await inNewContext(async (page, context) => {
      expect(await logIn(page, 'alice', '/index.html')).toBe(302);
      expect(page.url()).toBe(`${PAGES_URL}/index.html`);
      expect(await heading(page)).toBe('What was coded');
      const [cookie, ...others] = await context.cookies(PAGES_URL);
      expect(others).toEqual([]);
      expect(cookie).toMatchObject({
        name: COOKIE,
        domain: 'monitoring.example.org',
        path: '/',
        secure: true,
        httpOnly: true,
        sameSite: 'Lax',
      });
      const { name, value } = cookie ?? { name: '', value: '' };
      // Headers of 4 KiB are what many controllers take.
      expect(name.length + value.length).toBeLessThan(2000);
    });
  });

  test('refuse with 403 a person who is in no such group, and go on refusing', async () => {
    await inNewContext(async (page, context) => {
      expect(await logIn(page, 'bob')).toBe(403);
      expect(await page.content()).not.toContain('What was coded');
      expect(await context.cookies(PAGES_URL)).toEqual([]);
      expect((await page.goto(PAGES_URL))?.status()).toBe(403);
    });
  });

  test('refuse cookies that they have not made', async () => {
    await inNewContext(async (page, context) => {
      await logIn(page, 'alice');
      const cookie = await cookieOf(context);
      expect((await pages.get('/', cookie)).status).toBe(200);
      const value = cookie.slice(COOKIE.length + 1);
      const [session = '', time = '', signature = ''] = value.split('|');
      const changed = (text: string) => `${text.startsWith('A') ? 'B' : 'A'}${text.slice(1)}`;
      for (const forged of [
        [changed(session), time, signature],
        [session, String(Number(time) + 3600), signature],
        [session, time, changed(signature)],
        [session, time],
        ['alice'],
      ]) {
        expect((await pages.get('/', `${COOKIE}=${forged.join('|')}`)).status).toBe(302);
      }
      const others = await LocalPages.create(keycloak.platform(DECLARED), keycloak, {
        rotations: { 'monitoring-dashboard-cookie': 1 },
      });
      try {
        expect((await others.get('/', cookie)).status).toBe(302);
      } finally {
        await others.stop();
      }
    });
  });

  test('refuse a code that somebody else has asked for', async () => {
    const answer = await pages.get('/oauth2/callback?code=stolen&state=somebody:/');
    expect(answer.status).toBe(403);
  });

  test('let a person leave: the cookie is gone, and the provider asks again where its session was ended, too', async () => {
    await inNewContext(async (page, context) => {
      await logIn(page, 'alice');
      const end = `${REALM_URL}/protocol/openid-connect/logout?client_id=monitoring-dashboard`;
      await page.goto(`${PAGES_URL}/oauth2/sign_out?rd=${encodeURIComponent(end)}`);
      expect(await context.cookies(PAGES_URL)).toEqual([]);
      await page.click('#kc-logout');
      await page.waitForLoadState();
      await page.goto(PAGES_URL);
      expect(page.url()).toContain(`${LOGIN}?`);
    });
  });

  test('send nobody who leaves to a host of somebody else', async () => {
    const answer = await pages.get(`/oauth2/sign_out?rd=${encodeURIComponent('https://evil.example.org/')}`);
    expect([answer.status, answer.headers.get('location')]).toEqual([302, '/']);
  });

  test('ask the provider again after a while: who has left the group is let in until then, and not after', async () => {
    await inNewContext(async (page, context) => {
      await logIn(page, 'alice');
      const cookie = await cookieOf(context);
      const since = Date.now();
      const [group] = await admin.ask<{ id: string }[]>('groups?search=readers');
      const id = await admin.person('alice');
      await admin.change('DELETE', `users/${id ?? ''}/groups/${group?.id ?? ''}`);
      expect((await pages.get('/', cookie)).status).toBe(200);
      await sleep(SESSION_SECONDS * 1000 - (Date.now() - since) + 2000);
      expect((await pages.get('/', cookie)).status).toBe(302);
      // The session of the provider lasts: nobody types a password, and the groups are those of now.
      expect((await page.goto(PAGES_URL))?.status()).toBe(403);
      await admin.change('PUT', `users/${id ?? ''}/groups/${group?.id ?? ''}`);
      await page.goto(PAGES_URL);
      expect(await heading(page)).toBe('What was coded');
    });
  });

  test('log people in after the secret was rotated on both sides, and not where it was on one', async () => {
    const rotations = { [CLIENT_SECRET]: 1 };
    const before = pages;
    const after = await LocalPages.create(keycloak.platform(DECLARED), keycloak, { rotations });
    try {
      pages = after;
      expect(await inNewContext((page) => logIn(page, 'alice'))).toBe(500);
      Object.assign(keycloak.secrets, {
        [`demo-keycloak/${CLIENT_SECRET}/clientSecret`]: secretValues(
          synthesize(keycloak.platform(DECLARED)),
          rotations,
        )[`demo-keycloak/${CLIENT_SECRET}/clientSecret`],
      });
      expect(await keycloak.reconcile(DECLARED)).toMatchObject({ code: 0 });
      await inNewContext(async (page) => {
        expect(await logIn(page, 'alice')).toBe(302);
        expect(await heading(page)).toBe('What was coded');
      });
      pages = before;
      expect(await inNewContext((page) => logIn(page, 'alice'))).toBe(500);
    } finally {
      pages = before;
      await after.stop();
    }
  });

  test('log people in by a provider of somebody else, which tells its addresses itself, over TLS that is verified', async () => {
    const proxy = await web.proxy();
    const external = (certificateAuthority: string): Promise<LocalPages> => {
      const platform = testPlatform();
      const provider = new ExternalIdentityProvider(platform, 'people', {
        issuer: REALM_URL,
        clients: { monitoring: { clientId: 'monitoring-dashboard' } },
        certificateAuthority: CertificateAuthority.pem(certificateAuthority),
      });
      addPages(platform, { provider, groups: ['readers'], clientId: 'monitoring' });
      const [place] = platform.expectedSecrets.filter(({ name }) => name === 'monitoring-dashboard-login');
      return LocalPages.create(platform, keycloak, {
        // What the office puts there: the secret of the client as its provider has it.
        secrets: {
          [`${place?.namespace ?? ''}/monitoring-dashboard-login/clientSecret`]:
            keycloak.secrets[`demo-keycloak/${CLIENT_SECRET}/clientSecret`] ?? '',
        },
        env: { HTTPS_PROXY: proxy.url },
      });
    };
    const before = pages;
    const another = new TestAuthority();
    try {
      await expect(external(another.certificate)).rejects.toThrow(/certificate signed by unknown authority/);
      pages = await external(web.authorityCertificate);
      await inNewContext(async (page) => {
        expect(await logIn(page, 'alice')).toBe(302);
        expect(await heading(page)).toBe('What was coded');
      });
      expect(await inNewContext((page) => logIn(page, 'bob'))).toBe(403);
    } finally {
      another.remove();
      if (pages !== before) await pages.stop();
      pages = before;
      await proxy.stop();
    }
  });

  test('write no secret to their log', () => {
    const secrets = Object.entries(secretValues(synthesize(keycloak.platform(DECLARED)))).filter(([id]) =>
      /clientSecret$|cookie\/key$/.test(id),
    );
    expect(secrets.length).toBeGreaterThan(2);
    expect(pages.log).toContain('alice');
    for (const [, value] of secrets) expect(pages.log).not.toContain(value);
  });
});
