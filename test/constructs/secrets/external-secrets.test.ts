import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import {
  CertificateAuthority,
  PlatformNamespace,
  ServerTls,
  SpaceNames,
  synthesize,
  VaultRealm,
} from '../../../constructs';
import { schemaMinors, StrictSchemas } from '../../../tools/schemas/validator';
import { at, objectOf } from '../../support/objects';
import { TEST_LOCK, testImages, testPlatform } from '../../support/platform';
import { StandInRealm } from '../../support/stand-in-realm';

const IMAGE = { repository: 'bouture/vault', tag: '1.14.1', licence: 'MPL-2.0', source: 'https://example.org/vault' };
const PEM = '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----';

/** The SecretStore that External Secrets finds, of a store with TLS or without. */
function secretStore(tls?: ServerTls) {
  const platform = testPlatform({ images: testImages({ lock: { ...TEST_LOCK, vault: IMAGE } }) });
  const vault = new VaultRealm(platform, 'vault', {
    identityProvider: new StandInRealm(platform, 'realm'),
    names: new SpaceNames(),
    workloads: { apiServer: { cidrs: ['10.0.0.10/32'] }, audience: 'secrets' },
    ...(tls === undefined ? {} : { tls }),
  });
  vault.addExternalSecretStore('census', {
    namespace: new PlatformNamespace(platform, 'apps', { name: 'demo-apps' }),
    project: 'census',
    operator: { namespace: 'external-secrets' },
  });
  return objectOf(synthesize(platform), 'SecretStore', 'census');
}

describe("the objects for External Secrets, by the operator's own definitions", () => {
  test.each([
    ['with TLS', ServerTls.issuer({ name: 'office' }, CertificateAuthority.pem(PEM))],
    ['in plain text', undefined],
  ])('are valid, %s', (_, tls) => {
    const store = secretStore(tls);
    for (const minor of schemaMinors()) expect([minor, new StrictSchemas(minor).problems(store)]).toEqual([minor, []]);
  });

  test('are judged: an unknown field and a missing one are found', () => {
    const schemas = new StrictSchemas(schemaMinors().at(-1) ?? '');
    const store = structuredClone(secretStore()) as { spec?: unknown };
    const vault = at(store, 'spec', 'provider', 'vault') as Record<string, unknown>;
    vault['adress'] = vault['server'];
    delete vault['server'];
    expect(schemas.problems(store).map(({ path, message }) => `${path} ${message}`)).toEqual([
      "spec/provider/vault must have required property 'server'",
      'spec/provider/vault/adress is an unknown field',
    ]);
  });

  test('ask for tokens of the audience that the roles take', () => {
    expect(at(secretStore(), 'spec', 'provider', 'vault', 'auth', 'kubernetes', 'serviceAccountRef')).toEqual({
      name: 'census-secrets',
      audiences: ['secrets'],
    });
  });

  test('are what the documentation shows consumers to write', () => {
    const text = readFileSync(join(__dirname, '../../../docs/secrets.md'), 'utf8');
    const [example] = [...text.matchAll(/```yaml\n([^`]+)```/g)]
      .map(([, yaml = '']) => parse(yaml) as unknown)
      .filter((each) => at(each, 'kind') === 'ExternalSecret');
    expect(at(example, 'spec', 'secretStoreRef')).toEqual({ kind: 'SecretStore', name: 'census' });
    for (const minor of schemaMinors())
      expect([minor, new StrictSchemas(minor).problems(example)]).toEqual([minor, []]);
  });
});
