import { load } from 'js-yaml';
import { argoWorkflowsService, launch } from '../../../../constructs';
import { image } from '../fixture';
import { brokenRules, named, podOf } from './support';

const service = argoWorkflowsService({ image: image('argo-workflows') });

/** Everything that it can be asked for at once. */
const EVERYTHING = {
  artifacts: { bucket: 'user-ada', folder: 'runs' },
  workflows: { parallelism: 3 },
  certificates: { cacerts: 'Q0E=' },
  ingress: { hostname: 'user-ada-123-0.lab.example.org', ingressClassName: 'traefik' },
  s3: { endpoint: 's3.example.org', port: 9000, accessKeyId: 'A', secretAccessKey: 'B' },
  networkPolicy: { enabled: true },
  nodeSelector: { pool: 'data' },
} as const;

const config = (values = {}) =>
  (named(launch(service, { values }), 'ConfigMap', 'test-config') as unknown as { data: Record<string, string> }).data;

test('keeps the rules of the house with everything on, but for its accounts', () => {
  expect(brokenRules(launch(service, { values: EVERYTHING }))).toEqual([
    'no-account-token Deployment user-test/test-controller',
    'no-account-token StatefulSet user-test/test',
  ]);
});

test('stays in its namespace, and acts with the token of whoever calls', () => {
  const objects = launch(service);
  expect(podOf(objects).spec.containers[0]?.command).toEqual(
    expect.arrayContaining(['--namespaced', '--auth-mode=client', '--configmap=test-config']),
  );
  expect(podOf(objects, 'test-controller').spec.containers[0]?.command).toEqual(
    expect.arrayContaining(['--namespaced', `--executor-image=${image('argo-workflows').reference}`]),
  );
  expect(objects.filter(({ kind }) => kind.startsWith('Cluster') || kind === 'CustomResourceDefinition')).toEqual([]);
});

test('lets steps tell their results, and nothing more', () => {
  const role = named(launch(service), 'Role', 'test-executor') as unknown as { rules: { verbs: readonly string[] }[] };
  expect(role.rules[0]).toEqual({
    apiGroups: ['argoproj.io'],
    resources: ['workflowtaskresults'],
    verbs: ['create', 'patch'],
  });
  expect(load(config()['workflowDefaults'] ?? '')).toMatchObject({
    spec: {
      serviceAccountName: 'test-executor',
      automountServiceAccountToken: false,
      securityContext: { runAsNonRoot: true, runAsUser: 1000 },
      ttlStrategy: { secondsAfterCompletion: 604800 },
    },
  });
});

test('keeps artifacts in the bucket of the person, with their access', () => {
  expect(load(config(EVERYTHING)['artifactRepository'] ?? '')).toEqual({
    archiveLogs: true,
    s3: {
      endpoint: 's3.example.org:9000',
      bucket: 'user-ada',
      region: 'us-east-1',
      insecure: false,
      keyFormat: 'runs/{{workflow.name}}/{{pod.name}}',
      accessKeySecret: { name: 'test-s3', key: 'AWS_ACCESS_KEY_ID' },
      secretKeySecret: { name: 'test-s3', key: 'AWS_SECRET_ACCESS_KEY' },
      sessionTokenSecret: { name: 'test-s3', key: 'AWS_SESSION_TOKEN' },
      caSecret: { name: 'test-ca', key: 'ca.crt' },
    },
  });
  expect(config()).not.toHaveProperty('artifactRepository');
  expect(named(launch(service, { values: EVERYTHING }), 'Secret', 'test-ca')).toMatchObject({
    data: { 'ca.crt': 'Q0E=' },
  });
});
