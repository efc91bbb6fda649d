import { createHmac } from 'node:crypto';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { Construct } from 'constructs';
import {
  type IIdentityProvider,
  type IOidcClient,
  MinioTenant,
  type PublicClientProps,
  SpaceNames,
  type TokenConsumer,
  type TokenKeys,
  synthesize,
} from '../../constructs';
import { ensurePrograms, programPath } from '../../tools/cluster/programs';
import { testPlatform } from '../support/platform';
import { attempt, type Finished, type Running } from './support/commands';
import { LocalPod, type LocalPodOptions } from './support/local-pod';
import { freePort } from './support/local-postgres';
import { TokenIssuer } from './support/token-issuer';
import { eventually, sleep } from './support/waiting';

/** What a realm is to a store: it signs, and puts permissions into a claim. The real one has a test of its own. */
class Realm extends Construct implements IIdentityProvider {
  readonly issuer: string;
  readonly claims = { username: 'preferred_username', groups: 'groups', roles: 'roles' };
  readonly everyone: string[] = [];
  readonly groups: [string, string][] = [];

  constructor(
    scope: Construct,
    private readonly tokens: TokenIssuer,
  ) {
    super(scope, 'realm');
    this.issuer = tokens.issuer;
  }

  addPublicClient(clientId: string, props: PublicClientProps = {}): IOidcClient {
    return {
      clientId,
      audience: props.audience ?? clientId,
      accessTokenSeconds: 300,
      allowRedirect: () => undefined,
      grantEveryone: (permission) => this.everyone.push(permission),
      grantGroup: (group, permission) => this.groups.push([group, permission]),
    };
  }

  addGroup(): void {
    // The test says in each token who is in which group.
  }

  grantKeys(consumer: TokenConsumer): TokenKeys {
    consumer.connections.allowToExternal({ cidrs: ['127.0.0.1/32'] }, 443);
    return { issuer: this.issuer, discoveryUrl: this.issuer, jwksUrl: this.tokens.jwksUrl };
  }

  /** The permissions of a person. */
  permissions(...memberOf: readonly string[]): readonly string[] {
    return [...this.everyone, ...this.groups.filter(([group]) => memberOf.includes(group)).map(([, name]) => name)];
  }
}

const ROOT_PASSWORD = 'ROOTcanaryROOTcanary';
const SECRETS = {
  'demo-minio/minio-root/rootUser': 'minio-root',
  'demo-minio/minio-root/rootPassword': ROOT_PASSWORD,
  'demo-minio/minio-identity/clientSecret': 'CLIENTcanaryCLIENTcanary',
};
const DURATION = 3600;
const ORIGIN = 'https://datalab.example.org';

let tokens: TokenIssuer;
let realm: Realm;
let folder: string;
let url: string;
let server: Running;
let sidecar: Running;
let pods: { server: LocalPod; sidecar: LocalPod; provisioning: LocalPod };

interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
}

/** Asks for credentials as a browser does. @returns what the store refuses with, or the credentials */
async function assume(token: string, durationSeconds?: number): Promise<Credentials | string> {
  const form = new URLSearchParams({
    Action: 'AssumeRoleWithWebIdentity',
    Version: '2011-06-15',
    WebIdentityToken: token,
    ...(durationSeconds === undefined ? {} : { DurationSeconds: String(durationSeconds) }),
  });
  const text = await (await fetch(url, { method: 'POST', body: form })).text();
  const field = (name: string) => new RegExp(`<${name}>([^<]*)</${name}>`).exec(text)?.[1];
  const [accessKeyId, secretAccessKey, sessionToken] = ['AccessKeyId', 'SecretAccessKey', 'SessionToken'].map(field);
  if (accessKeyId === undefined || secretAccessKey === undefined || sessionToken === undefined) {
    return `${field('Code') ?? 'no code'}: ${field('Message') ?? text}`;
  }
  return { accessKeyId, secretAccessKey, sessionToken };
}

/** A token of a person who is in some groups. */
function tokenOf(
  username: string,
  groups: readonly string[] = [],
  claims: Readonly<Record<string, unknown>> = {},
): string {
  return tokens.sign({
    aud: ['minio'],
    azp: 'onyxia-minio',
    sub: username,
    preferred_username: username,
    groups,
    policy: realm.permissions(...groups),
    ...claims,
  });
}

async function mc(host: string, ...args: readonly string[]): Promise<Finished> {
  return attempt(programPath('mc'), [...args], {
    env: { MC_HOST_store: host, MC_CONFIG_DIR: join(folder, 'mc'), MC_NO_COLOR: '1', HOME: folder },
    input: 'content',
  });
}

/** Runs mc as a person. */
async function person(credentials: Credentials | string, ...args: readonly string[]): Promise<Finished> {
  if (typeof credentials === 'string') throw new Error(`no credentials: ${credentials}`);
  const { accessKeyId, secretAccessKey, sessionToken } = credentials;
  return mc(url.replace('://', `://${accessKeyId}:${secretAccessKey}:${sessionToken}@`), ...args);
}

const root = (...args: readonly string[]) => mc(url.replace('://', `://minio-root:${ROOT_PASSWORD}@`), ...args);
const DENIED = /Access Denied|Insufficient permissions/;

async function storeIsReady(): Promise<void> {
  await eventually('the store', async () => (await fetch(`${url}/minio/health/cluster`)).status === 200, {
    seconds: 60,
  });
}

beforeAll(async () => {
  await ensurePrograms(['minio', 'mc'], { say: () => undefined, step: (_name, work) => work() });
  tokens = await TokenIssuer.start();
  // The store starts while nobody answers at the provider's address.
  await tokens.stop();
  const [port, keysPort] = [await freePort(), await freePort()];
  url = `http://127.0.0.1:${port}`;
  folder = mkdtempSync('/tmp/bm-');
  chmodSync(folder, 0o755);

  const platform = testPlatform();
  realm = new Realm(platform, tokens);
  const store = new MinioTenant(platform, 'minio');
  store.addBucket('of-a-program');
  const people = store.federate(realm, {
    names: new SpaceNames(),
    url: 'https://s3.example.org',
    durationSeconds: DURATION,
  });
  people.allowOrigin(ORIGIN);
  people.addProject('census');
  const synthesis = synthesize(platform);

  const move = (word: string) => word.replaceAll('9005', String(keysPort)).replace(/^:9000$/, `127.0.0.1:${port}`);
  const options = (root: string, more: Partial<LocalPodOptions> = {}): LocalPodOptions => ({
    root: join(folder, root),
    user: { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 },
    secrets: SECRETS,
    argument: move,
    ...more,
  });
  const configUrl = `http://127.0.0.1:${keysPort}/.well-known/openid-configuration`;
  const path = `${join(programPath('minio'), '..')}:${join(programPath('mc'), '..')}:${process.env['PATH'] ?? ''}`;
  pods = {
    server: new LocalPod(synthesis, 'StatefulSet', 'minio', {
      ...options('server', { env: { MINIO_IDENTITY_OPENID_CONFIG_URL: configUrl, PATH: path } }),
    }),
    sidecar: new LocalPod(synthesis, 'StatefulSet', 'minio', options('keys', { container: 'identity-keys' })),
    provisioning: new LocalPod(
      synthesis,
      'Job',
      'minio-provisioning',
      options('job', { env: { STORE_URL: url, PATH: path } }),
    ),
  };
  sidecar = pods.sidecar.start();
  server = pods.server.start();
  await storeIsReady();
});

afterAll(async () => {
  await Promise.all([server.stop(), sidecar.stop()]);
  await tokens.stop().catch(() => undefined);
  rmSync(folder, { recursive: true, force: true });
});

describe('while the identity provider is away', () => {
  test('the store starts, and the Job makes what is declared', async () => {
    expect(await pods.provisioning.run()).toMatchObject({ code: 0 });
    expect((await root('ls', 'store')).stdout).toMatch(/of-a-program[\s\S]*projet-census/);
  });

  test('people are told that they cannot come in', async () => {
    expect(await assume(tokenOf('alpha'))).toMatch(/InvalidParameterValue/);
  });

  test('people come in once it is back, by themselves', async () => {
    await tokens.listen();
    await eventually('credentials', async () => typeof (await assume(tokenOf('alpha'))) !== 'string', { seconds: 40 });
  });
});

describe('a person', () => {
  let alpha: Credentials | string;

  beforeAll(async () => {
    alpha = await assume(tokenOf('alpha', ['census']), DURATION);
    await person(await assume(tokenOf('beta')), 'mb', 'store/user-beta');
    await person(await assume(tokenOf('beta')), 'pipe', 'store/user-beta/secret.txt');
  });

  test('makes its own bucket and works in it', async () => {
    expect(await person(alpha, 'mb', 'store/user-alpha')).toMatchObject({ code: 0 });
    expect(await person(alpha, 'pipe', 'store/user-alpha/survey.csv')).toMatchObject({ code: 0 });
    expect((await person(alpha, 'cat', 'store/user-alpha/survey.csv')).stdout).toBe('content');
    expect((await person(alpha, 'ls', 'store/user-alpha')).stdout).toContain('survey.csv');
    expect(await person(alpha, 'rm', 'store/user-alpha/survey.csv')).toMatchObject({ code: 0 });
  });

  test('works in the bucket of its project, which others do not', async () => {
    expect(await person(alpha, 'pipe', 'store/projet-census/shared.csv')).toMatchObject({ code: 0 });
    expect((await person(await assume(tokenOf('beta')), 'cat', 'store/projet-census/shared.csv')).output).toMatch(
      DENIED,
    );
  });

  test.each([
    ['reads another’s bucket', ['cat', 'store/user-beta/secret.txt']],
    ['lists another’s bucket', ['ls', 'store/user-beta']],
    ['writes to another’s bucket', ['pipe', 'store/user-beta/x']],
    ['makes a bucket of another name', ['mb', 'store/user-alpha-2']],
    ['makes a bucket whose name its own begins', ['mb', 'store/user-alphabet']],
    ['makes its bucket public', ['anonymous', 'set', 'public', 'store/user-alpha']],
    ['reaches the bucket of a program', ['ls', 'store/of-a-program']],
  ])('never %s', async (_, args) => {
    expect((await person(alpha, ...args)).output).toMatch(DENIED);
  });

  test('sees no bucket but its own', async () => {
    const { stdout } = await person(alpha, 'ls', 'store');
    expect(stdout).not.toMatch(/user-beta|of-a-program/);
  });

  test('of a name that begins another’s does not reach the other’s bucket', async () => {
    const al = await assume(tokenOf('al'));
    expect((await person(al, 'ls', 'store/user-alpha')).output).toMatch(DENIED);
    expect((await person(al, 'pipe', 'store/user-alpha/x')).output).toMatch(DENIED);
  });

  test('gets no credentials that live longer than is allowed', async () => {
    expect(await assume(tokenOf('alpha'), DURATION + 1)).toMatch(/AccessDenied/);
  });
});

describe('a token that is not right', () => {
  const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const payload = (): Record<string, unknown> => ({
    iss: tokens.issuer,
    aud: ['minio'],
    sub: 'beta',
    preferred_username: 'beta',
    policy: realm.permissions(),
    exp: Math.floor(Date.now() / 1000) + 300,
  });

  test.each<[string, () => string]>([
    ['for somebody else', () => tokenOf('alpha', [], { aud: ['vault'], azp: 'vault' })],
    ['that has ended', () => tokenOf('alpha', [], { exp: Math.floor(Date.now() / 1000) - 60 })],
    ['that names no policy', () => tokenOf('alpha', [], { policy: undefined })],
    [
      'with a foreign signature',
      () => `${tokenOf('alpha').split('.').slice(0, 2).join('.')}.${tokenOf('beta').split('.')[2] ?? ''}`,
    ],
    ['that nobody signed', () => `${encode({ alg: 'none', typ: 'JWT', kid: 'x' })}.${encode(payload())}.`],
    [
      'signed with the empty key that the client would have without a secret',
      () => {
        const text = `${encode({ alg: 'HS256', typ: 'JWT', kid: 'minio' })}.${encode(payload())}`;
        return `${text}.${createHmac('sha256', '').update(text).digest('base64url')}`;
      },
    ],
  ])('%s is refused', async (_, token) => {
    expect(await assume(token())).toMatch(/InvalidParameterValue|ExpiredToken|AccessDenied/);
  });
});

describe('the store', () => {
  test('answers pages of the allowed origin alone', async () => {
    const allowed = async (origin: string) =>
      (await fetch(`${url}/user-alpha`, { headers: { origin } })).headers.get('access-control-allow-origin');
    expect(await allowed(ORIGIN)).toBe(ORIGIN);
    expect(await allowed('https://evil.example.org')).toBeNull();
  });

  test('starts again while the provider is away, and serves programs and people with credentials', async () => {
    const alpha = await assume(tokenOf('alpha'), DURATION);
    await tokens.stop();
    await Promise.all([server.stop(), sidecar.stop()]);
    sidecar = pods.sidecar.start();
    server = pods.server.start();
    await storeIsReady();
    expect(await root('ls', 'store')).toMatchObject({ code: 0 });
    await sleep(1000);
    expect(await person(alpha, 'pipe', 'store/user-alpha/again.csv')).toMatchObject({ code: 0 });
  });
});
