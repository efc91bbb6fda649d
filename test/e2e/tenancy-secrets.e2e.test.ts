import { CertificateAuthority, ServerTls, SpaceNames, type Synthesis, synthesize, VaultRealm } from '../../constructs';
import { ensurePrograms, programPath } from '../../tools/cluster/programs';
import { at } from '../support/objects';
import { TEST_LOCK, testImages, testPlatform } from '../support/platform';
import { StandInRealm } from '../support/stand-in-realm';
import { freePort } from '../../tools/quickstart/port-forward';
import { type Running, start } from './support/commands';
import { LocalVault, vaultSecrets } from './support/local-vault';
import type { Outcome } from './support/tenancy-attempts';
import { expectDocumented, testTrials, type Trial, tryAll } from './support/tenancy-table';
import { TokenIssuer } from './support/token-issuer';
import { eventually } from './support/waiting';
import { silentProgress } from '../../tools/cluster/progress';

/**
 * What people try at a secret store: at one with a policy by prefix and the audience that Keycloak puts into every token, and at the
 * platform's. `alpha` is a member of the project `census`, `al` is not.
 */

const DAY = 24 * 3600;

/** A secret store that people log in to. */
interface SecretStore {
  ask(
    method: string,
    path: string,
    options?: { readonly token?: string; readonly body?: unknown },
  ): Promise<{ readonly status: number; readonly body: unknown }>;
  /** Claims of tokens for the client that is meant for it. */
  readonly own: Readonly<Record<string, unknown>>;
  /** Claims of tokens for another client. */
  readonly foreign: Readonly<Record<string, unknown>>;
  /** Does what the documentation says of people who leave. */
  offboard(username: string): Promise<void>;
}

/** A store with the logins of people, and what is in it before anybody tries anything. */
interface Subject {
  readonly store: SecretStore;
  readonly logins: Readonly<Record<'al' | 'alpha' | 'leaver', string>>;
}

let tokens: TokenIssuer;

const jwtOf = (username: string, claims: Readonly<Record<string, unknown>>, groups: readonly string[] = []) =>
  tokens.sign({ sub: username, preferred_username: username, directories: ['own_directory', ...groups], ...claims });

/** Logs in with a token. @returns the status, or Vault's own token */
async function login(store: SecretStore, jwt: string): Promise<number | string> {
  const { status, body } = await store.ask('POST', 'auth/jwt/login', { body: { jwt, role: 'onyxia-user' } });
  const token = at(body, 'auth', 'client_token');
  return status === 200 && typeof token === 'string' ? token : status;
}

const outcome = (status: number): Outcome =>
  status === 200 || status === 204 ? 'allowed' : status === 400 || status === 403 ? 'Vault' : String(status);

const asks =
  (who: keyof Subject['logins'], method: string, path: string, body?: unknown) =>
  async ({ store, logins }: Subject): Promise<Outcome> =>
    outcome((await store.ask(method, path, { token: logins[who], ...(body === undefined ? {} : { body }) })).status);

const comesWith =
  (jwt: (store: SecretStore) => string) =>
  async ({ store }: Subject): Promise<Outcome> => {
    const answer = await login(store, jwt(store));
    return typeof answer === 'string' ? 'allowed' : outcome(answer);
  };

const now = () => Math.floor(Date.now() / 1000);

/** A token that nobody signed. */
function unsigned(store: SecretStore): string {
  const payload = jwtOf('alpha', store.own).split('.')[1] ?? '';
  return `${Buffer.from('{"alg":"none","typ":"JWT"}').toString('base64url')}.${payload}.`;
}

const SECRET = { data: { value: 'mine' } };

const TRIALS: readonly Trial<Subject>[] = [
  ...(
    [
      ['reads a secret of another', asks('alpha', 'GET', 'onyxia-kv/data/user-beta/kept'), 'Vault'],
      ['writes to the directory of another', asks('alpha', 'POST', 'onyxia-kv/data/user-beta/new', SECRET), 'Vault'],
      ['lists the directory of another', asks('alpha', 'LIST', 'onyxia-kv/metadata/user-beta'), 'allowed'],
      ['lists who has a directory', asks('alpha', 'LIST', 'onyxia-kv/metadata/'), 'allowed'],
      [
        'reads a secret of another whose name begins like its own',
        asks('al', 'GET', 'onyxia-kv/data/user-alpha/kept'),
        'allowed',
      ],
      ['writes there', asks('al', 'POST', 'onyxia-kv/data/user-alpha/kept', SECRET), 'allowed'],
      ['reads the history of a secret there', asks('al', 'GET', 'onyxia-kv/metadata/user-alpha/kept'), 'allowed'],
      ['deletes all versions of it', asks('al', 'DELETE', 'onyxia-kv/metadata/user-alpha/kept'), 'allowed'],
      [
        'reads the directory of a project that it is not in',
        asks('al', 'GET', 'onyxia-kv/data/projet-census/kept'),
        'allowed',
      ],
      [
        'makes a token with the policy root',
        asks('alpha', 'POST', 'auth/token/create', { policies: ['root'] }),
        'Vault',
      ],
      ['makes a token that outlives its login', asks('alpha', 'POST', 'auth/token/create-orphan', {}), 'Vault'],
      ['reads how people log in', asks('alpha', 'GET', 'sys/auth'), 'Vault'],
      ['reads a policy', asks('alpha', 'GET', 'sys/policies/acl/onyxia-policy'), 'Vault'],
      ['writes a policy', asks('alpha', 'PUT', 'sys/policies/acl/mine', { policy: 'path "*" {}' }), 'Vault'],
      ['seals the store', asks('alpha', 'PUT', 'sys/seal', {}), 'Vault'],
      ['takes a copy of all secrets', asks('alpha', 'GET', 'sys/storage/raft/snapshot'), 'Vault'],
      ['comes with a token for another client', comesWith((store) => jwtOf('alpha', store.foreign)), 'allowed'],
      [
        'comes with a token that ended half a minute ago',
        comesWith((store) => jwtOf('alpha', { ...store.own, iat: now() - 330, exp: now() - 30 })),
        'allowed',
      ],
      [
        'comes with a token that ended an hour ago',
        comesWith((store) => jwtOf('alpha', { ...store.own, iat: now() - 3900, exp: now() - 3600 })),
        'Vault',
      ],
      ['comes with a token that nobody signed', comesWith(unsigned), 'Vault'],
      [
        'comes with a token of another issuer that has the same keys',
        comesWith((store) => jwtOf('alpha', { ...store.own, iss: 'https://auth.example.org/realms/other' })),
        'allowed',
      ],
    ] as const
  ).map(([what, act, without]) => ({ test: 'T25', what, act, without, with: 'Vault' })),
  ...(
    [
      [
        'was removed and goes on with its login until that ends',
        asks('leaver', 'GET', 'onyxia-kv/data/user-leaver/kept'),
        'allowed',
      ],
      [
        'was removed and makes its login last for a month',
        async ({ store, logins }: Subject) => {
          const body = { increment: 31 * DAY };
          const renewed = await store.ask('POST', 'auth/token/renew-self', { token: logins.leaver, body });
          return Number(at(renewed.body, 'auth', 'lease_duration')) > DAY ? 'allowed' : 'Vault';
        },
        'Vault',
      ],
      [
        'was removed as the documentation says, and goes on with its login',
        async (subject: Subject) => {
          await subject.store.offboard('leaver');
          return asks('leaver', 'GET', 'onyxia-kv/data/user-leaver/kept')(subject);
        },
        'Vault',
      ],
      [
        'comes new with the name of somebody who left, and reads what that one kept',
        async ({ store }: Subject) => {
          const token = await login(store, jwtOf('leaver', { ...store.own, sub: 'somebody-else' }));
          if (typeof token === 'number') return outcome(token);
          return outcome((await store.ask('GET', 'onyxia-kv/data/user-leaver/kept', { token })).status);
        },
        'Vault',
      ],
    ] as const
  ).map(([what, act, now]) => ({ test: 'T30', what, act, without: 'allowed', with: now })),
];

/** A Vault for trying things out, set up by hand in a few lines. */
class PrefixVault implements SecretStore {
  static async create(): Promise<PrefixVault> {
    const port = await freePort();
    const args = ['server', '-dev', '-dev-no-store-token', '-dev-root-token-id=root'];
    const env = { VAULT_ADDR: '', HOME: '/tmp' };
    const server = start(programPath('vault'), [...args, `-dev-listen-address=127.0.0.1:${port}`], { env });
    const vault = new PrefixVault(`http://127.0.0.1:${port}/v1`, server);
    await eventually('Vault', async () => (await vault.ask('GET', 'sys/health')).status === 200);
    await vault.setUp();
    return vault;
  }

  // Keycloak puts this audience into the tokens of every client
  readonly own = { aud: ['vault', 'account'] };
  readonly foreign = { aud: ['minio', 'account'] };

  private constructor(
    private readonly url: string,
    private readonly server: Running,
  ) {}

  async ask(method: string, path: string, { token, body }: { readonly token?: string; readonly body?: unknown } = {}) {
    const response = await fetch(`${this.url}/${path}`, {
      method,
      ...(token === undefined ? {} : { headers: { 'X-Vault-Token': token } }),
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    const parsed: unknown = text.startsWith('{') ? JSON.parse(text) : text;
    return { status: response.status, body: parsed };
  }

  offboard(): Promise<void> {
    // The account at the identity provider is gone, and nothing was done here.
    return Promise.resolve();
  }

  async stop(): Promise<void> {
    await this.server.stop();
  }

  private async setUp(): Promise<void> {
    const token = 'root';
    const put = async (path: string, body: unknown) => {
      const { status, body: answer } = await this.ask('POST', path, { token, body });
      if (status >= 300) throw new Error(`${path}: ${status} ${JSON.stringify(answer)}`);
    };
    await put('sys/mounts/onyxia-kv', { type: 'kv', options: { version: '2' } });
    await put('sys/auth/jwt', { type: 'jwt' });
    await put('auth/jwt/config', { jwks_url: tokens.jwksUrl });
    const { body } = await this.ask('GET', 'sys/auth', { token });
    const name = `{{identity.entity.aliases.${String(at(body, 'data', 'jwt/', 'accessor'))}.name}}`;
    const rules = [
      ...['data', 'metadata'].flatMap((area) => [
        `path "onyxia-kv/${area}/user-${name}*" { capabilities = ["create", "read", "update", "delete", "list"] }`,
        `path "onyxia-kv/${area}/projet-*" { capabilities = ["create", "read", "update", "delete", "list"] }`,
      ]),
      // so that a page can show directories
      'path "onyxia-kv/metadata/*" { capabilities = ["list"] }',
    ];
    await put('sys/policies/acl/onyxia-policy', { policy: rules.join('\n') });
    await put('auth/jwt/role/onyxia-user', {
      role_type: 'jwt',
      bound_audiences: ['account'],
      user_claim: 'preferred_username',
      token_policies: ['onyxia-policy'],
    });
  }
}

/** The platform's own. */
class PlatformVault implements SecretStore {
  static async create(): Promise<PlatformVault> {
    const local = await LocalVault.create();
    const declared = declare(local);
    const secrets = vaultSecrets();
    local.start(declared, secrets);
    await local.ready(declared);
    const { code, output } = await local.provision(declared, secrets);
    if (code !== 0) throw new Error(output);
    return new PlatformVault(local);
  }

  readonly own = { aud: ['vault'] };
  readonly foreign = { aud: ['minio'] };

  private constructor(private readonly local: LocalVault) {}

  ask(method: string, path: string, options: { readonly token?: string; readonly body?: unknown } = {}) {
    return this.local.ask(method, path, options);
  }

  async offboard(username: string): Promise<void> {
    const token = await this.local.rootToken();
    const method = await this.ask('GET', 'sys/auth/jwt', { token });
    const body = { alias_name: username, alias_mount_accessor: at(method.body, 'data', 'accessor') };
    const found = await this.ask('POST', 'identity/lookup/entity', { token, body });
    const path = `identity/entity/id/${String(at(found.body, 'data', 'id'))}`;
    const { status } = await this.ask('POST', path, { token, body: { disabled: true } });
    if (status >= 300) throw new Error(`disabling ${username}: ${status}`);
  }

  async stop(): Promise<void> {
    await this.local.dispose();
  }
}

function declare(vault: LocalVault): Synthesis {
  const image = { ...TEST_LOCK.busybox, repository: 'bouture/vault', tag: '1.14.1', licence: 'MPL-2.0', source: 'x' };
  const platform = testPlatform({ images: testImages({ lock: { ...TEST_LOCK, vault: image } }) });
  const store = new VaultRealm(platform, 'vault', {
    identityProvider: new StandInRealm(platform, 'realm', { issuer: tokens.issuer, jwksUrl: tokens.jwksUrl }),
    names: new SpaceNames(),
    tls: ServerTls.secret('vault-tls', CertificateAuthority.pem(vault.authority.certificate)),
  });
  store.addProject('census');
  return synthesize(platform);
}

/** Lets everyone log in, and fills the store. */
async function prepare(store: SecretStore): Promise<Subject> {
  const enter = async (username: string, groups: readonly string[] = []) => {
    const token = await login(store, jwtOf(username, store.own, groups));
    if (typeof token === 'number') throw new Error(`${username} cannot log in: ${token}`);
    return token;
  };
  const logins = { al: await enter('al'), alpha: await enter('alpha', ['census']), leaver: await enter('leaver') };
  const write = async (path: string, token: string) => {
    const { status } = await store.ask('POST', `onyxia-kv/data/${path}`, { token, body: SECRET });
    if (status !== 200) throw new Error(`${path}: ${status}`);
  };
  await write('user-alpha/kept', logins.alpha);
  await write('projet-census/kept', logins.alpha);
  await write('user-leaver/kept', logins.leaver);
  await write('user-beta/kept', await enter('beta'));
  return { store, logins };
}

describe('people at a secret store', () => {
  const stores: { stop(): Promise<void> }[] = [];
  let without: readonly Outcome[];
  let withThem: readonly Outcome[];

  beforeAll(async () => {
    await ensurePrograms(['vault'], silentProgress);
    tokens = await TokenIssuer.start();
    const naive = await PrefixVault.create();
    stores.push(naive);
    without = await tryAll(TRIALS, await prepare(naive));
    const platform = await PlatformVault.create();
    stores.push(platform);
    withThem = await tryAll(TRIALS, await prepare(platform));
  });

  afterAll(async () => {
    for (const store of stores) await store.stop();
    await tokens.stop();
  });

  testTrials(TRIALS, () => ({ without, with: withThem }));

  test('docs/tenancy.md tells what was seen', () => {
    expectDocumented(TRIALS);
  });
});
