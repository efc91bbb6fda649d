import { createHmac } from 'node:crypto';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import {
  CertificateAuthority,
  ServerTls,
  SpaceNames,
  type Synthesis,
  synthesize,
  Unseal,
  VaultRealm,
  type VaultRealmProps,
} from '../../constructs';
import { at, listAt } from '../support/objects';
import { TEST_LOCK, testImages, testPlatform } from '../support/platform';
import { StandInRealm } from '../support/stand-in-realm';
import { FakeObjectStore } from '../support/storage';
import type { Finished } from './support/commands';
import { LocalVault, vaultSecrets } from './support/local-vault';
import { FLAVOUR } from './support/secret-server';
import { TokenIssuer } from './support/token-issuer';
import { eventually } from './support/waiting';

/**
 * The scripts and the declared state of a VaultRealm, taken from the synthesized manifests and run on this machine against the real
 * Vault with raft storage. Only the identity provider is a stand-in, which signs tokens; the real one has a test of its own.
 */

const VAULT = { ...TEST_LOCK.busybox, repository: 'bouture/vault', tag: '1.14.1', licence: 'MPL-2.0', source: 'x' };
const JWT = { role_type: 'jwt', user_claim: 'preferred_username' };
const ORIGIN = 'https://datalab.example.org';
const MANY = Array.from({ length: 14 }, (_, index) => `project${index}`);
const SECRETS = vaultSecrets({
  'demo-vault/vault-snapshots-s3/accessKeyId': 'unused',
  'demo-vault/vault-snapshots-s3/secretAccessKey': 'UNUSEDcanaryUNUSED',
});

let tokens: TokenIssuer;

/** A platform with one secret store. */
function declare(
  vault: LocalVault,
  {
    projects = ['census', ...MANY],
    origins = [ORIGIN],
    ...props
  }: Partial<VaultRealmProps> & {
    readonly projects?: readonly string[];
    readonly origins?: readonly string[];
  } = {},
): Synthesis {
  const platform = testPlatform({ images: testImages({ lock: { ...TEST_LOCK, vault: VAULT, openbao: VAULT } }) });
  const store = new VaultRealm(platform, 'vault', {
    identityProvider: new StandInRealm(platform, 'realm', { issuer: tokens.issuer, jwksUrl: tokens.jwksUrl }),
    names: new SpaceNames(),
    flavour: FLAVOUR,
    tls: ServerTls.secret('vault-tls', CertificateAuthority.pem(vault.authority.certificate)),
    ...props,
  });
  for (const project of projects) store.addProject(project);
  for (const origin of origins) store.allowOrigin(origin);
  return synthesize(platform);
}

/** A token of a person who is in some groups. */
function tokenOf(
  username: string,
  groups: readonly string[] = [],
  claims: Readonly<Record<string, unknown>> = {},
): string {
  return tokens.sign({
    aud: ['vault'],
    sub: username,
    preferred_username: username,
    directories: ['own_directory', ...groups],
    ...claims,
  });
}

beforeAll(async () => {
  tokens = await TokenIssuer.start();
});

afterAll(async () => {
  await tokens.stop();
});

describe('a VaultRealm that unseals itself, against a real Vault', () => {
  let vault: LocalVault;
  let declared: Synthesis;

  const login = async (jwt: string) => vault.ask('POST', 'auth/jwt/login', { body: { jwt, role: 'onyxia-user' } });

  /** A server that has just started is ready a moment before it has found that it leads. */
  const leads = async () =>
    eventually('the server to lead', async () => (await vault.ask('GET', 'sys/health')).status === 200);

  /** What a person asks, after a login. */
  async function person(username: string, groups: readonly string[] = []) {
    await leads();
    const { status, body } = await login(tokenOf(username, groups));
    expect(status).toBe(200);
    const token = String(at(body, 'auth', 'client_token'));
    const ask = (method: string, path: string, body?: unknown) => vault.ask(method, path, { token, body });
    return {
      token,
      ask,
      write: async (path: string, value: string) =>
        (await ask('POST', `onyxia-kv/data/${path}`, { data: { value } })).status,
      read: async (path: string) => {
        const { status, body } = await ask('GET', `onyxia-kv/data/${path}`);
        return status === 200 ? at(body, 'data', 'data', 'value') : status;
      },
      list: async (path: string) => {
        const { status, body } = await ask('LIST', `onyxia-kv/metadata/${path}`);
        return status === 200 ? listAt(body, 'data', 'keys') : status;
      },
    };
  }

  /** Does something with a root token, and gives it back. */
  async function asRoot<T>(work: (token: string) => Promise<T>): Promise<T> {
    const token = await vault.rootToken();
    try {
      return await work(token);
    } finally {
      await vault.ask('POST', 'auth/token/revoke-self', { token });
    }
  }

  /** Everything that the Job decides, as the server tells it. */
  async function state(): Promise<Readonly<Record<string, unknown>>> {
    return asRoot(async (token) => {
      const found: Record<string, unknown> = {};
      const read = async (method: string, path: string) => {
        const { body } = await vault.ask(method, path, { token });
        return at(body, 'data');
      };
      for (const path of ['sys/mounts', 'sys/auth', 'sys/audit', 'sys/config/cors', 'auth/jwt/config']) {
        found[path] = await read('GET', path);
      }
      for (const path of ['auth/jwt/role', 'sys/policies/acl', 'identity/group/name']) {
        for (const name of listAt(await read('LIST', path), 'keys')) {
          found[`${path}/${String(name)}`] = await read('GET', `${path}/${String(name)}`);
        }
      }
      found['kv'] = await read('GET', 'onyxia-kv/config');
      return found;
    });
  }

  async function provision(synthesis = declared) {
    return succeeded(await vault.provision(synthesis, SECRETS));
  }

  beforeAll(async () => {
    vault = await LocalVault.create();
    declared = declare(vault, {
      snapshots: { bucket: bucketOf(), keepAtLeast: 2, retentionDays: 1 },
      metrics: { allowFrom: { namespace: 'monitoring' } },
    });
    vault.start(declared, SECRETS);
    await vault.ready(declared);
    await provision();
  });

  afterAll(async () => {
    await vault.dispose();
  });

  test('is set up from nothing, and keeps no root token', async () => {
    expect(vault.log()).toContain('the programs of the platform can log in; no root token is left');
    const roots = await asRoot(async (token) => {
      const { body } = await vault.ask('LIST', 'auth/token/accessors', { token });
      const found: unknown[] = [];
      for (const accessor of listAt(body, 'data', 'keys')) {
        const { body } = await vault.ask('POST', 'auth/token/lookup-accessor', { token, body: { accessor } });
        if (listAt(body, 'data', 'policies').includes('root')) found.push(accessor);
      }
      return found;
    });
    // the one that asks, which with OpenBao is none
    expect(roots).toHaveLength(FLAVOUR === 'openbao' ? 0 : 1);
  });

  test('changes nothing when the Job runs again', async () => {
    const before = await state();
    expect(Object.keys(before).filter((name) => name.startsWith('identity/group/name/'))).toHaveLength(15);
    await provision();
    expect(await state()).toEqual(before);
  });

  test('lets a person write, read, list and delete in the directory of its own name, and below', async () => {
    const alpha = await person('alpha');
    expect(await alpha.write('user-alpha/database', 'first')).toBe(200);
    expect(await alpha.write('user-alpha/.onyxia/settings', 'deep')).toBe(200);
    expect(await alpha.read('user-alpha/database')).toBe('first');
    expect(await alpha.list('user-alpha')).toEqual(['.onyxia/', 'database']);
    expect(await alpha.list('user-alpha/.onyxia/')).toEqual(['settings']);
    expect((await alpha.ask('DELETE', 'onyxia-kv/metadata/user-alpha/.onyxia/settings')).status).toBe(204);
    expect(await alpha.list('user-alpha')).toEqual(['database']);
  });

  test.each([
    ['another person', 'user-beta'],
    ['a person whose name begins with its own', 'user-alphabet'],
    ['a person whose name its own begins with', 'user-al'],
    ['a project that it is not in', 'projet-census'],
    ['nobody', 'elsewhere'],
  ])('keeps a person out of the directory of %s', async (_, directory) => {
    await asRoot(async (token) => {
      const body = { data: { value: 'not for alpha' } };
      expect((await vault.ask('POST', `onyxia-kv/data/${directory}/kept`, { token, body })).status).toBe(200);
    });
    const alpha = await person('alpha', ['project1']);
    expect(await alpha.read(`${directory}/kept`)).toBe(403);
    expect(await alpha.write(`${directory}/kept`, 'mine')).toBe(403);
    expect(await alpha.list(directory)).toBe(403);
    for (const [method, path] of [
      ['GET', `onyxia-kv/metadata/${directory}/kept`],
      ['DELETE', `onyxia-kv/metadata/${directory}/kept`],
      ['DELETE', `onyxia-kv/data/${directory}/kept`],
      ['POST', `onyxia-kv/destroy/${directory}/kept`],
      ['GET', `onyxia-kv/subkeys/${directory}/kept`],
    ] as const) {
      expect([path, (await alpha.ask(method, path, { versions: [1] })).status]).toEqual([path, 403]);
    }
  });

  test('shows nobody who has directories', async () => {
    expect(await (await person('alpha')).list('')).toBe(403);
  });

  test.each([
    ['POST', 'auth/token/create', { policies: ['root'] }],
    ['POST', 'auth/token/create', { policies: ['bouture-reconciler'] }],
    ['POST', 'auth/token/create-orphan', {}],
    ['GET', 'sys/policies/acl/bouture-user', undefined],
    ['PUT', 'sys/policies/acl/bouture-user', { policy: 'path "*" { capabilities = ["read"] }' }],
    ['GET', 'sys/mounts', undefined],
    ['GET', 'sys/auth', undefined],
    ['GET', 'sys/audit', undefined],
    ['DELETE', 'sys/audit/stdout', undefined],
    ['PUT', 'sys/seal', {}],
    ['GET', 'sys/storage/raft/snapshot', undefined],
    ['POST', 'sys/config/cors', { enabled: true, allowed_origins: '*' }],
    ['GET', 'bouture/unseal', undefined],
    ['GET', 'auth/jwt/role/onyxia-user', undefined],
    ['POST', 'auth/jwt/role/mine', { role_type: 'jwt', user_claim: 'sub', token_policies: ['bouture-reconciler'] }],
    ['LIST', 'identity/entity/name', undefined],
    ['POST', 'identity/group', { name: 'mine', policies: ['bouture-reconciler'] }],
  ])('refuses a person to %s %s', async (method, path, body) => {
    expect((await (await person('alpha')).ask(method, path, body)).status).toBe(403);
  });

  test('lets the members of a project share its directory, and nobody else', async () => {
    const [member, other] = [await person('alpha', ['census']), await person('beta', ['census'])];
    expect(await member.write('projet-census/token', 'shared')).toBe(200);
    expect(await other.read('projet-census/token')).toBe('shared');
    expect(await other.list('projet-census')).toContain('token');
    expect(await (await person('gamma')).read('projet-census/token')).toBe(403);
  });

  test('lets a person be in more than ten projects', async () => {
    const busy = await person('busy', MANY);
    for (const name of MANY) expect([name, await busy.write(`projet-${name}/one`, name)]).toEqual([name, 200]);
    expect(await busy.write('projet-census/one', 'no')).toBe(403);
  });

  test('takes a project from who has left it, at the next login', async () => {
    const before = await person('leaver', ['census']);
    expect(await before.list('projet-census')).not.toBe(403);
    const after = await person('leaver', []);
    expect(await after.list('projet-census')).toBe(403);
    // the older login too: the groups belong to the person
    expect(await before.list('projet-census')).toBe(403);
  });

  test('refuses tokens that are not for it', async () => {
    const now = Math.floor(Date.now() / 1000);
    const unsigned = (claims: Readonly<Record<string, unknown>>, header: Readonly<Record<string, unknown>>) =>
      [header, claims].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.');
    const claims = {
      iss: tokens.issuer,
      aud: ['vault'],
      sub: 'alpha',
      preferred_username: 'alpha',
      iat: now,
      exp: now + 300,
    };
    const key = await (await fetch(tokens.jwksUrl)).text();
    const symmetric = unsigned(claims, { alg: 'HS256', typ: 'JWT' });
    const cases: Readonly<Record<string, string>> = {
      'another audience': tokenOf('alpha', [], { aud: ['onyxia-minio'] }),
      'no audience': tokenOf('alpha', [], { aud: undefined }),
      expired: tokenOf('alpha', [], { iat: now - 900, exp: now - 60 }),
      'not yet': tokenOf('alpha', [], { nbf: now + 600 }),
      'another issuer': tokenOf('alpha', [], { iss: 'https://auth.example.org/realms/other' }),
      'no user': tokenOf('alpha', [], { preferred_username: undefined }),
      'alg none': `${unsigned(claims, { alg: 'none', typ: 'JWT' })}.`,
      'signed with the public key': `${symmetric}.${createHmac('sha256', key).update(symmetric).digest('base64url')}`,
      'signed by another': (await anotherIssuer()).sign(claims),
      garbage: 'not.a.token',
    };
    for (const [name, jwt] of Object.entries(cases)) {
      const { status, body } = await login(jwt);
      expect([name, status, at(body, 'auth')]).toEqual([name, 400, undefined]);
    }
    expect((await login(tokenOf('alpha'))).status).toBe(200);
  });

  test('bounds how long a login lasts', async () => {
    const { body } = await login(tokenOf('alpha'));
    expect(at(body, 'auth')).toMatchObject({ lease_duration: 3600, renewable: true });
    const alpha = await person('alpha');
    const { body: renewed } = await alpha.ask('POST', 'auth/token/renew-self', { increment: '90000' });
    expect(at(renewed, 'auth', 'lease_duration')).toBeLessThanOrEqual(28_800);
  });

  test('lets the scripts of the declared page call it, and of no other', async () => {
    const preflight = async (origin: string) =>
      (
        await vault.ask('OPTIONS', 'onyxia-kv/data/user-alpha/database', {
          headers: { Origin: origin, 'Access-Control-Request-Method': 'GET' },
        })
      ).headers['access-control-allow-origin'];
    expect(await preflight(ORIGIN)).toBe(ORIGIN);
    expect(await preflight('https://elsewhere.example.org')).toBeUndefined();
  });

  test('tells metrics on their own port alone', async () => {
    const metrics = await vault.ask('GET', 'sys/metrics?format=prometheus', { port: 'metrics' });
    expect(metrics.text).toContain('vault_core_unsealed');
    expect((await vault.ask('GET', 'sys/metrics?format=prometheus')).status).toBe(403);
  });

  test('writes down who asked for what, and no secret', async () => {
    await (await person('alpha')).write('user-alpha/audited', 'AUDITcanaryAUDIT');
    // the log comes through a pipe, a moment later
    const lines = await eventually('question and answer in the log', () => {
      const found = vault
        .log()
        .split('\n')
        .filter((line) => line.includes('"path":"onyxia-kv/data/user-alpha/audited"'));
      return Promise.resolve(found.length >= 2 ? found : undefined);
    });
    expect(lines[0]).toContain('"display_name":"jwt-alpha"');
    expect(vault.log()).not.toContain('AUDITcanaryAUDIT');
    expect(vault.log()).not.toContain(await vault.key());
    for (const value of Object.values(SECRETS)) expect(vault.log()).not.toContain(value);
  });

  test('corrects by the next run of the Job what somebody changed by hand', async () => {
    const before = await state();
    await asRoot(async (token) => {
      for (const [method, path, body] of [
        ['PUT', 'sys/policies/acl/bouture-user', { policy: 'path "onyxia-kv/*" { capabilities = ["read", "list"] }' }],
        ['PUT', 'sys/policies/acl/bouture-project-census', { policy: 'path "other/*" { capabilities = ["read"] }' }],
        ['POST', 'auth/jwt/role/onyxia-user', { ...JWT, bound_audiences: ['account'], token_policies: ['default'] }],
        [
          'POST',
          'auth/jwt/role/onyxia-user',
          { ...JWT, token_ttl: 1, token_bound_cidrs: ['192.0.2.0/24'], token_num_uses: 3 },
        ],
        ['POST', 'auth/jwt/config', { jwks_url: tokens.jwksUrl, bound_issuer: '' }],
        ['POST', 'identity/group/name/bouture-project-census', { policies: ['default'] }],
        // OpenBao lets nobody switch off what its configuration makes
        ...(FLAVOUR === 'openbao' ? [] : [['DELETE', 'sys/audit/stdout', undefined] as const]),
        ['DELETE', 'sys/config/cors', undefined],
        ['POST', 'onyxia-kv/config', { max_versions: 1 }],
      ] as const) {
        const { status, text } = await vault.ask(method, path, { token, body });
        if (status >= 300) throw new Error(`${method} ${path}: ${status} ${text}`);
      }
    });
    await provision();
    const after = await state();
    // OpenBao counts the versions of policies
    const uncounted = (found: Readonly<Record<string, unknown>>) =>
      Object.fromEntries(
        Object.entries(found).map(([path, value]) =>
          path.startsWith('sys/policies/') ? [path, { ...(value as object), version: 0, modified: '' }] : [path, value],
        ),
      );
    const without = (group: unknown) => ({
      ...(group as object),
      modify_index: 0,
      last_update_time: '',
      alias: { ...(at(group, 'alias') as object), last_update_time: '' },
    });
    const census = 'identity/group/name/bouture-project-census';
    expect({ ...uncounted(after), [census]: without(after[census]) }).toEqual({
      ...uncounted(before),
      [census]: without(before[census]),
    });
  });

  test('closes the directory of a project that is no longer declared, and keeps what is in it', async () => {
    const name = MANY[3] ?? '';
    const member = await person('alpha', [name]);
    expect(await member.write(`projet-${name}/kept`, 'still there')).toBe(200);
    const fewer = declare(vault, { projects: ['census', ...MANY.filter((each) => each !== name)] });
    expect(await provision(fewer)).toContain(`project "${name}" is no longer declared`);
    expect(await member.read(`projet-${name}/kept`)).toBe(403);
    await provision();
    expect(await (await person('alpha', [name])).read(`projet-${name}/kept`)).toBe('still there');
  });

  test('leaves alone what has no name of the platform', async () => {
    await asRoot(async (token) => {
      await vault.ask('PUT', 'sys/policies/acl/of-the-office', {
        token,
        body: { policy: 'path "office/*" { capabilities = ["read"] }' },
      });
      await vault.ask('POST', 'identity/group/name/of-the-office', { token, body: { policies: ['of-the-office'] } });
      await vault.ask('POST', 'auth/jwt/role/of-the-office', {
        token,
        body: { role_type: 'jwt', user_claim: 'sub', bound_audiences: ['office'] },
      });
    });
    expect(await provision()).toContain('role "of-the-office" is not declared: left as it is');
    const found = await state();
    expect(found['sys/policies/acl/of-the-office']).toBeDefined();
    expect(found['identity/group/name/of-the-office']).toBeDefined();
  });

  test('says that it is sealed, stays so when somebody seals it, and unseals by itself after a restart', async () => {
    await (await person('alpha')).write('user-alpha/lasting', 'lasting');
    await asRoot(async (token) => {
      expect((await vault.ask('PUT', 'sys/seal', { token })).status).toBe(204);
    }).catch(() => undefined);
    const probes = async () => [
      await vault.probe(declared, 'startupProbe'),
      await vault.probe(declared, 'livenessProbe'),
      await vault.probe(declared, 'readinessProbe'),
    ];
    expect(await probes()).toEqual([204, 204, 503]);
    await pause(5000);
    expect(await probes()).toEqual([204, 204, 503]);
    const waiting = await vault.provision(declared, SECRETS, { WAIT_SECONDS: '1' });
    expect(waiting).toMatchObject({ code: 1, output: expect.stringMatching(/127\.0\.0\.1:\d+ is sealed;/) as string });

    await vault.stop();
    vault.start(declared, SECRETS);
    await vault.ready(declared);
    expect(await (await person('alpha')).read('user-alpha/lasting')).toBe('lasting');
    expect(await probes()).toEqual([200, 200, 200]);
  });

  test('takes a rotated value from the next start on, and the earlier one no longer', async () => {
    const rotated = { ...SECRETS, 'demo-vault/vault-access/reconciler': 'ROTATEDcanaryROTATED' };
    await vault.stop();
    vault.start(declared, rotated);
    await vault.ready(declared);
    expect((await vault.provision(declared, rotated)).code).toBe(0);
    const old = await vault.provision(declared, SECRETS, { WAIT_SECONDS: '1' });
    expect(old).toMatchObject({ code: 1, output: expect.stringContaining('are not let in yet') as string });
    await vault.stop();
    vault.start(declared, SECRETS);
    await vault.ready(declared);
    await eventually('the earlier value', async () => (await vault.provision(declared, SECRETS)).code === 0);
  });

  test('lets a program in whatever wrong values somebody has sent in its name', async () => {
    const body = { role_id: 'reconciler', secret_id: 'guessed' };
    for (let tries = 0; tries < 8; tries++) {
      expect((await vault.ask('POST', 'auth/bouture/login', { body })).status).toBe(400);
    }
    expect((await vault.provision(declared, SECRETS, { WAIT_SECONDS: '5' })).code).toBe(0);
  });

  test('stays sealed and says why when the Secret of its key has another value', async () => {
    await vault.stop();
    vault.start(declared, { ...SECRETS, 'demo-vault/vault-unseal/key': 'OTHERcanaryOTHERcanaryOTHER' });
    await eventually('the reason', () =>
      Promise.resolve(vault.log().includes('SEALED: the key was encrypted with another generated value')),
    );
    expect(await vault.probe(declared, 'readinessProbe')).toBe(503);
    await vault.stop();
    vault.start(declared, SECRETS);
    await vault.ready(declared);
  });

  test('takes snapshots, from which another store comes back', async () => {
    const alpha = await person('alpha');
    expect(await alpha.write('user-alpha/saved', 'as it was')).toBe(200);
    for (let count = 0; count < 2; count++) {
      succeeded(await vault.snapshot(declared, SECRETS));
      await pause(1000);
    }
    const [newest = ''] = snapshots().reverse();
    expect(newest).toMatch(/^vault-\d{8}T\d{6}Z\.tar$/);
    await alpha.write('user-alpha/saved', 'changed since');
    await vault.stop();
    vault.loseVolume(0);
    vault.start(declared, SECRETS);
    await vault.ready(declared);
    await eventually('another root', () => Promise.resolve(vault.log().includes('no root token is left')));
    expect((await login(tokenOf('alpha'))).status).not.toBe(200);

    const file = join(vault.bucket, 'snapshots/vault', newest);
    expect(succeeded(await vault.inServer(declared, SECRETS, 'restore.sh', file))).toContain('restored');
    expect(await (await person('alpha')).read('user-alpha/saved')).toBe('as it was');
    await provision();
    await vault.stop();
    vault.start(declared, SECRETS);
    await vault.ready(declared);
    expect(await (await person('alpha')).read('user-alpha/saved')).toBe('as it was');
  });

  test('removes snapshots that are old, and never the newest', async () => {
    const folder = join(vault.bucket, 'snapshots/vault');
    for (const stamp of ['20200101T000000Z', '20200102T000000Z']) writeFileSync(join(folder, `vault-${stamp}.tar`), '');
    writeFileSync(join(folder, 'of-somebody-else.tar'), '');
    succeeded(await vault.snapshot(declared, SECRETS));
    const kept = snapshots();
    expect(kept).toContain('of-somebody-else.tar');
    expect(kept.filter((name) => name.startsWith('vault-2020'))).toEqual([]);
    expect(kept.length).toBeGreaterThanOrEqual(3);
  });

  function snapshots(): string[] {
    return readdirSync(join(vault.bucket, 'snapshots/vault')).sort();
  }
});

describe('three servers of a VaultRealm', () => {
  let vault: LocalVault;
  let declared: Synthesis;
  const ALL = [0, 1, 2];

  const value = async (index: number) => {
    const jwt = tokenOf('alpha');
    const { body } = await vault.ask('POST', 'auth/jwt/login', { body: { jwt, role: 'onyxia-user' }, index });
    const token = String(at(body, 'auth', 'client_token'));
    const found = await vault.ask('GET', 'onyxia-kv/data/user-alpha/kept', { token, index });
    return at(found.body, 'data', 'data', 'value');
  };

  /** A server that has just started must first find the one that leads. */
  const kept = async (index: number) =>
    eventually(`the secret at server ${index}`, async () => (await value(index)) === 'kept', { seconds: 30 });

  const leader = async () => {
    for (const index of ALL) {
      const { status } = await vault.ask('GET', 'sys/health', { index }).catch(() => ({ status: 0 }));
      if (status === 200) return index;
    }
    return undefined;
  };

  /** A server that has just joined has no vote for a moment. */
  const voters = async () =>
    eventually('three votes', async () => {
      const index = await leader();
      if (index === undefined) return false;
      const token = await vault.rootToken(await vault.key(1), index);
      const { body } = await vault.ask('GET', 'sys/storage/raft/configuration', { token, index });
      await vault.ask('POST', 'auth/token/revoke-self', { token, index });
      const servers = listAt(body, 'data', 'config', 'servers');
      return servers.length === 3 && servers.every((server) => at(server, 'voter') === true);
    });

  beforeAll(async () => {
    vault = await LocalVault.create(3);
    declared = declare(vault, { servers: 3, projects: [] });
    // the first one of all has to wait for the others
    vault.start(declared, SECRETS, 0);
    await eventually('the first server', () =>
      Promise.resolve(vault.log(0).includes('before the first initialisation')),
    );
    for (const index of [1, 2]) vault.start(declared, SECRETS, index);
    for (const index of ALL) await vault.ready(declared, index);
    succeeded(await vault.provision(declared, SECRETS));
    const { body } = await vault.ask('POST', 'auth/jwt/login', {
      body: { jwt: tokenOf('alpha'), role: 'onyxia-user' },
    });
    const token = String(at(body, 'auth', 'client_token'));
    await vault.ask('POST', 'onyxia-kv/data/user-alpha/kept', { token, body: { data: { value: 'kept' } } });
  });

  afterAll(async () => {
    await vault.dispose();
  });

  test('go on without the one that leads, and take it back', async () => {
    await voters();
    const first = await leader();
    expect(first).toBeDefined();
    await vault.stop(first);
    const second = await eventually('another leader', leader);
    await kept(second);
    vault.start(declared, SECRETS, first);
    await vault.ready(declared, first);
    await kept(first ?? 0);
  });

  test.each([0, 2])('give what server %i has lost with its volume back to it', async (index) => {
    await voters();
    await vault.stop(index);
    vault.loseVolume(index);
    await eventually('a leader', async () => (await leader()) !== undefined);
    vault.start(declared, SECRETS, index);
    await vault.ready(declared, index);
    await kept(index);
    expect(await vault.key(index)).toBe(await vault.key(1));
  });

  test('come back by themselves when all of them were away', async () => {
    await voters();
    for (const index of ALL) await vault.stop(index);
    for (const index of ALL) vault.start(declared, SECRETS, index);
    for (const index of ALL) await vault.ready(declared, index);
    await kept(1);
  });
});

describe('a VaultRealm that people unseal', () => {
  let vault: LocalVault;
  let declared: Synthesis;

  beforeAll(async () => {
    vault = await LocalVault.create();
    declared = declare(vault, { unseal: Unseal.manual() });
  });

  afterAll(async () => {
    await vault.dispose();
  });

  test('waits for them, says so, and goes on once they have come', async () => {
    vault.start(declared, SECRETS);
    await eventually('what it waits for', () => Promise.resolve(vault.log().includes('NOT INITIALISED: people')));
    expect(await vault.probe(declared, 'livenessProbe')).toBe(204);
    expect(await vault.probe(declared, 'readinessProbe')).toBe(501);
    const early = await vault.provision(declared, SECRETS, { WAIT_SECONDS: '1' });
    expect(early).toMatchObject({ code: 1, output: expect.stringContaining('is uninitialised;') as string });

    const made = await vault.cli('', ['operator', 'init', '-format=json', '-key-shares=3', '-key-threshold=2']);
    const { unseal_keys_hex: shares, root_token: root } = JSON.parse(made.stdout) as {
      unseal_keys_hex: string[];
      root_token: string;
    };
    await eventually('what it waits for', () =>
      Promise.resolve(vault.log().includes('SEALED: waiting for the shares')),
    );
    for (const share of shares.slice(1)) await vault.ask('PUT', 'sys/unseal', { body: { key: share } });
    await vault.ready(declared);
    const late = await vault.provision(declared, SECRETS, { WAIT_SECONDS: '1' });
    expect(late).toMatchObject({ code: 1, output: expect.stringContaining('somebody runs admit.sh') as string });

    const file = join(vault.bucket, 'token');
    writeFileSync(file, `${root}\n`);
    succeeded(await vault.inServer(declared, SECRETS, 'admit.sh', file));
    expect((await vault.ask('GET', 'auth/token/lookup-self', { token: root })).status).toBe(403);
    succeeded(await vault.provision(declared, SECRETS));
    const login = await vault.ask('POST', 'auth/jwt/login', { body: { jwt: tokenOf('alpha'), role: 'onyxia-user' } });
    expect(login.status).toBe(200);
  });
});

/** What a command that succeeded has said. */
function succeeded({ code, output }: Finished): string {
  if (code !== 0) throw new Error(`ended with ${code}:\n${output}`);
  return output;
}

function bucketOf() {
  const platform = testPlatform();
  return new FakeObjectStore(platform, 'store').addBucket('snapshots');
}

/** Somebody who signs with a key that the provider does not have. */
async function anotherIssuer(): Promise<TokenIssuer> {
  const other = await TokenIssuer.start();
  await other.stop();
  return other;
}
