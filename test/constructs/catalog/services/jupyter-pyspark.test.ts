import { load } from 'js-yaml';
import { jupyterPysparkService, launch, onyxiaValues } from '../../../../constructs';
import { SPARK_SCRIPT } from '../../../../constructs/catalog/services/spark-conf';
import { hostPattern } from '../../../../constructs/tenancy/policies/hosts';
import { image } from '../fixture';
import { ACCOUNT, brokenRules, holdersOf, named, parse, podOf, READ_ONLY_ROOT, type Values } from './support';

const service = jupyterPysparkService({ images: [image('jupyter-pyspark')], customImage: true });

const EVERYTHING: Values = {
  security: { password: 'a-password-of-mine' },
  ingress: {
    hostname: 'user-test-123-0.lab.example.org',
    userHostname: 'user-test-123-user.lab.example.org',
    ingressClassName: 'traefik',
    useCertManager: true,
    certManagerClusterIssuer: 'office',
  },
  networking: { user: { enabled: true, port: 5001 } },
  s3: { endpoint: 's3.example.org', workingDirectoryPath: 'user-test' },
  certificates: { cacerts: 'Q0E=' },
  nodeSelector: { pool: 'data' },
  tolerations: [{ key: 'data', operator: 'Exists' }],
  networkPolicy: { enabled: true },
  service: { image: { isCustom: true, custom: 'registry.example.org/mine:1.0' } },
  spark: {
    driverMemory: '4Gi',
    minExecutors: 1,
    maxExecutors: 8,
    executorCores: 2,
    executorMemory: '6Gi',
    executorDisk: '9Gi',
    ui: { enabled: true, hostname: 'user-test-123-spark.lab.example.org' },
  },
};

function made(values: Values = {}) {
  const objects = launch(service, { values });
  const find = (kind: string, name: string) => named(objects, kind, name);
  const files = find('ConfigMap', 'test-spark')?.['data'] as Readonly<Record<string, string>>;
  const settings = Object.fromEntries(
    (files['spark-defaults.conf'] ?? '')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => [line.slice(0, line.indexOf(' ')), line.slice(line.indexOf(' ') + 1)]),
  );
  return { objects, find, settings, executor: load(files['executor.yaml'] ?? '') };
}

test('keeps the rules of the house with everything on', () => {
  expect(brokenRules(made(EVERYTHING).objects)).toEqual([...ACCOUNT, READ_ONLY_ROOT]);
});

test('has an account that may make Pods, and no more of a role than that needs', () => {
  expect(podOf(made().objects).spec).toMatchObject({ automountServiceAccountToken: true, serviceAccountName: 'test' });
  expect(made().find('RoleBinding', 'test')).toMatchObject({ roleRef: { kind: 'ClusterRole', name: 'edit' } });
  expect(JSON.stringify(service.schema)).toContain('"overwriteSchemaWith":"role-spark.json"');
});

test('computes on Pods of its namespace, or in the notebook where it has no account', () => {
  expect(made().settings).toMatchObject({
    'spark.master': 'k8s://https://kubernetes.default.svc:443',
    'spark.kubernetes.namespace': 'user-test',
    'spark.kubernetes.driver.pod.name': 'test-0',
    'spark.kubernetes.container.image': image('jupyter-pyspark').reference,
    'spark.dynamicAllocation.enabled': 'true',
    'spark.dynamicAllocation.shuffleTracking.enabled': 'true',
    'spark.authenticate': 'true',
  });
  expect(made({ kubernetes: { enabled: false } }).settings).toMatchObject({
    'spark.master': 'local[*]',
    'spark.dynamicAllocation.enabled': 'false',
  });
});

test('gives executors what the person chose, in the words of Spark', () => {
  expect(made(EVERYTHING).settings).toMatchObject({
    'spark.driver.memory': '4G',
    'spark.executor.memory': '6G',
    'spark.executor.cores': '2',
    'spark.kubernetes.executor.limit.cores': '2',
    'spark.dynamicAllocation.minExecutors': '1',
    'spark.executor.instances': '1',
    'spark.dynamicAllocation.maxExecutors': '8',
    'spark.kubernetes.container.image': 'registry.example.org/mine:1.0',
  });
});

test('says no number of executors where none always runs: without dynamic allocation nobody would compute', () => {
  expect(made().settings).toMatchObject({ 'spark.dynamicAllocation.minExecutors': '0' });
  expect(made().settings).not.toHaveProperty('spark.executor.instances');
});

test('makes executors that Pod Security restricted and the quota admit, without a token', () => {
  expect(made(EVERYTHING).executor).toMatchObject({
    metadata: {
      labels: { 'app.kubernetes.io/name': 'jupyter-pyspark-executor', 'app.kubernetes.io/instance': 'test' },
    },
    spec: {
      automountServiceAccountToken: false,
      nodeSelector: { pool: 'data' },
      tolerations: [{ key: 'data', operator: 'Exists' }],
      securityContext: {
        runAsNonRoot: true,
        runAsUser: 1000,
        runAsGroup: 100,
        seccompProfile: { type: 'RuntimeDefault' },
      },
      containers: [
        {
          name: 'executor',
          envFrom: [{ secretRef: { name: 'test-s3', optional: true } }],
          resources: { limits: { 'ephemeral-storage': '9Gi' } },
          securityContext: {
            allowPrivilegeEscalation: false,
            capabilities: { drop: ['ALL'] },
            readOnlyRootFilesystem: true,
          },
        },
      ],
    },
  });
  expect(made().executor).toMatchObject({ spec: { nodeSelector: {}, tolerations: [] } });
});

test('is found by its executors under a name that leads to its Pod, on ports that stay', () => {
  const { find, settings } = made();
  expect(settings).toMatchObject({
    'spark.driver.host': 'test-driver.user-test',
    'spark.driver.port': '7078',
    'spark.blockManager.port': '7079',
  });
  expect(find('Service', 'test-driver')).toMatchObject({
    spec: {
      clusterIP: 'None',
      selector: { 'app.kubernetes.io/name': 'jupyter-pyspark', 'app.kubernetes.io/instance': 'test' },
      ports: [{ port: 7078 }, { port: 7079 }, { port: 4040 }],
    },
  });
});

test('reads the object store with the credentials of the environment, which no file holds', () => {
  const { settings, objects } = made({ s3: { endpoint: 's3.example.org', sessionToken: 'canary-of-a-secret' } });
  expect(settings).toMatchObject({
    'spark.hadoop.fs.s3a.endpoint': '${env.AWS_ENDPOINT_URL:-}',
    'spark.hadoop.fs.s3a.path.style.access': '${env.AWS_PATH_STYLE_ACCESS:-true}',
    'spark.hadoop.fs.s3a.aws.credentials.provider':
      'software.amazon.awssdk.auth.credentials.EnvironmentVariableCredentialsProvider',
  });
  expect(holdersOf(objects, 'canary-of-a-secret')).toEqual(['Secret test-s3']);
});

test('shows the pages of Spark to others only when asked, under a host of the space', () => {
  expect(made({ ...EVERYTHING, spark: {} }).find('Ingress', 'test-spark')).toBeUndefined();
  const ingress = made(EVERYTHING).find('Ingress', 'test-spark');
  expect(ingress).toMatchObject({
    metadata: { annotations: { 'cert-manager.io/cluster-issuer': 'office' } },
    spec: {
      ingressClassName: 'traefik',
      rules: [
        {
          host: 'user-test-123-spark.lab.example.org',
          http: { paths: [{ backend: { service: { name: 'test-driver', port: { name: 'spark-ui' } } } }] },
        },
      ],
    },
  });
  const values = onyxiaValues(service, {
    project: { id: 'user-test' },
    k8s: { randomSubdomain: '123456', domain: 'lab.example.org' },
  });
  expect(values).toMatchObject({ spark: { ui: { hostname: 'user-test-123456-spark.lab.example.org' } } });
  expect(hostPattern('lab.example.org')).toContain('-[a-z0-9]+-[a-z0-9]+');
});

test('begins with the authorities of the office, and then becomes JupyterLab', () => {
  expect(podOf(made().objects).spec.containers[0]?.command?.slice(0, 6)).toEqual([
    'bash',
    '/opt/bouture/start/start.sh',
    'bash',
    '/opt/bouture/spark/start.sh',
    'jupyter',
    'lab',
  ]);
  parse('bash', SPARK_SCRIPT);
});

test('starts anew when Spark is set otherwise', () => {
  const set = (values: Values) =>
    made(values).find('StatefulSet', 'test')?.['spec'] as {
      template: { metadata: { annotations: Readonly<Record<string, string>> } };
    };
  const hash = (values: Values) => set(values).template.metadata.annotations['bouture.dev/spark'];
  expect(hash({ spark: { maxExecutors: 2 } })).not.toBe(hash({}));
});
