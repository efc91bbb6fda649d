import { k8s, MlflowServer, Project, synthesize } from '../../../constructs';
import { MinioTenant, PostgresDatabase } from '../../../constructs';
import { testPlatform } from '../../support/platform';

function manifests(make: (platform: ReturnType<typeof testPlatform>) => void) {
  const platform = testPlatform();
  make(platform);
  return synthesize(platform);
}

function named(synthesis: ReturnType<typeof manifests>, kind: string, name: string): Record<string, unknown> {
  const found = synthesis.objects.find(
    ({ manifest }) =>
      manifest.kind === kind && manifest.metadata.name === name && manifest.metadata.namespace === 'demo-surveys',
  );
  if (found === undefined) throw new Error(`no ${kind} ${name}`);
  return found.manifest;
}

const mlflowIn = (platform: ReturnType<typeof testPlatform>) =>
  new MlflowServer(platform, 'mlflow', {
    database: new PostgresDatabase(platform, 'postgres').addDatabase('mlflow'),
    artifacts: { bucket: new MinioTenant(platform, 'minio').addBucket('mlflow') },
  });

test('has a namespace that refuses what breaks baseline and warns of what breaks restricted', () => {
  const { objects } = manifests((platform) => new Project(platform, 'surveys'));
  const namespace = objects.find(({ manifest }) => manifest.kind === 'Namespace')?.manifest.metadata;
  expect(namespace).toMatchObject({
    name: 'demo-surveys',
    labels: { 'pod-security.kubernetes.io/enforce': 'baseline', 'pod-security.kubernetes.io/warn': 'restricted' },
  });
});

test('has a quota of CPU, memory, volumes, Pods and GPUs', () => {
  const synthesis = manifests(
    (platform) => new Project(platform, 'surveys', { cpu: '16', memory: '64Gi', storage: '1Ti', pods: 80, gpus: 2 }),
  );
  expect(named(synthesis, 'ResourceQuota', 'platform')['spec']).toMatchObject({
    hard: {
      'requests.cpu': '16',
      'limits.cpu': '16',
      'requests.memory': '64Gi',
      'limits.memory': '64Gi',
      'requests.storage': '1Ti',
      'requests.nvidia.com/gpu': '2',
      pods: '80',
    },
  });
});

test('lets its Pods reach each other and no one else', () => {
  const synthesis = manifests((platform) => new Project(platform, 'surveys'));
  const everyPod = { podSelector: {} };
  expect(named(synthesis, 'NetworkPolicy', 'allow-within')['spec']).toEqual({
    podSelector: {},
    policyTypes: ['Ingress', 'Egress'],
    ingress: [{ from: [everyPod] }],
    egress: [{ to: [everyPod] }],
  });
});

test('finds the MLflow that it uses, by an account of its own and a hole on both sides', () => {
  const synthesis = manifests((platform) => {
    new Project(platform, 'surveys').useMlflow(mlflowIn(platform));
  });
  const secret = synthesis.secrets.find(
    ({ namespace, name }) => namespace === 'demo-surveys' && name === 'discoverable-mlflow',
  );
  expect(secret?.data['MLFLOW_TRACKING_USERNAME']).toBe('namespace.demo-surveys');
  const spec = named(synthesis, 'NetworkPolicy', 'allow-mlflow')['spec'] as k8s.NetworkPolicySpec;
  expect(spec.egress).toEqual([
    {
      to: [
        {
          namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'demo-mlflow' } },
          podSelector: {
            matchLabels: { 'app.kubernetes.io/instance': 'mlflow-server', 'app.kubernetes.io/name': 'mlflow' },
          },
        },
      ],
      ports: [{ port: 5000, protocol: 'TCP' }],
    },
  ]);
});
