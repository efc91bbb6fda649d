import { createHash, randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { NODE_ADDRESS, WEB_DOMAIN } from '../../tools/cluster/addresses';
import { programPath } from '../../tools/cluster';
import { callFrom, openBrowser, WEB_AUTHORITY } from './support/browser';
import { attempt, type Finished, ROOT, run } from './support/commands';
import { variant } from './support/configs';
import { kubectl, list, secretValue } from './support/kubectl';
import { claimsOf } from './support/oidc-browser';
import { pushStandIn } from './support/stand-in-image';
import { boutureOk, leftovers } from './support/stack';
import { eventually, say } from './support/waiting';

/**
 * People on the whole platform: somebody new logs in with a real browser at the real Keycloak, and with the tokens works in the real MinIO,
 * Vault and Kubernetes. Onyxia's own programs cannot be had here; an empty page stands in for them, and the test is its script.
 */

const PLATFORM = 'e2e-people';
const STACK = 'e2e-people';
const PAGE = `https://datalab.${WEB_DOMAIN}`;
const REALM = `https://auth.${WEB_DOMAIN}/realms/datalab`;
const STORE = `https://s3.${WEB_DOMAIN}`;
const VAULT = `https://vault.${WEB_DOMAIN}`;
const PASSWORD = 'a long Password of the test 1';
const SCREENSHOTS = join(ROOT, 'docs/images/people');

let config: string;
let browser: Browser | undefined;

/** curl as a program of the office's network would call the platform. */
async function curl(url: string, ...options: readonly string[]): Promise<string> {
  const host = new URL(url).hostname;
  const args = ['--silent', '--show-error', '--fail-with-body', '--cacert', WEB_AUTHORITY];
  return (await run('curl', [...args, '--resolve', `${host}:443:${NODE_ADDRESS}`, ...options, url])).stdout;
}

/** Keycloak's administration, as the reconciler. */
async function administer(method: string, path: string, body?: unknown): Promise<unknown> {
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

async function person(username: string): Promise<string> {
  await administer('POST', '/users', {
    username,
    enabled: true,
    email: `${username}@example.org`,
    emailVerified: true,
    firstName: username,
    lastName: 'Example',
    credentials: [{ type: 'password', value: PASSWORD, temporary: false }],
  });
  const [found] = (await administer('GET', `/users?username=${username}&exact=true`)) as { id: string }[];
  return found?.id ?? '';
}

async function groupId(name: string): Promise<string> {
  const groups = (await administer('GET', `/groups?search=${name}&exact=true`)) as { id: string }[];
  return groups[0]?.id ?? '';
}

/** A person who sits at a browser of their own. */
class Person {
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
  async token(clientId: string, screenshot?: string): Promise<string> {
    const verifier = randomBytes(32).toString('base64url');
    const query = new URLSearchParams({
      client_id: clientId,
      redirect_uri: `${PAGE}/`,
      response_type: 'code',
      scope: 'openid profile',
      code_challenge: createHash('sha256').update(verifier).digest('base64url'),
      code_challenge_method: 'S256',
    });
    await this.page.goto(`${REALM}/protocol/openid-connect/auth?${query.toString()}`);
    if (!this.page.url().startsWith(PAGE)) {
      if (screenshot !== undefined) await this.page.screenshot({ path: join(SCREENSHOTS, screenshot) });
      await this.page.fill('#username', this.username);
      await this.page.fill('#password', PASSWORD);
      await this.page.click('#kc-login');
    }
    await this.page.waitForURL(`${PAGE}/**`);
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

async function mc(credentials: string, ...args: readonly string[]): Promise<Finished> {
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

/** kubectl as a person, by the token alone. */
async function asPerson(token: string, ...args: readonly string[]): Promise<Finished> {
  const file = join(ROOT, '.bouture/e2e/person.kubeconfig');
  const server = (await kubectl(['config', 'view', '--minify', '-o', 'jsonpath={.clusters[0].cluster.server}'])).trim();
  const authority = await kubectl([
    'config',
    'view',
    '--raw',
    '--minify',
    '-o',
    'jsonpath={.clusters[0].cluster.certificate-authority-data}',
  ]);
  const write = ['config', '--kubeconfig', file];
  await run('kubectl', [...write, 'set-cluster', 'c', `--server=${server}`]);
  await run('kubectl', [...write, 'set', 'clusters.c.certificate-authority-data', authority]);
  await run('kubectl', [...write, 'set-context', 'c', '--cluster=c', '--user=p']);
  await run('kubectl', [...write, 'use-context', 'c']);
  await run('kubectl', [...write, 'set-credentials', 'p', `--token=${token}`]);
  return attempt('kubectl', ['--kubeconfig', file, ...args]);
}

beforeAll(async () => {
  mkdirSync(SCREENSHOTS, { recursive: true });
  config = variant('people', (shipped) => ({ ...shipped, name: PLATFORM }), ROOT, 'blueprints/sspcloud/config.yaml');
  await Promise.all([pushStandIn('inseefrlab/onyxia-web', '5.5.1'), pushStandIn('inseefrlab/onyxia-api', 'v4.12.0')]);
  const { seconds } = await boutureOk(['up', config, '--stack', STACK]);
  say(`up of the whole platform: ${seconds.toFixed(0)} s`);
  browser = await openBrowser();
});

afterAll(async () => {
  await browser?.close();
  if (process.env['BOUTURE_E2E_KEEP'] === undefined) {
    await boutureOk(['down', config, '--stack', STACK, '--delete-data']);
    expect(await leftovers(PLATFORM)).toEqual([]);
  }
});

test('a second up changes nothing', async () => {
  const { output } = await boutureOk(['up', config, '--stack', STACK, '--preview', '--expect-no-changes']);
  expect(output).toContain('nothing would change');
});

describe('somebody new', () => {
  let alpha: Person;
  let beta: Person;

  beforeAll(async () => {
    const [id] = [await person('alpha'), await person('beta'), await person('al')];
    await administer('PUT', `/users/${id}/groups/${await groupId('census')}`);
    alpha = await Person.arrives('alpha');
    beta = await Person.arrives('beta');
  });

  test('logs in with a browser, and the tokens say what the others expect', async () => {
    const onyxia = claimsOf(await alpha.token('onyxia', 'login.png'));
    expect(onyxia).toMatchObject({ iss: REALM, preferred_username: 'alpha', groups: ['census'] });
    expect([onyxia['aud']].flat()).toEqual(['onyxia']);
    const minio = claimsOf(await alpha.token('onyxia-minio'));
    expect([minio['aud']].flat()).toEqual(['minio']);
    expect([...(minio['policy'] as string[])].sort()).toEqual(['own_bucket', 'projet-census']);
    expect([claimsOf(await alpha.token('vault'))['aud']].flat()).toEqual(['vault']);
  });

  test('works in the own bucket and in that of the project, and in no other', async () => {
    const [hers, his] = [await alpha.credentials(), await beta.credentials()];
    expect(await mc(hers, 'mb', 'store/user-alpha')).toMatchObject({ code: 0 });
    expect(await mc(hers, 'pipe', 'store/user-alpha/survey.csv')).toMatchObject({ code: 0 });
    expect(await mc(hers, 'pipe', 'store/projet-census/shared.csv')).toMatchObject({ code: 0 });
    expect((await mc(his, 'cat', 'store/user-alpha/survey.csv')).output).toMatch(/Access Denied|Insufficient/);
    expect((await mc(his, 'ls', 'store/projet-census')).output).toMatch(/Access Denied|Insufficient/);
    const al = await (await Person.arrives('al')).credentials();
    expect((await mc(al, 'ls', 'store/user-alpha')).output).toMatch(/Access Denied|Insufficient/);
  });

  test('keeps secrets in the own directory and in that of the project, and in no other', async () => {
    const [hers, his] = [await alpha.vault(), await beta.vault()];
    expect(await alpha.secret(hers, 'POST', 'data/user-alpha/key')).toBe(200);
    expect(await alpha.secret(hers, 'GET', 'data/user-alpha/key')).toBe(200);
    expect(await alpha.secret(hers, 'LIST', 'metadata/user-alpha')).toBe(200);
    expect(await alpha.secret(hers, 'POST', 'data/projet-census/key')).toBe(200);
    expect(await beta.secret(his, 'GET', 'data/user-alpha/key')).toBe(403);
    expect(await beta.secret(his, 'GET', 'data/projet-census/key')).toBe(403);
  });

  test('works with kubectl in the project, by the token alone, and nowhere else', async () => {
    const [hers, his] = [await alpha.token('onyxia'), await beta.token('onyxia')];
    expect((await asPerson(hers, 'auth', 'whoami', '-o', 'json')).stdout).toContain('oidc:alpha');
    expect(await asPerson(hers, 'create', 'configmap', 'hers', '-n', 'projet-census')).toMatchObject({ code: 0 });
    expect((await asPerson(hers, 'get', 'pods', '-n', `${PLATFORM}-minio`)).output).toContain('Forbidden');
    expect((await asPerson(his, 'get', 'configmaps', '-n', 'projet-census')).output).toContain('Forbidden');
    expect((await asPerson(hers, 'delete', 'networkpolicy', 'default-deny', '-n', 'projet-census')).code).not.toBe(0);
    // A token for another server is none for this one.
    expect((await asPerson(await alpha.token('vault'), 'auth', 'whoami')).output).toMatch(
      /Unauthorized|must be logged in/,
    );
  });

  test('who leaves the project loses it with the next login', async () => {
    const [found] = (await administer('GET', '/users?username=alpha&exact=true')) as { id: string }[];
    await administer('DELETE', `/users/${found?.id ?? ''}/groups/${await groupId('census')}`);
    const again = await Person.arrives('alpha');
    expect((await mc(await again.credentials(), 'ls', 'store/projet-census')).output).toMatch(
      /Access Denied|Insufficient/,
    );
    expect(await again.secret(await again.vault(), 'GET', 'data/projet-census/key')).toBe(403);
    const token = await again.token('onyxia');
    expect((await asPerson(token, 'get', 'configmaps', '-n', 'projet-census')).output).toContain('Forbidden');
  });
});

describe('what goes on while a part is away', () => {
  test('the object store starts and serves programs while Keycloak is away, and people come in again by themselves', async () => {
    const namespace = `${PLATFORM}-keycloak`;
    await kubectl(['scale', '-n', namespace, 'deployment/keycloak', '--replicas=0']);
    await eventually(
      'Keycloak to be gone',
      async () => (await list('pods', '-n', namespace, '-l', 'app.kubernetes.io/component=server')).length === 0,
      { seconds: 120 },
    );
    await kubectl(['delete', 'pod', '-n', `${PLATFORM}-minio`, 'minio-0']);
    await kubectl(['rollout', 'status', '-n', `${PLATFORM}-minio`, 'statefulset/minio', '--timeout=120s'], {
      timeoutSeconds: 150,
    });
    await kubectl(['scale', '-n', namespace, 'deployment/keycloak', '--replicas=1']);
    await kubectl(['rollout', 'status', '-n', namespace, 'deployment/keycloak', '--timeout=240s'], {
      timeoutSeconds: 260,
    });
    await eventually('people to come in', async () => (await (await Person.arrives('beta')).credentials()) !== '', {
      seconds: 120,
      everySeconds: 5,
    });
  });
});
