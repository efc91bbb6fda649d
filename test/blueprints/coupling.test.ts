import fc from 'fast-check';
import { stringify } from 'yaml';
import { ConfigError, parseConfig } from '../../blueprints';
import {
  type ExpectedRole,
  ExternalObjectStore,
  type KubernetesManifest,
  type PeopleSetup,
  synthesize,
} from '../../constructs';
import { regionProblems } from '../constructs/onyxia/schemas';

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
  region: fc.constantFrom('us-east-1', 'eu-west-3'),
  projects: fc.uniqueArray(label, { maxLength: 3 }),
  vault: fc.boolean(),
  mlflow: fc.boolean(),
});
/** Which store people have: the platform's own, or what runs somebody else's. */
type Store = 'tenant' | 'aws' | 'ceph' | 'minio';
type Choice = (typeof choice extends fc.Arbitrary<infer T> ? T : never) & {
  readonly store: Store;
  readonly credentialSeconds: number;
};

/** Lives of credentials that a store takes, and some that it refuses. */
const seconds = (store: Store) =>
  store === 'tenant' || store === 'minio'
    ? fc.integer({ min: 900, max: 604_800 })
    : fc.oneof({ weight: 5, arbitrary: fc.integer({ min: 3600, max: 43_200 }) }, fc.constantFrom(900, 604_800));

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
    objectStore: storeOf(chosen, s3),
    database: { postgres: {} },
    identity: { keycloak: { subdomain: auth, realm: chosen.realm } },
    ...(chosen.vault ? { secrets: { subdomain: vault } } : {}),
    people: {
      ...{ userPrefix, projectPrefix, credentialSeconds, projects: projects.map((name) => ({ name })) },
      services: { domain: `lab.${chosen.domain}`, ingressClassName: 'web' },
    },
    onyxia: { subdomain: datalab },
    ...(chosen.mlflow ? { mlflow: { subdomain: mlflow } } : {}),
  });
}

const EXTERNAL_URL = 'https://s3.example.org';

function storeOf({ store, region }: Choice, apiSubdomain: string | undefined): Json {
  if (store === 'tenant') return { minio: { apiSubdomain } };
  const system = store === 'aws' ? { aws: { account: '123456789012', rolePrefix: 'lab-' } } : { [store]: {} };
  return { external: { endpoint: EXTERNAL_URL, region, cidrs: ['192.0.2.0/24'], people: system } };
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

interface Storage {
  readonly URL: string;
  readonly region: string;
  readonly sts: {
    readonly URL: string;
    readonly durationSeconds: number;
    readonly role: RegionRole | readonly RegionRole[];
    readonly oidcConfiguration: Json;
  };
  readonly bookmarks: readonly {
    readonly s3Uri: string;
    readonly claimName: string;
    readonly forProfileName: string;
  }[];
}

interface RegionRole {
  readonly profileName: string;
  readonly roleARN: string;
  readonly roleSessionName: string;
  readonly claimName?: string;
}

/** What the store of the platform's own is given. */
function tenantAgrees(given: Given, chosen: Choice, store: Storage, claims: Json): void {
  const { userPrefix, projectPrefix, projects } = chosen;
  const [, s3] = chosen.subdomains.map((one) => `${one}.${chosen.domain}`);
  const client = given.client(String(store.sts.oidcConfiguration['clientID']));
  expect(given.hosts).toContain(s3);
  expect(audiencesOf(client)).toEqual([given.minio('MINIO_IDENTITY_OPENID_CLIENT_ID')]);
  expect(permissionClaimsOf(client)).toEqual([given.minio('MINIO_IDENTITY_OPENID_CLAIM_NAME')]);
  expect(host(store.URL)).toBe(s3);
  expect(host(store.sts.URL)).toBe(s3);
  expect(given.minio('MINIO_API_CORS_ALLOW_ORIGIN').split(',')).toEqual(
    expect.arrayContaining(client.representation.webOrigins),
  );
  const people = given.files('people.txt');
  const policies = (people['people.txt'] ?? '').split('\n').filter(Boolean);
  expect([...client.everyone, ...Object.values(client.groups).flat()].sort()).toEqual([...policies].sort());
  const [own = ''] = client.everyone;
  const ownPolicy = people[`people.${own}.json`] ?? '';
  expect(ownPolicy).toContain(`arn:aws:s3:::${userPrefix}\${jwt:${String(claims['username'])}}"`);
  expect(ownPolicy).toContain(`"${store.sts.durationSeconds}"`);
  const buckets = (people['buckets.tsv'] ?? '').split('\n').map((line) => line.split('\t')[0]);
  for (const project of projects) {
    const [policy = ''] = client.groups[project] ?? [];
    expect(policy).toBe(`${projectPrefix}${project}`);
    expect(buckets).toContain(policy);
    expect(people[`people.${policy}.json`]).toContain(`arn:aws:s3:::${policy}/*`);
  }
}

/** A person of the examples. */
const PERSON = 'someone';

/** What the store of somebody else is told: the policies, against what Onyxia asks for and what the realm's tokens tell. */
function externalAgrees(given: Given, chosen: Choice, store: Storage, claims: Json, setup: PeopleSetup): void {
  const client = given.client(String(store.sts.oidcConfiguration['clientID']));
  const provider = setup.issuer.slice('https://'.length);
  expect(store).toMatchObject({ URL: EXTERNAL_URL, region: chosen.region, sts: { URL: setup.stsUrl } });
  expect(setup.issuer).toBe(store.sts.oidcConfiguration['issuerURI']);
  expect(setup.durationSeconds).toBe(store.sts.durationSeconds);
  expect(setup.audiences).toEqual(expect.arrayContaining(audiencesOf(client)));
  expect(setup.cors.CORSRules[0]?.AllowedOrigins).toEqual(client.representation.webOrigins);
  expect(setup.buckets).toEqual(chosen.projects.map((name) => `${chosen.projectPrefix}${name}`).sort());

  const asked = [store.sts.role].flat();
  /** The role that a page asks for with one value of a claim, and the bucket that it shows. */
  const resolved = (claim: unknown, value: string) => {
    const bookmark = store.bookmarks.find(({ claimName }) => claimName === claim);
    const uri = bookmark?.s3Uri.replace('$1', value) ?? '';
    const profile = bookmark?.forProfileName.replace('$1', value);
    const role = asked.find(({ profileName }) => profileName.replace('$1', value) === profile);
    const arn = role?.roleARN.replace('$1', value);
    const made = setup.roles.find((one) => one.arn.replace('USERNAME', PERSON) === arn);
    expect(made).toBeDefined();
    return { bucket: uri.slice('s3://'.length, -1), role: made as ExpectedRole };
  };
  const opened = ({ permissionPolicy: { Statement } }: ExpectedRole) =>
    Statement.filter(({ Effect }) => Effect === 'Allow').flatMap(({ Resource = [] }) => Resource);
  const condition = ({ trustPolicy }: ExpectedRole): Json =>
    Object.assign({}, ...Object.values(trustPolicy?.Statement[0].Condition ?? {})) as Json;

  const own = resolved(claims['username'], PERSON);
  const tag = client.mappers.find(({ config }) => config['claim.name']?.startsWith('https:') === true);
  const tagKey = String.raw`${tag?.config['claim.name'] ?? ''}`.split('principal_tags.')[1] ?? 'none';
  const named = opened(own.role).map((resource) =>
    resource
      .replace('USERNAME', PERSON)
      .replace(`\${aws:PrincipalTag/${tagKey}}`, PERSON)
      .replace(`\${jwt:${String(claims['username'])}}`, PERSON),
  );
  expect(own.bucket).toBe(`${chosen.userPrefix}${PERSON}`);
  expect(named.slice(0, 2)).toEqual([`arn:aws:s3:::${own.bucket}`, `arn:aws:s3:::${own.bucket}/*`]);
  for (const project of chosen.projects) {
    const { bucket, role } = resolved(claims['groups'], project);
    expect(bucket).toBe(`${chosen.projectPrefix}${project}`);
    expect(opened(role)).toEqual(expect.arrayContaining([`arn:aws:s3:::${bucket}`, `arn:aws:s3:::${bucket}/*`]));
    if (chosen.store === 'aws') {
      expect(condition(role)[`${provider}:${permissionClaimsOf(client)[0] ?? ''}`]).toEqual(client.groups[project]);
    } else if (chosen.store === 'ceph') {
      expect(condition(role)[`${provider}:${String(claims['groups'])}`]).toBe(project);
    } else {
      expect(JSON.stringify(role.permissionPolicy)).toContain(`{"jwt:${String(claims['groups'])}":["${project}"]}`);
    }
  }
  for (const role of setup.roles) {
    if (chosen.store === 'minio') {
      expect(JSON.stringify(role.permissionPolicy)).toContain(`"${store.sts.durationSeconds}"`);
      continue;
    }
    expect(role.maxSessionSeconds).toBe(store.sts.durationSeconds);
    expect(role.trustPolicy?.Statement[0].Principal.Federated).toBe(setup.providerArn);
    expect(setup.providerArn).toMatch(new RegExp(`:oidc-provider/${provider}$`));
    const audience = condition(role)[`${provider}:${chosen.store === 'aws' ? 'aud' : 'app_id'}`];
    expect([audience].flat()).toEqual(expect.arrayContaining(audiencesOf(client)));
  }
  if (chosen.store === 'ceph')
    expect(condition(own.role)[`${provider}:${String(claims['username'])}`]).toBe('USERNAME');
}

function agrees(given: Given, chosen: Choice, setup: PeopleSetup | undefined): void {
  const { domain, userPrefix, projectPrefix, projects } = chosen;
  const [auth, , vault, datalab] = chosen.subdomains.map((one) => `${one}.${domain}`);
  const settings = given.files('regions');
  const [region] = JSON.parse(settings['regions'] ?? '') as { services: Json; data: { S3: Json }; vault?: Json }[];
  const issuer = `https://${auth ?? ''}/realms/${chosen.realm}`;
  const origin = `https://${datalab ?? ''}`;

  // Hosts and issuer.
  expect(given.hosts).toEqual(expect.arrayContaining([auth, datalab]));
  expect((given.json('realm.json') as { realm: string }).realm).toBe(chosen.realm);
  expect(settings['oidc.issuer-uri']).toBe(issuer);

  // Clients: audience, redirects, origins.
  const main = given.client(settings['oidc.clientID'] ?? '');
  expect(audiencesOf(main)).toEqual([settings['oidc.audience']]);
  expect(regionProblems([region])).toEqual([]);
  const store = region?.data.S3 as unknown as Storage;
  const storage = given.client(String(store.sts.oidcConfiguration['clientID']));
  expect(store.sts.oidcConfiguration['issuerURI']).toBe(issuer);
  for (const { representation } of [main, storage]) {
    expect(representation).toMatchObject({ publicClient: true, redirectUris: [`${origin}/*`], webOrigins: [origin] });
  }

  // Buckets, and who may use them.
  expect(store.bookmarks.map(({ s3Uri }) => s3Uri)).toEqual([`s3://${userPrefix}$1/`, `s3://${projectPrefix}$1/`]);
  const claims = { username: settings['oidc.username-claim'], groups: settings['oidc.groups-claim'] };
  expect(store.bookmarks.map(({ claimName }) => claimName)).toEqual([claims.username, claims.groups]);
  expect(store.sts.durationSeconds).toBe(chosen.credentialSeconds);
  expect(setup === undefined).toBe(chosen.store === 'tenant');
  if (setup === undefined) tenantAgrees(given, chosen, store, claims);
  else externalAgrees(given, chosen, store, claims, setup);

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

test.each<Store>(['tenant', 'aws', 'ceph', 'minio'])(
  'no two systems disagree on a claim, an audience, a client, a prefix, a bucket, a directory, a host or a redirect, with a store: %s',
  (store) => {
    let accepted = 0;
    fc.assert(
      fc.property(choice, seconds(store), (common, credentialSeconds) => {
        const chosen = { ...common, store, credentialSeconds };
        try {
          const platform = parseConfig('config.yaml', configOf(chosen)).compose();
          const { objects } = synthesize(platform);
          const [setup] = platform.node
            .findAll()
            .flatMap((one) => (one instanceof ExternalObjectStore ? (one.people?.setup ?? []) : []));
          accepted += 1;
          agrees(new Given(objects.map(({ manifest }) => manifest)), chosen, setup);
        } catch (error) {
          // A refusal is right as well: prefixes that begin each other, a project of the name of a part, a life that no store holds to.
          if (!(error instanceof ConfigError)) throw error;
          expect(error.problems.length).toBeGreaterThan(0);
        }
      }),
      { numRuns: 15 * SCALE },
    );
    expect(accepted).toBeGreaterThan(5 * SCALE);
  },
  600_000,
);
