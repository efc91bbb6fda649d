import { setTimeout as pause } from 'node:timers/promises';
import { type Synthesis, Unseal } from '../../constructs';
import { at } from '../support/objects';
import { LocalVault, vaultSecrets } from './support/local-vault';
import { secretServer } from './support/secret-server';
import { TokenIssuer } from './support/token-issuer';
import { TransitProvider } from './support/transit-provider';
import { vaultPlatform } from './support/vault-platform';
import { eventually } from './support/waiting';

/** Seconds after which a token of the provider is worthless unless it is renewed. */
const PERIOD = 20;
const UNREACHABLE = 'SEALED: the key service does not answer, or refuses';

describe('a VaultRealm that another Vault unseals, both real', () => {
  let provider: TransitProvider;
  let vault: LocalVault;
  let tokens: TokenIssuer;
  let declared: Synthesis;
  let secrets: Readonly<Record<string, string>>;

  const seal = (token: string) =>
    vaultSecrets({
      'demo-vault/transit/token': token,
      'demo-vault/transit/ca.crt': provider.authority.certificate,
    });
  const person = async () => {
    const jwt = tokens.sign({ aud: ['vault'], preferred_username: 'alpha', directories: ['own_directory'] });
    const { body, text } = await vault.ask('POST', 'auth/jwt/login', { body: { jwt, role: 'onyxia-user' } });
    const token = at(body, 'auth', 'client_token');
    if (typeof token !== 'string') throw new Error(text);
    return token;
  };
  const write = async (token: string, value: string) =>
    (await vault.ask('POST', 'onyxia-kv/data/user-alpha/kept', { token, body: { data: { value } } })).status;
  const read = async (token: string) =>
    at((await vault.ask('GET', 'onyxia-kv/data/user-alpha/kept', { token })).body, 'data', 'data', 'value');
  const says = (text: string) => eventually(`"${text}"`, () => Promise.resolve(vault.log().includes(text)));
  const opens = async () =>
    vault.ready(declared).catch((error: unknown) => {
      throw new Error(`${String(error)}\n${vault.log().slice(-4000)}`);
    });
  const restart = async (values: Readonly<Record<string, string>> = secrets) => {
    await vault.stop();
    vault.start(declared, values);
  };

  beforeAll(async () => {
    [provider, vault, tokens] = await Promise.all([
      TransitProvider.create(await secretServer()),
      LocalVault.create(),
      TokenIssuer.start(),
    ]);
    const ref = (key: string) => ({ namespace: 'demo-vault', name: 'transit', key });
    declared = vaultPlatform(vault, tokens, {
      unseal: Unseal.transit({
        address: provider.url,
        keyName: provider.keyName,
        token: ref('token'),
        certificateAuthority: ref('ca.crt'),
      }),
    });
    secrets = seal(await provider.token(PERIOD));
    vault.start(declared, secrets);
    await opens();
    const { code, output } = await vault.provision(declared, secrets);
    if (code !== 0) throw new Error(output);
  });

  afterAll(async () => {
    await vault.dispose();
    await provider.dispose();
    await tokens.stop();
  });

  test('is set up from nothing, with a recovery key that its own volume keeps encrypted', async () => {
    const { body } = await vault.ask('GET', 'sys/seal-status');
    expect(body).toMatchObject({ recovery_seal: true, sealed: false });
    expect(await write(await person(), 'first')).toBe(200);
    // what only a recovery key can do
    const root = await vault.rootToken();
    expect((await vault.ask('POST', 'auth/token/revoke-self', { token: root })).status).toBe(204);
    expect(vault.log()).toContain('the programs of the platform can log in; no root token is left');
    expect(vault.log()).not.toContain(secrets['demo-vault/transit/token']);
    expect(vault.log()).not.toContain(await vault.key());
  });

  test('opens by itself after a restart', async () => {
    await restart();
    await opens();
    expect(await read(await person())).toBe('first');
  });

  test('renews the token that it unseals with', async () => {
    await pause((PERIOD + 15) * 1000);
    expect(await provider.secondsLeft(secrets['demo-vault/transit/token'] ?? '')).toBeGreaterThan(0);
    await restart();
    await opens();
  });

  test('goes on while the other is away, says so after a restart, and opens when it is back', async () => {
    const token = await person();
    await provider.stop();
    expect(await write(token, 'second')).toBe(200);
    expect(await read(await person())).toBe('second');

    await restart();
    await says(UNREACHABLE);
    expect(vault.log()).toContain('connection refused');
    // It listens to nobody: whoever restarts it for that changes nothing.
    const waiting = await vault.provision(declared, secrets, { WAIT_SECONDS: '1' });
    expect(waiting).toMatchObject({ code: 1, output: expect.stringMatching(/127\.0\.0\.1:\d+ is silent;/) as string });

    await provider.start();
    await opens();
    expect(await read(await person())).toBe('second');
  });

  test('stays shut with a token that is worthless, says so, and opens with another one in the Secret', async () => {
    const worthless = await provider.token(3600);
    await provider.revoke(worthless);
    await restart(seal(worthless));
    await says(UNREACHABLE);
    expect(vault.log()).toContain('permission denied');
    expect(vault.log()).not.toContain(worthless);
    await restart(seal(await provider.token(PERIOD)));
    await opens();
    expect(await read(await person())).toBe('second');
  });
});
