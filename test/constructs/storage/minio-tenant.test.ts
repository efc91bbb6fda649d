import {
  Connections,
  type ExposedHost,
  type HttpService,
  type IExposure,
  CertificateAuthority,
  MinioTenant,
  type MinioTenantProps,
  ServerTls,
  MinioTopology,
  type Platform,
  PlatformNamespace,
  type PlatformProps,
  renderFiles,
  synthesize,
} from '../../../constructs';
import { checkRules, describeViolation } from '../../../constructs/platform/rules';
import { DIGESTED_LOCK, testImages, testPlatform } from '../../support/platform';

const PEM = '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----';
const PRODUCTION: Partial<PlatformProps> = {
  profile: 'production',
  images: testImages({ lock: DIGESTED_LOCK, requireDigest: true }),
};

function tenant(props: MinioTenantProps = {}, platformProps: Partial<PlatformProps> = {}) {
  const platform = testPlatform(platformProps);
  const store = new MinioTenant(platform, 'minio', props);
  return { platform, store };
}

function consumer(platform: Platform, name: string, namespace = `demo-${name}`) {
  return {
    consumerName: name,
    connections: new Connections(platform, `connections-${namespace}-${name}`, {
      namespace: new PlatformNamespace(platform, `namespace-${namespace}-${name}`, { name: namespace }),
      name,
      podLabels: { 'app.kubernetes.io/name': name, 'app.kubernetes.io/instance': name },
    }),
  };
}

/** The spec of an object, loosely typed: tests look into it. */
function specOf(platform: Platform, kind: string, name: RegExp): Record<string, unknown> {
  const found = synthesize(platform).objects.find(
    ({ manifest }) => manifest.kind === kind && name.test(manifest.metadata.name),
  );
  if (found === undefined) throw new Error(`no ${kind} ${String(name)}`);
  return found.manifest['spec'] as Record<string, unknown>;
}

function serverEnvironment(platform: Platform): Record<string, string> {
  const spec = specOf(platform, 'StatefulSet', /^minio$/) as {
    template: { spec: { containers: { env: { name: string; value: string }[] }[] } };
  };
  return Object.fromEntries(spec.template.spec.containers[0]?.env.map(({ name, value }) => [name, value]) ?? []);
}

function serverCommand(platform: Platform): string[] {
  const spec = specOf(platform, 'StatefulSet', /^minio$/) as {
    template: { spec: { containers: { command: string[] }[] } };
  };
  return spec.template.spec.containers[0]?.command ?? [];
}

/** An exposure that remembers what it was asked for. */
class RecordingExposure implements IExposure {
  readonly asked: { service: HttpService; subdomain: string }[] = [];
  expose(service: HttpService, subdomain: string): ExposedHost {
    this.asked.push({ service, subdomain });
    return { host: `${subdomain}.example.org`, url: `https://${subdomain}.example.org` };
  }
}

describe('MinioTenant', () => {
  test('renders a standalone store with a bucket and a consumer', () => {
    const { platform, store } = tenant({ console: true });
    store
      .addBucket('mlflow', { versioning: true, quota: '5Gi', expireNoncurrentAfterDays: 30 })
      .grantReadWrite(consumer(platform, 'mlflow'));
    const files = renderFiles(synthesize(platform));
    expect(files.get('20-foundations/minio.k8s.yaml')).toMatchSnapshot();
  });

  test('is reached by its Service, in its own namespace', () => {
    expect(tenant().store.endpoint).toEqual({
      url: 'http://minio.demo-minio.svc.cluster.local:9000',
      host: 'minio.demo-minio.svc.cluster.local',
      port: 9000,
      tls: false,
      region: 'us-east-1',
      forcePathStyle: true,
    });
  });

  test('asks nothing of the internet, shows no console and gives metrics to nobody unless told', () => {
    expect(serverEnvironment(tenant().platform)).toMatchObject({
      MINIO_UPDATE: 'off',
      MINIO_CALLHOME_ENABLE: 'off',
      MINIO_BROWSER: 'off',
      MINIO_PROMETHEUS_AUTH_TYPE: 'jwt',
    });
  });

  test('keeps the root password out of the manifests and reads it from a file', () => {
    const { platform } = tenant({ rootUser: 'keeper' });
    const { secrets } = synthesize(platform);
    expect(secrets.map(({ namespace, name, data }) => ({ namespace, name, data }))).toEqual([
      {
        namespace: 'demo-minio',
        name: 'minio-root',
        data: { rootUser: 'keeper', rootPassword: { id: 'minio-root', length: 32 } },
      },
    ]);
    expect(serverEnvironment(platform)).toMatchObject({
      MINIO_ROOT_USER_FILE: '/run/secrets/root/rootUser',
      MINIO_ROOT_PASSWORD_FILE: '/run/secrets/root/rootPassword',
    });
  });

  test('keeps its volumes when it is deleted', () => {
    expect(specOf(tenant().platform, 'StatefulSet', /^minio$/)).toMatchObject({
      persistentVolumeClaimRetentionPolicy: { whenDeleted: 'Retain', whenScaled: 'Retain' },
    });
  });

  test('takes the storage class of the platform, unless it has one of its own', () => {
    const classOf = (props: MinioTenantProps) =>
      specOf(tenant(props, { storageClassName: 'standard' }).platform, 'StatefulSet', /^minio$/)[
        'volumeClaimTemplates'
      ];
    expect(classOf({})).toMatchObject([{ spec: { storageClassName: 'standard' } }]);
    expect(classOf({ storageClassName: 'fast' })).toMatchObject([{ spec: { storageClassName: 'fast' } }]);
  });

  test.each([
    [
      { volumeSize: '10GB' },
      'volume size of store "minio" "10GB" is not a size: use a Kubernetes quantity such as 100Gi or 500M',
    ],
    [{ volumeSize: '0' }, 'volume size of store "minio" "0" is not a size'],
    [{ rootUser: 'me' }, 'root user "me" of store "minio": MinIO wants 3 characters or more'],
  ])('refuses %j', (props, message) => {
    expect(() => tenant(props)).toThrow(message);
  });
});

describe('a distributed MinioTenant', () => {
  const distributed = (platformProps: Partial<PlatformProps> = {}, props: MinioTenantProps = {}) =>
    tenant(
      { topology: MinioTopology.distributed({ servers: 4, volumesPerServer: 2, parity: 3 }), ...props },
      platformProps,
    );

  test('spreads objects over the drives of every server, with the parity asked for', () => {
    const { platform } = distributed();
    expect(serverCommand(platform)[2]).toBe(
      'http://minio-{0...3}.minio-headless.demo-minio.svc.cluster.local:9000/data{0...1}',
    );
    expect(serverEnvironment(platform)).toMatchObject({
      MINIO_ERASURE_SET_DRIVE_COUNT: '8',
      MINIO_STORAGE_CLASS_STANDARD: 'EC:3',
    });
  });

  test('starts its servers together, for none is ready alone', () => {
    const { platform } = distributed();
    expect(specOf(platform, 'StatefulSet', /^minio$/)).toMatchObject({ replicas: 4, podManagementPolicy: 'Parallel' });
    expect(specOf(platform, 'Service', /^minio-headless$/)).toMatchObject({
      clusterIP: 'None',
      publishNotReadyAddresses: true,
    });
  });

  test('lets a node be drained one server at a time, and never stops a drain for a broken server', () => {
    expect(specOf(distributed().platform, 'PodDisruptionBudget', /^minio$/)).toMatchObject({
      maxUnavailable: 1,
      unhealthyPodEvictionPolicy: 'AlwaysAllow',
    });
  });

  test('has servers that may call each other', () => {
    const peer = [
      {
        namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'demo-minio' } },
        podSelector: {
          matchLabels: { 'app.kubernetes.io/name': 'minio', 'app.kubernetes.io/instance': 'minio-server' },
        },
      },
    ];
    const ports = [{ port: 9000, protocol: 'TCP' }];
    const policy = specOf(distributed().platform, 'NetworkPolicy', /^minio$/);
    expect(policy['egress']).toEqual([{ to: peer, ports }]);
    expect(policy['ingress']).toContainEqual({ from: peer, ports });
  });

  test.each([
    ['pilot', 'ScheduleAnyway'],
    ['production', 'DoNotSchedule'],
  ] as const)('in %s spreads its servers over nodes: %s', (profile, whenUnsatisfiable) => {
    const props = profile === 'production' ? { tls: ServerTls.none('the network encrypts') } : {};
    const { platform } = distributed(profile === 'production' ? PRODUCTION : {}, props);
    expect(specOf(platform, 'StatefulSet', /^minio$/)).toMatchObject({
      template: { spec: { topologySpreadConstraints: [{ topologyKey: 'kubernetes.io/hostname', whenUnsatisfiable }] } },
    });
  });
});

describe('TLS of a MinioTenant', () => {
  test('is demanded in production', () => {
    expect(() => tenant({}, PRODUCTION)).toThrow(
      'store "minio" would speak plain text in production: give tls as ServerTls.issuer() or ServerTls.secret()',
    );
    expect(() => tenant({ tls: ServerTls.none(' ') }, PRODUCTION)).toThrow('plain text');
  });

  test('may be left out in production for a reason', () => {
    expect(tenant({ tls: ServerTls.none('the network encrypts') }, PRODUCTION).store.endpoint.tls).toBe(false);
  });

  test('makes every server speak https, to probes too', () => {
    const { platform, store } = tenant({
      tls: ServerTls.secret('minio-tls', CertificateAuthority.pem(PEM)),
      topology: MinioTopology.distributed({ servers: 4 }),
    });
    expect(store.endpoint.url).toBe('https://minio.demo-minio.svc.cluster.local:9000');
    expect(serverCommand(platform)[2]).toBe(
      'https://minio-{0...3}.minio-headless.demo-minio.svc.cluster.local:9000/data',
    );
    expect(specOf(platform, 'StatefulSet', /^minio$/)).toMatchObject({
      template: { spec: { containers: [{ readinessProbe: { httpGet: { scheme: 'HTTPS' } } }] } },
    });
  });

  test('brings an authority given as text into the namespace of each consumer', () => {
    const { platform, store } = tenant({ tls: ServerTls.secret('minio-tls', CertificateAuthority.pem(PEM)) });
    const access = store.addBucket('mlflow').grantReadWrite(consumer(platform, 'mlflow'));
    expect(access.endpoint.certificateAuthority).toEqual({
      namespace: 'demo-mlflow',
      name: 'mlflow-s3-ca',
      key: 'ca.crt',
    });
    expect(store.endpoint.certificateAuthority).toEqual({ namespace: 'demo-minio', name: 'minio-ca', key: 'ca.crt' });
    const authorities = synthesize(platform).secrets.filter(({ name }) => name.endsWith('-ca'));
    expect(authorities.map(({ namespace, data }) => [namespace, data['ca.crt']])).toEqual([
      ['demo-minio', `${PEM}\n`],
      ['demo-mlflow', `${PEM}\n`],
    ]);
  });

  test('points at the Secret of an authority that is in every namespace already', () => {
    const { platform, store } = tenant({
      tls: ServerTls.secret('minio-tls', CertificateAuthority.secret('office-ca')),
    });
    const access = store.addBucket('mlflow').grantReadWrite(consumer(platform, 'mlflow'));
    expect(access.endpoint.certificateAuthority).toEqual({
      namespace: 'demo-mlflow',
      name: 'office-ca',
      key: 'ca.crt',
    });
    expect(synthesize(platform).secrets.map(({ name }) => name)).not.toContain('mlflow-s3-ca');
  });

  test('can be issued by cert-manager, for every name that the store is called by', () => {
    const { platform } = tenant({
      tls: ServerTls.issuer({ name: 'office', kind: 'Issuer' }, CertificateAuthority.secret('office-ca')),
    });
    expect(specOf(platform, 'Certificate', /^minio-tls$/)).toMatchInlineSnapshot(`
      {
        "dnsNames": [
          "minio.demo-minio.svc.cluster.local",
          "minio.demo-minio.svc",
          "minio.demo-minio",
          "minio",
          "minio-console.demo-minio.svc.cluster.local",
          "*.minio-headless.demo-minio.svc.cluster.local",
        ],
        "ipAddresses": [
          "127.0.0.1",
        ],
        "issuerRef": {
          "group": "cert-manager.io",
          "kind": "Issuer",
          "name": "office",
        },
        "privateKey": {
          "algorithm": "ECDSA",
          "rotationPolicy": "Always",
          "size": 256,
        },
        "secretName": "minio-tls",
        "usages": [
          "digital signature",
          "key encipherment",
          "server auth",
          "client auth",
        ],
      }
    `);
  });
});

describe('what a MinioTenant grants', () => {
  test('is a user with the same generated key in the consumer’s namespace and in its own', () => {
    const { platform, store } = tenant();
    const access = store.addBucket('mlflow').grantReadWrite(consumer(platform, 'mlflow'));
    expect(access).toMatchObject({
      bucket: 'mlflow',
      accessKeyId: { namespace: 'demo-mlflow', name: 'mlflow-s3', key: 'accessKeyId' },
      secretAccessKey: { namespace: 'demo-mlflow', name: 'mlflow-s3', key: 'secretAccessKey' },
    });
    const pairs = synthesize(platform).secrets.filter(({ name }) => name !== 'minio-root');
    expect(pairs.map(({ namespace, name, data }) => ({ namespace, name, data }))).toEqual([
      {
        namespace: 'demo-minio',
        name: 'minio-user-mlflow',
        data: { accessKeyId: 'mlflow', secretAccessKey: { id: 'minio-user-mlflow', length: 32 } },
      },
      {
        namespace: 'demo-mlflow',
        name: 'mlflow-s3',
        data: { accessKeyId: 'mlflow', secretAccessKey: { id: 'minio-user-mlflow', length: 32 } },
      },
    ]);
  });

  test('opens the network from the consumer to the store, on both sides', () => {
    const { platform, store } = tenant();
    store.addBucket('mlflow').grantRead(consumer(platform, 'mlflow'));
    expect(specOf(platform, 'NetworkPolicy', /^mlflow$/)).toMatchObject({
      egress: [
        {
          to: [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'demo-minio' } } }],
          ports: [{ port: 9000 }],
        },
      ],
    });
    expect(specOf(platform, 'NetworkPolicy', /^minio$/)['ingress']).toContainEqual(
      expect.objectContaining({
        from: [
          expect.objectContaining({
            namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'demo-mlflow' } },
          }),
        ],
      }),
    );
  });

  test('is one user for all the buckets of a consumer', () => {
    const { platform, store } = tenant();
    const mlflow = consumer(platform, 'mlflow');
    const first = store.addBucket('models').grantReadWrite(mlflow);
    const second = store.addBucket('data').grantRead(mlflow);
    expect(second.secretAccessKey).toEqual(first.secretAccessKey);
    expect(synthesize(platform).secrets).toHaveLength(3);
  });

  test('is refused to two consumers of one name in different namespaces', () => {
    const { platform, store } = tenant();
    const bucket = store.addBucket('data');
    bucket.grantRead(consumer(platform, 'reader', 'demo-a'));
    expect(() => bucket.grantRead(consumer(platform, 'reader', 'demo-b'))).toThrow(
      'two consumers of store "minio" are named "reader", in namespaces "demo-a" and "demo-b": give one of them another name',
    );
  });

  test.each([
    ['minio-root', 'has the name of the root user'],
    ['me', 'an access key has 3 characters or more'],
  ])('is refused to a consumer named "%s"', (name, message) => {
    const { platform, store } = tenant();
    expect(() => store.addBucket('data').grantRead(consumer(platform, name))).toThrow(message);
  });

  test('can go to a user whose key exists already', () => {
    const secretAccessKey = { namespace: 'demo-minio', name: 'reporting', key: 'key' };
    const { platform, store } = tenant({ users: { reporting: { secretAccessKey } } });
    store.addBucket('data').grantReadToUser(store.user('reporting'));
    expect(synthesize(platform).secrets.map(({ name }) => name)).toEqual(['minio-root']);
    expect(JSON.stringify(specOf(platform, 'Job', /^minio-provisioning-/))).toContain(
      '{"secret":{"items":[{"key":"key","path":"users/reporting/secretAccessKey"}],"name":"reporting"}}',
    );
  });

  test('finds the pair of a consumer whose key exists already in an existing Secret', () => {
    const secretAccessKey = { namespace: 'demo-minio', name: 'mlflow', key: 'key' };
    const { platform, store } = tenant({ users: { mlflow: { secretAccessKey } } });
    const access = store.addBucket('mlflow').grantReadWrite(consumer(platform, 'mlflow'));
    expect(access.secretAccessKey).toEqual({ namespace: 'demo-mlflow', name: 'mlflow-s3', key: 'secretAccessKey' });
    expect(synthesize(platform).secrets.map(({ name }) => name)).toEqual(['minio-root']);
  });

  test('refuses a user’s Secret that its Pods cannot read, and a user it does not have', () => {
    const elsewhere = { namespace: 'demo-other', name: 'reporting', key: 'key' };
    expect(() => tenant({ users: { reporting: { secretAccessKey: elsewhere } } })).toThrow(
      'stands in namespace "demo-other", but the store reads Secrets of "demo-minio" only: put a copy there',
    );
    expect(() => tenant().store.user('nobody')).toThrow('store "minio" has no user "nobody": it has none');
  });
});

describe('the exposure of a MinioTenant', () => {
  test('gives the S3 interface and the console a host each', () => {
    const { platform, store } = tenant({ console: true });
    const exposure = new RecordingExposure();
    expect(store.exposeApiVia(exposure, 's3').host).toBe('s3.example.org');
    expect(store.exposeConsoleVia(exposure, 'minio').host).toBe('minio.example.org');
    expect(exposure.asked.map(({ service: { name, containerPort, tls } }) => ({ name, containerPort, tls }))).toEqual([
      { name: 'minio', containerPort: 9000, tls: false },
      { name: 'minio-console', containerPort: 9001, tls: false },
    ]);
    expect(serverEnvironment(platform)).toMatchObject({ MINIO_BROWSER_REDIRECT_URL: 'https://minio.example.org' });
  });

  test('tells the route to speak https where the servers do', () => {
    const { store } = tenant({ tls: ServerTls.secret('minio-tls') });
    const exposure = new RecordingExposure();
    store.exposeApiVia(exposure, 's3');
    expect(exposure.asked[0]?.service.tls).toBe(true);
  });

  test('is refused for a console that is not there', () => {
    expect(() => tenant().store.exposeConsoleVia(new RecordingExposure(), 'minio')).toThrow('set console: true');
  });

  test('is refused where it would make metrics public, unless that is right', () => {
    const allowFrom = { namespace: 'monitoring' };
    const closed = tenant({ metrics: { allowFrom } }).store;
    expect(() => closed.exposeApiVia(new RecordingExposure(), 's3')).toThrow('metrics ask for no credentials');
    const open = tenant({ metrics: { allowFrom, publicBecause: 'the host is reachable from the office only' } }).store;
    expect(open.exposeApiVia(new RecordingExposure(), 's3').host).toBe('s3.example.org');
  });

  test('is what people are told, once it is known', () => {
    const { platform, store } = tenant({ console: true });
    expect(platform.accesses).toEqual([
      {
        title: 'Object store minio (console)',
        url: 'http://minio-console.demo-minio.svc.cluster.local:9001',
        service: { namespace: 'demo-minio', name: 'minio-console', port: 9001 },
        username: 'minio-root',
        password: { namespace: 'demo-minio', name: 'minio-root', key: 'rootPassword' },
      },
    ]);
    store.exposeConsoleVia(new RecordingExposure(), 'minio');
    expect(platform.accesses[0]?.url).toBe('https://minio.example.org');
  });
});

describe('the metrics of a MinioTenant', () => {
  test('are answered to the Pods named, and to no others', () => {
    const { platform } = tenant({
      metrics: { allowFrom: { namespace: 'monitoring', podLabels: { app: 'prometheus' } } },
    });
    expect(serverEnvironment(platform)).toMatchObject({ MINIO_PROMETHEUS_AUTH_TYPE: 'public' });
    expect(specOf(platform, 'NetworkPolicy', /^minio$/)['ingress']).toContainEqual({
      from: [
        {
          namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'monitoring' } },
          podSelector: { matchLabels: { app: 'prometheus' } },
        },
      ],
      ports: [{ port: 9000, protocol: 'TCP' }],
    });
    expect(specOf(platform, 'StatefulSet', /^minio$/)).toMatchObject({
      template: { metadata: { annotations: { 'prometheus.io/path': '/minio/v2/metrics/cluster' } } },
    });
  });
});

describe('the objects of a MinioTenant', () => {
  test.each<[string, MinioTenantProps, Partial<PlatformProps>]>([
    ['a pilot', { console: true, metrics: { allowFrom: { namespace: 'monitoring' } } }, {}],
    [
      'production',
      {
        topology: MinioTopology.distributed({ servers: 4 }),
        tls: ServerTls.issuer({ name: 'office' }, CertificateAuthority.pem(PEM)),
      },
      PRODUCTION,
    ],
  ])('keep the rules of the project, in %s', (_, props, platformProps) => {
    const { platform, store } = tenant(props, platformProps);
    store.addBucket('mlflow').grantReadWrite(consumer(platform, 'mlflow'));
    const violations = checkRules(synthesize(platform), { profile: platform.profile });
    // the consumer of these tests has no Pods, so that the holes between it and the store lead nowhere
    const ours = violations.filter(({ rule }) => rule !== 'holes-lead-somewhere');
    expect(ours.map(describeViolation)).toEqual([]);
  });
});
