import {
  type ExposedHost,
  ExternalIdentityProvider,
  ExposureTls,
  type IIdentityProvider,
  IngressExposure,
  type IExposure,
  KeycloakRealm,
  type LoginProps,
  ModelMonitoring,
  type Platform,
  SpaceNames,
  synthesize,
} from '../../../constructs';
import { ServerTls } from '../../../constructs/storage';
import { at, listAt, objectOf } from '../../support/objects';
import { StandInRealm, type StandInRealmProps } from '../../support/stand-in-realm';
import { FakeDatabaseServer } from '../../support/storage';
import { type Case, problemsOf, PRODUCTION, testCase, testService } from './fixture';

const PLAIN: IExposure = {
  expose: (_service, subdomain): ExposedHost => ({
    host: `${subdomain}.example.org`,
    url: `http://${subdomain}.example.org:8080`,
  }),
};

function ingress({ platform }: Case): IExposure {
  return new IngressExposure(platform, 'exposure', {
    domain: 'example.org',
    className: 'traefik',
    controller: { namespace: 'traefik' },
    tls: ExposureTls.controller(),
  });
}

function make(
  login: Omit<LoginProps, 'provider'> = {},
  provider: (basis: Case) => IIdentityProvider = ({ platform }) => new StandInRealm(platform, 'realm'),
  basis: Case = testCase(),
) {
  const realm = provider(basis);
  const monitoring = new ModelMonitoring(basis.platform, 'monitoring', {
    service: testService(basis),
    nomenclature: 'naf2',
    dashboard: { login: { provider: realm, ...login } },
  });
  return { ...basis, monitoring, realm };
}

/** With a host for browsers. */
function exposed(...props: Parameters<typeof make>) {
  const made = make(...props);
  made.monitoring.exposeVia(ingress(made), 'monitoring');
  return made;
}

const standIn = (props: StandInRealmProps) => (basis: Case) => new StandInRealm(basis.platform, 'realm', props);

const podOf = (platform: Platform) =>
  at(objectOf(synthesize(platform), 'Deployment', 'monitoring-dashboard'), 'spec', 'template', 'spec');

const containerOf = (platform: Platform, name: string) =>
  listAt(podOf(platform), 'containers').find((container) => at(container, 'name') === name);

function settingsOf(platform: Platform): Record<string, unknown> {
  const file = objectOf(synthesize(platform), 'ConfigMap', /^monitoring-dashboard-login-/);
  const lines = String(at(file, 'data', 'oauth2-proxy.cfg'))
    .trim()
    .split('\n');
  return Object.fromEntries(
    lines.map((line) => {
      const [, key = '', value = ''] = /^(\w+) = (.*)$/.exec(line) ?? [];
      return [key, JSON.parse(value) as unknown];
    }),
  );
}

describe('pages behind a login', () => {
  test('are reached through the proxy alone, which stands in the same Pod', () => {
    const { platform } = exposed();
    expect(listAt(podOf(platform), 'containers').map((container) => at(container, 'name'))).toEqual([
      'render',
      'pages',
      'login',
    ]);
    const files = objectOf(synthesize(platform), 'ConfigMap', /^monitoring-dashboard-[0-9a-f]+$/);
    const conf = String(at(files, 'data', 'nginx.conf'));
    expect(conf).toContain('listen 127.0.0.1:8081;');
    expect(conf.match(/listen .*;/g)).toEqual(['listen 127.0.0.1:8081;', 'listen 8082;']);
    expect(conf).not.toContain('auth_basic');
    expect(settingsOf(platform)).toMatchObject({ http_address: '0.0.0.0:8080', upstreams: ['http://127.0.0.1:8081'] });
    const policy = objectOf(synthesize(platform), 'NetworkPolicy', 'monitoring-dashboard');
    expect(listAt(policy, 'spec', 'ingress').flatMap((hole) => listAt(hole, 'ports'))).toEqual([
      { port: 8080, protocol: 'TCP' },
    ]);
    const service = objectOf(synthesize(platform), 'Service', 'monitoring-dashboard');
    expect(listAt(service, 'spec', 'ports')).toMatchObject([{ port: 8080, targetPort: 'http' }]);
    expect(at(containerOf(platform, 'login'), 'ports')).toEqual([{ name: 'http', containerPort: 8080 }]);
    expect(at(containerOf(platform, 'pages'), 'ports')).toEqual([{ name: 'health', containerPort: 8082 }]);
  });

  test('tell the kubelet that they are well, without a login', () => {
    const { platform } = exposed();
    const probe = (name: string) => at(containerOf(platform, name), 'livenessProbe', 'httpGet');
    expect(probe('pages')).toEqual({ path: '/health', port: 'health' });
    expect(probe('login')).toEqual({ path: '/oauth2/ping', port: 'http' });
    expect(settingsOf(platform)['ping_path']).toBe('/oauth2/ping');
  });

  test('let in members of the named groups, by the claims of the provider', () => {
    const { platform } = exposed({ groups: ['coders', 'readers'], clientId: 'monitoring' });
    expect(settingsOf(platform)).toMatchInlineSnapshot(`
      {
        "allowed_groups": [
          "coders",
          "readers",
        ],
        "client_id": "monitoring",
        "code_challenge_method": "S256",
        "cookie_expire": "3600s",
        "cookie_httponly": true,
        "cookie_name": "__Host-monitoring-dashboard",
        "cookie_samesite": "lax",
        "cookie_secure": true,
        "email_domains": [
          "*",
        ],
        "http_address": "0.0.0.0:8080",
        "oidc_email_claim": "preferred_username",
        "oidc_groups_claim": "groups",
        "oidc_issuer_url": "https://auth.example.org/realms/datalab",
        "pass_basic_auth": false,
        "pass_user_headers": false,
        "ping_path": "/oauth2/ping",
        "provider": "oidc",
        "proxy_prefix": "/oauth2",
        "ready_path": "/oauth2/ready",
        "redirect_url": "https://monitoring.example.org/oauth2/callback",
        "request_logging": false,
        "scope": "openid profile",
        "session_cookie_minimal": true,
        "silence_ping_logging": true,
        "skip_claims_from_profile_url": true,
        "skip_provider_button": true,
        "upstreams": [
          "http://127.0.0.1:8081",
        ],
        "whitelist_domains": [
          "auth.example.org",
        ],
      }
    `);
  });

  test('let in whoever logs in where no group is named, and nobody where none could be', () => {
    expect(settingsOf(exposed().platform)).not.toHaveProperty('allowed_groups');
    expect(() => make({ groups: [] })).toThrow('no group is let in');
  });

  test('hold the secrets of the login in Secrets alone, and none of the store', () => {
    const { platform } = exposed();
    expect(at(containerOf(platform, 'login'), 'env')).toEqual([
      {
        name: 'OAUTH2_PROXY_CLIENT_SECRET',
        valueFrom: { secretKeyRef: { name: 'monitoring-dashboard-login', key: 'clientSecret' } },
      },
      {
        name: 'OAUTH2_PROXY_COOKIE_SECRET',
        valueFrom: { secretKeyRef: { name: 'monitoring-dashboard-cookie', key: 'key' } },
      },
    ]);
    const { secrets } = synthesize(platform);
    expect(secrets.find(({ name }) => name === 'monitoring-dashboard-cookie')).toMatchObject({
      data: { key: { id: 'monitoring-dashboard-cookie', length: 43 } },
    });
    expect(secrets.map(({ name }) => name)).not.toContain('monitoring-dashboard-readers');
    expect(platform.accesses.find(({ title }) => title === 'Monitoring monitoring')).toEqual({
      title: 'Monitoring monitoring',
      url: 'https://monitoring.example.org',
    });
  });

  test('ask a realm of ours at its Service, for its public name leads elsewhere', () => {
    const { platform } = exposed(
      { groups: ['readers'] },
      ({ platform: scope }) =>
        new KeycloakRealm(scope, 'keycloak', {
          database: new FakeDatabaseServer(scope, 'people').addDatabase('keycloak'),
          exposure: { expose: () => ({ host: 'auth.example.org', url: 'https://auth.example.org' }) },
          names: new SpaceNames(),
          tls: ServerTls.none(),
        }),
    );
    const inside = 'http://keycloak.demo-keycloak.svc.cluster.local:8080/realms/datalab/protocol/openid-connect';
    expect(settingsOf(platform)).toMatchObject({
      oidc_issuer_url: 'https://auth.example.org/realms/datalab',
      skip_oidc_discovery: true,
      login_url: 'https://auth.example.org/realms/datalab/protocol/openid-connect/auth',
      redeem_url: `${inside}/token`,
      oidc_jwks_url: `${inside}/certs`,
      whitelist_domains: ['auth.example.org'],
    });
    const state = objectOf(synthesize(platform), 'ConfigMap', /^keycloak-reconcile-/);
    const { clients, groups } = JSON.parse(String(at(state, 'data', 'realm.json'))) as Record<string, unknown>;
    expect(groups).toEqual(['readers']);
    expect(clients).toMatchObject([
      {
        representation: {
          clientId: 'monitoring-dashboard',
          publicClient: false,
          redirectUris: ['https://monitoring.example.org/oauth2/callback'],
        },
      },
    ]);
  });

  test('trust the authority of the provider, and no other', () => {
    const certificateAuthority = { namespace: 'demo-monitoring', name: 'people-ca', key: 'ca.crt' };
    const { platform } = exposed({}, standIn({ certificateAuthority }));
    expect(settingsOf(platform)).toMatchObject({ provider_ca_files: ['/etc/login-authority/ca.crt'] });
    expect(at(containerOf(platform, 'login'), 'volumeMounts')).toContainEqual({
      name: 'login-authority',
      mountPath: '/etc/login-authority',
      readOnly: true,
    });
    expect(listAt(podOf(platform), 'volumes')).toContainEqual({
      name: 'login-authority',
      secret: { secretName: 'people-ca', items: [{ key: 'ca.crt', path: 'ca.crt' }] },
    });
  });

  test('have a cookie for this host over TLS alone, and a plain one where the way in is plain', () => {
    expect(settingsOf(exposed().platform)).toMatchObject({
      cookie_name: '__Host-monitoring-dashboard',
      cookie_secure: true,
      redirect_url: 'https://monitoring.example.org/oauth2/callback',
    });
    const made = make();
    made.monitoring.exposeVia(PLAIN, 'monitoring');
    expect(settingsOf(made.platform)).toMatchObject({
      cookie_name: 'monitoring-dashboard',
      cookie_secure: false,
      redirect_url: 'http://monitoring.example.org:8080/oauth2/callback',
    });
  });

  test('break no rule, and no API server refuses an object of it, in either profile', () => {
    const external = ({ platform }: Case) =>
      new ExternalIdentityProvider(platform, 'people', { issuer: 'https://login.example.org/realms/office' });
    for (const basis of [testCase(), testCase(PRODUCTION)]) {
      expect(problemsOf(exposed({ groups: ['readers'] }, external, basis).platform)).toEqual([]);
    }
  });

  test('are refused without a way back for browsers, and where they are to be open as well', () => {
    expect(() => synthesize(make().platform)).toThrow(/which cannot come back: expose it by exposeVia/);
    const basis = testCase();
    const provider = new StandInRealm(basis.platform, 'realm');
    expect(
      () =>
        new ModelMonitoring(basis.platform, 'monitoring', {
          service: testService(basis),
          nomenclature: 'naf2',
          dashboard: { login: { provider }, openBecause: 'A gateway in front asks for a login.' },
        }),
    ).toThrow('leave out one of both');
  });

  test.each([59, 86_401, 90.5])('are refused with a session of %s seconds', (sessionSeconds) => {
    expect(() => make({ sessionSeconds })).toThrow('is a whole number from 60 to 86400');
  });
});
