import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { loadConfig } from '../../blueprints/load';
import { checkIdentityProvider } from '../../cli/doctor/identity';
import { needsOf } from '../../cli/doctor/needs';
import type { Result } from '../../cli/doctor/result';
import { synthesize } from '../../constructs';

const CONFIG = join(__dirname, '../fixtures/config/sspcloud-external-identity.happy.yaml');

let server: Server;
let issuer: string;
let document: Record<string, unknown>;

beforeAll(async () => {
  server = createServer((request, response) => {
    response.statusCode = request.url === '/.well-known/openid-configuration' ? 200 : 404;
    response.end(JSON.stringify(document));
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

beforeEach(() => {
  document = {
    issuer,
    jwks_uri: `${issuer}/keys`,
    code_challenge_methods_supported: ['plain', 'S256'],
    id_token_signing_alg_values_supported: ['RS256'],
  };
});

afterAll(() => {
  server.close();
});

const look = (clients: Parameters<typeof checkIdentityProvider>[0]['clients'] = [], groups: readonly string[] = []) =>
  checkIdentityProvider({ issuer, clients, groups });
const levels = (results: readonly Result[]) => results.map(({ level }) => level);

test('a provider whose discovery document says what is expected is well', async () => {
  expect(await look()).toEqual([{ level: 'ok', title: 'identity provider', detail: issuer }]);
});

test.each<[string, () => void, RegExp]>([
  ['calls itself otherwise', () => (document['issuer'] = `${issuer}/`), /it calls itself/],
  ['does not know S256', () => (document['code_challenge_methods_supported'] = ['plain']), /PKCE by plain only/],
  [
    'signs with a shared key',
    () => (document['id_token_signing_alg_values_supported'] = ['HS256']),
    /signs with HS256/,
  ],
  ['tells no keys', () => delete document['jwks_uri'], /no jwks_uri/],
])('one that %s fails', async (_, change, told) => {
  change();
  const results = await look();
  expect(results.filter(({ level }) => level === 'fail').map(({ detail }) => detail)).toEqual([
    expect.stringMatching(told),
  ]);
});

test('one that cannot be asked is a warning, with the reason', async () => {
  const results = await checkIdentityProvider({ issuer: 'http://127.0.0.1:9', clients: [], groups: [] });
  expect(levels(results)).toEqual(['warn']);
  expect(results[0]?.detail).toMatch(/cannot be read: /);
});

test('what each client must emit is told, for nobody sees it from here', async () => {
  const loaded = loadConfig(CONFIG);
  const platform = loaded.compose();
  const [needed] = needsOf(platform, synthesize(platform), Object.keys(loaded.images)).identityProviders;
  expect(needed).toMatchObject({ issuer: 'https://login.example.org/realms/office', groups: ['census'] });
  const results = await look(needed?.clients, needed?.groups);
  expect(results.map(({ title }) => title)).toEqual([
    'identity provider',
    'client datalab',
    'client datalab-secrets',
    'client datalab-storage',
    'groups',
  ]);
  expect(results[3]?.remedy).toContain('puts "minio" into "aud"');
  expect(results[3]?.remedy).toContain('"projet-census" for members of group "census"');
});
