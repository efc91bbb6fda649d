import {
  CertificateAuthority,
  type KubernetesManifest,
  type OnyxiaProps,
  type Platform,
  PlatformNamespace,
  PlatformSecret,
  GeneratedValue,
  SpaceNames,
  synthesize,
} from '../../../constructs';
import { checkRules } from '../../../constructs/platform/rules';
import { schemaMinors, StrictSchemas } from '../../../tools/schemas/validator';
import { at, listAt, objectOf } from '../../support/objects';
import { testImages } from '../../support/platform';
import { CATALOGS, LOCK, make, PRODUCTION, SERVICES } from './fakes';
import { catalogProblems, regionProblems } from './schemas';

const PEM = '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n';

/** Everything at once. */
const FULL = (platform: Platform): Partial<OnyxiaProps> => {
  const namespace = new PlatformNamespace(platform, 'datalab', { name: 'demo-datalab' });
  const secret = new PlatformSecret(platform, 'passwords', {
    namespace,
    name: 'onyxia-passwords',
    data: { charts: new GeneratedValue('charts-password'), hook: new GeneratedValue('hook-url') },
  });
  return {
    namespace,
    onboarding: true,
    catalogs: [
      ...CATALOGS,
      {
        id: 'office-charts',
        name: 'Office',
        location: 'https://private.example.org:8443/charts',
        hosts: { cidrs: ['192.0.2.9/32'] },
        credentials: { username: 'reader', password: secret.ref('charts') },
        restrictions: [{ claim: 'groups', matches: 'census|surveys' }],
        versions: { newest: 3 },
        includeKeywords: ['census'],
      },
    ],
    region: {
      id: 'office',
      description: 'Our own cluster',
      furtherS3: [{ URL: 'https://open.example.org', bookmarks: [{ s3Uri: 's3://open/', title: 'Open data' }] }],
    },
    services: {
      ...SERVICES,
      certManagerClusterIssuer: 'office',
      monitoringUrlPattern: 'https://grafana.example.org/d/x?var-namespace=$NAMESPACE&var-instance=$INSTANCE',
      usernamePrefix: 'oidc:',
      groupPrefix: 'oidc:',
    },
    quotas: {
      user: { 'requests.cpu': '4', 'count/pods': 20 },
      roles: { datascientist: { 'requests.nvidia.com/gpu': '2' } },
    },
    schemas: {
      initScript: 'https://files.example.org/init.sh',
      gpu: { nodeLabel: 'nvidia.com/gpu.product', kinds: ['NVIDIA-A2', 'NVIDIA-H100'], max: 2 },
      cpu: { max: 8000, request: 200 },
      disk: { max: 50 },
      networkPolicy: { from: [{ namespace: 'traefik' }] },
      roles: { trainer: { memory: { max: 16 }, files: { 'ide/role.json': { type: 'string', const: 'view' } } } },
    },
    branding: {
      headerTextBold: 'Office',
      customResources: { url: 'https://files.example.org/looks.zip' },
      languages: ['en', 'fr'],
      quotaWarningPercent: 60,
      homepageHeroText: { en: 'Costs $(A) lot' },
    },
    userProfileForm: { type: 'object', properties: { team: { type: 'string' } } },
    eventWebhook: { url: secret.ref('hook'), includes: ['service.install'] },
    trust: CertificateAuthority.pem(PEM),
    proxy: { url: 'http://proxy.example.org:3128', noProxy: ['example.org', '10.0.0.0/8'] },
    packageMirrors: { pypi: 'https://pypi.example.org/simple' },
    login: { extraQueryParams: 'kc_idp_hint=office' },
  };
};

const deployment = (platform: Platform, role: string) => objectOf(synthesize(platform), 'Deployment', `onyxia-${role}`);
const container = (platform: Platform, role: string) =>
  at(deployment(platform, role), 'spec', 'template', 'spec', 'containers', 0);
const environment = (platform: Platform, role: string): Record<string, unknown> =>
  Object.fromEntries(
    listAt(container(platform, role), 'env').map((variable): [string, unknown] => [
      String(at(variable, 'name')),
      at(variable, 'value') ?? at(variable, 'valueFrom'),
    ]),
  );
const settings = (platform: Platform): Record<string, string> =>
  objectOf(synthesize(platform), 'ConfigMap', /^onyxia-api-/)['data'] as Record<string, string>;
const policy = (platform: Platform, role: string) => objectOf(synthesize(platform), 'NetworkPolicy', `onyxia-${role}`);

describe('every object', () => {
  const variants: [string, () => Platform][] = [
    ['as it comes', () => make().platform],
    ['in production', () => make({}, PRODUCTION).platform],
    ['with everything', () => make(FULL, PRODUCTION).platform],
    [
      'that impersonates',
      () => make({ services: { ...SERVICES, authenticationMode: 'impersonate', projects: false } }).platform,
    ],
    ['with an authority', () => make({}, {}, { hasAuthority: true }).platform],
  ];

  test.each(variants)('%s passes the rules', (_, platformOf) => {
    const platform = platformOf();
    const found = checkRules(synthesize(platform), { profile: platform.profile });
    const ours = found.filter(({ message }) => !message.includes('"identity-ca"'));
    expect(ours.map(({ rule, field, message }) => ({ rule, field, message }))).toEqual([]);
  });

  test.each(variants)('%s is valid in the oldest and the newest Kubernetes', (_, platformOf) => {
    const manifests = synthesize(platformOf()).objects.map(({ manifest }) => manifest);
    for (const minor of [schemaMinors()[0] ?? '', schemaMinors().at(-1) ?? '']) {
      const schemas = new StrictSchemas(minor);
      expect(manifests.flatMap((manifest) => schemas.problems(manifest))).toEqual([]);
    }
  });
});

describe('the documents', () => {
  test('of a plain platform', () => {
    const { onyxia } = make();
    expect(onyxia.region).toMatchSnapshot('region');
    expect(onyxia.catalogs).toMatchSnapshot('catalogs');
    expect(regionProblems([onyxia.region])).toEqual([]);
    expect(catalogProblems(onyxia.catalogs)).toEqual([]);
  });

  test('of everything at once', () => {
    const { onyxia } = make(FULL);
    expect(regionProblems([onyxia.region])).toEqual([]);
    expect(catalogProblems(onyxia.catalogs)).toEqual([]);
  });

  test('are what the API is given', () => {
    const { platform, onyxia } = make(FULL);
    const { regions = '', catalogs = '' } = settings(platform);
    expect(JSON.parse(regions)).toEqual([onyxia.region]);
    expect(JSON.parse(catalogs)).toEqual(onyxia.catalogs);
  });

  test.each<[string, unknown, string]>([
    [
      'a field that the API drops',
      { services: { initScript: 'https://x' } },
      '/0/services must NOT have additional properties',
    ],
    [
      'a misspelt client',
      { vault: { oidcConfiguration: { clientId: 'x' } } },
      '/0/vault/oidcConfiguration must NOT have additional properties',
    ],
    [
      'a working directory',
      { data: { S3: { workingDirectory: { bucketMode: 'multi' } } } },
      '/0/data/S3 must NOT have additional properties',
    ],
    [
      'credentials without a role',
      { data: { S3: { sts: { role: [] } } } },
      '/0/data/S3/sts/role must NOT have fewer than 1 items',
    ],
    [
      'credentials for a week by default',
      { data: { S3: { sts: { durationSeconds: undefined } } } },
      "/0/data/S3/sts must have required property 'durationSeconds'",
    ],
    [
      'a dead key of quotas',
      { services: { quotas: { enabled: true } } },
      '/0/services/quotas must NOT have additional properties',
    ],
    [
      'a quota that is switched on and missing',
      { services: { quotas: { user: undefined } } },
      "/0/services/quotas must have required property 'user'",
    ],
  ])('are refused by the schema with %s', (_, spoilt, problem) => {
    const region: unknown = JSON.parse(JSON.stringify(merge(make().onyxia.region, spoilt)));
    expect(regionProblems([region])).toContain(problem);
  });

  test('of catalogs are refused by the schema with a password in plain text, or half a check of certificates', () => {
    const [catalog] = make().onyxia.catalogs;
    expect(catalogProblems([{ ...catalog, username: 'a', password: 'b' }])).not.toEqual([]);
    expect(catalogProblems([{ ...catalog, skipTlsVerify: true }])).not.toEqual([]);
    expect(catalogProblems({ catalogs: [catalog] })).not.toEqual([]);
  });
});

describe('a secret', () => {
  test('stands in no ConfigMap, and reaches the API by its name', () => {
    const { platform, onyxia } = make(FULL);
    expect(onyxia.catalogs[1]).toMatchObject({ username: 'reader', password: '${SECRET_CATALOG_OFFICE_CHARTS}' });
    expect(environment(platform, 'api')).toMatchObject({
      SECRET_CATALOG_OFFICE_CHARTS: { secretKeyRef: { name: 'onyxia-passwords', key: 'charts' } },
      'event.webhook.url': { secretKeyRef: { name: 'onyxia-passwords', key: 'hook' } },
    });
    expect(settings(platform)).not.toHaveProperty(['event.webhook.url']);
  });

  test('of a remote cluster is a placeholder, and the own cluster gives no rights', () => {
    const auth = { token: { namespace: 'demo-onyxia', name: 'remote', key: 'token' } };
    const { platform, onyxia } = make({
      services: { ...SERVICES, server: { url: 'https://k8s.example.org:6443', auth } },
    });
    expect(onyxia.region.services.server).toEqual({
      URL: 'https://k8s.example.org:6443',
      auth: { token: '${SECRET_SERVER_TOKEN}' },
    });
    expect(synthesize(platform).objects.filter(({ manifest }) => manifest.kind === 'ClusterRole')).toEqual([]);
    expect(at(deployment(platform, 'api'), 'spec', 'template', 'spec', 'automountServiceAccountToken')).toBe(false);
    expect(platform.expectedSecrets).toContainEqual(expect.objectContaining({ name: 'remote', keys: ['token'] }));
    expect(regionProblems([onyxia.region])).toEqual([]);
  });

  test('of another namespace is refused', () => {
    const password = { namespace: 'elsewhere', name: 'charts', key: 'password' };
    expect(() =>
      make({
        catalogs: [{ id: 'a', name: 'A', location: 'https://a.example.org', credentials: { username: 'u', password } }],
      }),
    ).toThrow('Secret "charts" stands in namespace "elsewhere": Onyxia\'s API reads Secrets of "demo-onyxia" alone');
  });

  test('cannot be taken from the API by a text of the configuration', () => {
    expect(() => make({ region: { description: '${JAVA_HOME}' } })).toThrow('regions holds "${JAVA_HOME}"');
    expect(() => make({ login: { scope: '${x}' } })).toThrow('oidc.scope "${x}"');
  });
});

describe('the host', () => {
  test('leads to the page, the API and the program for first logins, the longest path first', () => {
    const { platform } = make({ onboarding: true });
    const ingress = objectOf(synthesize(platform), 'Ingress', 'datalab.example.org');
    const paths = listAt(ingress, 'spec', 'rules', 0, 'http', 'paths');
    expect(paths.map((path) => [at(path, 'path'), at(path, 'backend', 'service', 'name')])).toEqual([
      ['/api/onboarding', 'onyxia-onboarding'],
      ['/api', 'onyxia-api'],
      ['/', 'onyxia-web'],
    ]);
  });

  test('is known to every client and every store', () => {
    const kubernetes = { clientId: 'kubernetes', audience: 'kubernetes', redirects: [] as string[] };
    const client = {
      ...kubernetes,
      accessTokenSeconds: 300,
      allowRedirect: (url: string) => kubernetes.redirects.push(url),
      grantEveryone: () => undefined,
      grantGroup: () => undefined,
    };
    const { onyxia, identityProvider, storage, secretStore } = make({
      services: { ...SERVICES, publicEndpoint: { url: 'https://k8s.example.org', client } },
    });
    const redirects = ['https://datalab.example.org/*'];
    expect([...identityProvider.clients.values()].map(({ clientId, redirects }) => [clientId, redirects])).toEqual([
      ['onyxia-minio', redirects],
      ['vault', redirects],
      ['onyxia', redirects],
    ]);
    expect(kubernetes.redirects).toEqual(redirects);
    expect(storage.origins).toEqual(['https://datalab.example.org']);
    expect(secretStore.origins).toEqual(['https://datalab.example.org']);
    expect(onyxia.exposed.url).toBe('https://datalab.example.org');
  });
});

describe('the API', () => {
  const role = (platform: Platform): KubernetesManifest =>
    objectOf(synthesize(platform), 'ClusterRole', 'demo-onyxia-api');

  test('may do what it does, and is no administrator', () => {
    expect(role(make().platform)['rules']).toMatchInlineSnapshot(`
      [
        {
          "apiGroups": [
            "",
          ],
          "resources": [
            "namespaces",
          ],
          "verbs": [
            "get",
            "list",
            "create",
            "patch",
          ],
        },
        {
          "apiGroups": [
            "rbac.authorization.k8s.io",
          ],
          "resources": [
            "rolebindings",
          ],
          "verbs": [
            "create",
          ],
        },
        {
          "apiGroups": [
            "rbac.authorization.k8s.io",
          ],
          "resourceNames": [
            "full_control_namespace",
          ],
          "resources": [
            "rolebindings",
          ],
          "verbs": [
            "get",
            "update",
            "patch",
          ],
        },
        {
          "apiGroups": [
            "rbac.authorization.k8s.io",
          ],
          "resourceNames": [
            "admin",
          ],
          "resources": [
            "clusterroles",
          ],
          "verbs": [
            "bind",
          ],
        },
        {
          "apiGroups": [
            "",
          ],
          "resources": [
            "resourcequotas",
          ],
          "verbs": [
            "create",
          ],
        },
        {
          "apiGroups": [
            "",
          ],
          "resourceNames": [
            "onyxia-quota",
          ],
          "resources": [
            "resourcequotas",
          ],
          "verbs": [
            "get",
            "update",
            "patch",
          ],
        },
        {
          "apiGroups": [
            "",
          ],
          "resources": [
            "secrets",
          ],
          "verbs": [
            "get",
            "list",
            "create",
            "update",
            "patch",
          ],
        },
      ]
    `);
  });

  test('makes nobody an administrator where it makes no namespaces', () => {
    const { platform } = make({ services: { ...SERVICES, namespaceCreation: false } });
    expect(JSON.stringify(role(platform)['rules'])).not.toMatch(/bind|create","patch/);
  });

  test('may speak in names of people only where it has to', () => {
    expect(JSON.stringify(role(make().platform))).not.toContain('impersonate');
    const { platform } = make({ services: { ...SERVICES, authenticationMode: 'impersonate', projects: false } });
    expect(JSON.stringify(role(platform))).toContain('impersonate');
  });

  test('is kept inside people’s spaces by a policy', () => {
    const { platform } = make({}, {}, { names: new SpaceNames({ userPrefix: 'u-', projectPrefix: 'p-' }) });
    const spec = objectOf(synthesize(platform), 'ValidatingAdmissionPolicy', 'demo-onyxia-api-spaces')['spec'];
    expect(at(spec, 'matchConditions', 0, 'expression')).toBe(
      "request.userInfo.username == 'system:serviceaccount:demo-onyxia:onyxia-api'",
    );
    expect(at(spec, 'validations', 0, 'expression')).toBe(
      "variables.space.startsWith('u-') || variables.space.startsWith('p-')",
    );
  });

  test('rolls out on each change of a setting, a schema or a catalog', () => {
    const pods = [
      make(),
      make({ catalogs: [] }),
      make({ schemas: { disk: { max: 20 } } }),
      make({ schemas: { disk: { max: 30 } } }),
    ].map(({ platform }) => JSON.stringify(at(deployment(platform, 'api'), 'spec', 'template')));
    expect(new Set(pods).size).toBe(4);
    expect(JSON.stringify(at(deployment(make().platform, 'api'), 'spec', 'template'))).toBe(pods[0]);
  });

  test('has time to read many catalogs before it is taken for dead', () => {
    const probe = (minutes?: number): unknown =>
      at(container(make(minutes === undefined ? {} : { startupMinutes: minutes }).platform, 'api'), 'startupProbe');
    expect(probe()).toMatchObject({
      httpGet: { path: '/api/public/healthcheck' },
      periodSeconds: 10,
      failureThreshold: 90,
    });
    expect(probe(60)).toMatchObject({ failureThreshold: 360 });
    expect(() => make({ startupMinutes: 0 })).toThrow(/1 to 120/);
  });

  test('mounts each schema by itself, where it looks for it', () => {
    const { platform } = make(FULL);
    const mounts = listAt(container(platform, 'api'), 'volumeMounts').flatMap((mount) =>
      at(mount, 'name') === 'schemas' ? [[at(mount, 'mountPath'), at(mount, 'subPath')]] : [],
    );
    const data = objectOf(synthesize(platform), 'ConfigMap', /^onyxia-schemas-/)['data'] as Record<string, string>;
    expect(mounts.map(([path]) => path)).toEqual([
      '/schemas/default/certificates.json',
      '/schemas/default/ide/init.json',
      '/schemas/default/ide/persistence.json',
      '/schemas/default/ide/resources-gpu.json',
      '/schemas/default/ide/resources.json',
      '/schemas/default/network-policy.json',
      '/schemas/default/nodeSelector-gpu.json',
      '/schemas/default/proxy.json',
      '/schemas/default/repository.json',
      '/schemas/role/trainer/ide/resources-gpu.json',
      '/schemas/role/trainer/ide/resources.json',
      '/schemas/role/trainer/ide/role.json',
      '/userProfile/default',
    ]);
    expect(mounts.map(([, subPath]) => subPath)).toEqual(Object.keys(data));
  });

  test('trusts the office and the identity provider, each certificate by itself', () => {
    const { platform } = make({ trust: CertificateAuthority.pem(PEM) }, {}, { hasAuthority: true });
    const spec = at(deployment(platform, 'api'), 'spec', 'template', 'spec');
    expect(environment(platform, 'api')).toMatchObject({
      CACERTS_DIR: '/etc/authorities',
      SSL_CERT_DIR: '/etc/ssl/certs:/etc/authorities',
    });
    const sources = listAt(spec, 'volumes').flatMap((volume) => listAt(volume, 'projected', 'sources'));
    expect(sources.map((source) => at(source, 'secret', 'items', 0, 'path'))).toEqual([
      'office.crt',
      'identity-provider.crt',
    ]);
    expect(at(spec, 'initContainers', 0, 'command', 2)).toContain('cp -RL "$JAVA_HOME/lib/security/." /security/');
  });

  test('has no way out but those that it was given', () => {
    const { platform } = make({
      apiServer: { cidrs: ['192.0.2.1/32'], ports: [6443] },
      issuerHosts: { cidrs: ['192.0.2.3/32'] },
      catalogs: [{ id: 'a', name: 'A', location: 'https://a.example.org:444', hosts: { cidrs: ['192.0.2.2/32'] } }],
      furtherHosts: [{ cidrs: ['10.42.0.0/16'], port: 8443 }],
    });
    const ways = listAt(policy(platform, 'api'), 'spec', 'egress').map(
      (rule) => `${String(at(rule, 'to', 0, 'ipBlock', 'cidr'))}:${String(at(rule, 'ports', 0, 'port'))}`,
    );
    expect(ways).toEqual([
      '10.42.0.0/16:8443',
      '192.0.2.1/32:6443',
      '192.0.2.2/32:444',
      '192.0.2.3/32:443',
      '192.0.2.7/32:8443',
    ]);
    expect(listAt(policy(platform, 'web'), 'spec', 'egress')).toEqual([]);
  });

  test('goes through the proxy, but to the cluster', () => {
    const { platform, onyxia } = make(FULL);
    expect(settings(platform)).toMatchObject({
      'http.proxyHost': 'proxy.example.org',
      'http.proxyPort': '3128',
      'http.noProxy': 'localhost,127.0.0.1,*.svc,*.cluster.local,example.org,*.example.org,10.0.0.0/8',
    });
    expect(environment(platform, 'api')['NO_PROXY']).toBe(
      'localhost,127.0.0.1,.svc,.cluster.local,example.org,10.0.0.0/8,$(KUBERNETES_SERVICE_HOST)',
    );
    expect(onyxia.region.proxyInjection?.noProxy).toBe(
      'localhost,127.0.0.1,.svc,.cluster.local,example.org,10.0.0.0/8',
    );
  });

  test('says nothing of groups where there are no projects', () => {
    const { platform, onyxia } = make({
      services: { ...SERVICES, authenticationMode: 'impersonate', projects: false },
    });
    expect(settings(platform)['oidc.groups-claim']).toBe('no-projects');
    expect(onyxia.region.services.quotas.groupEnabled).toBe(false);
    expect(JSON.stringify(onyxia.region.data)).not.toContain('projet-');
  });
});

describe('the page', () => {
  test('is careful by default', () => {
    expect(environment(make().platform, 'web')).toMatchObject({
      DISABLE_PERSONAL_INFOS_INJECTION_IN_GROUP: 'true',
      DISABLE_AUTO_LAUNCH: 'true',
      AUTHENTICATION_GLOBALLY_REQUIRED: 'true',
      OIDC_SESSION_RESTORATION_METHOD: 'auto',
      ONYXIA_API_URL: '/api',
    });
  });

  test('leaves the frame where the identity provider has another domain', () => {
    const { platform } = make({}, {}, { issuer: 'https://auth.office.example/realms/a' });
    expect(environment(platform, 'web')['OIDC_SESSION_RESTORATION_METHOD']).toBe('full page redirect');
  });

  test('says what the office says, to the letter', () => {
    expect(environment(make(FULL).platform, 'web')).toMatchObject({
      HEADER_TEXT_BOLD: 'Office',
      ENABLED_LANGUAGES: 'en,fr',
      QUOTA_WARNING_THRESHOLD: '60%',
      HOMEPAGE_HERO_TEXT: '{"en":"Costs $$(A) lot"}',
      CUSTOM_RESOURCES: 'https://files.example.org/looks.zip',
      CUSTOM_RESOURCES_CA_CERTIFICATE: '/etc/trust/office.crt',
      OIDC_DISABLE_DPOP: 'true',
    });
  });
});

describe('roles of a store', () => {
  const everyone = {
    profileName: 'me',
    roleArn: 'arn:aws:iam::1:role/$1',
    roleSessionName: 'onyxia-$1',
    claimName: 'preferred_username',
  };

  test('lead to the bucket of their claim', () => {
    const { onyxia } = make(
      {},
      {},
      {
        roles: [
          everyone,
          { profileName: 'project-$1', roleArn: 'arn:aws:iam::1:role/p-$1', roleSessionName: 'p', claimName: 'groups' },
        ],
      },
    );
    expect(at(onyxia.region, 'data', 'S3', 'bookmarks')).toEqual([
      expect.objectContaining({ s3Uri: 's3://user-$1/', claimName: 'preferred_username', forProfileName: 'me' }),
      expect.objectContaining({ s3Uri: 's3://projet-$1/', claimName: 'groups', forProfileName: 'project-$1' }),
    ]);
  });

  test('are none of groups where groups are no projects', () => {
    const roles = [everyone, { ...everyone, profileName: 'project-$1', claimName: 'groups' }];
    const services = { ...SERVICES, authenticationMode: 'impersonate', projects: false } as const;
    const { onyxia } = make({ services }, {}, { roles });
    expect(listAt(onyxia.region, 'data', 'S3', 'sts', 'role')).toHaveLength(1);
    expect(listAt(onyxia.region, 'data', 'S3', 'bookmarks')).toHaveLength(1);
  });

  test('must leave nobody without one', () => {
    const roles = [{ ...everyone, claimName: 'groups' }];
    expect(() => make({}, {}, { roles })).toThrow('storage gives no role that everyone has');
    expect(() => make({}, {}, { roles: [] })).toThrow('storage gives no role that everyone has');
  });

  test('must name buckets as spaces are named', () => {
    expect(() => make({ names: new SpaceNames({ userPrefix: 'u-' }) })).toThrow(
      'storage names buckets "user-" and "projet-", the spaces are "u-" and "projet-": give both the same SpaceNames',
    );
  });

  test.each([0, 899, 604_801, 1.5])('live no %d seconds', (durationSeconds) => {
    expect(() => make({}, {}, { durationSeconds })).toThrow(/900 to 604800/);
  });
});

describe('bad input', () => {
  const catalog = (fields: object): Partial<OnyxiaProps> => ({
    catalogs: [{ id: 'a', name: 'A', location: 'https://a.example.org', ...fields }],
  });

  test.each<[string, Partial<OnyxiaProps>, string]>([
    ['a registry', catalog({ location: 'oci://r.example.org/c' }), 'the API reads no OCI registry'],
    ['a user in an address', catalog({ location: 'https://me:secret@a.example.org' }), 'holds a user'],
    ['no address', catalog({ location: 'charts' }), 'is no address of a repository'],
    [
      'a password in plain text',
      catalog({
        location: 'http://a.example.org',
        credentials: { username: 'u', password: { namespace: 'demo-onyxia', name: 'a', key: 'b' } },
      }),
      'is plain text',
    ],
    ['an id with a slash', catalog({ id: 'a/b' }), 'catalog "a/b" is not a DNS label'],
    ['two catalogs of one id', { catalogs: [...CATALOGS, ...CATALOGS] }, 'catalog "ide" is given twice'],
    ['a catalog for nobody', catalog({ visible: { user: false, project: false } }), 'nobody would see it'],
    [
      'a restriction that is no regular expression',
      catalog({ restrictions: [{ claim: 'groups', matches: '((' }] }),
      'expected a claim and a regular expression',
    ],
    [
      'a restriction that the API would fill',
      catalog({ restrictions: [{ claim: 'groups', matches: '${x}' }] }),
      'expected a claim and a regular expression',
    ],
    ['no version', catalog({ versions: { newest: 0 } }), 'whole number of 1 or more'],
    [
      'a domain with a star',
      { services: { ...SERVICES, domain: '*.lab.example.org' } },
      'without scheme, port or wildcard',
    ],
    [
      'a label of the platform',
      { services: { ...SERVICES, namespaceLabels: { 'pod-security.kubernetes.io/enforce': 'privileged' } } },
      'is set by the platform',
    ],
    ['an empty quota', { quotas: { user: {} } }, 'quotas.user limits nothing'],
    ['a quantity in words', { quotas: { user: { 'requests.cpu': 'many' } } }, '"many" is no Kubernetes quantity'],
    ['a start script in plain text', { schemas: { initScript: 'http://x/y' } }, 'expected an address with https://'],
    ['a slider without a way', { schemas: { disk: { min: 9, max: 3 } } }, 'min at most max'],
    ['a schema outside its folder', { schemas: { files: { '../a.json': {} } } }, 'is no name of a schema'],
    ['a role with a slash', { schemas: { roles: { 'a/b': {} } } }, 'is no role'],
    ['a proxy with a user', { proxy: { url: 'http://u:p@proxy:1', noProxy: [] } }, 'without a user'],
    ['a webhook with a token', { eventWebhook: { url: 'https://h.example.org/?token=x' } }, 'give it by reference'],
    ['no Pod', { replicas: 0 }, '1 to 20'],
  ])('such as %s is told, without the secret', (_, props, message) => {
    const attempt = (): unknown => make(props);
    expect(attempt).toThrow(message);
    expect(attempt).not.toThrow(/secret@|u:p@|token=x/);
  });

  test('such as another version of the API is told', () => {
    const images = testImages({ lock: LOCK, overrides: { 'onyxia-api': 'registry.example.org/onyxia-api:v4.13.0' } });
    expect(() => make({}, { images })).toThrow(
      'image "onyxia-api" has tag "v4.13.0": Onyxia\'s region and settings are written for v4.12.0',
    );
  });

  test('such as a region that no environment variable can hold is told', () => {
    const trust = CertificateAuthority.pem(PEM.replace('MIIB', 'A'.repeat(120_000)));
    expect(() => make({ trust })).toThrow(/regions has \d+ bytes: an environment variable of Linux has at most 131072/);
  });
});

function merge(base: unknown, over: unknown): unknown {
  if (typeof base !== 'object' || base === null || typeof over !== 'object' || over === null || Array.isArray(over))
    return over;
  const merged = Object.entries(over).map(([key, value]) => [key, merge(Reflect.get(base, key), value)]);
  return { ...base, ...(Object.fromEntries(merged) as object) };
}
