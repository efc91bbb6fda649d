import {
  CertificateAuthority,
  Connections,
  type HttpService,
  KeycloakRealm,
  type KeycloakRealmProps,
  type KubernetesManifest,
  LdapFederation,
  OidcBroker,
  type Platform,
  PlatformNamespace,
  type PlatformProps,
  SamlBroker,
  ServerTls,
  SpaceNames,
  synthesize,
} from '../../../constructs';
import { checkRules } from '../../../constructs/platform/rules';
import { schemaMinors, StrictSchemas } from '../../../tools/schemas/validator';
import { at, listAt, objectOf } from '../../support/objects';
import { DIGESTED_LOCK, testImages, testPlatform } from '../../support/platform';
import { FakeDatabaseServer } from '../../support/storage';

interface Made {
  readonly platform: Platform;
  readonly realm: KeycloakRealm;
  readonly exposed: HttpService[];
}

const AUTHORITY = '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n';
const SECRET = { namespace: 'demo-keycloak', name: 'outside' };
const BROKER = new OidcBroker({
  alias: 'agents',
  issuer: 'https://login.example.org',
  authorizationUrl: 'https://login.example.org/auth',
  tokenUrl: 'https://login.example.org:8443/token',
  jwksUrl: 'https://login.example.org/certs',
  clientId: 'datalab',
  clientSecret: { ...SECRET, key: 'broker' },
  groups: [{ claim: 'teams', value: 'T1', group: 'census' }],
  cidrs: ['192.0.2.0/24'],
});
const DIRECTORY = new LdapFederation({
  name: 'directory',
  url: 'ldaps://ldap.example.org',
  bindDn: 'cn=keycloak,dc=example,dc=org',
  bindCredential: { ...SECRET, key: 'ldap' },
  usersDn: 'ou=people,dc=example,dc=org',
  cidrs: ['198.51.100.7/32'],
});

const PRODUCTION: Partial<PlatformProps> = {
  profile: 'production',
  images: testImages({ lock: DIGESTED_LOCK, requireDigest: true }),
};
const TLS: Partial<KeycloakRealmProps> = {
  tls: ServerTls.issuer({ name: 'office' }, CertificateAuthority.pem(AUTHORITY)),
};

function make(props: Partial<KeycloakRealmProps> = {}, platformProps: Partial<PlatformProps> = {}): Made {
  const platform = testPlatform(platformProps);
  const exposed: HttpService[] = [];
  const realm = new KeycloakRealm(platform, 'keycloak', {
    database: new FakeDatabaseServer(platform, 'database').addDatabase('keycloak'),
    exposure: {
      expose: (service, subdomain) => {
        exposed.push(service);
        return { host: `${subdomain}.example.org`, url: `https://${subdomain}.example.org` };
      },
    },
    names: new SpaceNames(),
    ...props,
  });
  return { platform, realm, exposed };
}

const object = (platform: Platform, kind: string, name: string | RegExp): KubernetesManifest =>
  objectOf(synthesize(platform), kind, name);

/** The declared state, as the script reads it. */
function state(platform: Platform): Record<string, unknown> {
  const data = at(object(platform, 'ConfigMap', /^keycloak-reconcile-/), 'data') as Record<string, string>;
  return JSON.parse(data['realm.json'] ?? '') as Record<string, unknown>;
}

function variables(manifest: KubernetesManifest): Record<string, unknown> {
  const list = listAt(manifest, 'spec', 'template', 'spec', 'containers', 0, 'env') as {
    name: string;
    value?: string;
    valueFrom?: unknown;
  }[];
  return Object.fromEntries(list.map(({ name, value, valueFrom }) => [name, value ?? valueFrom]));
}

function consumer(platform: Platform, consumerName: string) {
  const namespace = new PlatformNamespace(platform, `${consumerName}-namespace`, { name: `demo-${consumerName}` });
  const podLabels = { 'app.kubernetes.io/name': consumerName, 'app.kubernetes.io/instance': consumerName };
  return {
    consumerName,
    connections: new Connections(platform, consumerName, { namespace, name: consumerName, podLabels }),
  };
}

/** One client of the declared state. */
function client(platform: Platform, clientId: string): Record<string, unknown> {
  const found = (state(platform)['clients'] as Record<string, unknown>[]).find(
    (each) => at(each, 'representation', 'clientId') === clientId,
  );
  if (found === undefined) throw new Error(`no client ${clientId}`);
  return found;
}

describe('a KeycloakRealm', () => {
  test('is optimized, keeps everything in its database, and knows its public address', () => {
    const { platform } = make();
    const deployment = object(platform, 'Deployment', 'keycloak');
    expect(at(deployment, 'spec', 'template', 'spec', 'containers', 0, 'command')).toEqual([
      '/opt/keycloak/bin/kc.sh',
      'start',
      '--optimized',
    ]);
    expect(variables(deployment)).toMatchObject({
      KC_HOSTNAME: 'https://auth.example.org',
      KC_HOSTNAME_BACKCHANNEL_DYNAMIC: 'true',
      KC_PROXY_HEADERS: 'xforwarded',
      KC_HTTP_ENABLED: 'true',
      KC_CACHE: 'local',
      KC_DB_URL_HOST: 'db.example.org',
      KC_DB_URL_PROPERTIES: '?sslmode=verify-full&sslrootcert=/etc/ssl/certs/ca-certificates.crt',
      KC_DB_PASSWORD: { secretKeyRef: { name: 'keycloak-db-keycloak', key: 'password' } },
      KC_BOOTSTRAP_ADMIN_PASSWORD: { secretKeyRef: { name: 'keycloak-admin', key: 'password' } },
    });
    expect(at(deployment, 'spec')).toMatchObject({ replicas: 1, strategy: { type: 'Recreate' } });
  });

  test('has two servers in production, which find each other and nobody else joins them', () => {
    const { platform } = make(TLS, PRODUCTION);
    const deployment = object(platform, 'Deployment', 'keycloak');
    expect(at(deployment, 'spec')).toMatchObject({ replicas: 2, strategy: { type: 'RollingUpdate' } });
    expect(variables(deployment)).toMatchObject({ KC_CACHE: 'ispn', KC_CACHE_STACK: 'jdbc-ping' });
    expect(object(platform, 'PodDisruptionBudget', 'keycloak')).toBeDefined();
    const policy = object(platform, 'NetworkPolicy', 'keycloak');
    const own = { podSelector: { matchLabels: at(deployment, 'spec', 'selector', 'matchLabels') } };
    for (const direction of ['ingress', 'egress']) {
      const holes = listAt(policy, 'spec', direction).filter((hole) => JSON.stringify(hole).includes('7800'));
      expect(holes).toHaveLength(2);
      for (const hole of holes) expect(at(hole, direction === 'ingress' ? 'from' : 'to', 0)).toMatchObject(own);
    }
  });

  test('speaks TLS with its own certificate where it is given one, and probes do too', () => {
    const { platform, realm, exposed } = make(TLS);
    expect(variables(object(platform, 'Deployment', 'keycloak'))).toMatchObject({
      KC_HTTP_ENABLED: 'false',
      KC_HTTPS_CERTIFICATE_FILE: '/etc/keycloak-tls/tls.crt',
    });
    const container = ['spec', 'template', 'spec', 'containers', 0] as const;
    expect(at(object(platform, 'Deployment', 'keycloak'), ...container, 'readinessProbe', 'httpGet', 'scheme')).toBe(
      'HTTPS',
    );
    expect(exposed[0]).toMatchObject({ port: 8443, tls: true });
    const vault = consumer(platform, 'vault');
    const keys = realm.grantKeys(vault);
    expect(keys.jwksUrl).toMatch(/^https:\/\/keycloak\.demo-keycloak\.svc\.cluster\.local:8443\//);
    expect(keys.certificateAuthority).toEqual({ namespace: 'demo-vault', name: 'vault-keycloak-ca', key: 'ca.crt' });
    expect(realm.grantKeys(vault)).toEqual(keys);
  });

  test('breaks no rule of the project, in either profile, with everything on', () => {
    const all = { brokers: [BROKER], federations: [DIRECTORY], trustedAuthority: CertificateAuthority.pem(AUTHORITY) };
    for (const { platform } of [make(), make({ ...TLS, ...all }, PRODUCTION)]) {
      const found = checkRules(synthesize(platform), { profile: platform.profile });
      // The database and the others are somewhere else in this test: they make no Secret.
      const ours = found.filter(
        ({ message }) => !/nobody makes the Secret "(keycloak-db-keycloak|outside|keycloak-tls)"/.test(message),
      );
      expect(ours.map(({ rule, field, message }) => ({ rule, field, message }))).toEqual([]);
    }
  });

  test.each([schemaMinors()[0] ?? '', schemaMinors().at(-1) ?? ''])('is accepted by the API server %s', (minor) => {
    const schemas = new StrictSchemas(minor);
    const objects = [make(), make(TLS, PRODUCTION)]
      .flatMap(({ platform }) => synthesize(platform).objects.map(({ manifest }) => manifest))
      .filter(({ apiVersion }) => !apiVersion.startsWith('cert-manager.io/'));
    expect(objects.flatMap((manifest) => schemas.problems(manifest))).toEqual([]);
  });

  test('is reconciled after its servers, and then every ten minutes, by the same Pod', () => {
    const { platform } = make();
    const waves = synthesize(platform).objects.map(({ manifest, wave }): [string, number] => [manifest.kind, wave]);
    expect(Object.fromEntries(waves)).toMatchObject({ Deployment: 30, Service: 30, Job: 31, CronJob: 32 });
    const job = object(platform, 'Job', /^keycloak-reconcile-/);
    const cronJob = object(platform, 'CronJob', 'keycloak-reconcile');
    expect(at(cronJob, 'spec', 'schedule')).toBe('*/10 * * * *');
    expect(at(cronJob, 'spec', 'jobTemplate', 'spec', 'template')).toEqual(at(job, 'spec', 'template'));
  });

  test('has another Job when a client is added later, and the same when nothing changed', () => {
    const nameOf = ({ platform }: Made) => object(platform, 'Job', /./).metadata.name;
    const changed = make();
    changed.realm.addPublicClient('onyxia');
    expect(nameOf(make())).toBe(nameOf(make()));
    expect(nameOf(changed)).not.toBe(nameOf(make()));
  });

  test('tells a person where to administer it', () => {
    const { platform } = make();
    expect(platform.accesses).toEqual([
      {
        title: 'Keycloak (administration)',
        url: 'https://auth.example.org/admin/',
        username: 'admin',
        password: { namespace: 'demo-keycloak', name: 'keycloak-admin', key: 'password' },
      },
    ]);
  });
});

describe('the keys', () => {
  test('are fetched inside the cluster, for tokens that name the public address', () => {
    const { platform, realm } = make();
    expect(realm.grantKeys(consumer(platform, 'minio'))).toEqual({
      issuer: 'https://auth.example.org/realms/datalab',
      discoveryUrl:
        'http://keycloak.demo-keycloak.svc.cluster.local:8080/realms/datalab/.well-known/openid-configuration',
      jwksUrl: 'http://keycloak.demo-keycloak.svc.cluster.local:8080/realms/datalab/protocol/openid-connect/certs',
      endpoints: {
        authorizationUrl: 'https://auth.example.org/realms/datalab/protocol/openid-connect/auth',
        tokenUrl: 'http://keycloak.demo-keycloak.svc.cluster.local:8080/realms/datalab/protocol/openid-connect/token',
      },
    });
    const ports = listAt(object(platform, 'NetworkPolicy', 'minio'), 'spec', 'egress').map((hole) =>
      at(hole, 'ports', 0, 'port'),
    );
    expect(ports).toEqual([8080]);
    expect(JSON.stringify(at(object(platform, 'NetworkPolicy', 'keycloak'), 'spec', 'ingress'))).toContain(
      'demo-minio',
    );
  });

  test('are not what metrics are, which are opened by themselves', () => {
    const { platform, realm } = make();
    const ingress = () => JSON.stringify(at(object(platform, 'NetworkPolicy', 'keycloak'), 'spec', 'ingress'));
    expect(ingress()).not.toContain('9000');
    realm.allowMetricsFrom({ namespace: 'monitoring' });
    expect(ingress()).toContain('9000');
  });
});

describe('a client', () => {
  test('is public, with PKCE, exact redirects, the origins that follow from them, and nothing else', () => {
    const { platform, realm } = make();
    const onyxia = realm.addPublicClient('onyxia');
    onyxia.allowRedirect('https://datalab.example.org/*');
    onyxia.allowRedirect('http://localhost:8000/callback');
    expect(onyxia).toMatchObject({ clientId: 'onyxia', audience: 'onyxia', accessTokenSeconds: 300 });
    expect(client(platform, 'onyxia')).toMatchObject({
      representation: {
        publicClient: true,
        standardFlowEnabled: true,
        implicitFlowEnabled: false,
        directAccessGrantsEnabled: false,
        serviceAccountsEnabled: false,
        fullScopeAllowed: false,
        redirectUris: ['http://localhost:8000/callback', 'https://datalab.example.org/*'],
        webOrigins: ['http://localhost:8000', 'https://datalab.example.org'],
        attributes: { 'pkce.code.challenge.method': 'S256', 'access.token.lifespan': '300' },
      },
      scopes: ['basic', 'email', 'platform', 'profile'],
    });
  });

  test('has a secret where it is a program on a server: the realm and that program read the same generated value', () => {
    const { platform, realm } = make();
    const { connections } = consumer(platform, 'monitoring');
    const { namespace } = connections;
    const secretName = 'monitoring-login';
    const monitoring = realm.addConfidentialClient('monitoring', { namespace, secretName, accessTokenSeconds: 600 });
    monitoring.allowRedirect('https://monitoring.example.org/oauth2/callback');
    expect(client(platform, 'monitoring')).toMatchObject({
      representation: {
        publicClient: false,
        clientAuthenticatorType: 'client-secret',
        secret: '${file:clients/monitoring}',
        standardFlowEnabled: true,
        serviceAccountsEnabled: false,
        directAccessGrantsEnabled: false,
        redirectUris: ['https://monitoring.example.org/oauth2/callback'],
        webOrigins: [],
        attributes: { 'pkce.code.challenge.method': 'S256', 'access.token.lifespan': '600' },
      },
    });
    const place = { namespace: 'demo-monitoring', name: secretName };
    expect(monitoring.clientIdRef).toEqual({ ...place, key: 'clientId' });
    expect(monitoring.clientSecretRef).toEqual({ ...place, key: 'clientSecret' });
    const clientSecret = { id: 'keycloak-client-monitoring' };
    const { secrets, expectedSecrets } = synthesize(platform);
    expect(secrets.filter(({ data }) => 'clientSecret' in data && !('clientId' in data))).toMatchObject([
      { namespace: 'demo-keycloak', name: 'keycloak-client-monitoring', data: { clientSecret } },
    ]);
    expect(secrets).toContainEqual(
      expect.objectContaining({
        ...place,
        data: { clientId: 'monitoring', clientSecret: expect.objectContaining(clientSecret) as object },
      }),
    );
    expect(expectedSecrets.map(({ name }) => name)).not.toContain(secretName);
    const sources = (kind: string) => {
      const template = kind === 'Job' ? ['spec', 'template'] : ['spec', 'jobTemplate', 'spec', 'template'];
      const volumes = listAt(object(platform, kind, /^keycloak-reconcile/), ...template, 'spec', 'volumes');
      return listAt(
        volumes.find((volume) => at(volume, 'name') === 'secrets'),
        'projected',
        'sources',
      );
    };
    for (const kind of ['Job', 'CronJob']) {
      expect(sources(kind)).toContainEqual({
        secret: { name: 'keycloak-client-monitoring', items: [{ key: 'clientSecret', path: 'clients/monitoring' }] },
      });
    }
    expect(checkRules(synthesize(platform)).filter(({ message }) => /monitoring/.test(message))).toEqual([]);
  });

  test('with a secret asks for no PKCE where its program knows none, and is one once', () => {
    const { platform, realm } = make();
    const { namespace } = consumer(platform, 'argo').connections;
    realm.addConfidentialClient('argo', { namespace, secretName: 'argo-sso', pkce: false });
    expect(at(client(platform, 'argo'), 'representation', 'attributes')).toMatchObject({
      'pkce.code.challenge.method': '',
    });
    expect(() => realm.addPublicClient('argo')).toThrow('is asked for twice');
    expect(() => realm.addConfidentialClient('argo', { namespace, secretName: 'other' })).toThrow('is asked for twice');
  });

  test('tells the permissions of everyone and of groups, which the realm then has', () => {
    const { platform, realm } = make();
    const minio = realm.addPublicClient('onyxia-minio', { audience: 'minio', permissionsClaim: 'policy' });
    minio.grantEveryone('own');
    minio.grantGroup('census', 'project-census');
    minio.grantGroup('census', 'project-census');
    const found = client(platform, 'onyxia-minio');
    expect(found).toMatchObject({ everyone: ['own'], groups: { census: ['project-census'] } });
    expect(listAt(found, 'mappers').map((mapper) => at(mapper, 'config'))).toMatchObject([
      { 'included.custom.audience': 'minio', 'access.token.claim': 'true', 'id.token.claim': 'false' },
      { 'claim.name': 'policy', multivalued: 'true', 'usermodel.clientRoleMapping.clientId': 'onyxia-minio' },
    ]);
    expect(state(platform)['groups']).toEqual(['census']);
  });

  test('tells AWS a person’s name, in the claim and the form that it reads', () => {
    const { platform, realm } = make();
    realm.addPublicClient('onyxia-s3', { permissionsClaim: 'amr', usernameTag: 'username' });
    const [, , tag] = listAt(client(platform, 'onyxia-s3'), 'mappers');
    expect(tag).toMatchObject({
      protocolMapper: 'oidc-usermodel-attribute-mapper',
      config: {
        // A dot without a backslash is a level of the claim.
        'claim.name': String.raw`https://aws\.amazon\.com/tags.principal_tags.username`,
        'user.attribute': 'username',
        multivalued: 'true',
        'access.token.claim': 'true',
        'id.token.claim': 'false',
      },
    });
    expect(() => realm.addPublicClient('other', { usernameTag: 'user.name' })).toThrow(
      'session tag "user.name": expected',
    );
  });

  test.each([
    'http://datalab.example.org/',
    'https://*.example.org/',
    'https://datalab.example.org*',
    'https://datalab.example.org/*/callback',
    'https://user@datalab.example.org/',
    'https://datalab.example.org/#there',
    'https://datalab.example.org/a/../b',
    'https://datalab.example.org/%2e%2e/',
    'javascript:alert(1)',
    '*',
    '/callback',
    '',
  ])('sends nobody to %p', (url) => {
    expect(() => {
      make().realm.addPublicClient('onyxia').allowRedirect(url);
    }).toThrow(/is not an exact address/);
  });

  test('cannot be asked for twice, be one of Keycloak’s own, or hide permissions in another claim', () => {
    const { realm } = make();
    realm.addPublicClient('onyxia');
    expect(() => realm.addPublicClient('onyxia')).toThrow(/asked for twice/);
    expect(() => realm.addPublicClient('realm-management')).toThrow(/none of account/);
    expect(() => realm.addPublicClient('Vault')).toThrow(/a-z, 0-9/);
    expect(() => realm.addPublicClient('vault', { permissionsClaim: 'groups' })).toThrow(/no claim of another meaning/);
    expect(() => realm.addPublicClient('vault', { audience: 'a b' })).toThrow(/without space/);
    expect(() => {
      realm.addPublicClient('kubernetes').grantEveryone('view');
    }).toThrow(/has no claim for permission "view"/);
    expect(() => {
      realm.addPublicClient('minio', { permissionsClaim: 'policy' }).grantEveryone('a/b');
    }).toThrow(/permission "a\/b"/);
  });

  test('gives no token that outlives the session', () => {
    const { realm } = make({ session: { maxSeconds: 3600 } });
    expect(() => realm.addPublicClient('onyxia-minio', { accessTokenSeconds: 3601 })).toThrow(
      /3601 s would outlive the session, which ends after 3600 s/,
    );
    expect(realm.addPublicClient('vault', { accessTokenSeconds: 3600 }).accessTokenSeconds).toBe(3600);
  });
});

describe('the realm', () => {
  test('holds names of users to what their spaces can be called', () => {
    const names = new SpaceNames({ userPrefix: 'u-' });
    const { platform } = make({ names });
    const [username] = listAt(state(platform), 'userProfile', 'attributes');
    expect(username).toMatchObject({
      name: 'username',
      validations: { length: { min: 2, max: names.usernameMax }, pattern: { pattern: names.usernamePattern } },
    });
  });

  test('is guarded', () => {
    const { platform } = make();
    const settings = state(platform)['settings'];
    expect(settings).toMatchObject({
      registrationAllowed: false,
      editUsernameAllowed: false,
      bruteForceProtected: true,
      sslRequired: 'external',
      eventsEnabled: true,
      adminEventsEnabled: true,
      ssoSessionIdleTimeout: 43_200,
      ssoSessionMaxLifespan: 86_400,
      passwordPolicy: 'length(12) and notUsername and notEmail and passwordHistory(3)',
    });
    expect(state(platform)['master']).toMatchObject({ bruteForceProtected: true, registrationAllowed: false });
  });

  test('tells no secret to any manifest: brokers and directories name files', () => {
    const { platform } = make({ brokers: [BROKER], federations: [DIRECTORY] });
    expect(state(platform)['brokers']).toMatchObject([
      { representation: { config: { clientSecret: '${file:brokers/agents/clientSecret}', pkceMethod: 'S256' } } },
    ]);
    expect(state(platform)['federations']).toMatchObject([
      { representation: { config: { bindCredential: '${file:federations/directory/bindCredential}' } } },
    ]);
    const volumes = listAt(object(platform, 'Job', /./), 'spec', 'template', 'spec', 'volumes');
    const sources = listAt(
      volumes.find((volume) => at(volume, 'name') === 'secrets'),
      'projected',
      'sources',
    );
    expect(sources.flatMap((source) => listAt(source, 'secret', 'items').map((item) => at(item, 'path')))).toEqual([
      'reconciler/clientSecret',
      'administrator/password',
      'brokers/agents/clientSecret',
      'federations/directory/bindCredential',
    ]);
    expect(platform.expectedSecrets.map(({ name, keys }) => [name, keys])).toContainEqual([
      'outside',
      ['broker', 'ldap'],
    ]);
    const egress = JSON.stringify(at(object(platform, 'NetworkPolicy', 'keycloak'), 'spec', 'egress'));
    for (const hole of ['192.0.2.0/24', '8443', '198.51.100.7/32', '636']) expect(egress).toContain(hole);
    expect(state(platform)['groups']).toEqual(['census']);
  });

  test('trusts a SAML provider by its certificate alone', () => {
    const saml = {
      alias: 'school',
      entityId: 'x',
      singleSignOnUrl: 'https://idp.example.org/sso',
      usernameClaim: 'uid',
    };
    const { platform } = make({ brokers: [new SamlBroker({ ...saml, signingCertificate: AUTHORITY })] });
    expect(at(state(platform), 'brokers', 0, 'representation', 'config')).toMatchObject({
      signingCertificate: 'MIIB',
      validateSignature: 'true',
      wantAssertionsSigned: 'true',
    });
    expect(at(state(platform), 'brokers', 0, 'mappers', 0, 'config', 'template')).toBe('${ATTRIBUTE.uid | lowercase}');
    expect(() => new SamlBroker({ ...saml, signingCertificate: 'MIIB' })).toThrow(/one certificate in PEM/);
  });
});

describe('a mistake', () => {
  test.each<[string, Partial<KeycloakRealmProps>, RegExp]>([
    [
      'idle for longer than logged in',
      { session: { idleSeconds: 7200, maxSeconds: 3600 } },
      /7200 is more than session.maxSeconds 3600/,
    ],
    ['a session of no time', { session: { maxSeconds: 0 } }, /session.maxSeconds is a whole number from 300/],
    ['e-mail that nobody sends', { verifyEmail: true }, /without an e-mail server: give smtp/],
    ['the realm of administrators', { realm: 'master' }, /realm "master" administers the others/],
    ['a realm with a slash', { realm: 'a/b' }, /not a DNS label/],
    ['no protection', { bruteForce: { failures: 0 } }, /bruteForce.failures is a whole number from 3/],
    ['short passwords', { password: { minLength: 4 } }, /password.minLength is a whole number from 8/],
    ['a locale that is none', { locales: ['français'] }, /expected one or more languages/],
    ['a role with a space', { roles: ['data scientist'] }, /role "data scientist"/],
    ['two of one name', { brokers: [BROKER, BROKER] }, /two brokers or directories named "agents"/],
    ['a schedule with seconds', { reconcileSchedule: '0 0 2 * * *' }, /has 6 fields/],
  ])('is told: %s', (_, props, message) => {
    expect(() => make(props)).toThrow(message);
  });

  test('is told: a name too long for the CronJob', () => {
    const { platform } = make();
    const props = {
      database: new FakeDatabaseServer(platform, 'other').addDatabase('keycloak'),
      exposure: { expose: () => ({ host: 'x.example.org', url: 'https://x.example.org' }) },
      names: new SpaceNames(),
    };
    expect(() => new KeycloakRealm(platform, 'k'.repeat(43), props)).toThrow(/has 43 characters/);
  });

  test('is told: plain text in production', () => {
    expect(() => make({}, PRODUCTION)).toThrow(/would speak plain text in production/);
  });

  test('is told: a secret that the Pods cannot read', () => {
    const smtp = {
      host: 'mail.example.org',
      from: 'datalab@example.org',
      credentials: { username: 'datalab', password: { namespace: 'mail', name: 'smtp', key: 'password' } },
    };
    expect(() => make({ smtp })).toThrow(/"smtp" of namespace "mail".*must stand in namespace "demo-keycloak"/);
  });

  test.each<[string, () => unknown, RegExp]>([
    [
      'a directory in plain text',
      () => new LdapFederation({ ...ldap(), url: 'ldap://ldap.example.org' }),
      /plain text/,
    ],
    [
      'a directory that is a website',
      () => new LdapFederation({ ...ldap(), url: 'https://x.org' }),
      /address of a directory/,
    ],
    [
      'an issuer in plain text',
      () => new OidcBroker({ ...oidc(), issuer: 'http://x.org' }),
      /not an address with https/,
    ],
    ['a broker with a slash', () => new OidcBroker({ ...oidc(), alias: 'a/b' }), /not a DNS label/],
  ])('is told: %s', (_, act, message) => {
    expect(act).toThrow(message);
  });
});

function ldap() {
  return { name: 'd', url: 'ldaps://x.org', bindDn: 'cn=k', bindCredential: { ...SECRET, key: 'k' }, usersDn: 'ou=p' };
}

function oidc() {
  return {
    alias: 'agents',
    issuer: 'https://x.org',
    authorizationUrl: 'https://x.org/a',
    tokenUrl: 'https://x.org/t',
    jwksUrl: 'https://x.org/c',
    clientId: 'c',
    clientSecret: { ...SECRET, key: 'k' },
  };
}
