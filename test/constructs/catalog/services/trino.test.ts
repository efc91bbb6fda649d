import { launch, trinoService } from '../../../../constructs';
import { TRINO_SCRIPT } from '../../../../constructs/catalog/services/trino-conf';
import { image } from '../fixture';
import { brokenRules, holdersOf, named, parse, PGPASSWORD, podOf, POSTGRES, type Values } from './support';

const service = trinoService({ image: image('trino') });

const EVERYTHING: Values = {
  trino: { user: 'ada', workers: 2, folder: 'lake/trino' },
  security: { password: 'a-password-of-mine' },
  ingress: { hostname: 'user-ada-123-0.lab.example.org', ingressClassName: 'traefik' },
  s3: { endpoint: 's3.example.org', workingDirectoryPath: 'user-ada' },
  certificates: { cacerts: 'Q0E=' },
  networkPolicy: { enabled: true },
  nodeSelector: { pool: 'data' },
  tolerations: [{ key: 'data', operator: 'Exists' }],
};

const files = (values: Values) =>
  named(launch(service, { values }), 'ConfigMap', 'test-files')?.['data'] as Readonly<Record<string, string>>;

test('keeps the rules of the house with everything on', () => {
  expect(brokenRules(launch(service, { values: EVERYTHING, secrets: [POSTGRES] }))).toEqual([]);
});

test('computes itself, or with workers that are paused and resumed with it', () => {
  expect(named(launch(service), 'Deployment', 'test-worker')).toBeUndefined();
  expect(files({})['coordinator.properties']).toContain('node-scheduler.include-coordinator=true\n');
  expect(files(EVERYTHING)['coordinator.properties']).toContain('node-scheduler.include-coordinator=false\n');
  const workers = (values: Values) => named(launch(service, { values }), 'Deployment', 'test-worker')?.['spec'];
  expect(workers(EVERYTHING)).toMatchObject({
    replicas: 2,
    selector: { matchLabels: { 'app.kubernetes.io/name': 'trino-worker' } },
    template: { spec: { containers: [{ command: ['sh', '/etc/bouture/trino/start.sh', 'worker'] }] } },
  });
  expect(workers(EVERYTHING)).not.toHaveProperty('serviceName');
  const paused = launch(service, { values: { ...EVERYTHING, global: { suspend: true } } });
  expect(named(paused, 'StatefulSet', 'test')).toMatchObject({ spec: { replicas: 0 } });
  expect(named(paused, 'Deployment', 'test-worker')).toMatchObject({ spec: { replicas: 0 } });
});

test('does nothing for those without the password, and gives that to the coordinator alone', () => {
  const objects = launch(service, { values: { ...EVERYTHING, security: { password: 'canary-of-a-secret' } } });
  expect(files(EVERYTHING)['coordinator.properties']).toContain('http-server.authentication.type=PASSWORD\n');
  expect(files(EVERYTHING)['worker.properties']).not.toContain('process-forwarded');
  expect(holdersOf(objects, 'canary-of-a-secret')).toEqual(['Secret test-password']);
  const mounts = (name: string) => JSON.stringify(podOf(objects, name).spec);
  expect(mounts('test')).toContain('"secretName":"test-password"');
  expect(mounts('test-worker')).not.toContain('test-password');
});

test('keeps the secret by which its Pods know each other', () => {
  const live = { name: 'test-internal', annotations: {}, data: { 'shared-secret': 'kept' } };
  expect(named(launch(service, { secrets: [live] }), 'Secret', 'test-internal')).toMatchObject({
    stringData: { 'shared-secret': 'kept' },
  });
  const variable = { secretKeyRef: { name: 'test-internal', key: 'shared-secret' } };
  for (const name of ['test', 'test-worker']) {
    const { env } = podOf(launch(service, { values: EVERYTHING }), name);
    expect(env).toContainEqual({ name: 'SHARED_SECRET', valueFrom: variable });
  }
});

test('keeps the definitions of tables in the bucket of the person, whose credentials no file holds', () => {
  const objects = launch(service, { values: { s3: { secretAccessKey: 'canary-of-a-secret' } } });
  expect(files(EVERYTHING)['catalog-hive.properties']).toContain(
    'hive.metastore.catalog.dir=s3://${ENV:AWS_WORKING_DIRECTORY_PATH}/lake/trino\n',
  );
  expect(holdersOf(objects, 'canary-of-a-secret')).toEqual(['Secret test-s3']);
});

test('finds the PostgreSQL of its namespace, and is found', () => {
  const objects = launch(service, { values: EVERYTHING, secrets: [POSTGRES] });
  for (const name of ['test', 'test-worker']) {
    expect(podOf(objects, name).env).toContainEqual(PGPASSWORD);
  }
  expect(named(objects, 'Secret', 'test-discovery')).toMatchObject({
    metadata: { annotations: { 'onyxia/discovery': 'trino' } },
    stringData: { trinoService: 'test', trinoPort: '8443' },
  });
});

test.each([
  [{ trino: { user: 'a:b' } }, 'values.trino.user'],
  [{ trino: { folder: '../other' } }, 'values.trino.folder'],
  [{ trino: { workers: -1 } }, 'values.trino.workers'],
])('refuses %j', (values, message) => {
  expect(() => launch(service, { values })).toThrow(message);
});

test('starts by a script that sh can read', () => {
  parse('sh', TRINO_SCRIPT);
});
