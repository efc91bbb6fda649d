import {
  Component,
  Connections,
  ExposureTls,
  type ForeignPods,
  Gateway,
  GatewayExposure,
  type GatewayExposureProps,
  type GatewayProps,
  type HttpService,
  type IExposure,
  IngressExposure,
  type IngressExposureProps,
  k8s,
  type KubernetesManifest,
  Layer,
  type Platform,
  PlatformNamespace,
  type ServicePath,
  type ServiceShare,
  synthesize,
} from '../../../constructs';
import { checkRules } from '../../../constructs/platform/rules';
import { schemaMinors, StrictSchemas } from '../../../tools/schemas/validator';
import { at, listAt } from '../../support/objects';
import { DIGESTED_LOCK, testImages, testPlatform } from '../../support/platform';

const CONTROLLER: ForeignPods = { namespace: 'traefik', podLabels: { 'app.kubernetes.io/name': 'traefik' } };
const DOMAIN = 'data.example.org';

const production = () =>
  testPlatform({ profile: 'production', images: testImages({ lock: DIGESTED_LOCK, requireDigest: true }) });

/** A component with a Service that speaks HTTP. */
class Web extends Component {
  readonly service: HttpService;

  constructor(platform: Platform, id: string, tls = false) {
    super(platform, id, Layer.PLATFORM);
    const connections = new Connections(this, 'connections', {
      namespace: this.namespace,
      name: id,
      podLabels: this.selector('web', 'server'),
    });
    const metadata = { name: id, namespace: this.namespace.name, labels: this.labels('web', 'server') };
    new k8s.KubeService(this, 'service', {
      metadata,
      spec: { selector: { ...connections.podLabels }, ports: [{ name: 'http', port: 80 }] },
    });
    this.service = { namespace: this.namespace.name, name: id, port: 80, containerPort: 8080, tls, connections };
  }
}

/** Services of one namespace. */
function together(
  platform: Platform,
  ...ids: readonly [string, string, ...string[]]
): [HttpService, HttpService, HttpService] {
  const home = new PlatformNamespace(platform, 'together', { name: 'demo-together' });
  const services = ids.map((id) => {
    const podLabels = { 'app.kubernetes.io/name': id, 'app.kubernetes.io/instance': id };
    const connections = new Connections(platform, `${id}-connections`, { namespace: home, name: id, podLabels });
    return { namespace: home.name, name: id, port: 80, containerPort: 8080, connections };
  });
  const [first, second, third = second] = services;
  return [first, second, third] as [HttpService, HttpService, HttpService];
}

function ingress(platform: Platform, props: Partial<IngressExposureProps> = {}): IngressExposure {
  return new IngressExposure(platform, 'exposure', {
    domain: DOMAIN,
    className: 'traefik',
    controller: CONTROLLER,
    tls: ExposureTls.controller(),
    ...props,
  });
}

function gateway(platform: Platform, props: Partial<GatewayProps> = {}): Gateway {
  return new Gateway(platform, 'gateway', {
    className: 'traefik',
    domain: DOMAIN,
    controller: CONTROLLER,
    tls: ExposureTls.secret('wildcard'),
    ...props,
  });
}

function throughGateway(platform: Platform, props: Partial<GatewayExposureProps> = {}): GatewayExposure {
  return new GatewayExposure(platform, 'exposure', { ...props, gateway: props.gateway ?? gateway(platform) });
}

function objects(platform: Platform, kind: string): readonly KubernetesManifest[] {
  return synthesize(platform).objects.flatMap(({ manifest }) => (manifest.kind === kind ? [manifest] : []));
}

function only(platform: Platform, kind: string): KubernetesManifest {
  const found = objects(platform, kind);
  expect(found).toHaveLength(1);
  return found[0] as KubernetesManifest;
}

test('an Ingress speaks HTTPS to all of its services or to none', () => {
  const platform = testPlatform();
  const [web, api] = together(platform, 'web', 'api');
  const paths = [{ path: '/api', service: { ...api, tls: true } }];
  const exposure = ingress(platform, { httpsBackendAnnotations: { a: 'b' } });
  expect(() => exposure.expose({ ...web, paths }, 'www')).toThrow('its path "/api" do not both speak HTTPS');
});

describe.each<[string, (platform: Platform) => IExposure]>([
  ['an Ingress', ingress],
  ['a Gateway', throughGateway],
])('exposed by %s, a service', (_, expose) => {
  test('has a host under the domain, over TLS', () => {
    const platform = testPlatform();
    expect(expose(platform).expose(new Web(platform, 'web').service, 'www')).toEqual({
      host: 'www.data.example.org',
      url: 'https://www.data.example.org',
    });
  });

  test('lets the controller’s Pods in, at the container’s port, and nobody else', () => {
    const platform = testPlatform();
    expose(platform).expose(new Web(platform, 'web').service, 'www');
    const policy = objects(platform, 'NetworkPolicy').find(({ metadata }) => metadata.name === 'web');
    expect(policy?.['spec']).toMatchObject({
      ingress: [
        {
          from: [
            {
              namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'traefik' } },
              podSelector: { matchLabels: { 'app.kubernetes.io/name': 'traefik' } },
            },
          ],
          ports: [{ port: 8080, protocol: 'TCP' }],
        },
      ],
    });
  });

  test('has its route in its own namespace and file, after everything that the route leads to', () => {
    const platform = testPlatform();
    expose(platform).expose(new Web(platform, 'web').service, 'www');
    const route = synthesize(platform).objects.find(
      ({ manifest }) => manifest.metadata.name === 'www.data.example.org',
    );
    expect(route).toMatchObject({
      layer: Layer.PLATFORM,
      wave: 39,
      component: 'web',
      manifest: { metadata: { namespace: 'demo-web' } },
    });
  });

  test('may leave paths of its host to others, the longest path first', () => {
    const platform = testPlatform();
    const [web, api, login] = together(platform, 'web', 'api', 'login');
    const paths = [
      { path: '/api', service: api },
      { path: '/api/login', service: login },
    ];
    expose(platform).expose({ ...web, paths }, 'www');
    const routes = objects(platform, 'Ingress').flatMap((route) => listAt(route, 'spec', 'rules', 0, 'http', 'paths'));
    const rules = objects(platform, 'HTTPRoute')
      .filter(({ metadata }) => metadata.name === 'www.data.example.org')
      .flatMap((route) => listAt(route, 'spec', 'rules'));
    const found = [
      ...routes.map((path) => [at(path, 'path'), at(path, 'backend', 'service', 'name')]),
      ...rules.map((rule) => [at(rule, 'matches', 0, 'path', 'value'), at(rule, 'backendRefs', 0, 'name')]),
    ];
    expect(found).toEqual([
      ['/api/login', 'login'],
      ['/api', 'api'],
      ['/', 'web'],
    ]);
  });

  test('lets the controller in to each service that answers a path', () => {
    const platform = testPlatform();
    const [web, api] = together(platform, 'web', 'api');
    expose(platform).expose({ ...web, paths: [{ path: '/api', service: api }] }, 'www');
    const policies = objects(platform, 'NetworkPolicy').filter(({ metadata }) =>
      ['web', 'api'].includes(metadata.name),
    );
    expect(policies.map((policy) => at(policy, 'spec', 'ingress', 0, 'ports', 0, 'port'))).toEqual([8080, 8080]);
  });

  test.each([
    ['api', 'path "api" of service "web": expected "/api"'],
    ['/', 'path "/" of service "web": expected "/api"'],
    ['/api/', 'path "/api/" of service "web": expected "/api"'],
    ['/../api', 'path "/../api" of service "web": expected "/api"'],
    ['/api?x', 'path "/api?x" of service "web": expected "/api"'],
  ])('leaves nobody the path "%s"', (path, message) => {
    const platform = testPlatform();
    const [web, api] = together(platform, 'web', 'api');
    expect(() => expose(platform).expose({ ...web, paths: [{ path, service: api }] }, 'www')).toThrow(message);
  });

  test('leaves no path to two, to another namespace, or to a service with paths', () => {
    const platform = testPlatform();
    const exposure = expose(platform);
    const [web, api] = together(platform, 'web', 'api');
    const away = new Web(platform, 'away').service;
    const path = '/api';
    const attempt = (...paths: readonly ServicePath[]) => exposure.expose({ ...web, paths }, `www${paths.length}`);
    expect(() => attempt({ path, service: api }, { path, service: api })).toThrow('is given twice');
    expect(() => attempt({ path, service: away })).toThrow('leads to namespace "demo-away"');
    const nested = { ...api, paths: [{ path: '/api/more', service: api }] };
    expect(() => exposure.expose({ ...web, paths: [{ path, service: nested }] }, 'nested')).toThrow(
      'which has paths too',
    );
  });

  test('cannot have the host of another', () => {
    const platform = testPlatform();
    const exposure = expose(platform);
    exposure.expose(new Web(platform, 'web').service, 'www');
    expect(() => exposure.expose(new Web(platform, 'other').service, 'www')).toThrow(
      'host "www.data.example.org" is taken by service "web" of namespace "demo-web": give service "other" of namespace "demo-other" another subdomain',
    );
  });

  test.each(['WWW', '*', '', 'a.b', 'a'.repeat(64), '-a'])('cannot have the subdomain "%s"', (subdomain) => {
    const platform = testPlatform();
    expect(() => expose(platform).expose(new Web(platform, 'web').service, subdomain)).toThrow(/subdomain/);
  });

  test('that speaks HTTPS is refused as long as nobody says how to speak it', () => {
    const platform = testPlatform();
    const { service } = new Web(platform, 'web', true);
    expect(() => expose(platform).expose(service, 'www')).toThrow(/speaks HTTPS: give/);
  });

  test('breaks no rule of the project', () => {
    for (const platform of [testPlatform(), production()]) {
      expose(platform).expose(new Web(platform, 'web').service, 'www');
      const found = checkRules(synthesize(platform), { profile: platform.profile });
      // The component of this test has no Pods.
      const ours = found.filter(({ message }) => !/selects no Pod/.test(message));
      expect(ours.map(({ rule, field, message }) => ({ rule, field, message }))).toEqual([]);
    }
  });
});

describe('what the API server says', () => {
  const [oldest = '', newest = ''] = [schemaMinors()[0], schemaMinors().at(-1)];

  test.each([oldest, newest])('to every object, in Kubernetes %s, is nothing', (minor) => {
    const schemas = new StrictSchemas(minor);
    const platform = testPlatform();
    const issuer = ExposureTls.issuer({ name: 'office' });
    const first = throughGateway(platform, {
      gateway: gateway(platform, { tls: issuer }),
      requestTimeoutSeconds: 900,
      backendAuthority: { configMapName: 'office-ca' },
    });
    const second = new IngressExposure(platform, 'second', {
      domain: 'example.org',
      className: 'traefik',
      controller: CONTROLLER,
      tls: issuer,
      httpsBackendAnnotations: { 'example.org/backend': 'https' },
    });
    const { service } = new Web(platform, 'web', true);
    for (const exposure of [first, second]) exposure.expose(service, 'www');
    const made = synthesize(platform).objects.map(({ manifest }) => manifest);
    const kinds = made.map(({ kind }) => kind);
    for (const kind of ['Gateway', 'HTTPRoute', 'BackendTLSPolicy', 'Certificate', 'Ingress']) {
      expect(kinds).toContain(kind);
    }
    expect(made.flatMap((manifest) => schemas.problems(manifest))).toEqual([]);
  });
});

test('two ways into one platform share its hosts', () => {
  const platform = testPlatform();
  throughGateway(platform).expose(new Web(platform, 'web').service, 'www');
  const second = new IngressExposure(platform, 'second', {
    domain: DOMAIN,
    className: 'traefik',
    controller: CONTROLLER,
    tls: ExposureTls.controller(),
  });
  expect(() => second.expose(new Web(platform, 'other').service, 'www')).toThrow(/is taken by/);
});

describe('plain HTTP', () => {
  test('is for pilots', () => {
    const platform = testPlatform();
    const exposure = ingress(platform, { tls: ExposureTls.none(), port: 8080 });
    expect(exposure.expose(new Web(platform, 'web').service, 'www').url).toBe('http://www.data.example.org:8080');
    expect(only(platform, 'Ingress')['spec']).not.toHaveProperty('tls');
  });

  test('is refused in production', () => {
    const refusal = /would expose passwords over plain HTTP/;
    expect(() => ingress(production(), { tls: ExposureTls.none() })).toThrow(refusal);
    const platform = production();
    const plain = gateway(platform, { tls: ExposureTls.none() });
    expect(() => throughGateway(platform, { gateway: plain })).toThrow(refusal);
  });
});

describe('a domain', () => {
  test.each([
    'https://data.example.org',
    'data.example.org:443',
    '*.example.org',
    'Data.example.org',
    '192.0.2.1',
    'localhost',
    'example..org',
    'example.org.',
    '',
  ])('is not "%s"', (domain) => {
    expect(() => ingress(testPlatform(), { domain })).toThrow(/is not a domain name: expected "data.example.org"/);
    expect(() => gateway(testPlatform(), { domain })).toThrow(/is not a domain name/);
  });

  test('leaves room for a host of 253 characters', () => {
    const platform = testPlatform();
    const domain = `${'a.'.repeat(124)}org`;
    const exposure = ingress(platform, { domain });
    const { service } = new Web(platform, 'web');
    expect(exposure.expose(service, 'x').host).toHaveLength(253);
    expect(() => exposure.expose(service, 'xx')).toThrow(/has 254 characters/);
  });
});

describe('IngressExposure', () => {
  test('refuses a canary, for an Ingress has no field for shares', () => {
    const platform = testPlatform();
    const [web, next] = together(platform, 'web', 'next');
    expect(() => ingress(platform).expose({ ...web, canary: { service: next, weight: 10 } }, 'www')).toThrow(
      /an Ingress has no field for shares of requests: use a Gateway/,
    );
  });

  test('makes an Ingress that any controller understands', () => {
    const platform = testPlatform();
    ingress(platform).expose(new Web(platform, 'web').service, 'www');
    expect(only(platform, 'Ingress')['spec']).toMatchInlineSnapshot(`
      {
        "ingressClassName": "traefik",
        "rules": [
          {
            "host": "www.data.example.org",
            "http": {
              "paths": [
                {
                  "backend": {
                    "service": {
                      "name": "web",
                      "port": {
                        "number": 80,
                      },
                    },
                  },
                  "path": "/",
                  "pathType": "Prefix",
                },
              ],
            },
          },
        ],
        "tls": [
          {
            "hosts": [
              "www.data.example.org",
            ],
          },
        ],
      }
    `);
  });

  test('names a given Secret, and tells in which namespaces it has to be', () => {
    const platform = testPlatform();
    const exposure = ingress(platform, { tls: ExposureTls.secret('wildcard') });
    exposure.expose(new Web(platform, 'web').service, 'www');
    expect(only(platform, 'Ingress')['spec']).toMatchObject({
      tls: [{ hosts: ['www.data.example.org'], secretName: 'wildcard' }],
    });
    expect(exposure.requiredSecrets).toEqual([
      { namespace: 'demo-web', name: 'wildcard', hosts: ['www.data.example.org'] },
    ]);
  });

  test('asks cert-manager for a certificate beside each service', () => {
    const platform = testPlatform();
    const exposure = ingress(platform, { tls: ExposureTls.issuer({ name: 'office', kind: 'Issuer' }) });
    exposure.expose(new Web(platform, 'web').service, 'www');
    expect(exposure.requiredSecrets).toEqual([]);
    const certificate = only(platform, 'Certificate');
    expect(certificate.metadata.namespace).toBe('demo-web');
    expect(certificate['spec']).toMatchObject({
      secretName: 'www.data.example.org',
      dnsNames: ['www.data.example.org'],
      issuerRef: { kind: 'Issuer', name: 'office' },
    });
    expect(only(platform, 'Ingress')['spec']).toMatchObject({ tls: [{ secretName: 'www.data.example.org' }] });
  });

  test('passes on what the controller’s own language says', () => {
    const platform = testPlatform();
    const exposure = ingress(platform, {
      annotations: { 'nginx.ingress.kubernetes.io/proxy-body-size': '0' },
      httpsBackendAnnotations: { 'nginx.ingress.kubernetes.io/backend-protocol': 'HTTPS' },
    });
    exposure.expose(new Web(platform, 'web', true).service, 'www');
    exposure.expose(new Web(platform, 'plain').service, 'plain');
    const given = objects(platform, 'Ingress').map(({ metadata }) =>
      Object.keys(metadata.annotations ?? {}).filter((name) => name.startsWith('nginx.')),
    );
    expect(given).toEqual([
      ['nginx.ingress.kubernetes.io/proxy-body-size'],
      ['nginx.ingress.kubernetes.io/backend-protocol', 'nginx.ingress.kubernetes.io/proxy-body-size'],
    ]);
  });

  test('keeps Traefik from answering over plain HTTP, unless told otherwise', () => {
    const entryPoints = (props: Partial<IngressExposureProps>) => {
      const platform = testPlatform();
      ingress(platform, props).expose(new Web(platform, 'web').service, 'www');
      return only(platform, 'Ingress').metadata.annotations?.['traefik.ingress.kubernetes.io/router.entrypoints'];
    };
    expect(entryPoints({})).toBe('websecure');
    expect(entryPoints({ tls: ExposureTls.none() })).toBeUndefined();
    const annotations = { 'traefik.ingress.kubernetes.io/router.entrypoints': 'secure' };
    expect(entryPoints({ annotations })).toBe('secure');
  });

  test('passes on no snippet', () => {
    const annotations = { 'nginx.ingress.kubernetes.io/configuration-snippet': 'return 200;' };
    expect(() => ingress(testPlatform(), { annotations })).toThrow(/configuration-snippet" puts free text/);
  });
});

describe('Gateway', () => {
  test('serves the subdomains of a domain over TLS, and sends plain HTTP there', () => {
    const platform = testPlatform();
    gateway(platform, { port: 8443 });
    expect(only(platform, 'Gateway')['spec']).toMatchInlineSnapshot(`
      {
        "gatewayClassName": "traefik",
        "listeners": [
          {
            "allowedRoutes": {
              "namespaces": {
                "from": "Same",
              },
            },
            "hostname": "*.data.example.org",
            "name": "main",
            "port": 443,
            "protocol": "HTTPS",
            "tls": {
              "certificateRefs": [
                {
                  "group": "",
                  "kind": "Secret",
                  "name": "wildcard",
                },
              ],
              "mode": "Terminate",
            },
          },
          {
            "allowedRoutes": {
              "namespaces": {
                "from": "Same",
              },
            },
            "hostname": "*.data.example.org",
            "name": "redirect",
            "port": 80,
            "protocol": "HTTP",
          },
        ],
      }
    `);
    expect(only(platform, 'HTTPRoute')['spec']).toMatchInlineSnapshot(`
      {
        "hostnames": [
          "*.data.example.org",
        ],
        "parentRefs": [
          {
            "group": "gateway.networking.k8s.io",
            "kind": "Gateway",
            "name": "gateway",
            "sectionName": "redirect",
          },
        ],
        "rules": [
          {
            "filters": [
              {
                "requestRedirect": {
                  "port": 8443,
                  "scheme": "https",
                  "statusCode": 301,
                },
                "type": "RequestRedirect",
              },
            ],
            "matches": [
              {
                "path": {
                  "type": "PathPrefix",
                  "value": "/",
                },
              },
            ],
          },
        ],
      }
    `);
  });

  test('sends browsers to a port that is not the usual one, and says none that is', () => {
    const redirect = (props: Partial<GatewayProps>) => {
      const platform = testPlatform();
      gateway(platform, props);
      const { rules } = only(platform, 'HTTPRoute')['spec'] as {
        rules: { filters: { requestRedirect: Record<string, unknown> }[] }[];
      };
      return rules[0]?.filters[0]?.requestRedirect;
    };
    expect(redirect({})).toEqual({ scheme: 'https', statusCode: 301 });
    expect(redirect({ port: 8443 })).toEqual({ scheme: 'https', statusCode: 301, port: 8443 });
  });

  test('admits the namespaces whose services are exposed, and no other', () => {
    const platform = testPlatform();
    const exposure = throughGateway(platform);
    new Web(platform, 'hidden');
    for (const id of ['web', 'api']) exposure.expose(new Web(platform, id).service, id);
    const { listeners } = only(platform, 'Gateway')['spec'] as { listeners: readonly unknown[] };
    expect(listeners[0]).toMatchObject({
      allowedRoutes: {
        namespaces: {
          from: 'Selector',
          selector: {
            matchExpressions: [
              { key: 'kubernetes.io/metadata.name', operator: 'In', values: ['demo-api', 'demo-web'] },
            ],
          },
        },
      },
    });
  });

  test('can do without a listener for plain HTTP', () => {
    const platform = testPlatform();
    gateway(platform, { redirectsHttp: false });
    expect((only(platform, 'Gateway')['spec'] as { listeners: unknown[] }).listeners).toHaveLength(1);
    expect(objects(platform, 'HTTPRoute')).toEqual([]);
  });

  test('asks cert-manager for one certificate with the hosts that are exposed', () => {
    const platform = testPlatform();
    const issued = gateway(platform, { tls: ExposureTls.issuer({ name: 'office' }) });
    const dnsNames = () => (only(platform, 'Certificate')['spec'] as { dnsNames: string[] }).dnsNames;
    expect(dnsNames()).toEqual([DOMAIN]);
    throughGateway(platform, { gateway: issued }).expose(new Web(platform, 'web').service, 'www');
    expect(dnsNames()).toEqual(['www.data.example.org']);
    expect(only(platform, 'Certificate').metadata.namespace).toBe('demo-gateway');
  });

  test('has no certificate of its own to fall back on', () => {
    expect(() => gateway(testPlatform(), { tls: ExposureTls.controller() })).toThrow(/has no default one/);
  });

  test('stands before the services that it leads to', () => {
    const platform = testPlatform();
    gateway(platform);
    const waves = synthesize(platform).objects.flatMap(({ manifest, wave }) =>
      manifest.kind === 'Gateway' || manifest.kind === 'HTTPRoute' ? [wave] : [],
    );
    expect(waves).toEqual([20, 21]);
  });
});

describe('GatewayExposure', () => {
  test('makes an HTTPRoute to the listener', () => {
    const platform = testPlatform();
    throughGateway(platform, { requestTimeoutSeconds: 900 }).expose(new Web(platform, 'web').service, 'www');
    const route = objects(platform, 'HTTPRoute').find(({ metadata }) => metadata.namespace === 'demo-web');
    expect(route?.['spec']).toMatchInlineSnapshot(`
      {
        "hostnames": [
          "www.data.example.org",
        ],
        "parentRefs": [
          {
            "group": "gateway.networking.k8s.io",
            "kind": "Gateway",
            "name": "gateway",
            "namespace": "demo-gateway",
            "sectionName": "main",
          },
        ],
        "rules": [
          {
            "backendRefs": [
              {
                "group": "",
                "kind": "Service",
                "name": "web",
                "port": 80,
              },
            ],
            "matches": [
              {
                "path": {
                  "type": "PathPrefix",
                  "value": "/",
                },
              },
            ],
            "timeouts": {
              "request": "900s",
            },
          },
        ],
      }
    `);
  });

  test('uses a Gateway that somebody else runs, and makes none', () => {
    const platform = testPlatform();
    const foreign = Gateway.fromAttributes({
      namespace: 'edge',
      name: 'public',
      domain: DOMAIN,
      controller: { namespace: 'envoy' },
      port: 8443,
    });
    const { url } = throughGateway(platform, { gateway: foreign }).expose(new Web(platform, 'web').service, 'www');
    expect(url).toBe('https://www.data.example.org:8443');
    expect(objects(platform, 'Gateway')).toEqual([]);
    expect(only(platform, 'HTTPRoute')['spec']).toMatchObject({ parentRefs: [{ namespace: 'edge', name: 'public' }] });
  });

  test('speaks HTTPS to a service that does, and checks who it is', () => {
    const platform = testPlatform();
    const exposure = throughGateway(platform, { backendAuthority: { configMapName: 'office-ca' } });
    exposure.expose(new Web(platform, 'web', true).service, 'www');
    exposure.expose(new Web(platform, 'plain').service, 'plain');
    expect(only(platform, 'BackendTLSPolicy')['spec']).toEqual({
      targetRefs: [{ group: '', kind: 'Service', name: 'web' }],
      validation: {
        hostname: 'web.demo-web.svc',
        caCertificateRefs: [{ group: '', kind: 'ConfigMap', name: 'office-ca' }],
      },
    });
  });

  test('trusts the public authorities when told to', () => {
    const platform = testPlatform();
    throughGateway(platform, { backendAuthority: 'system' }).expose(new Web(platform, 'web', true).service, 'www');
    expect(only(platform, 'BackendTLSPolicy')['spec']).toMatchObject({
      validation: { wellKnownCACertificates: 'System' },
    });
  });

  test('checks who each service of a path is', () => {
    const platform = testPlatform();
    const [web, api] = together(platform, 'web', 'api');
    const paths = [{ path: '/api', service: { ...api, tls: true } }];
    throughGateway(platform, { backendAuthority: 'system' }).expose({ ...web, paths }, 'www');
    expect(only(platform, 'BackendTLSPolicy')).toMatchObject({
      metadata: { name: 'www.data.example.org-api' },
      spec: { targetRefs: [{ name: 'api' }], validation: { hostname: 'api.demo-together.svc' } },
    });
  });

  test('gives a canary its share of the requests, and lets the controller in to both', () => {
    const platform = testPlatform();
    const [web, next] = together(platform, 'web', 'next');
    throughGateway(platform).expose({ ...web, canary: { service: next, weight: 10 } }, 'www');
    const [rule] = listAt(
      objects(platform, 'HTTPRoute').find(({ metadata }) => metadata.namespace === 'demo-together'),
      'spec',
      'rules',
    );
    expect(at(rule, 'backendRefs')).toEqual([
      { group: '', kind: 'Service', name: 'web', port: 80, weight: 90 },
      { group: '', kind: 'Service', name: 'next', port: 80, weight: 10 },
    ]);
    for (const name of ['web', 'next']) {
      const policy = objects(platform, 'NetworkPolicy').find(({ metadata }) => metadata.name === name);
      expect(at(policy, 'spec', 'ingress', 0, 'from', 0, 'podSelector', 'matchLabels')).toEqual(CONTROLLER.podLabels);
    }
  });

  test('refuses a canary elsewhere, of another canary, or with a share that is none', () => {
    const platform = testPlatform();
    const exposure = throughGateway(platform);
    const [web, next, third] = together(platform, 'web', 'next', 'third');
    const away = new Web(platform, 'away').service;
    const attempt = (canary: ServiceShare) => () => exposure.expose({ ...web, canary }, `w${canary.service.name}`);
    expect(attempt({ service: away, weight: 1 })).toThrow('stands in namespace "demo-away"');
    expect(attempt({ service: { ...next, canary: { service: third, weight: 1 } }, weight: 1 })).toThrow(
      'has paths or a canary of its own',
    );
    expect(attempt({ service: third, weight: 101 })).toThrow('whole number from 0 to 100, given 101');
    const paths = [{ path: '/api', service: { ...next, canary: { service: third, weight: 1 } } }];
    expect(() => exposure.expose({ ...web, paths }, 'paths')).toThrow('which has a canary');
  });

  test.each([-1, 1.5, 100_000])('knows no time-out of %d seconds', (requestTimeoutSeconds) => {
    expect(() => throughGateway(testPlatform(), { requestTimeoutSeconds })).toThrow(/whole number from 0 to 99999/);
  });
});
