import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import Ajv from 'ajv/dist/2020';
import {
  Confidence,
  ExposureTls,
  ExternalObjectStore,
  ExternalIdentityProvider,
  Gateway,
  GatewayExposure,
  type IExposure,
  IngressExposure,
  type InferenceRecords,
  CertificateAuthority,
  type FastTextInferenceServiceProps,
  type Platform,
  RecordStore,
  synthesize,
} from '../../../constructs';
import { testConsumer } from '../../support/consumer';
import { at, listAt, objectOf } from '../../support/objects';
import { type Case, problemsOf, PRODUCTION, testCase, testService } from './fixture';

/** The form of the file, which the workload owns. */
const SCHEMA = join(__dirname, '../../../workloads/nace-coding/inference/schemas/config.schema.json');

interface Configuration {
  readonly registry: Record<string, unknown>;
  readonly shadow?: unknown;
  readonly authentication: Record<string, unknown>;
  readonly records?: Record<string, unknown>;
  readonly confidence: unknown;
  readonly limits: unknown;
  readonly server: { readonly shutdownSeconds: number };
}

function make(
  props: Partial<FastTextInferenceServiceProps> = {},
  records: Partial<InferenceRecords> | false = {},
  basis: Case = testCase(),
) {
  return { ...basis, service: testService(basis, props, records) };
}

/** The file that the replicas of a role read. */
function configuration(platform: Platform, role = 'server'): Configuration {
  const synthesis = synthesize(platform);
  const map = synthesis.objects.find(
    ({ manifest: { kind, metadata } }) =>
      kind === 'ConfigMap' &&
      metadata.namespace === 'demo-coding' &&
      metadata.labels?.['app.kubernetes.io/component'] === role,
  );
  return JSON.parse(String(at(map?.manifest, 'data', 'config.json'))) as Configuration;
}

const replicas = (platform: Platform, kind = 'Deployment', name = 'coding') =>
  objectOf(synthesize(platform), kind, name);
const podOf = (platform: Platform, kind?: string, name?: string) =>
  at(replicas(platform, kind, name), 'spec', 'template', 'spec');
const containerOf = (platform: Platform, kind?: string) => at(podOf(platform, kind), 'containers', 0);

/** Names of the environment variables that come from Secrets. */
function secretsOf(platform: Platform, kind?: string): Record<string, unknown> {
  const variables = listAt(containerOf(platform, kind), 'env').filter((each) => at(each, 'valueFrom', 'secretKeyRef'));
  return Object.fromEntries(variables.map((each) => [String(at(each, 'name')), at(each, 'valueFrom', 'secretKeyRef')]));
}

const kindsOf = (platform: Platform) => new Set(synthesize(platform).objects.map(({ manifest }) => manifest.kind));

const CONTROLLER = { namespace: 'traefik' };

function throughGateway(platform: Platform): IExposure {
  const gateway = Gateway.fromAttributes({
    namespace: 'edge',
    name: 'public',
    domain: 'data.example.org',
    controller: CONTROLLER,
  });
  return new GatewayExposure(platform, 'exposure', { gateway });
}

function throughIngress(platform: Platform): IExposure {
  return new IngressExposure(platform, 'exposure', {
    domain: 'data.example.org',
    className: 'traefik',
    controller: CONTROLLER,
    tls: ExposureTls.controller(),
  });
}

/** Everything at once. */
function whole(basis: Case) {
  const { service, platform } = make(
    {
      model: { name: 'nace', stage: 'Production' },
      shadow: { alias: 'challenger' },
      canary: { model: { version: 7 }, weight: 10 },
      scaling: { maxReplicas: 8 },
      limits: { bodySize: '1Mi' },
    },
    { masking: 'hash', durability: 'volume' },
    basis,
  );
  service.exposeVia(throughGateway(platform), 'codes');
  service.allowMetricsFrom({ namespace: 'monitoring' });
  return platform;
}

describe('FastTextInferenceService', () => {
  test('breaks no rule, and no API server refuses an object of it, in either profile', () => {
    expect(problemsOf(make().platform)).toEqual([]);
    expect(problemsOf(whole(testCase(PRODUCTION)))).toEqual([]);
  });

  test('reads one file that holds no secret', () => {
    expect(configuration(make().platform)).toMatchInlineSnapshot(`
      {
        "authentication": {
          "kind": "basic",
          "users": [
            {
              "password": {
                "env": "CLIENT_1_PASSWORD",
              },
              "username": {
                "env": "CLIENT_1_USERNAME",
              },
            },
          ],
        },
        "cacheFolder": "/var/cache/model",
        "confidence": {
          "index": "margin",
          "threshold": 0.8,
        },
        "limits": {
          "bodyBytes": 4194304,
          "charactersPerLabel": 5000,
          "concurrentRequests": 512,
          "requestsPerSecond": 5000,
          "rowsPerRequest": 1000,
        },
        "logLevel": "info",
        "records": {
          "durability": "spool",
          "flushSeconds": 60,
          "masking": {
            "kind": "none",
          },
          "spoolBytes": 966367641,
          "spoolFolder": "/var/spool/records",
          "store": {
            "accessKeyId": {
              "env": "RECORDS_ACCESS_KEY_ID",
            },
            "bucket": "nace",
            "endpoint": "http://minio.demo-minio.svc.cluster.local:9000",
            "prefix": "coding",
            "region": "us-east-1",
            "secretAccessKey": {
              "env": "RECORDS_SECRET_ACCESS_KEY",
            },
          },
          "whenFull": "refuse",
        },
        "registry": {
          "authentication": {
            "kind": "basic",
            "password": {
              "env": "REGISTRY_PASSWORD",
            },
            "username": {
              "env": "REGISTRY_USERNAME",
            },
          },
          "model": "nace",
          "reloadSeconds": 30,
          "select": {
            "alias": "champion",
          },
          "url": "http://mlflow.demo-mlflow.svc.cluster.local:5000",
        },
        "server": {
          "host": "0.0.0.0",
          "managementPort": 9090,
          "port": 8080,
          "shutdownSeconds": 25,
        },
      }
    `);
  });

  test('takes secrets from its own namespace, each in a variable that the file names', () => {
    const { platform } = make({}, { masking: 'hash' });
    const named = JSON.stringify(configuration(platform)).match(/(?<="env":")[A-Z0-9_]+/g);
    expect(Object.keys(secretsOf(platform)).sort()).toEqual(named?.sort());
    const made = synthesize(platform).secrets.filter(({ namespace }) => namespace === 'demo-coding');
    for (const ref of Object.values(secretsOf(platform))) {
      expect(made.find(({ name }) => name === at(ref, 'name'))?.data).toHaveProperty(String(at(ref, 'key')));
    }
  });

  test('rolls when the file changes, and not otherwise', () => {
    const name = (props: Partial<FastTextInferenceServiceProps>) =>
      at(podOf(make(props).platform), 'volumes', 0, 'configMap', 'name');
    expect(name({ reloadSeconds: 30 })).toBe(name({}));
    expect(name({ reloadSeconds: 31 })).not.toBe(name({}));
  });
});

describe('the form of the file', () => {
  const schema = existsSync(SCHEMA) ? (JSON.parse(readFileSync(SCHEMA, 'utf8')) as object) : undefined;
  const validate = new Ajv({ strict: false, allErrors: true, formats: { uri: true, starts_with: true } }).compile(
    schema ?? false,
  );

  test('is owned by the workload', () => {
    expect(schema).toBeDefined();
  });

  test.each<[string, () => Platform, string]>([
    ['with defaults', () => make().platform, 'server'],
    ['without records', () => make({}, false).platform, 'server'],
    ['with everything', () => whole(testCase()), 'server'],
    ['of a canary', () => whole(testCase()), 'canary'],
    ['with tokens', () => bearer().platform, 'server'],
    ['for everyone', () => make({ authentication: { kind: 'none' } }).platform, 'server'],
    ['that leaves texts out', () => make({}, { masking: 'drop', durability: 'object-store' }).platform, 'server'],
  ])('is kept %s', (_, platform, role) => {
    validate(configuration(platform(), role));
    expect(validate.errors ?? []).toEqual([]);
  });

  test('refuses a key that it does not know', () => {
    expect(validate({ ...configuration(make().platform), confidance: 1 })).toBe(false);
  });
});

describe('the model', () => {
  test.each([
    [{ version: 12 }, { version: '12' }],
    [{ alias: 'champion' }, { alias: 'champion' }],
    [{ stage: 'Production' }, { stage: 'Production' }],
  ] as const)('%j is told as %j', (given, told) => {
    expect(configuration(make({ model: { name: 'nace', ...given } }).platform).registry).toMatchObject({
      model: 'nace',
      select: told,
    });
  });

  test.each([
    [{ version: 0 }, /whole number from 1, given 0/],
    [{ version: 1.5 }, /given 1.5/],
    [{ alias: 'latest' }, /alias "latest" .* none that MLflow takes/],
    [{ alias: 'v3' }, /alias "v3"/],
    [{ alias: 'two words' }, /alias "two words"/],
    [{ alias: 'a', version: 1 }, /one of version, alias and stage, given version and alias/],
    [{}, /given none/],
    [{ stage: 'Archived' }, /stage .* one of Staging, Production, given "Archived"/],
  ])('%j is refused', (given, message) => {
    expect(() => make({ model: { name: 'nace', ...given } as never })).toThrow(message);
  });

  test('has a name that MLflow takes', () => {
    expect(() => make({ model: { name: 'a/b', alias: 'x' } })).toThrow(/name of a registered model "a\/b"/);
  });

  test('is fetched with an account of its own, or with one that is shared', () => {
    const secret = (platform: Platform) =>
      synthesize(platform).secrets.find(({ namespace, name }) => namespace === 'demo-coding' && /registry/.test(name));
    expect(secret(make().platform)?.data['username']).toBe('service.coding');
    expect(secret(make({ registryAccount: 'nace' }).platform)?.data['username']).toBe('service.nace');
  });
});

describe('the records of answers', () => {
  test('go to the folder of the case, by a user who may put there and do nothing else', () => {
    const { platform } = make();
    expect(configuration(platform).records?.['store']).toMatchObject({ bucket: 'nace', prefix: 'coding' });
    const state = objectOf(synthesize(platform), 'ConfigMap', /^minio-provisioning/);
    const policy = JSON.parse(String(at(state, 'data', 'policy.coding.json'))) as { Statement: { Effect: string }[] };
    const allowed = policy.Statement.filter(({ Effect }) => Effect === 'Allow');
    expect(allowed.flatMap((each) => listAt(each, 'Action'))).not.toContain('s3:GetObject');
    expect(allowed.flatMap((each) => listAt(each, 'Resource'))).toEqual([
      'arn:aws:s3:::nace',
      'arn:aws:s3:::nace/coding/records/*',
    ]);
  });

  test('wait on the local disk in a pilot, which is large enough for them and the models', () => {
    const { platform } = make({ cacheSize: '1Gi' }, { spoolSize: '2Gi' });
    expect(listAt(podOf(platform), 'volumes')).toContainEqual({ name: 'spool', emptyDir: { sizeLimit: '2Gi' } });
    expect(at(containerOf(platform), 'resources', 'limits', 'ephemeral-storage')).toBe('3328Mi');
    const { spoolBytes, durability } = configuration(platform).records ?? {};
    expect(Number(spoolBytes)).toBeLessThan(2 * 2 ** 30);
    expect(durability).toBe('spool');
  });

  test('wait on volumes of their own in production, which the next Pod of the name finds again', () => {
    const { platform } = make({}, {}, testCase({ ...PRODUCTION, storageClassName: 'fast' }));
    const set = replicas(platform, 'StatefulSet');
    expect(at(set, 'spec', 'volumeClaimTemplates', 0)).toMatchObject({
      metadata: { name: 'spool' },
      spec: { accessModes: ['ReadWriteOnce'], storageClassName: 'fast', resources: { requests: { storage: '1Gi' } } },
    });
    expect(at(set, 'spec')).not.toHaveProperty('persistentVolumeClaimRetentionPolicy');
    expect(listAt(containerOf(platform, 'StatefulSet'), 'volumeMounts')).toContainEqual({
      name: 'spool',
      mountPath: '/var/spool/records',
    });
    expect(configuration(platform).records).toMatchObject({
      spoolFolder: '/var/spool/records',
      durability: 'spool',
      whenFull: 'refuse',
    });
  });

  test('have time to reach the store when a replica ends', () => {
    const { platform } = make({ shutdownSeconds: 40 });
    expect(configuration(platform).server.shutdownSeconds).toBe(40);
    expect(at(podOf(platform), 'terminationGracePeriodSeconds')).toBe(50);
    expect(at(containerOf(platform), 'lifecycle', 'preStop', 'exec', 'command')).toEqual(['sleep', '5']);
  });

  test('are named after the Pod', () => {
    expect(listAt(containerOf(make().platform), 'env')).toContainEqual({
      name: 'REPLICA_NAME',
      valueFrom: { fieldRef: { fieldPath: 'metadata.name' } },
    });
  });

  test('can be left out', () => {
    const { platform, service } = make({}, false);
    expect(configuration(platform)).not.toHaveProperty('records');
    expect(service.records).toBeUndefined();
    expect(JSON.stringify(podOf(platform))).not.toContain('spool');
  });

  test.each(['/a', 'a/', 'a b', '', 'date=1'])('are not kept in "%s"', (prefix) => {
    const { bucket } = testCase();
    expect(() => new RecordStore({ bucket, prefix })).toThrow(/prefix of the records/);
  });
});

describe('the confidence', () => {
  test('is one object, which the service hands on', () => {
    const { platform, service, confidence } = make();
    expect(service.confidence).toBe(confidence);
    expect(configuration(platform).confidence).toEqual({ index: 'margin', threshold: 0.8 });
  });

  test.each([-0.1, 1.1, NaN, Infinity])('has no threshold %d', (threshold) => {
    expect(() => new Confidence({ index: 'margin', threshold })).toThrow(/a number from 0 to 1/);
  });

  test('has no index that no program knows', () => {
    expect(() => new Confidence({ index: 'ratio' as never, threshold: 0.5 })).toThrow(
      /"ratio" is unknown: expected margin/,
    );
  });
});

function bearer() {
  const basis = testCase();
  const certificateAuthority = CertificateAuthority.secret('office-ca');
  const identityProvider = new ExternalIdentityProvider(basis.platform, 'people', {
    issuer: 'https://login.example.org/realms/office',
    certificateAuthority,
  });
  return make({ authentication: { kind: 'bearer', identityProvider } }, {}, basis);
}

describe('who may call', () => {
  test('is the user api with a generated password by default', () => {
    const { platform } = make();
    const { secrets, accesses } = synthesize(platform);
    const made = secrets.find(({ name }) => name === 'coding-user-api');
    expect(made?.data).toMatchObject({ username: 'api', password: { id: 'coding-user-api' } });
    expect(accesses.find(({ title }) => title === 'Coding service coding')).toMatchObject({
      url: 'http://coding.demo-coding.svc.cluster.local:8080',
      username: 'api',
      password: { name: 'coding-user-api', key: 'password' },
    });
  });

  test('is each program that is let in, by a password in its own namespace that the service knows', () => {
    const { platform, service } = make();
    const web = testConsumer(platform, 'web');
    const access = service.grantCall(web);
    expect(service.grantCall(web)).toEqual(access);
    expect(access).toEqual({
      url: 'http://coding.demo-coding.svc.cluster.local:8080',
      credentials: {
        username: { namespace: 'demo-web', name: 'web-coding', key: 'username' },
        password: { namespace: 'demo-web', name: 'web-coding', key: 'password' },
      },
    });
    const passwords = synthesize(platform)
      .secrets.filter(({ name }) => ['web-coding', 'coding-user-web'].includes(name))
      .map(({ data }) => data['password']);
    expect(passwords).toHaveLength(2);
    expect(passwords[0]).toBe(passwords[1]);
    expect(at(configuration(platform).authentication, 'users')).toHaveLength(2);
    const policy = objectOf(synthesize(platform), 'NetworkPolicy', 'coding');
    expect(JSON.stringify(at(policy, 'spec', 'ingress'))).toContain('demo-web');
  });

  test('has a name of its own', () => {
    const { platform, service } = make({ authentication: { kind: 'basic', users: ['ann'] } });
    service.grantCall(testConsumer(platform, 'web'));
    expect(() => service.grantCall(testConsumer(platform, 'web', 'demo-other'))).toThrow(
      /give it another consumerName/,
    );
    expect(() => service.grantCall(testConsumer(platform, 'ann'))).toThrow(/has the name of a user/);
    expect(() => make({ authentication: { kind: 'basic', users: ['ann', 'ann'] } })).toThrow(/named twice/);
    expect(() => make({ authentication: { kind: 'basic', users: [] } })).toThrow(/no user: name one/);
  });

  test('may be whoever has a token of the identity provider', () => {
    const { platform } = bearer();
    expect(configuration(platform).authentication).toEqual({
      kind: 'bearer',
      issuer: 'https://login.example.org/realms/office',
      audience: 'coding',
      jwksUrl: 'https://login.example.org/realms/office/protocol/openid-connect/certs',
    });
    expect(Object.keys(secretsOf(platform))).not.toContain('CLIENT_1_PASSWORD');
    expect(listAt(containerOf(platform), 'env')).toContainEqual({
      name: 'NODE_EXTRA_CA_CERTS',
      value: '/etc/authorities/authority-1.crt',
    });
  });

  test('may be everyone inside, and everyone outside only for a reason', () => {
    const { platform, service } = make({ authentication: { kind: 'none' } });
    expect(() => service.exposeVia(throughGateway(platform))).toThrow(/asks nobody who calls/);
    const open = make({ authentication: { kind: 'none', exposedBecause: 'A gateway in front asks for a login.' } });
    expect(open.service.exposeVia(throughGateway(open.platform)).host).toBe('coding.data.example.org');
    expect(open.service.grantCall(testConsumer(open.platform, 'web'))).toEqual({
      url: 'http://coding.demo-coding.svc.cluster.local:8080',
    });
  });
});

describe('authorities', () => {
  test('of the store and of the identity provider are joined into one file', () => {
    const basis = testCase();
    const store = new ExternalObjectStore(basis.platform, 'store', {
      endpoint: 'https://s3.example.org',
      certificateAuthority: CertificateAuthority.secret('store-ca'),
    });
    const identityProvider = new ExternalIdentityProvider(basis.platform, 'people', {
      issuer: 'https://login.example.org/realms/office',
      certificateAuthority: CertificateAuthority.secret('office-ca'),
    });
    const { platform } = make(
      { authentication: { kind: 'bearer', identityProvider } },
      { store: new RecordStore({ bucket: store.addBucket('nace'), prefix: 'coding' }) },
      basis,
    );
    expect(at(podOf(platform), 'initContainers', 0, 'command', 2)).toContain('/run/authorities/all.crt');
    expect(listAt(containerOf(platform), 'env')).toContainEqual({
      name: 'NODE_EXTRA_CA_CERTS',
      value: '/run/authorities/all.crt',
    });
    expect(listAt(podOf(platform), 'volumes').map((volume) => at(volume, 'name'))).toEqual(
      expect.arrayContaining(['authorities', 'joined-authorities']),
    );
  });
});

describe('replicas', () => {
  test('are one for a pilot, and two that may be evicted one at a time in production', () => {
    const pilot = make().platform;
    expect(at(replicas(pilot), 'spec', 'replicas')).toBe(1);
    expect(kindsOf(pilot)).not.toContain('PodDisruptionBudget');
    const { platform } = make({}, { durability: 'node' }, testCase(PRODUCTION));
    expect(at(replicas(platform), 'spec', 'replicas')).toBe(2);
    expect(at(objectOf(synthesize(platform), 'PodDisruptionBudget', 'coding'), 'spec')).toMatchObject({
      maxUnavailable: 1,
      unhealthyPodEvictionPolicy: 'AlwaysAllow',
    });
    expect(at(podOf(platform), 'topologySpreadConstraints', 0)).toMatchObject({
      topologyKey: 'kubernetes.io/hostname',
    });
  });

  test('follow the load by CPU, and the manifest does not set their number back', () => {
    const { platform } = make({ scaling: { maxReplicas: 6, cpuPercent: 60 } });
    expect(at(replicas(platform), 'spec')).not.toHaveProperty('replicas');
    expect(at(objectOf(synthesize(platform), 'HorizontalPodAutoscaler', 'coding'), 'spec')).toEqual({
      scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'coding' },
      minReplicas: 1,
      maxReplicas: 6,
      metrics: [
        { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 60 } } },
      ],
    });
    expect(kindsOf(platform)).toContain('PodDisruptionBudget');
  });

  test('of the version before stay until the next is ready, which is given up after five minutes', () => {
    const { platform } = make({ replicas: 2 });
    expect(at(replicas(platform), 'spec')).toMatchObject({
      progressDeadlineSeconds: 300,
      strategy: { rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
    });
  });

  test('follow KEDA down to none when asked, and KEDA is not needed otherwise', () => {
    expect(kindsOf(whole(testCase()))).not.toContain('ScaledObject');
    const { platform } = make({
      scaling: {
        maxReplicas: 4,
        triggers: [
          {
            kind: 'prometheus',
            serverUrl: 'http://prometheus.monitoring.svc:9090',
            query: 'sum(rate(gateway_requests_total{host="coding"}[2m]))',
            threshold: 100,
          },
          { kind: 'schedule', start: '0 7 * * 1-5', end: '0 19 * * 1-5', timeZone: 'Europe/Paris', replicas: 1 },
        ],
      },
    });
    expect(kindsOf(platform)).not.toContain('HorizontalPodAutoscaler');
    const scaled = objectOf(synthesize(platform), 'ScaledObject', 'coding');
    expect(at(scaled, 'spec')).toMatchObject({
      scaleTargetRef: { kind: 'Deployment', name: 'coding' },
      minReplicaCount: 0,
      maxReplicaCount: 4,
      triggers: [
        { type: 'prometheus', metadata: { threshold: '100' } },
        { type: 'cron', metadata: { timezone: 'Europe/Paris', desiredReplicas: '1' } },
      ],
    });
    expect(problemsOf(platform)).toEqual([]);
  });

  test.each<[string, Partial<FastTextInferenceServiceProps>, RegExp]>([
    ['both a number and scaling', { replicas: 2, scaling: { maxReplicas: 3 } }, /both replicas and scaling/],
    ['no replica', { replicas: 0 }, /whole number from 1 to 100, given 0/],
    ['more at least than at most', { scaling: { minReplicas: 4, maxReplicas: 3 } }, /from 1 to 3, given 4/],
    ['a negative time', { shutdownSeconds: -1 }, /shutdownSeconds is a whole number from 1 to 3600, given -1/],
    ['a cache without size', { cacheSize: '2GB' }, /cacheSize "2GB" is not a size/],
    ['no row', { limits: { rowsPerRequest: 0 } }, /limits.rowsPerRequest is a whole number/],
  ])('cannot have %s', (_, props, message) => {
    expect(() => make(props)).toThrow(message);
  });
});

describe('a canary', () => {
  const canary = { model: { version: 7 }, weight: 10 } as const;

  test('answers a share of the requests from outside, with another version and the same settings', () => {
    const { platform, service } = make({ canary });
    service.exposeVia(throughGateway(platform), 'codes');
    const synthesis = synthesize(platform);
    expect(at(objectOf(synthesis, 'HTTPRoute', 'codes.data.example.org'), 'spec', 'rules', 0, 'backendRefs')).toEqual([
      { group: '', kind: 'Service', name: 'coding', port: 8080, weight: 90 },
      { group: '', kind: 'Service', name: 'coding-canary', port: 8080, weight: 10 },
    ]);
    const { registry: first, ...same } = configuration(platform);
    const { registry: second, ...rest } = configuration(platform, 'canary');
    expect(rest).toEqual(same);
    expect([first['select'], second['select']]).toEqual([{ alias: 'champion' }, { version: '7' }]);
  });

  test('has replicas that the Service of the others does not choose', () => {
    const { platform, service } = make({ canary });
    service.exposeVia(throughGateway(platform), 'codes');
    const synthesis = synthesize(platform);
    const selects = (name: string, kind: string, of: string) => {
      const labels = at(objectOf(synthesis, kind, of), 'spec', 'template', 'metadata', 'labels');
      const selector = at(objectOf(synthesis, 'Service', name), 'spec', 'selector') as Record<string, string>;
      return Object.entries(selector).every(([key, value]) => at(labels, key) === value);
    };
    expect(selects('coding', 'Deployment', 'coding')).toBe(true);
    expect(selects('coding', 'Deployment', 'coding-canary')).toBe(false);
    expect(selects('coding-canary', 'Deployment', 'coding-canary')).toBe(true);
  });

  test('is refused where nothing can weigh requests', () => {
    const { platform, service } = make({ canary });
    expect(() => service.exposeVia(throughIngress(platform))).toThrow(/an Ingress has no field for shares/);
    expect(() => synthesize(platform)).toThrow(/has a canary and is not exposed/);
  });

  test('has a share from 0 to 100', () => {
    expect(() => make({ canary: { ...canary, weight: 101 } })).toThrow(/canary.weight is a whole number from 0 to 100/);
  });
});
