import { createHmac } from 'node:crypto';
import { ensurePrograms } from '../../tools/cluster/programs';
import { ensureDebian } from './support/debian';
import { type Credentials, TenantStore } from './support/people-store';
import { TokenIssuer } from './support/token-issuer';
import { eventually, sleep } from './support/waiting';
import { silentProgress } from '../../tools/cluster/progress';

const DURATION = 3600;
const ORIGIN = 'https://datalab.example.org';
const DENIED = /Access Denied|Insufficient permissions/;

let tokens: TokenIssuer;
let store: TenantStore;

beforeAll(async () => {
  await ensureDebian({ busybox: 'busybox-static' });
  await ensurePrograms(['minio', 'mc'], silentProgress);
  tokens = await TokenIssuer.start();
  // The store starts while nobody answers at the provider's address.
  await tokens.stop();
  store = await TenantStore.create(tokens, DURATION, ORIGIN);
  await store.serve();
});

afterAll(async () => {
  await store.dispose();
  await tokens.stop().catch(() => undefined);
});

describe('while the identity provider is away', () => {
  test('the store starts, and the Job makes what is declared', async () => {
    expect(await store.provision()).toMatchObject({ code: 0 });
    expect((await store.root('ls', 'store')).stdout).toMatch(/of-a-program[\s\S]*projet-census/);
  });

  test('people are told that they cannot come in', async () => {
    expect(await store.assume(store.tokenOf('alpha'))).toMatch(/InvalidParameterValue/);
  });

  test('people come in once it is back, by themselves', async () => {
    await tokens.listen();
    await eventually('credentials', async () => typeof (await store.assume(store.tokenOf('alpha'))) !== 'string', {
      seconds: 40,
    });
  });
});

describe('a person', () => {
  let alpha: Credentials | string;

  beforeAll(async () => {
    alpha = await store.assume(store.tokenOf('alpha', ['census']), DURATION);
    await store.person(await store.assume(store.tokenOf('beta')), 'mb', 'store/user-beta');
    await store.person(await store.assume(store.tokenOf('beta')), 'pipe', 'store/user-beta/secret.txt');
  });

  test('makes its own bucket and works in it', async () => {
    expect(await store.person(alpha, 'mb', 'store/user-alpha')).toMatchObject({ code: 0 });
    expect(await store.person(alpha, 'pipe', 'store/user-alpha/survey.csv')).toMatchObject({ code: 0 });
    expect((await store.person(alpha, 'cat', 'store/user-alpha/survey.csv')).stdout).toBe('content');
    expect((await store.person(alpha, 'ls', 'store/user-alpha')).stdout).toContain('survey.csv');
    expect(await store.person(alpha, 'rm', 'store/user-alpha/survey.csv')).toMatchObject({ code: 0 });
  });

  test('works in the bucket of its project, which others do not', async () => {
    expect(await store.person(alpha, 'pipe', 'store/projet-census/shared.csv')).toMatchObject({ code: 0 });
    expect(
      (await store.person(await store.assume(store.tokenOf('beta')), 'cat', 'store/projet-census/shared.csv')).output,
    ).toMatch(DENIED);
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
    expect((await store.person(alpha, ...args)).output).toMatch(DENIED);
  });

  test('sees no bucket but its own', async () => {
    const { stdout } = await store.person(alpha, 'ls', 'store');
    expect(stdout).not.toMatch(/user-beta|of-a-program/);
  });

  test('of a name that begins another’s does not reach the other’s bucket', async () => {
    const al = await store.assume(store.tokenOf('al'));
    expect((await store.person(al, 'ls', 'store/user-alpha')).output).toMatch(DENIED);
    expect((await store.person(al, 'pipe', 'store/user-alpha/x')).output).toMatch(DENIED);
  });

  test('gets no credentials that live longer than is allowed', async () => {
    expect(await store.assume(store.tokenOf('alpha'), DURATION + 1)).toMatch(/AccessDenied/);
  });
});

describe('a token that is not right', () => {
  const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const payload = (): Record<string, unknown> => ({
    iss: tokens.issuer,
    aud: ['minio'],
    sub: 'beta',
    preferred_username: 'beta',
    policy: store.permissionClaims([]).policy,
    exp: Math.floor(Date.now() / 1000) + 300,
  });

  test.each<[string, () => string]>([
    ['for somebody else', () => store.tokenOf('alpha', [], { aud: ['vault'], azp: 'vault' })],
    ['that has ended', () => store.tokenOf('alpha', [], { exp: Math.floor(Date.now() / 1000) - 60 })],
    ['that names no policy', () => store.tokenOf('alpha', [], { policy: undefined })],
    [
      'with a foreign signature',
      () => `${store.tokenOf('alpha').split('.').slice(0, 2).join('.')}.${store.tokenOf('beta').split('.')[2] ?? ''}`,
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
    expect(await store.assume(token())).toMatch(/InvalidParameterValue|ExpiredToken|AccessDenied/);
  });
});

describe('the store', () => {
  test('answers pages of the allowed origin alone', async () => {
    const allowed = async (origin: string) =>
      (await fetch(`${store.url}/user-alpha`, { headers: { origin } })).headers.get('access-control-allow-origin');
    expect(await allowed(ORIGIN)).toBe(ORIGIN);
    expect(await allowed('https://evil.example.org')).toBeNull();
  });

  test('starts again while the provider is away, and serves programs and people with credentials', async () => {
    const alpha = await store.assume(store.tokenOf('alpha'), DURATION);
    await tokens.stop();
    await store.stop();
    await store.serve();
    expect(await store.root('ls', 'store')).toMatchObject({ code: 0 });
    await sleep(1000);
    expect(await store.person(alpha, 'pipe', 'store/user-alpha/again.csv')).toMatchObject({ code: 0 });
  });
});
