import {
  CertificateAuthority,
  type ExposedHost,
  type HttpService,
  type IExposure,
  type PlatformProps,
  PlatformNamespace,
  ServerTls,
  SpaceNames,
  synthesize,
  Unseal,
  VaultRealm,
  type VaultRealmProps,
} from '../../../constructs';
import { checkRules, describeViolation } from '../../../constructs/platform/rules';
import { at, listAt, objectOf } from '../../support/objects';
import { DIGESTED_LOCK, TEST_LOCK, testImages, testPlatform } from '../../support/platform';
import { StandInRealm } from '../../support/stand-in-realm';
import { FakeObjectStore } from '../../support/storage';

const PEM = '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----';
const IMAGE = { tag: '1.14.1', licence: 'MPL-2.0', source: 'https://example.org/vault', build: 'images/vault' };
const IMAGES = {
  vault: { ...IMAGE, repository: 'bouture/vault' },
  openbao: { ...IMAGE, repository: 'bouture/openbao', tag: '2.4.0' },
};
const PRODUCTION: Partial<PlatformProps> = {
  profile: 'production',
  images: testImages({
    lock: { ...DIGESTED_LOCK, vault: { ...IMAGES.vault, digest: `sha256:${'0'.repeat(64)}` } },
    requireDigest: true,
  }),
};
const ISSUED = ServerTls.issuer({ name: 'office' }, CertificateAuthority.pem(PEM));

function vault(props: Partial<VaultRealmProps> = {}, platformProps: Partial<PlatformProps> = {}) {
  const images = testImages({ lock: { ...TEST_LOCK, ...IMAGES } });
  const platform = testPlatform({ images, ...platformProps });
  const realm = new StandInRealm(platform, 'realm');
  const store = new VaultRealm(platform, 'vault', { identityProvider: realm, names: new SpaceNames(), ...props });
  const object = (kind: string, name: string | RegExp) => objectOf(synthesize(platform), kind, name);
  return {
    platform,
    realm,
    store,
    object,
    container: () => at(object('StatefulSet', 'vault'), 'spec', 'template', 'spec', 'containers', 0),
    configuration: (): unknown => JSON.parse(String(at(object('ConfigMap', /^vault-server-/), 'data', 'vault.json'))),
    declared: () => at(object('ConfigMap', /^vault-reconciler-/), 'data') as Readonly<Record<string, string>>,
    environment: () =>
      Object.fromEntries(
        listAt(at(object('StatefulSet', 'vault'), 'spec', 'template', 'spec', 'containers', 0), 'env').map((each) => [
          String(at(each, 'name')),
          at(each, 'value') ?? at(each, 'valueFrom'),
        ]),
      ),
  };
}

class RecordingExposure implements IExposure {
  readonly asked: { service: HttpService; subdomain: string }[] = [];
  expose(service: HttpService, subdomain: string): ExposedHost {
    this.asked.push({ service, subdomain });
    return { host: `${subdomain}.example.org`, url: `https://${subdomain}.example.org` };
  }
}

describe('VaultRealm', () => {
  test('is one server in a pilot, and three with a disruption budget in production', () => {
    const pilot = vault();
    expect(at(pilot.object('StatefulSet', 'vault'), 'spec', 'replicas')).toBe(1);
    expect(at(pilot.configuration(), 'storage', 'raft')).toEqual({ path: '/vault/data' });
    expect(() => pilot.object('PodDisruptionBudget', 'vault')).toThrow('expected one');

    const production = vault({ tls: ISSUED }, PRODUCTION);
    expect(at(production.object('StatefulSet', 'vault'), 'spec', 'replicas')).toBe(3);
    expect(at(production.object('PodDisruptionBudget', 'vault'), 'spec', 'maxUnavailable')).toBe(1);
    expect(listAt(production.configuration(), 'storage', 'raft', 'retry_join')).toContainEqual({
      leader_api_addr: 'https://vault-2.vault-headless.demo-vault.svc.cluster.local:8200',
      leader_tls_servername: 'vault.demo-vault.svc.cluster.local',
      leader_ca_cert_file: '/etc/vault-ca/ca.crt',
    });
  });

  test('has probes that a sealed server passes, but for the one that sends people to it', () => {
    const container = vault().container();
    const path = (probe: string) => String(at(container, probe, 'httpGet', 'path'));
    for (const probe of ['startupProbe', 'livenessProbe']) {
      expect(new URL(path(probe), 'http://vault').searchParams.get('sealedcode')).toBe('204');
      expect(new URL(path(probe), 'http://vault').searchParams.get('uninitcode')).toBe('204');
    }
    expect(path('readinessProbe')).toBe('/v1/sys/health?standbyok=true&perfstandbyok=true');
  });

  test('asks the identity provider for a client of its own, and takes tokens of no other audience', () => {
    const { realm, store, declared } = vault({ clientId: 'secrets' });
    expect(realm.clients).toEqual([
      { clientId: 'secrets', props: { audience: 'secrets', permissionsClaim: 'directories' } },
    ]);
    expect(store.client.audience).toBe('secrets');
    expect(JSON.parse(declared()['role.json'] ?? '')).toMatchObject({
      role_type: 'jwt',
      bound_audiences: ['secrets'],
      user_claim: 'preferred_username',
      groups_claim: 'directories',
      token_policies: ['bouture-user'],
      token_ttl: 3600,
      token_max_ttl: 28_800,
    });
    expect(JSON.parse(declared()['authentication.json'] ?? '')).toEqual({
      jwks_url: 'https://auth.example.org/realms/datalab/protocol/openid-connect/certs',
      bound_issuer: 'https://auth.example.org/realms/datalab',
      default_role: 'onyxia-user',
    });
  });

  test('opens to a person the directory of exactly its name, by the prefix that all systems share', () => {
    const policy = vault({ names: new SpaceNames({ userPrefix: 'people-' }) }).declared()['policy.bouture-user.hcl'];
    const paths = [...(policy ?? '').matchAll(/^path "([^"]*)"/gm)].map(([, path = '']) => path);
    expect(paths).toHaveLength(6);
    for (const path of paths) {
      expect(path).toMatch(/^onyxia-kv\/[a-z]+\/people-\{\{identity\.entity\.aliases\.ACCESSOR\.name\}\}\/\*$/);
    }
  });

  test('opens to the members of a project the directory that the project has everywhere', () => {
    const { store, declared } = vault();
    store.addProject('survey');
    store.addProject('census');
    store.addProject('census');
    expect(declared()['projects.txt']).toBe('census\nsurvey\n');
    expect(declared()['policy.bouture-project-census.hcl']).toContain('path "onyxia-kv/data/projet-census/*"');
    expect(() => {
      store.addProject('Upper');
    }).toThrow('project "Upper"');
  });

  test('makes another Job when what is declared changes, and none when it does not', () => {
    const nameOf = (props: Partial<VaultRealmProps>, ...projects: string[]) => {
      const { store, object } = vault(props);
      for (const project of projects) store.addProject(project);
      return object('Job', /^vault-reconciler-/).metadata.name;
    };
    expect(nameOf({}, 'a', 'b')).toBe(nameOf({}, 'b', 'a'));
    expect(new Set([nameOf({}), nameOf({}, 'a'), nameOf({ tokenSeconds: 60 }), nameOf({ mount: 'kv' })]).size).toBe(4);
  });

  test('corrects changes by hand now and then', () => {
    expect(at(vault().object('CronJob', 'vault-reconciler'), 'spec', 'schedule')).toBe('17 * * * *');
    expect(() => vault({ correctionSchedule: 'hourly' })).toThrow('correction schedule of secret store "vault"');
  });

  test('lets the pages of the given origins call it', () => {
    const { store, declared } = vault();
    store.allowOrigin('https://datalab.example.org');
    store.allowOrigin('http://localhost:3000');
    expect(declared()['origins.txt']).toBe('http://localhost:3000\nhttps://datalab.example.org\n');
  });

  test.each([
    'datalab.example.org',
    'ftp://datalab.example.org',
    'https://datalab.example.org/',
    'https://datalab.example.org/vault',
    '*',
    'null',
    '',
  ])('refuses the origin "%s"', (origin) => {
    expect(() => {
      vault().store.allowOrigin(origin);
    }).toThrow(`"${origin}" is no origin`);
  });

  test('keeps every secret out of the manifests', () => {
    const { platform } = vault();
    expect(synthesize(platform).secrets.map(({ name, data }) => [name, Object.keys(data)])).toEqual([
      ['vault-access', ['servers', 'reconciler', 'snapshots']],
      ['vault-unseal', ['key']],
    ]);
  });

  test('gives its Job what it logs in with, and not what opens the store', () => {
    const volumes = JSON.stringify(
      at(vault().object('Job', /^vault-reconciler-/), 'spec', 'template', 'spec', 'volumes'),
    );
    expect(volumes).toContain('"items":[{"key":"reconciler","path":"reconciler"}]');
    expect(volumes).not.toContain('vault-unseal');
    expect(volumes).not.toContain('"servers"');
  });

  test.each<[Partial<VaultRealmProps>, string]>([
    [{ servers: 2 }, 'secret store "vault": 2 servers cannot be: choose 1, 3 or 5'],
    [{ volumeSize: '5GB' }, 'volume size of secret store "vault" "5GB" is not a size'],
    [{ mount: 'kv/people' }, 'mount "kv/people" of secret store "vault": expected parts of a-z and 0-9'],
    [{ mount: 'bouture' }, 'and not "bouture"'],
    [{ authPath: '' }, 'authPath "" of secret store "vault"'],
    [{ tokenSeconds: 10 }, 'tokenSeconds of secret store "vault" is a whole number of 60 or more, given 10'],
    [
      { tokenSeconds: 7200, tokenMaxSeconds: 3600 },
      'tokenMaxSeconds of secret store "vault" is a whole number of 7200 or more',
    ],
    [{ maxVersions: 0 }, 'maxVersions of secret store "vault" is a whole number of 1 or more'],
  ])('refuses %j', (props, message) => {
    expect(() => vault(props)).toThrow(message);
  });

  test('is OpenBao where that is asked for', () => {
    const { container, environment, configuration } = vault({ flavour: 'openbao' });
    expect(at(container(), 'image')).toBe('registry.example.org/bouture/openbao:2.4.0');
    expect(environment()).toMatchObject({ VAULT_PROGRAM: 'bao' });
    // nobody can switch an audit log on from outside, and memory is never locked
    expect(configuration()).toMatchObject({
      audit: [{ type: 'file', path: 'stdout', options: { file_path: 'stdout' } }],
    });
    expect(configuration()).not.toHaveProperty('disable_mlock');
    expect(vault().configuration()).not.toHaveProperty('audit');
    expect(vault().configuration()).toHaveProperty('disable_mlock', true);
  });

  test('reads metrics on a port of their own, which only the named Pods reach', () => {
    const { object, configuration } = vault({ metrics: { allowFrom: { namespace: 'monitoring' } } });
    expect(listAt(configuration(), 'listener').map((each) => at(each, 'tcp', 'telemetry'))).toEqual([
      undefined,
      { unauthenticated_metrics_access: true },
    ]);
    expect(at(object('NetworkPolicy', 'vault'), 'spec', 'ingress')).toContainEqual({
      from: [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'monitoring' } } }],
      ports: [{ port: 8203, protocol: 'TCP' }],
    });
    expect(JSON.stringify(object('Service', 'vault'))).not.toContain('8203');
  });
});

describe('TLS of a VaultRealm', () => {
  test('is demanded in production', () => {
    expect(() => vault({}, PRODUCTION)).toThrow('secret store "vault" would speak plain text in production');
  });

  test('covers the Service and every server by name, and the scripts check it', () => {
    const { object, environment, store } = vault({ tls: ISSUED });
    expect(at(object('Certificate', 'vault-tls'), 'spec', 'dnsNames')).toEqual(
      expect.arrayContaining([
        'vault.demo-vault.svc.cluster.local',
        '*.vault-headless.demo-vault.svc.cluster.local',
      ]) as unknown,
    );
    expect(environment()).toMatchObject({
      VAULT_ADDR: 'https://127.0.0.1:8200',
      VAULT_TLS_SERVER_NAME: 'vault.demo-vault.svc.cluster.local',
      VAULT_CACERT: '/etc/vault-ca/ca.crt',
    });
    expect(store.url).toBe('https://vault.demo-vault.svc.cluster.local:8200');
  });

  test('may come from a Secret that somebody else makes', () => {
    const { platform } = vault({ tls: ServerTls.secret('vault-certificate') });
    expect(platform.expectedSecrets).toContainEqual({
      namespace: 'demo-vault',
      name: 'vault-certificate',
      keys: ['tls.crt', 'tls.key'],
      purpose: 'certificate of secret store vault',
    });
  });
});

describe('the unsealing of a VaultRealm', () => {
  const secret = (name: string, key = 'key') => ({ namespace: 'demo-vault', name, key });

  test('by a generated Secret is the default, and people are told what that means', () => {
    const { environment, platform, configuration } = vault();
    expect(environment()).toMatchObject({ KEEPER: 'server', KEY_SECRET: '/run/secrets/key/key' });
    expect(at(configuration(), 'seal')).toBeUndefined();
    expect(platform.accesses.map(({ title }) => title)).toEqual([
      'Secret store vault (unseals itself: who reads Secret demo-vault/vault-unseal and a volume reads everything in it)',
    ]);
  });

  test('by people needs no generated key, and gives them an hour', () => {
    const { environment, platform, object } = vault({ unseal: Unseal.manual() });
    expect(environment()).toMatchObject({ KEEPER: 'people', KEY_SECRET: '' });
    expect(synthesize(platform).secrets.map(({ name }) => name)).toEqual(['vault-access']);
    expect(object('StatefulSet', 'vault').metadata.annotations).toMatchObject({ 'pulumi.com/timeoutSeconds': '3600' });
    expect(platform.accesses[0]?.title).toContain('sealed after each start, until people give their shares');
  });

  test.each<[string, Unseal, unknown, Readonly<Record<string, unknown>>]>([
    [
      'another Vault',
      Unseal.transit({
        address: 'https://other.example.org:8200',
        keyName: 'datalab',
        token: secret('transit', 'token'),
        certificateAuthority: secret('transit', 'ca.crt'),
      }),
      {
        transit: {
          address: 'https://other.example.org:8200',
          key_name: 'datalab',
          mount_path: 'transit',
          tls_ca_cert: '/run/secrets/seal/ca.crt',
        },
      },
      {
        VAULT_TOKEN: { secretKeyRef: { name: 'transit', key: 'token' } },
        // asked before the server starts, which would end at once without an answer
        SEAL_ADDR: 'https://other.example.org:8200',
        SEAL_PATH: 'transit/encrypt/datalab',
        SEAL_CACERT: '/run/secrets/seal/ca.crt',
      },
    ],
    [
      'AWS',
      Unseal.awsKms({
        region: 'eu-west-3',
        kmsKeyId: 'alias/vault',
        credentials: { accessKeyId: secret('aws', 'id'), secretAccessKey: secret('aws', 'secret') },
      }),
      { awskms: { region: 'eu-west-3', kms_key_id: 'alias/vault' } },
      { AWS_SECRET_ACCESS_KEY: { secretKeyRef: { name: 'aws', key: 'secret' } } },
    ],
    [
      'Google Cloud',
      Unseal.gcpKms({
        project: 'office',
        region: 'europe-west9',
        keyRing: 'datalab',
        cryptoKey: 'vault',
        credentials: secret('gcp'),
      }),
      { gcpckms: { project: 'office', region: 'europe-west9', key_ring: 'datalab', crypto_key: 'vault' } },
      { GOOGLE_APPLICATION_CREDENTIALS: '/run/secrets/seal/credentials.json' },
    ],
    [
      'Azure',
      Unseal.azureKeyVault({
        tenantId: 'tenant',
        vaultName: 'datalab',
        keyName: 'vault',
        credentials: { clientId: 'client', clientSecret: secret('azure') },
      }),
      { azurekeyvault: { tenant_id: 'tenant', vault_name: 'datalab', key_name: 'vault', client_id: 'client' } },
      { AZURE_CLIENT_SECRET: { secretKeyRef: { name: 'azure', key: 'key' } } },
    ],
  ])('by %s names the key, takes credentials from Secrets, and opens the way there', (_, unseal, stanza, variables) => {
    const { configuration, environment, object, platform } = vault({ unseal });
    expect(at(configuration(), 'seal')).toEqual([stanza]);
    expect(environment()).toMatchObject({ KEEPER: 'service', ...variables });
    expect(platform.expectedSecrets.map(({ purpose }) => purpose)).toContain('seal of secret store vault');
    const egress = JSON.stringify(at(object('NetworkPolicy', 'vault'), 'spec', 'egress'));
    expect(egress).toContain('"cidr":"0.0.0.0/0"');
    expect(checkRules(synthesize(platform)).map(describeViolation)).toEqual([]);
  });

  test('refuses a Secret that its servers cannot read, and an address that is none', () => {
    const token = { namespace: 'elsewhere', name: 'transit', key: 'token' };
    const seal = { address: 'https://other.example.org', keyName: 'datalab', token };
    expect(() => vault({ unseal: Unseal.transit(seal) })).toThrow(
      'stands in namespace "elsewhere", but secret store "vault" reads Secrets of "demo-vault" only: put a copy there',
    );
    expect(() => Unseal.transit({ ...seal, address: 'other:8200' })).toThrow('"other:8200" is no address');
  });
});

describe('the exposure of a VaultRealm', () => {
  test('gives browsers and people one address, told once it is known', () => {
    const { store, platform } = vault({ tls: ISSUED });
    const exposure = new RecordingExposure();
    expect(platform.accesses[0]?.service).toEqual({ namespace: 'demo-vault', name: 'vault', port: 8200 });
    expect(store.exposeVia(exposure, 'vault').host).toBe('vault.example.org');
    expect(exposure.asked[0]?.service).toMatchObject({ name: 'vault', containerPort: 8200, tls: true });
    expect(store.url).toBe('https://vault.example.org');
    expect(platform.accesses[0]).toMatchObject({ url: 'https://vault.example.org' });
    expect(platform.accesses[0]?.service).toBeUndefined();
  });
});

describe('workloads at a VaultRealm', () => {
  const workloads = { apiServer: { cidrs: ['10.0.0.10/32'] } };

  test('log in with their service account and read the directory of one project', () => {
    const { store, declared, object, platform } = vault({ workloads });
    store.admitWorkload({ name: 'nightly', namespace: 'projet-census', serviceAccount: 'etl', project: 'census' });
    expect(JSON.parse(declared()['workload.nightly.json'] ?? '')).toMatchObject({
      bound_service_account_names: ['etl'],
      bound_service_account_namespaces: ['projet-census'],
      audience: 'vault',
      token_policies: ['bouture-workload-nightly'],
    });
    expect(declared()['policy.bouture-workload-nightly.hcl']).toBe(
      'path "onyxia-kv/data/projet-census/*" {\n  capabilities = ["read"]\n}\n' +
        'path "onyxia-kv/metadata/projet-census/*" {\n  capabilities = ["read","list"]\n}\n',
    );
    expect(at(object('NetworkPolicy', 'vault'), 'spec', 'egress')).toContainEqual({
      to: [{ ipBlock: { cidr: '10.0.0.10/32' } }],
      ports: [{ port: 6443, protocol: 'TCP' }],
    });
    expect(at(object('ClusterRoleBinding', 'demo-vault-token-review'), 'roleRef', 'name')).toBe(
      'system:auth-delegator',
    );
    expect(checkRules(synthesize(platform)).map(describeViolation)).toEqual([]);
  });

  test('give External Secrets a store of their namespace', () => {
    const { store, object, declared, platform } = vault({ workloads, tls: ISSUED });
    const namespace = new PlatformNamespace(platform, 'apps', { name: 'demo-apps' });
    store.addExternalSecretStore('census', {
      namespace,
      project: 'census',
      operator: { namespace: 'external-secrets' },
    });
    expect(object('SecretStore', 'census')).toMatchObject({
      apiVersion: 'external-secrets.io/v1',
      metadata: { namespace: 'demo-apps' },
      spec: {
        provider: {
          vault: {
            server: 'https://vault.demo-vault.svc.cluster.local:8200',
            path: 'onyxia-kv',
            version: 'v2',
            caProvider: { type: 'Secret', name: 'census-vault-ca', key: 'ca.crt' },
            auth: {
              kubernetes: {
                mountPath: 'kubernetes',
                role: 'demo-apps-census',
                serviceAccountRef: { name: 'census-secrets', audiences: ['vault'] },
              },
            },
          },
        },
      },
    });
    expect(declared()).toHaveProperty(['workload.demo-apps-census.json']);
    expect(JSON.stringify(object('NetworkPolicy', 'vault'))).toContain(
      '"kubernetes.io/metadata.name":"external-secrets"',
    );
    expect(checkRules(synthesize(platform)).map(describeViolation)).toEqual([]);
  });

  test.each(['', 'a b', ' '])(
    'are refused with the audience "%s", which would let any token in, or none',
    (audience) => {
      expect(() => vault({ workloads: { ...workloads, audience } })).toThrow(`workloads.audience "${audience}"`);
    },
  );

  test('are refused where they are not asked for, and twice under one name', () => {
    const nightly = { name: 'nightly', namespace: 'projet-census', serviceAccount: 'etl', project: 'census' };
    expect(() => {
      vault().store.admitWorkload(nightly);
    }).toThrow('secret store "vault" takes no workloads: give workloads.apiServer');
    const { store } = vault({ workloads });
    store.admitWorkload(nightly);
    expect(() => {
      store.admitWorkload({ ...nightly, project: 'survey' });
    }).toThrow('workload "nightly" of secret store "vault" is asked for twice');
  });
});

describe('the snapshots of a VaultRealm', () => {
  function snapshots(props: object = {}) {
    const platform = testPlatform({ images: testImages({ lock: { ...TEST_LOCK, ...IMAGES } }) });
    const bucket = new FakeObjectStore(platform, 'store').addBucket('snapshots');
    new VaultRealm(platform, 'vault', {
      identityProvider: new StandInRealm(platform, 'realm'),
      names: new SpaceNames(),
      snapshots: { bucket, ...props },
    });
    return objectOf(synthesize(platform), 'CronJob', 'vault-snapshots');
  }

  test('go to the bucket each night, in a folder of the store', () => {
    const cronJob = snapshots();
    expect(at(cronJob, 'spec', 'schedule')).toBe('30 2 * * *');
    const container = at(cronJob, 'spec', 'jobTemplate', 'spec', 'template', 'spec', 'containers', 0);
    expect(listAt(container, 'env')).toContainEqual({ name: 'REMOTE', value: 'store:snapshots/vault' });
    expect(listAt(container, 'env')).toContainEqual({ name: 'RETENTION_DAYS', value: '30' });
  });

  test.each([
    [{ retentionDays: 0 }, 'snapshots.retentionDays is a whole number of 1 or more, given 0'],
    [{ keepAtLeast: 1.5 }, 'snapshots.keepAtLeast is a whole number of 1 or more, given 1.5'],
    [{ schedule: 'nightly' }, 'snapshot schedule of secret store "vault"'],
  ])('refuse %j', (props, message) => {
    expect(() => snapshots(props)).toThrow(message);
  });
});

describe('the objects of a VaultRealm', () => {
  test.each<[string, Partial<VaultRealmProps>, Partial<PlatformProps>]>([
    ['a pilot', { metrics: { allowFrom: { namespace: 'monitoring' } } }, {}],
    ['production', { tls: ISSUED }, PRODUCTION],
    ['an office that unseals by hand', { unseal: Unseal.manual() }, {}],
  ])('keep the rules of the project, in %s', (_, props, platformProps) => {
    const { platform, store } = vault(props, platformProps);
    store.addProject('census');
    store.allowOrigin('https://datalab.example.org');
    const violations = checkRules(synthesize(platform), { profile: platform.profile });
    expect(violations.map(describeViolation)).toEqual([]);
  });

  test('can stand in a namespace with others', () => {
    const platform = testPlatform({ images: testImages({ lock: { ...TEST_LOCK, ...IMAGES } }) });
    const namespace = new PlatformNamespace(platform, 'shared', { name: 'demo-shared' });
    const store = new VaultRealm(platform, 'vault', {
      identityProvider: new StandInRealm(platform, 'realm'),
      names: new SpaceNames(),
      namespace,
    });
    expect(store.url).toBe('http://vault.demo-shared.svc.cluster.local:8200');
  });
});
