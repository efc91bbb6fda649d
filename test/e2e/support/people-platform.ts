import { createHash, randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { programPath } from '../../../tools/cluster';
import { NODE_ADDRESS, WEB_DOMAIN } from '../../../tools/cluster/addresses';
import { callFrom, openBrowser, undisturbed, WEB_AUTHORITY } from './browser';
import { attempt, type Finished, ROOT, run } from './commands';
import { variant } from './configs';
import { kubectl, secretValue } from './kubectl';
import { boutureOk, leftovers } from './stack';
import { pushStandIn } from './stand-in-image';
import { say } from './waiting';

/** The platform that these tests deploy. */
export const PLATFORM = 'e2e-people';

/** Its Pulumi stack. */
export const STACK = 'e2e-people';
const PAGE = `https://datalab.${WEB_DOMAIN}`;
export const REALM = `https://auth.${WEB_DOMAIN}/realms/datalab`;
export const STORE = `https://s3.${WEB_DOMAIN}`;
export const VAULT = `https://vault.${WEB_DOMAIN}`;
/** What people of the tests log in with. */
export const PASSWORD = 'a long Password of the test 1';
const SCREENSHOTS = join(ROOT, 'docs/images/people');

let browser: Browser | undefined;

/** curl as a program of the office's network would call the platform. */
export async function curl(url: string, ...options: readonly string[]): Promise<string> {
  const host = new URL(url).hostname;
  const args = ['--silent', '--show-error', '--fail-with-body', '--cacert', WEB_AUTHORITY];
  return (await run('curl', [...args, '--resolve', `${host}:443:${NODE_ADDRESS}`, ...options, url])).stdout;
}

/** Keycloak's administration, as the reconciler. */
export async function administer(method: string, path: string, body?: unknown): Promise<unknown> {
  const [id, secret] = await Promise.all(
    ['clientId', 'clientSecret'].map((key) => secretValue(`${PLATFORM}-keycloak`, 'keycloak-reconciler', key)),
  );
  const form = `grant_type=client_credentials&client_id=${id ?? ''}&client_secret=${secret ?? ''}`;
  const master = `https://auth.${WEB_DOMAIN}/realms/master/protocol/openid-connect/token`;
  const { access_token: token } = JSON.parse(await curl(master, '--data', form)) as { access_token: string };
  const options = ['--request', method, '--header', `Authorization: Bearer ${token}`];
  const content =
    body === undefined ? [] : ['--header', 'Content-Type: application/json', '--data', JSON.stringify(body)];
  const text = await curl(`https://auth.${WEB_DOMAIN}/admin/realms/datalab${path}`, ...options, ...content);
  return text === '' ? undefined : JSON.parse(text);
}

export async function person(username: string): Promise<string> {
  const known = await idOf(username);
  if (known !== undefined) return known;
  await administer('POST', '/users', {
    username,
    enabled: true,
    email: `${username}@example.org`,
    emailVerified: true,
    firstName: username,
    lastName: 'Example',
    credentials: [{ type: 'password', value: PASSWORD, temporary: false }],
  });
  return (await idOf(username)) ?? '';
}

async function idOf(username: string): Promise<string | undefined> {
  const [found] = (await administer('GET', `/users?username=${username}&exact=true`)) as { id: string }[];
  return found?.id;
}

export async function groupId(name: string): Promise<string> {
  const groups = (await administer('GET', `/groups?search=${name}&exact=true`)) as { id: string }[];
  return groups[0]?.id ?? '';
}

/** Makes a picture of a page for the documentation. */
export async function screenshot(page: Page, name: string): Promise<void> {
  await page.screenshot({ path: join(SCREENSHOTS, name) });
}

/** A person who sits at a browser of their own. */
export class Person {
  static async arrives(username: string): Promise<Person> {
    if (browser === undefined) throw new Error('there is no browser');
    const context = await browser.newContext({ viewport: { width: 1100, height: 700 } });
    return new Person(username, await context.newPage());
  }

  private constructor(
    readonly username: string,
    readonly page: Page,
  ) {}

  /** Logs in at a client, by the form where there is no session yet. */
  async token(clientId: string, picture?: string, tries = 3): Promise<string> {
    const verifier = randomBytes(32).toString('base64url');
    const query = new URLSearchParams({
      client_id: clientId,
      redirect_uri: `${PAGE}/`,
      response_type: 'code',
      scope: 'openid profile',
      code_challenge: createHash('sha256').update(verifier).digest('base64url'),
      code_challenge_method: 'S256',
    });
    await undisturbed(() => this.page.goto(`${REALM}/protocol/openid-connect/auth?${query.toString()}`));
    if (!this.page.url().startsWith(PAGE)) {
      if (picture !== undefined) await screenshot(this.page, picture);
      await this.page.fill('#username', this.username);
      await this.page.fill('#password', PASSWORD);
      await this.page.click('#kc-login');
    }
    await this.page.waitForURL(`${PAGE}/**`, { timeout: 20_000 });
    const code = new URL(this.page.url()).searchParams.get('code') ?? '';
    const answer = await callFrom(this.page, `${REALM}/protocol/openid-connect/token`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({
        grant_type: 'authorization_code',
        client_id: clientId,
        redirect_uri: `${PAGE}/`,
        code,
        code_verifier: verifier,
      }).toString(),
    });
    // Where the answer got lost, the browser asked again with a code that was used.
    if (answer.text.includes('Code not valid') && tries > 1) return this.token(clientId, picture, tries - 1);
    if (answer.status !== 200) throw new Error(`no token for ${clientId}: ${answer.status} ${answer.text}`);
    return (JSON.parse(answer.text) as { access_token: string }).access_token;
  }

  /** Credentials of the object store, asked for by the page. */
  async credentials(durationSeconds = 3600): Promise<string> {
    const form = new URLSearchParams({
      Action: 'AssumeRoleWithWebIdentity',
      Version: '2011-06-15',
      DurationSeconds: String(durationSeconds),
      WebIdentityToken: await this.token('onyxia-minio'),
    });
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    const { text } = await callFrom(this.page, STORE, { method: 'POST', headers, body: form.toString() });
    const [key, secret, session] = ['AccessKeyId', 'SecretAccessKey', 'SessionToken'].map(
      (name) => new RegExp(`<${name}>([^<]*)<`).exec(text)?.[1],
    );
    if (session === undefined) throw new Error(`no credentials: ${text}`);
    return `${key ?? ''}:${secret ?? ''}:${session}`;
  }

  /** Logs in at Vault, from the page. @returns a token of Vault */
  async vault(): Promise<string> {
    const jwt = await this.token('vault');
    const body = JSON.stringify({ role: 'onyxia-user', jwt });
    const { text } = await callFrom(this.page, `${VAULT}/v1/auth/jwt/login`, { method: 'POST', body });
    const answer = JSON.parse(text) as { auth?: { client_token: string } };
    if (answer.auth === undefined) throw new Error(text);
    return answer.auth.client_token;
  }

  /** Reads, writes or lists secrets, from the page. @returns the status */
  async secret(token: string, method: 'GET' | 'POST' | 'LIST', path: string): Promise<number> {
    const { status } = await callFrom(this.page, `${VAULT}/v1/onyxia-kv/${path}`, {
      method,
      headers: { 'x-vault-token': token },
      ...(method === 'POST' ? { body: JSON.stringify({ data: { colour: 'green' } }) } : {}),
    });
    return status;
  }
}

export async function mc(credentials: string, ...args: readonly string[]): Promise<Finished> {
  const port = 443;
  return attempt(programPath('mc'), ['--resolve', `s3.${WEB_DOMAIN}:${port}=${NODE_ADDRESS}`, ...args], {
    env: {
      MC_HOST_store: STORE.replace('://', `://${credentials}@`),
      MC_CONFIG_DIR: join(ROOT, '.bouture/e2e/mc'),
      SSL_CERT_FILE: WEB_AUTHORITY,
      MC_NO_COLOR: '1',
    },
    input: 'content',
  });
}

/** A kubeconfig with the token of a person and nothing else. @returns its path */
export async function personalKubeconfig(token: string): Promise<string> {
  const file = join(ROOT, '.bouture/e2e/person.kubeconfig');
  const cluster = async (field: string): Promise<string> =>
    (await kubectl(['config', 'view', '--raw', '--minify', '-o', `jsonpath={.clusters[0].cluster.${field}}`])).trim();
  const write = ['config', '--kubeconfig', file];
  await run('kubectl', [...write, 'set-cluster', 'c', `--server=${await cluster('server')}`]);
  const authority = await cluster('certificate-authority-data');
  await run('kubectl', [...write, 'set', 'clusters.c.certificate-authority-data', authority]);
  await run('kubectl', [...write, 'set-context', 'c', '--cluster=c', '--user=p']);
  await run('kubectl', [...write, 'use-context', 'c']);
  await run('kubectl', [...write, 'set-credentials', 'p', `--token=${token}`]);
  return file;
}

/** kubectl as a person, by the token alone. */
export async function asPerson(
  token: string,
  ...given: readonly (string | { readonly input: string })[]
): Promise<Finished> {
  const args = given.filter((each) => typeof each === 'string');
  const options = given.find((each) => typeof each !== 'string');
  return attempt('kubectl', ['--kubeconfig', await personalKubeconfig(token), ...args], options);
}

/** The configuration: the shipped one, under a name of the tests, with the authority of this cluster's own hosts, watched more closely. */
export const CONFIG = variant(
  'people',
  ({ people, metrics }) => {
    const { services, ...rest } = people as { readonly services: object };
    const { prometheus } = metrics as { readonly prometheus: object };
    const certificateAuthority = { pem: readFileSync(WEB_AUTHORITY, 'utf8') };
    return {
      name: PLATFORM,
      people: { ...rest, services: { ...services, certificateAuthority } },
      metrics: { prometheus: { ...prometheus, intervalSeconds: 5 } },
    };
  },
  ROOT,
  'blueprints/sspcloud/config.yaml',
);

/** Deploys the whole platform, with empty pages in place of Onyxia's own programs, and opens a browser. */
export async function deployPlatform(): Promise<void> {
  mkdirSync(SCREENSHOTS, { recursive: true });
  await Promise.all([pushStandIn('inseefrlab/onyxia-web', '5.5.1'), pushStandIn('inseefrlab/onyxia-api', 'v4.12.0')]);
  const { seconds } = await boutureOk(['up', CONFIG, '--stack', STACK]);
  say(`up of the whole platform: ${seconds.toFixed(0)} s`);
  browser = await openBrowser();
}

/** Closes the browser and removes the platform; with BOUTURE_E2E_KEEP it stays. */
export async function removePlatform(): Promise<void> {
  await browser?.close();
  if (process.env['BOUTURE_E2E_KEEP'] !== undefined) return;
  await boutureOk(['down', CONFIG, '--stack', STACK, '--delete-data']);
  expect(await leftovers(PLATFORM)).toEqual([]);
}
