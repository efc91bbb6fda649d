import type { Synthesis } from '../../constructs';
import { at, listAt } from '../support/objects';
import { LocalApiServer } from './support/local-api-server';
import { LocalVault, vaultSecrets } from './support/local-vault';
import { TokenIssuer } from './support/token-issuer';
import { vaultPlatform } from './support/vault-platform';

const SECRETS = vaultSecrets();
const NAMESPACES = ['demo-vault', 'projet-census', 'projet-prices'];
const CENSUS = { namespace: 'projet-census', serviceAccount: 'etl', project: 'census' };

/**
 * Programs of a cluster at a VaultRealm: a real API server makes and reviews the tokens, a real Vault takes them, set up by the declared
 * Job and with the rights of the declared ClusterRoleBinding.
 */
describe('workloads at a VaultRealm, against a real Vault and a real API server', () => {
  let api: LocalApiServer;
  let vault: LocalVault;
  let tokens: TokenIssuer;
  let declared: Synthesis;

  /** A token of a service account. @param audience whom it is for; the API server itself where it is not said */
  const token = async (namespace: string, account: string, audience?: string): Promise<string> => {
    const wanted = audience === undefined ? [] : ['--audience', audience];
    return (await api.kubectl(['create', 'token', account, '--namespace', namespace, ...wanted])).trim();
  };
  const logIn = async (role: string, jwt: string) =>
    vault.ask('POST', 'auth/kubernetes/login', { body: { role, jwt } });
  const tokenOf = async (role: string, account: string): Promise<string> => {
    const { body, text } = await logIn(role, await token('projet-census', account, 'vault'));
    const given = at(body, 'auth', 'client_token');
    if (typeof given !== 'string') throw new Error(text);
    return given;
  };
  const apply = async (...objects: readonly unknown[]) =>
    api.kubectl(['apply', '-f', '-'], { apiVersion: 'v1', kind: 'List', items: objects });
  const manifest = (kind: string) =>
    declared.objects.map(({ manifest }) => manifest).filter((each) => each.kind === kind);

  beforeAll(async () => {
    [api, tokens] = await Promise.all([LocalApiServer.create(), TokenIssuer.start()]);
    vault = await LocalVault.create(1, { apiServer: api.url });
    const workloads = { apiServer: { cidrs: ['127.0.0.1/32'] } };
    declared = vaultPlatform(vault, tokens, { workloads }, (store) => {
      store.addProject('census');
      store.addProject('prices');
      store.admitWorkload({ name: 'nightly', ...CENSUS });
      store.admitWorkload({ name: 'publisher', ...CENSUS, serviceAccount: 'publisher', write: true });
    });
    await apply(
      ...NAMESPACES.map((name) => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } })),
      ...['etl', 'publisher', 'other'].map((name) => serviceAccount('projet-census', name)),
      serviceAccount('projet-prices', 'etl'),
      ...manifest('ServiceAccount'),
      ...manifest('ClusterRoleBinding'),
    );
    vault.giveAccount(await token('demo-vault', 'vault'), api.authority.certificate);
    vault.start(declared, SECRETS);
    await vault.ready(declared);
    const { code, output } = await vault.provision(declared, SECRETS);
    if (code !== 0) throw new Error(output);
    const root = await vault.rootToken();
    for (const path of ['projet-census/database', 'projet-prices/database']) {
      await vault.ask('POST', `onyxia-kv/data/${path}`, { token: root, body: { data: { value: path } } });
    }
    await vault.ask('POST', 'auth/token/revoke-self', { token: root });
  });

  afterAll(async () => {
    await vault.dispose();
    await api.dispose();
    await tokens.stop();
  });

  test('read the directory of their project with the token of their Pod, and nothing else', async () => {
    const given = await tokenOf('nightly', 'etl');
    const found = await vault.ask('GET', 'onyxia-kv/data/projet-census/database', { token: given });
    expect(at(found.body, 'data', 'data', 'value')).toBe('projet-census/database');
    const { body } = await vault.ask('LIST', 'onyxia-kv/metadata/projet-census', { token: given });
    expect(listAt(body, 'data', 'keys')).toEqual(['database']);
    for (const [method, path] of [
      ['POST', 'onyxia-kv/data/projet-census/database'],
      ['DELETE', 'onyxia-kv/metadata/projet-census/database'],
      ['GET', 'onyxia-kv/data/projet-prices/database'],
      ['LIST', 'onyxia-kv/metadata'],
      ['GET', 'auth/kubernetes/config'],
      ['GET', 'bouture/unseal'],
    ] as const) {
      const { status } = await vault.ask(method, path, { token: given, body: { data: { value: 'mine' } } });
      expect([method, path, status]).toEqual([method, path, 403]);
    }
  });

  test('write where that is declared', async () => {
    const given = await tokenOf('publisher', 'publisher');
    const written = await vault.ask('POST', 'onyxia-kv/data/projet-census/report', {
      token: given,
      body: { data: { value: 'published' } },
    });
    expect(written.status).toBe(200);
  });

  test('log in as nobody else, from nowhere else, and with a token for nobody else', async () => {
    const [, payload = ''] = (await token('projet-census', 'etl', 'vault')).split('.');
    const unsigned = `${Buffer.from('{"alg":"none","typ":"JWT"}').toString('base64url')}.${payload}.`;
    const cases: Readonly<Record<string, readonly [role: string, jwt: string]>> = {
      'another service account': ['nightly', await token('projet-census', 'other', 'vault')],
      'the role of another': ['publisher', await token('projet-census', 'etl', 'vault')],
      'the same name in another namespace': ['nightly', await token('projet-prices', 'etl', 'vault')],
      'a token for the API server': ['nightly', await token('projet-census', 'etl')],
      'a token for another audience': ['nightly', await token('projet-census', 'etl', 'minio')],
      'a token that nobody signed': ['nightly', unsigned],
      'a role that is not declared': ['unknown', await token('projet-census', 'etl', 'vault')],
    };
    for (const [name, [role, jwt]] of Object.entries(cases)) {
      const { status, body } = await logIn(role, jwt);
      expect([name, status >= 400 && status < 500, at(body, 'auth')]).toEqual([name, true, undefined]);
    }
    expect((await logIn('nightly', await token('projet-census', 'etl', 'vault'))).status).toBe(200);
  });

  test('have tokens that open nothing at the API server', async () => {
    const answer = await fetchWith(api, await token('projet-census', 'etl', 'vault'));
    expect(answer).toBe(401);
    expect(await fetchWith(api, await token('projet-census', 'etl'))).toBe(200);
  });

  test('are out when their service account is gone, and with one that is made anew in its place', async () => {
    await api.kubectl(['delete', 'serviceaccount', 'publisher', '--namespace', 'projet-census']);
    await apply(serviceAccount('projet-census', 'publisher'));
    const old = await token('projet-census', 'publisher', 'vault');
    await api.kubectl(['delete', 'serviceaccount', 'publisher', '--namespace', 'projet-census']);
    expect((await logIn('publisher', old)).status).toBe(403);
    await apply(serviceAccount('projet-census', 'publisher'));
    expect((await logIn('publisher', old)).status).toBe(403);
    expect((await logIn('publisher', await token('projet-census', 'publisher', 'vault'))).status).toBe(200);
  });

  test('cannot log in any longer once they are no longer declared', async () => {
    const fewer = vaultPlatform(vault, tokens, { workloads: { apiServer: { cidrs: ['127.0.0.1/32'] } } }, (store) => {
      store.addProject('census');
      store.addProject('prices');
      store.admitWorkload({ name: 'publisher', ...CENSUS, serviceAccount: 'publisher', write: true });
    });
    const { code, output } = await vault.provision(fewer, SECRETS);
    expect({ code, output }).toEqual({
      code: 0,
      output: expect.stringContaining('workload "nightly" is no longer declared: it cannot log in') as string,
    });
    expect((await logIn('nightly', await token('projet-census', 'etl', 'vault'))).status).toBe(400);
    expect((await logIn('publisher', await token('projet-census', 'publisher', 'vault'))).status).toBe(200);
  });
});

function serviceAccount(namespace: string, name: string) {
  return { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { namespace, name } };
}

/** What the API server answers to a token that asks who it is. */
async function fetchWith(api: LocalApiServer, token: string): Promise<number> {
  const client = api.tokenClient(token);
  const review = { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' };
  const { status } = await client.send('POST', '/apis/authentication.k8s.io/v1/selfsubjectreviews', review);
  client.close();
  return status === 201 ? 200 : status;
}
