import fc from 'fast-check';
import { stringify } from 'yaml';
import { ConfigError, parseConfig } from '../../blueprints';
import { synthesize, type KubernetesManifest } from '../../constructs';

/**
 * Every value that two systems must agree on, read from what each of them is given in the end: the realm of Keycloak, the environment and the
 * policies of MinIO, the role and the policies of Vault, the region and the settings of Onyxia, routes, namespaces and rights. A blueprint
 * that is accepted has no disagreement.
 */

/** How many times as many examples as usual: for a long search. */
const SCALE = Number(process.env['BOUTURE_PROPERTY_SCALE'] ?? '1');

type Json = Readonly<Record<string, unknown>>;

interface RealmClient {
  readonly representation: { clientId: string; redirectUris: string[]; webOrigins: string[]; publicClient: boolean };
  readonly mappers: readonly { protocolMapper: string; config: Readonly<Record<string, string>> }[];
  readonly everyone: readonly string[];
  readonly groups: Readonly<Record<string, readonly string[]>>;
}

const label = fc.stringMatching(/^[a-z][a-z0-9]{1,7}$/);
const prefix = label.map((text) => `${text}-`);

const choice = fc.record({
  name: label,
  domain: fc.tuple(label, label).map((parts) => parts.join('.')),
  subdomains: fc.uniqueArray(label, { minLength: 5, maxLength: 5 }),
  realm: label,
  userPrefix: prefix,
  projectPrefix: prefix,
  credentialSeconds: fc.integer({ min: 900, max: 604_800 }),
  projects: fc.uniqueArray(label, { maxLength: 3 }),
  vault: fc.boolean(),
  mlflow: fc.boolean(),
});
type Choice = typeof choice extends fc.Arbitrary<infer T> ? T : never;

function configOf(chosen: Choice): string {
  const [auth, s3, vault, datalab, mlflow] = chosen.subdomains;
  const { userPrefix, projectPrefix, credentialSeconds, projects } = chosen;
  return stringify({
    apiVersion: 'bouture.dev/v1',
    blueprint: 'sspcloud',
    name: chosen.name,
    images: { mirror: 'registry.example.org' },
    exposure: {
      domain: chosen.domain,
      ingress: { className: 'web', controller: { namespace: 'web' }, tls: { controller: true } },
    },
    objectStore: { minio: { apiSubdomain: s3 } },
    database: { postgres: {} },
    identity: { keycloak: { subdomain: auth, realm: chosen.realm } },
    ...(chosen.vault ? { secrets: { subdomain: vault } } : {}),
    people: { userPrefix, projectPrefix, credentialSeconds, projects: projects.map((name) => ({ name })) },
    onyxia: { subdomain: datalab, services: { domain: `lab.${chosen.domain}`, ingressClassName: 'web' } },
    ...(chosen.mlflow ? { mlflow: { subdomain: mlflow } } : {}),
  });
}

/** What the systems are given. */
class Given {
  constructor(private readonly manifests: readonly KubernetesManifest[]) {}

  ofKind(kind: string): readonly KubernetesManifest[] {
    return this.manifests.filter((manifest) => manifest.kind === kind);
  }

  /** The files of the one ConfigMap that has this one. */
  files(name: string): Readonly<Record<string, string>> {
    const found = this.ofKind('ConfigMap').filter(({ data }) => name in ((data ?? {}) as Json));
    expect(found).toHaveLength(1);
    return found[0]?.['data'] as Readonly<Record<string, string>>;
  }

  json(name: string): unknown {
    return JSON.parse(this.files(name)[name] ?? '');
  }

  get hosts(): readonly string[] {
    return this.ofKind('Ingress').flatMap(({ spec }) =>
      (spec as { rules: { host: string }[] }).rules.map(({ host }) => host),
    );
  }

  /** A variable of MinIO's server. */
  minio(variable: string): string {
    const set = this.ofKind('StatefulSet').find(({ metadata }) => metadata.name === 'minio');
    const { containers } = (
      set?.['spec'] as { template: { spec: { containers: { env: { name: string; value: string }[] }[] } } }
    ).template.spec;
    return containers[0]?.env.find(({ name }) => name === variable)?.value ?? '';
  }

  client(id: string): RealmClient {
    const { clients } = this.json('realm.json') as { clients: RealmClient[] };
    const found = clients.filter(({ representation }) => representation.clientId === id);
    expect(found).toHaveLength(1);
    return found[0] as RealmClient;
  }
}

const audiencesOf = ({ mappers }: RealmClient) =>
  mappers
    .filter(({ protocolMapper }) => protocolMapper === 'oidc-audience-mapper')
    .map(({ config }) => config['included.custom.audience']);
const permissionClaimsOf = ({ mappers }: RealmClient) =>
  mappers
    .filter(({ protocolMapper }) => protocolMapper.includes('client-role'))
    .map(({ config }) => config['claim.name']);
const host = (address: unknown): string => new URL(String(address)).host;

function agrees(given: Given, chosen: Choice): void {
  const { domain, userPrefix, projectPrefix, projects } = chosen;
  const [auth, s3, vault, datalab] = chosen.subdomains.map((one) => `${one}.${domain}`);
  const settings = given.files('regions');
  const [region] = JSON.parse(settings['regions'] ?? '') as { services: Json; data: { S3: Json }; vault?: Json }[];
  const issuer = `https://${auth ?? ''}/realms/${chosen.realm}`;
  const origin = `https://${datalab ?? ''}`;

  // Hosts and issuer.
  expect(given.hosts).toEqual(expect.arrayContaining([auth, s3, datalab]));
  expect((given.json('realm.json') as { realm: string }).realm).toBe(chosen.realm);
  expect(settings['oidc.issuer-uri']).toBe(issuer);

  // Clients: audience, redirects, origins.
  const main = given.client(settings['oidc.clientID'] ?? '');
  expect(audiencesOf(main)).toEqual([settings['oidc.audience']]);
  const store = region?.data.S3 as {
    URL: string;
    sts: { URL: string; durationSeconds: number; oidcConfiguration: Json };
    bookmarks: { s3Uri: string; claimName: string }[];
  };
  const minio = given.client(String(store.sts.oidcConfiguration['clientID']));
  expect(store.sts.oidcConfiguration['issuerURI']).toBe(issuer);
  expect(audiencesOf(minio)).toEqual([given.minio('MINIO_IDENTITY_OPENID_CLIENT_ID')]);
  expect(permissionClaimsOf(minio)).toEqual([given.minio('MINIO_IDENTITY_OPENID_CLAIM_NAME')]);
  for (const { representation } of [main, minio]) {
    expect(representation).toMatchObject({ publicClient: true, redirectUris: [`${origin}/*`], webOrigins: [origin] });
  }

  // Buckets, and who may use them.
  expect(host(store.URL)).toBe(s3);
  expect(host(store.sts.URL)).toBe(s3);
  expect(given.minio('MINIO_API_CORS_ALLOW_ORIGIN').split(',')).toContain(origin);
  expect(store.bookmarks.map(({ s3Uri }) => s3Uri)).toEqual([`s3://${userPrefix}$1/`, `s3://${projectPrefix}$1/`]);
  expect(store.bookmarks.map(({ claimName }) => claimName)).toEqual([
    settings['oidc.username-claim'],
    settings['oidc.groups-claim'],
  ]);
  const people = given.files('people.txt');
  const policies = (people['people.txt'] ?? '').split('\n').filter(Boolean);
  expect([...minio.everyone, ...Object.values(minio.groups).flat()].sort()).toEqual([...policies].sort());
  const [own = ''] = minio.everyone;
  const ownPolicy = people[`people.${own}.json`] ?? '';
  expect(ownPolicy).toContain(`arn:aws:s3:::${userPrefix}\${jwt:${settings['oidc.username-claim'] ?? ''}}"`);
  expect(ownPolicy).toContain(`"${store.sts.durationSeconds}"`);
  expect(store.sts.durationSeconds).toBe(chosen.credentialSeconds);
  const buckets = (people['buckets.tsv'] ?? '').split('\n').map((line) => line.split('\t')[0]);
  for (const project of projects) {
    const [policy = ''] = minio.groups[project] ?? [];
    expect(policy).toBe(`${projectPrefix}${project}`);
    expect(buckets).toContain(policy);
    expect(people[`people.${policy}.json`]).toContain(`arn:aws:s3:::${policy}/*`);
  }

  // Namespaces and rights.
  expect(region?.services).toMatchObject({ namespacePrefix: userPrefix, groupNamespacePrefix: projectPrefix });
  const namespaces = given.ofKind('Namespace').map(({ metadata }) => metadata.name);
  for (const project of projects) {
    expect(namespaces).toContain(`${projectPrefix}${project}`);
    const bindings = given
      .ofKind('RoleBinding')
      .filter(({ metadata }) => metadata.namespace === `${projectPrefix}${project}`);
    const subjects = bindings.flatMap(({ subjects: all }) => all as { name: string }[]).map(({ name }) => name);
    expect(subjects).toEqual([`${String(region?.services['groupPrefix'])}${project}`]);
  }
  expect((given.json('realm.json') as { groups: string[] }).groups).toEqual([...projects].sort());

  // Secrets.
  expect(region?.vault === undefined).toBe(!chosen.vault);
  if (region?.vault === undefined) return;
  const { URL: address, kvEngine, role, prefix: userDirectory, groupPrefix, oidcConfiguration } = region.vault;
  expect(host(address)).toBe(vault);
  const directories = given.client(String((oidcConfiguration as Json)['clientID']));
  expect(directories.representation.redirectUris).toEqual([`${origin}/*`]);
  const declared = given.json('role.json') as Json;
  expect(declared).toMatchObject({
    bound_audiences: audiencesOf(directories),
    user_claim: settings['oidc.username-claim'],
    groups_claim: permissionClaimsOf(directories)[0],
  });
  expect(given.json('authentication.json')).toMatchObject({ bound_issuer: issuer, default_role: role });
  const files = given.files('role.json');
  expect((files['origins.txt'] ?? '').split('\n').filter(Boolean)).toEqual([origin]);
  expect(userDirectory).toBe(userPrefix);
  expect(files['policy.bouture-user.hcl']).toContain(`"${String(kvEngine)}/data/${userPrefix}{{identity`);
  expect((files['projects.txt'] ?? '').split('\n').filter(Boolean)).toEqual([...projects].sort());
  for (const project of projects) {
    // What Onyxia makes of a group is what the policy opens, and who is in the group has the permission.
    const directory = `${String(groupPrefix)}${projectPrefix}${project}`;
    expect(files[`policy.bouture-project-${project}.hcl`]).toContain(`"${String(kvEngine)}/data/${directory}/*"`);
    expect(directories.groups[project]).toEqual([project]);
  }
  expect(directories.everyone).toHaveLength(1);
}

test('no two systems disagree on a claim, an audience, a client, a prefix, a bucket, a directory, a host or a redirect', () => {
  let accepted = 0;
  fc.assert(
    fc.property(choice, (chosen) => {
      try {
        const synthesis = synthesize(parseConfig('config.yaml', configOf(chosen)).compose());
        accepted += 1;
        agrees(new Given(synthesis.objects.map(({ manifest }) => manifest)), chosen);
      } catch (error) {
        // A refusal is right as well: prefixes that begin each other, a project of the name of a part.
        if (!(error instanceof ConfigError)) throw error;
        expect(error.problems.length).toBeGreaterThan(0);
      }
    }),
    { numRuns: 30 * SCALE },
  );
  expect(accepted).toBeGreaterThan(10 * SCALE);
}, 600_000);
