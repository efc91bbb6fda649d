import {
  generatedBehind,
  Connections,
  type ExposedHost,
  type HttpService,
  type IExposure,
  type KubernetesManifest,
  MlflowServer,
  type MlflowServerProps,
  type Platform,
  PlatformNamespace,
  type PlatformProps,
  registryEnvironment,
  synthesize,
} from '../../../constructs';
import { checkRules } from '../../../constructs/platform/rules';
import { schemaMinors, StrictSchemas } from '../../../tools/schemas/validator';
import { DIGESTED_LOCK, testImages, testPlatform } from '../../support/platform';
import { FakeDatabaseServer, FakeObjectStore } from '../../support/storage';

interface Made {
  readonly platform: Platform;
  readonly mlflow: MlflowServer;
  readonly database: FakeDatabaseServer;
  readonly store: FakeObjectStore;
}

function make(props: Partial<MlflowServerProps> = {}, platformProps: Partial<PlatformProps> = {}): Made {
  const platform = testPlatform(platformProps);
  const database = new FakeDatabaseServer(platform, 'database');
  const store = new FakeObjectStore(platform, 'store');
  const mlflow = new MlflowServer(platform, 'mlflow', {
    database: database.addDatabase('mlflow'),
    artifacts: { bucket: store.addBucket('mlflow') },
    ...props,
  });
  return { platform, mlflow, database, store };
}

const PRODUCTION: Partial<PlatformProps> = {
  profile: 'production',
  images: testImages({ lock: DIGESTED_LOCK, requireDigest: true }),
};

function objects(platform: Platform): readonly KubernetesManifest[] {
  return synthesize(platform).objects.map(({ manifest }) => manifest);
}

/** The one object of a kind whose name begins so. */
function object(platform: Platform, kind: string, name = 'mlflow'): KubernetesManifest {
  const found = objects(platform).filter(
    (manifest) => manifest.kind === kind && manifest.metadata.name.startsWith(name),
  );
  expect(found).toHaveLength(1);
  return found[0] as KubernetesManifest;
}

interface Container {
  readonly name: string;
  readonly command: readonly string[];
  readonly env: readonly { readonly name: string; readonly value?: string; readonly valueFrom?: unknown }[];
  readonly volumeMounts: readonly { readonly name: string; readonly mountPath: string }[];
  readonly startupProbe: { readonly httpGet: { readonly path: string } };
}

interface PodTemplate {
  readonly metadata: { readonly annotations?: Record<string, string>; readonly labels: Record<string, string> };
  readonly spec: {
    readonly initContainers?: readonly Container[];
    readonly containers: readonly Container[];
    readonly volumes: readonly unknown[];
    readonly enableServiceLinks: boolean;
  };
}

function template(manifest: KubernetesManifest): PodTemplate {
  const spec = manifest['spec'] as { jobTemplate?: { spec: { template: PodTemplate } }; template?: PodTemplate };
  return (spec.jobTemplate?.spec.template ?? spec.template) as PodTemplate;
}

function container(manifest: KubernetesManifest, name: string): Container {
  const { initContainers = [], containers } = template(manifest).spec;
  const found = [...initContainers, ...containers].find((each) => each.name === name);
  if (found === undefined) throw new Error(`no container ${name}`);
  return found;
}

const server = (platform: Platform) => container(object(platform, 'Deployment'), 'server');

/** What follows an option on the server's command line. */
function option(platform: Platform, name: string): string | undefined {
  const { command } = server(platform);
  return command.includes(name) ? command[command.indexOf(name) + 1] : undefined;
}

function variable(from: Container, name: string): unknown {
  const found = from.env.find((each) => each.name === name);
  return found?.value ?? found?.valueFrom;
}

/** Pods of another part of the platform. */
function consumer(platform: Platform, consumerName: string, namespaceName = 'demo-training') {
  const id = `${namespaceName}-namespace`;
  const namespace =
    (platform.node.tryFindChild(id) as PlatformNamespace | undefined) ??
    new PlatformNamespace(platform, id, { name: namespaceName });
  const podLabels = { 'app.kubernetes.io/name': consumerName, 'app.kubernetes.io/instance': consumerName };
  const connections = new Connections(platform, `${namespaceName}-${consumerName}`, {
    namespace,
    name: consumerName,
    podLabels,
  });
  return { consumerName, connections };
}

function secret(platform: Platform, namespace: string, name: string) {
  const found = synthesize(platform).secrets.find((each) => each.namespace === namespace && each.name === name);
  if (found === undefined) throw new Error(`no Secret ${namespace}/${name}`);
  const data = Object.entries(found.data).map(([key, value]): [string, string] => [
    key,
    typeof value === 'string' ? value : `generated ${generatedBehind(value)?.id ?? ''}`,
  ]);
  return { data: Object.fromEntries(data), annotations: found.annotations };
}

interface Policy {
  readonly ingress: readonly { readonly from: readonly unknown[]; readonly ports: readonly { port: number }[] }[];
  readonly egress: readonly { readonly to: readonly unknown[]; readonly ports: readonly { port: number }[] }[];
}

function policy(platform: Platform, name = 'mlflow'): Policy {
  return object(platform, 'NetworkPolicy', name)['spec'] as Policy;
}

class FakeExposure implements IExposure {
  expose(_service: HttpService, subdomain: string): ExposedHost {
    return { host: `${subdomain}.example.org`, url: `https://${subdomain}.example.org:8443` };
  }
}

describe('MlflowServer', () => {
  test('is served by a command that holds no credentials', () => {
    const { platform } = make({ authentication: 'none', metrics: false });
    expect(server(platform).command).toMatchInlineSnapshot(`
      [
        "mlflow",
        "server",
        "--host",
        "0.0.0.0",
        "--port",
        "5000",
        "--workers",
        "2",
        "--backend-store-uri",
        "postgresql+psycopg2:///mlflow",
        "--serve-artifacts",
        "--artifacts-destination",
        "s3://mlflow/artifacts",
        "--allowed-hosts",
        "mlflow,mlflow:*,mlflow.demo-mlflow,mlflow.demo-mlflow:*,mlflow.demo-mlflow.svc,mlflow.demo-mlflow.svc:*,mlflow.demo-mlflow.svc.cluster.local,mlflow.demo-mlflow.svc.cluster.local:*,localhost,localhost:*,127.0.0.1,127.0.0.1:*",
        "--cors-allowed-origins",
        "http://mlflow:5000,http://mlflow.demo-mlflow:5000,http://mlflow.demo-mlflow.svc:5000,http://mlflow.demo-mlflow.svc.cluster.local:5000",
        "--x-frame-options",
        "SAMEORIGIN",
      ]
    `);
  });

  test('tells no secret value to any manifest, and no URI holds a user', () => {
    const { platform } = make({ webhooks: {} });
    expect(JSON.stringify(objects(platform))).not.toMatch(/:\/\/[^/"]*@/);
    for (const { env } of template(object(platform, 'Deployment')).spec.containers) {
      for (const { name, value } of env) {
        if (/PASSWORD|SECRET_ACCESS|SECRET_KEY|PASSPHRASE/.test(name)) expect({ name, value }).toEqual({ name });
      }
    }
  });

  test('reads the database from the variables of libpq', () => {
    const { platform } = make();
    expect(variable(server(platform), 'PGHOST')).toBe('db.example.org');
    expect(variable(server(platform), 'PGPASSWORD')).toEqual({
      secretKeyRef: { name: 'mlflow-db-mlflow', key: 'password' },
    });
  });

  test('shuts out the variables that Kubernetes derives from a Service named mlflow', () => {
    const { platform } = make();
    for (const kind of ['Deployment', 'Job', 'CronJob']) {
      expect(template(object(platform, kind)).spec.enableServiceLinks).toBe(false);
    }
  });

  test('sends no telemetry from any container', () => {
    const { platform } = make();
    for (const kind of ['Deployment', 'Job', 'CronJob']) {
      const { initContainers = [], containers } = template(object(platform, kind)).spec;
      for (const each of [...initContainers, ...containers]) {
        expect(variable(each, 'MLFLOW_DISABLE_TELEMETRY')).toBe('true');
      }
    }
  });

  test('gives credentials only to the containers that need them', () => {
    const { platform } = make();
    const secrets = (from: Container) =>
      from.env.filter(({ valueFrom }) => valueFrom !== undefined).map(({ name }) => name);
    const deployment = object(platform, 'Deployment');
    expect(secrets(container(deployment, 'metrics'))).toEqual([]);
    expect(secrets(container(deployment, 'accounts'))).toEqual(['PGPASSWORD']);
    expect(secrets(container(object(platform, 'Job'), 'migrate'))).toEqual(['PGPASSWORD']);
    expect(secrets(container(object(platform, 'CronJob'), 'collect'))).toEqual([
      'PGPASSWORD',
      'MLFLOW_TRACKING_PASSWORD',
    ]);
  });

  test('breaks no rule of the project, in either profile', () => {
    for (const profile of [{}, PRODUCTION]) {
      const { platform, mlflow } = make({ webhooks: {} }, profile);
      mlflow.allowMetricsFrom({ namespace: 'monitoring' });
      const found = checkRules(synthesize(platform), { profile: platform.profile });
      // The stores of this test are somewhere else: they make no Secret.
      const ours = found.filter(({ message }) => !/nobody makes the Secret "mlflow-(s3|db-mlflow)"/.test(message));
      expect(ours.map(({ rule, field, message }) => ({ rule, field, message }))).toEqual([]);
    }
  });
});

describe('what the API server says', () => {
  test.each([schemaMinors()[0] ?? '', schemaMinors().at(-1) ?? ''])(
    'to every object, in Kubernetes %s, is nothing',
    (minor) => {
      const schemas = new StrictSchemas(minor);
      const made = [make({ webhooks: {} }), make({}, PRODUCTION)].flatMap(({ platform }) => objects(platform));
      expect(made.map(({ kind }) => kind)).toContain('PodDisruptionBudget');
      expect(made.flatMap((manifest) => schemas.problems(manifest))).toEqual([]);
    },
  );
});

describe('the order of a roll-out', () => {
  test('migrates the schemas before the server changes', () => {
    const { platform } = make();
    const waves = synthesize(platform).objects.map(({ manifest, wave }): [string, number] => [manifest.kind, wave]);
    expect(Object.fromEntries(waves)).toMatchObject({
      ConfigMap: 30,
      Job: 30,
      Deployment: 31,
      Service: 31,
      CronJob: 31,
    });
  });

  test('migrates both databases', () => {
    const { platform } = make();
    expect(container(object(platform, 'Job'), 'migrate').command).toEqual([
      'python',
      '/etc/mlflow/migrate.py',
      'mlflow',
      'mlflow_auth',
    ]);
  });

  test('migrates again with another image, and not when a host is added', () => {
    const nameOf = ({ platform }: Made) => object(platform, 'Job').metadata.name;
    const exposed = make();
    exposed.mlflow.exposeVia(new FakeExposure());
    expect(nameOf(exposed)).toBe(nameOf(make()));
    const override = { mlflow: 'registry.example.org/bouture/mlflow:4.0' };
    expect(nameOf(make({}, { images: testImages({ overrides: override }) }))).not.toBe(nameOf(make()));
  });

  test('gives up when the database does not answer', () => {
    const { platform } = make();
    const job = object(platform, 'Job');
    expect(job['spec']).toMatchObject({ backoffLimit: 3, activeDeadlineSeconds: 3600 });
    expect(variable(container(job, 'migrate'), 'DATABASE_WAIT_SECONDS')).toBe('300');
  });

  test('changes the server without a gap', () => {
    const { platform } = make();
    expect(object(platform, 'Deployment')['spec']).toMatchObject({
      strategy: { rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
    });
  });
});

describe('the hosts that MLflow answers to', () => {
  test('are every name of its Service with and without port, and localhost for port-forward', () => {
    const { platform } = make();
    expect(option(platform, '--allowed-hosts')?.split(',')).toEqual([
      'mlflow',
      'mlflow:*',
      'mlflow.demo-mlflow',
      'mlflow.demo-mlflow:*',
      'mlflow.demo-mlflow.svc',
      'mlflow.demo-mlflow.svc:*',
      'mlflow.demo-mlflow.svc.cluster.local',
      'mlflow.demo-mlflow.svc.cluster.local:*',
      'localhost',
      'localhost:*',
      '127.0.0.1',
      '127.0.0.1:*',
    ]);
  });

  test('follow the domain of the cluster', () => {
    const { platform, mlflow } = make({}, { clusterDomain: 'k8s.example.org' });
    expect(option(platform, '--allowed-hosts')).toContain('mlflow.demo-mlflow.svc.k8s.example.org:*');
    expect(mlflow.trackingUri).toBe('http://mlflow.demo-mlflow.svc.k8s.example.org:5000');
  });

  test('hold each host that it is exposed by, and its pages may come from there', () => {
    const { platform, mlflow } = make();
    const host = mlflow.exposeVia(new FakeExposure(), 'models');
    expect(host.host).toBe('models.example.org');
    expect(option(platform, '--allowed-hosts')).toContain(',models.example.org,models.example.org:*');
    expect(option(platform, '--cors-allowed-origins')).toMatch(/^https:\/\/models\.example\.org:8443,http:/);
  });

  test('hold what the office adds', () => {
    const { platform } = make({ furtherHosts: ['proxy.example.org'] });
    expect(option(platform, '--allowed-hosts')).toContain('proxy.example.org,proxy.example.org:*');
  });
});

describe('artifacts', () => {
  test('go through the server by default', () => {
    const { platform } = make();
    expect(option(platform, '--artifacts-destination')).toBe('s3://mlflow/artifacts');
    expect(server(platform).command).toContain('--serve-artifacts');
    expect(option(platform, '--default-artifact-root')).toBeUndefined();
  });

  test('stay between server and bucket: no client is sent to an address that it may not reach', () => {
    const { platform } = make();
    expect(variable(server(platform), 'PYTHONPATH')).toBe('/etc/mlflow/plugins');
    const [configuration] = template(object(platform, 'Deployment')).spec.volumes as [
      { configMap: { items: { key: string; path: string }[] } },
    ];
    const files = object(platform, 'ConfigMap')['data'] as Record<string, string>;
    expect(configuration.configMap.items.map(({ key }) => key).sort()).toEqual(Object.keys(files).sort());
    const { path, key = '' } =
      configuration.configMap.items.find(({ path: at }) => at.endsWith('entry_points.txt')) ?? {};
    expect(path).toBe('plugins/proxied_artifacts-1.dist-info/entry_points.txt');
    expect(files[key]).toContain('s3 = proxied_artifacts:ProxiedS3ArtifactRepository');
  });

  test('go from clients to the bucket when asked, with keys of their own', () => {
    const platform = testPlatform();
    const store = new FakeObjectStore(platform, 'store');
    const mlflow = new MlflowServer(platform, 'mlflow', {
      database: new FakeDatabaseServer(platform, 'database').addDatabase('mlflow'),
      artifacts: { bucket: store.addBucket('models'), prefix: '', transfer: 'direct' },
    });
    expect(option(platform, '--default-artifact-root')).toBe('s3://models');
    expect(server(platform).command).toContain('--no-serve-artifacts');
    expect(option(platform, '--artifacts-destination')).toBeUndefined();
    const access = mlflow.grantUse(consumer(platform, 'train'));
    expect(access.artifacts?.accessKeyId).toMatchObject({ namespace: 'demo-training', name: 'train-s3' });
    expect(registryEnvironment(access).map(({ name }) => name)).toEqual([
      'MLFLOW_TRACKING_URI',
      'MLFLOW_TRACKING_USERNAME',
      'MLFLOW_TRACKING_PASSWORD',
      'MLFLOW_S3_ENDPOINT_URL',
      'AWS_ACCESS_KEY_ID',
      'AWS_SECRET_ACCESS_KEY',
      'AWS_DEFAULT_REGION',
      'AWS_EC2_METADATA_DISABLED',
      'MLFLOW_BOTO_CLIENT_ADDRESSING_STYLE',
    ]);
  });

  test('trust the authority of the store and of the database, each for itself', () => {
    const platform = testPlatform();
    const authority = (name: string) => ({ namespace: 'demo-mlflow', name, key: 'ca.crt' });
    const store = new FakeObjectStore(platform, 'store', { certificateAuthority: authority('store-ca') });
    const database = new FakeDatabaseServer(platform, 'database', { certificateAuthority: authority('database-ca') });
    new MlflowServer(platform, 'mlflow', {
      database: database.addDatabase('mlflow'),
      artifacts: { bucket: store.addBucket('mlflow') },
    });
    expect(variable(server(platform), 'AWS_CA_BUNDLE')).toBe('/etc/ssl/mlflow-bucket/ca.crt');
    expect(variable(server(platform), 'PGSSLROOTCERT')).toBe('/etc/ssl/mlflow-database/ca.crt');
    expect(server(platform).volumeMounts).toEqual(
      expect.arrayContaining([
        { name: 'bucket-authority', mountPath: '/etc/ssl/mlflow-bucket', readOnly: true },
        { name: 'database-authority', mountPath: '/etc/ssl/mlflow-database', readOnly: true },
      ]),
    );
  });

  test('a database whose certificate is verified without an authority of its own is checked against the public ones', () => {
    const { platform } = make();
    expect(variable(server(platform), 'PGSSLROOTCERT')).toBe('/etc/ssl/certs/ca-certificates.crt');
  });
});

describe('authentication', () => {
  test('is on, with users in a database beside the tracking database, who see only what is theirs', () => {
    const { platform } = make();
    expect(option(platform, '--app-name')).toBe('basic-auth');
    expect((object(platform, 'ConfigMap')['data'] as Record<string, string>)['basic_auth.ini']).toMatchInlineSnapshot(`
      "[mlflow]
      default_permission = NO_PERMISSIONS
      database_uri = postgresql+psycopg2:///mlflow_auth
      admin_username = admin
      "
    `);
  });

  test('knows no default password: the administrator’s is generated', () => {
    const { platform } = make();
    expect(secret(platform, 'demo-mlflow', 'mlflow-accounts').data).toEqual({ admin: 'generated mlflow-admin' });
    expect(JSON.stringify(objects(platform))).not.toContain('password1234');
  });

  test('brings the users in line with the Secret before a server starts', () => {
    const { platform } = make();
    const accounts = container(object(platform, 'Deployment'), 'accounts');
    expect(template(object(platform, 'Deployment')).spec.initContainers).toHaveLength(1);
    expect(accounts.command).toEqual([
      'python',
      '/etc/mlflow/accounts.py',
      '/run/mlflow-accounts',
      'admin',
      'service.',
      'namespace.',
    ]);
    expect(template(object(platform, 'Deployment')).spec.volumes).toContainEqual({
      name: 'accounts',
      secret: { secretName: 'mlflow-accounts' },
    });
  });

  test('restarts the server when an account is added', () => {
    const mark = ({ platform }: Made) =>
      template(object(platform, 'Deployment')).metadata.annotations?.['bouture.dev/accounts'];
    const more = make();
    more.mlflow.grantUse(consumer(more.platform, 'train'));
    expect(mark(make())).toEqual(mark(make()));
    expect(mark(more)).not.toEqual(mark(make()));
  });

  test('takes a database of users that stands beside the tracking database', () => {
    const platform = testPlatform();
    const postgres = new FakeDatabaseServer(platform, 'postgres');
    const other = new FakeDatabaseServer(platform, 'other');
    const bucket = new FakeObjectStore(platform, 'store').addBucket('mlflow');
    const tracking = postgres.addDatabase('tracking');
    const build = (id: string, users: ReturnType<FakeDatabaseServer['addDatabase']>) =>
      new MlflowServer(platform, id, {
        database: tracking,
        artifacts: { bucket },
        authentication: { database: users, defaultPermission: 'READ' },
      });
    build('mlflow', postgres.addDatabase('users', { owner: tracking }));
    expect(container(object(platform, 'Job'), 'migrate').command.slice(2)).toEqual(['tracking', 'users']);
    for (const [id, users] of [
      ['a', postgres.addDatabase('users')],
      ['b', other.addDatabase('users', { owner: tracking })],
      ['c', tracking],
    ] as const) {
      expect(() => build(id, users)).toThrow(/must stand beside "tracking" on the same server with the same owner/);
    }
  });

  test('can be left out of a pilot', () => {
    const { platform, mlflow } = make({ authentication: 'none' });
    expect(option(platform, '--app-name')).toBeUndefined();
    expect(template(object(platform, 'Deployment')).spec.initContainers ?? []).toEqual([]);
    expect(container(object(platform, 'Job'), 'migrate').command.slice(2)).toEqual(['mlflow']);
    expect(mlflow.grantUse(consumer(platform, 'train'))).toEqual({ trackingUri: mlflow.trackingUri });
    expect(platform.accesses[0]).not.toHaveProperty('username');
    expect(() => mlflow.exposeVia(new FakeExposure())).not.toThrow();
  });

  test('cannot be left out where production exposes it', () => {
    const { mlflow } = make({ authentication: 'none' }, PRODUCTION);
    expect(() => mlflow.exposeVia(new FakeExposure())).toThrow(/has no authentication/);
  });
});

describe('a consumer of the registry', () => {
  test('gets an account of its own, in its own namespace, and a way through both policies', () => {
    const { platform, mlflow } = make();
    const access = mlflow.grantUse(consumer(platform, 'train'));
    expect(access).toEqual({
      trackingUri: 'http://mlflow.demo-mlflow.svc.cluster.local:5000',
      credentials: {
        username: { namespace: 'demo-training', name: 'train-registry', key: 'username' },
        password: { namespace: 'demo-training', name: 'train-registry', key: 'password' },
      },
    });
    const { data } = secret(platform, 'demo-training', 'train-registry');
    expect(data).toEqual({ username: 'service.train', password: 'generated mlflow-service-train' });
    expect(secret(platform, 'demo-mlflow', 'mlflow-accounts').data['service.train']).toBe(data['password']);
    expect(policy(platform, 'train').egress).toHaveLength(1);
    expect(JSON.stringify(policy(platform).ingress)).toContain('demo-training');
  });

  test('gets the same access when it asks again', () => {
    const { platform, mlflow } = make();
    const train = consumer(platform, 'train');
    expect(mlflow.grantUse(train)).toBe(mlflow.grantUse(train));
  });

  test('shares an account only when both name it', () => {
    const { platform, mlflow } = make();
    mlflow.grantUse(consumer(platform, 'model'));
    expect(() => mlflow.grantUse(consumer(platform, 'model', 'demo-serving'))).toThrow(
      /would share its account with namespace "demo-training"/,
    );
    mlflow.grantUse({ ...consumer(platform, 'train', 'demo-a'), account: 'nace' });
    mlflow.grantUse({ ...consumer(platform, 'serve', 'demo-b'), account: 'nace' });
    const passwords = [
      ['demo-a', 'train-registry'],
      ['demo-b', 'serve-registry'],
    ].map(([namespace = '', name = '']) => secret(platform, namespace, name).data);
    expect(passwords[0]).toEqual(passwords[1]);
  });

  test('finds MLflow from the services that users start', () => {
    const { platform, mlflow } = make();
    const namespace = new PlatformNamespace(platform, 'alpha', { name: 'user-alpha' });
    expect(mlflow.discoverableIn(namespace)).toBe(mlflow.discoverableIn(namespace));
    expect(secret(platform, 'user-alpha', 'discoverable-mlflow')).toMatchInlineSnapshot(`
      {
        "annotations": {
          "onyxia/discovery": "mlflow",
        },
        "data": {
          "MLFLOW_S3_ENDPOINT_URL": "https://s3.example.org",
          "MLFLOW_TRACKING_PASSWORD": "generated mlflow-namespace-user-alpha",
          "MLFLOW_TRACKING_USERNAME": "namespace.user-alpha",
          "uri": "http://mlflow.demo-mlflow.svc.cluster.local:5000",
        },
      }
    `);
    expect(policy(platform).ingress).toContainEqual({
      from: [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'user-alpha' } } }],
      ports: [{ port: 5000, protocol: 'TCP' }],
    });
  });
});

describe('an account of a namespace with a long name', () => {
  test('is told from another that begins like it', () => {
    const { platform, mlflow } = make();
    const names = ['one', 'two'].map((end) => `${'n'.repeat(60)}${end}`);
    for (const name of names) mlflow.discoverableIn(new PlatformNamespace(platform, name, { name }));
    const { data } = secret(platform, 'demo-mlflow', 'mlflow-accounts');
    expect(new Set(names.map((name) => data[`namespace.${name}`])).size).toBe(2);
  });
});

describe('metrics', () => {
  test('are read on a port of their own, by whom they are opened to', () => {
    const { platform, mlflow } = make();
    const directory = option(platform, '--expose-prometheus');
    const metrics = container(object(platform, 'Deployment'), 'metrics');
    expect(metrics.command).toEqual(['python', '/etc/mlflow/metrics.py', directory, '9090']);
    expect(metrics.volumeMounts.map(({ mountPath }) => mountPath)).toContain(directory);
    const ports = () => policy(platform).ingress.flatMap(({ ports: open }) => open.map(({ port }) => port));
    expect(ports()).not.toContain(9090);
    mlflow.allowMetricsFrom({ namespace: 'monitoring', podLabels: { app: 'prometheus' } });
    expect(ports()).toContain(9090);
    mlflow.allowMetricsFrom(consumer(platform, 'scraper'));
    expect(policy(platform, 'scraper').egress[0]?.ports).toEqual([{ port: 9090, protocol: 'TCP' }]);
  });

  test('can be left out', () => {
    const { platform, mlflow } = make({ metrics: false });
    expect(option(platform, '--expose-prometheus')).toBeUndefined();
    expect(template(object(platform, 'Deployment')).spec.containers).toHaveLength(1);
    expect(() => {
      mlflow.allowMetricsFrom({ namespace: 'monitoring' });
    }).toThrow(/has no metrics/);
  });
});

describe('garbage collection', () => {
  test('deletes for good, through the server, what was deleted a month ago', () => {
    const { platform } = make();
    const job = object(platform, 'CronJob');
    expect(job['spec']).toMatchObject({ schedule: '30 2 * * *', timeZone: 'Etc/UTC', concurrencyPolicy: 'Forbid' });
    const collect = container(job, 'collect');
    expect(collect.command.slice(0, 4)).toEqual(['mlflow', 'gc', '--older-than', '30d']);
    expect(variable(collect, 'MLFLOW_TRACKING_URI')).toBe('http://mlflow.demo-mlflow.svc.cluster.local:5000');
    expect(variable(collect, 'AWS_ACCESS_KEY_ID')).toBeUndefined();
    const self = { 'app.kubernetes.io/name': 'mlflow', 'app.kubernetes.io/instance': 'mlflow-server' };
    expect(template(job).metadata.labels).toMatchObject(self);
    expect(JSON.stringify(policy(platform).egress)).toContain('"port":5000');
  });

  test('uses the bucket itself where clients do', () => {
    const platform = testPlatform();
    new MlflowServer(platform, 'mlflow', {
      database: new FakeDatabaseServer(platform, 'database').addDatabase('mlflow'),
      artifacts: { bucket: new FakeObjectStore(platform, 'store').addBucket('mlflow'), transfer: 'direct' },
      garbageCollection: { olderThanDays: 7, schedule: '@weekly' },
    });
    const collect = container(object(platform, 'CronJob'), 'collect');
    expect(collect.command).toContain('7d');
    expect(variable(collect, 'AWS_ACCESS_KEY_ID')).toBeDefined();
  });

  test('can be off', () => {
    const { platform } = make({ garbageCollection: 'off' });
    expect(objects(platform).map(({ kind }) => kind)).not.toContain('CronJob');
  });
});

describe('in production', () => {
  test('two replicas stand apart, and one may be evicted at a time', () => {
    const { platform } = make({}, PRODUCTION);
    expect(object(platform, 'Deployment')['spec']).toMatchObject({ replicas: 2 });
    expect(object(platform, 'PodDisruptionBudget')['spec']).toMatchObject({
      maxUnavailable: 1,
      unhealthyPodEvictionPolicy: 'AlwaysAllow',
    });
  });

  test('a pilot has one, and no budget that would block a drain', () => {
    const { platform } = make();
    expect(object(platform, 'Deployment')['spec']).toMatchObject({ replicas: 1 });
    expect(objects(platform).map(({ kind }) => kind)).not.toContain('PodDisruptionBudget');
  });
});

describe('the Pods of the server', () => {
  test('are told from those of its Jobs by the Service, although the network treats them alike', () => {
    const { platform } = make();
    const selector = (object(platform, 'Service')['spec'] as { selector: Record<string, string> }).selector;
    const matches = (kind: string) => {
      const { labels } = template(object(platform, kind)).metadata;
      return Object.entries(selector).every(([key, value]) => labels[key] === value);
    };
    expect(['Deployment', 'Job', 'CronJob'].map(matches)).toEqual([true, false, false]);
  });

  test('are probed under the prefix', () => {
    const { platform, mlflow } = make({ staticPrefix: '/mlflow' });
    expect(server(platform).startupProbe.httpGet.path).toBe('/mlflow/health');
    expect(option(platform, '--static-prefix')).toBe('/mlflow');
    expect(mlflow.trackingUri).toBe('http://mlflow.demo-mlflow.svc.cluster.local:5000/mlflow');
  });

  test('get the webhooks’ key as Fernet wants it, and a way out, when there are webhooks', () => {
    const { platform } = make({ webhooks: { cidrs: ['203.0.113.0/24'] } });
    expect(variable(server(platform), 'MLFLOW_WEBHOOK_SECRET_ENCRYPTION_KEY')).toBe('$(WEBHOOK_KEY)=');
    expect(variable(server(platform), 'WEBHOOK_KEY')).toEqual({
      secretKeyRef: { name: 'mlflow-keys', key: 'webhooks' },
    });
    const key = synthesize(platform).secrets.find(({ name }) => name === 'mlflow-keys')?.data['webhooks'];
    expect(key).toMatchObject({ length: 43 });
    expect(JSON.stringify(policy(platform).egress)).toContain('203.0.113.0/24');
    expect(JSON.stringify(policy(make().platform).egress)).not.toContain('0.0.0.0/0');
  });

  test('take memory by their workers', () => {
    const { platform } = make({ workers: 5 });
    expect(option(platform, '--workers')).toBe('5');
    expect(server(platform)).toMatchObject({
      resources: { requests: { memory: '1536Mi' }, limits: { memory: '3072Mi' } },
    });
  });
});

describe('what a person is told', () => {
  test('is the Service to forward a port to, and the administrator’s password', () => {
    const { platform } = make();
    expect(platform.accesses).toMatchInlineSnapshot(`
      [
        {
          "password": {
            "key": "admin",
            "name": "mlflow-accounts",
            "namespace": "demo-mlflow",
          },
          "service": {
            "name": "mlflow",
            "namespace": "demo-mlflow",
            "port": 5000,
          },
          "title": "MLflow",
          "url": "http://mlflow.demo-mlflow.svc.cluster.local:5000",
          "username": "admin",
        },
      ]
    `);
  });

  test('is the host where it is exposed', () => {
    const { platform, mlflow } = make({ staticPrefix: '/ml' });
    mlflow.exposeVia(new FakeExposure());
    expect(platform.accesses[0]).toMatchObject({ url: 'https://mlflow.example.org:8443/ml' });
    expect(platform.accesses[0]).not.toHaveProperty('service');
  });
});

describe('a mistake', () => {
  test.each<[string, Partial<MlflowServerProps>, RegExp]>([
    ['no worker', { workers: 0 }, /workers is a whole number from 1 to 64, given 0/],
    ['half a Pod', { replicas: 0.5 }, /replicas is a whole number/],
    ['a prefix without slash', { staticPrefix: 'mlflow' }, /is not a path: expected "\/mlflow"/],
    ['a prefix with a slash at its end', { staticPrefix: '/mlflow/' }, /is not a path/],
    ['no time to restore', { garbageCollection: { olderThanDays: 0 } }, /olderThanDays is a whole number from 1/],
    ['a schedule with seconds', { garbageCollection: { schedule: '0 0 2 * * *' } }, /has 6 fields/],
  ])('is told: %s', (_, props, message) => {
    expect(() => make(props)).toThrow(message);
  });
});
