import { jupyterlabService, launch, mlflowService } from '../../../../constructs';
import { START_PY, TEST_PY } from '../../../../constructs/catalog/services/mlflow-start';
import { image } from '../fixture';
import { brokenRules, holdersOf, named, parse, PGPASSWORD, podOf, POSTGRES } from './support';

const service = mlflowService({ image: image('mlflow') });

/** Everything that it can be asked for at once. */
const EVERYTHING = {
  tracking: { database: 'mlflow-5-of-ada', prefix: 'surveys/mlflow' },
  security: { password: 'a-password-of-mine' },
  ingress: {
    hostname: 'user-ada-123-0.lab.example.org',
    ingressClassName: 'traefik',
    useCertManager: true,
    certManagerClusterIssuer: 'office',
  },
  s3: { endpoint: 's3.example.org', port: 9000, secretAccessKey: 'canary-of-s3', workingDirectoryPath: 'user-ada' },
  certificates: { cacerts: 'Q0E=' },
  persistence: { keep: true },
  networkPolicy: { enabled: true },
  nodeSelector: { pool: 'data' },
  tolerations: [{ key: 'a', operator: 'Exists' }],
} as const;

test('keeps the rules of the house with everything on', () => {
  expect(brokenRules(launch(service, { values: EVERYTHING }))).toEqual([]);
});

test('lets the office replace its Ingress by the name that offices know for MLflow', () => {
  const { properties } = service.schema;
  expect(properties?.['ingress']?.onyxia?.overwriteSchemaWith).toBe('mlflow/ingress.json');
  expect(properties?.['ingress']?.properties?.['hostname']?.onyxia?.overwriteDefaultWith).toContain('{{project.id}}');
});

test('is found by notebooks with an account that is not the person’s', () => {
  const live = {
    name: 'test-discovery',
    annotations: { 'onyxia/discovery': 'mlflow' },
    data: { MLFLOW_TRACKING_PASSWORD: 'kept-kept-kept-kept' },
  };
  expect(named(launch(service, { secrets: [live] }), 'Secret', 'test-discovery')).toMatchObject({
    metadata: { annotations: { 'onyxia/discovery': 'mlflow' } },
    stringData: {
      uri: 'http://test.user-test:5000',
      MLFLOW_TRACKING_USERNAME: 'services',
      MLFLOW_TRACKING_PASSWORD: 'kept-kept-kept-kept',
    },
  });
  const notebook = jupyterlabService({ images: [image('jupyter-python')] });
  expect(podOf(launch(notebook, { secrets: [live] })).env).toContainEqual({
    name: 'MLFLOW_TRACKING_PASSWORD',
    valueFrom: { secretKeyRef: { name: 'test-discovery', key: 'MLFLOW_TRACKING_PASSWORD', optional: true } },
  });
});

test('knows both accounts by files of Secrets, never by variables', () => {
  const { spec, env } = podOf(launch(service, { values: EVERYTHING }));
  expect(spec).toMatchObject({
    volumes: expect.arrayContaining([
      {
        name: 'accounts',
        projected: {
          defaultMode: 0o440,
          sources: [
            { secret: { name: 'test-password', items: [{ key: 'password', path: 'admin' }] } },
            { secret: { name: 'test-discovery', items: [{ key: 'MLFLOW_TRACKING_PASSWORD', path: 'services' }] } },
          ],
        },
      },
    ]) as unknown,
  });
  expect(JSON.stringify(env)).not.toContain('test-password');
});

test('keeps secrets out of everything but Secrets', () => {
  const objects = launch(service, { values: EVERYTHING });
  expect(holdersOf(objects, 'a-password-of-mine')).toEqual(['Secret test-password']);
  expect(holdersOf(objects, 'canary-of-s3')).toEqual(['Secret test-s3']);
});

test('has a database of its own in the PostgreSQL of the namespace, named after it or as asked', () => {
  const { env, variables } = podOf(launch(service, { secrets: [POSTGRES] }));
  expect(env).toContainEqual(PGPASSWORD);
  expect(variables['DATABASE']).toBe('test');
  expect(podOf(launch(service, { values: EVERYTHING })).variables['DATABASE']).toBe('mlflow-5-of-ada');
  expect(podOf(launch(service)).env.map(({ name }) => name)).not.toContain('PGHOST');
  const off = { discovery: { postgres: false } };
  expect(podOf(launch(service, { values: off, secrets: [POSTGRES] })).variables).not.toHaveProperty('PGHOST');
});

test('keeps its keys over upgrades', () => {
  const live = { name: 'test-keys', annotations: {}, data: { signing: 's', gateway: 'g' } };
  expect(named(launch(service, { secrets: [live] }), 'Secret', 'test-keys')).toMatchObject({
    stringData: { signing: 's', gateway: 'g' },
  });
});

test('answers to the host of its Ingress where it has one', () => {
  expect(podOf(launch(service, { values: EVERYTHING })).variables['INGRESS_HOST']).toBe(
    'user-ada-123-0.lab.example.org',
  );
  expect(podOf(launch(service)).variables['INGRESS_HOST']).toBe('');
  const closed = { ingress: { ...EVERYTHING.ingress, enabled: false } };
  expect(podOf(launch(service, { values: closed })).variables['INGRESS_HOST']).toBe('');
});

test.each([
  [{ tracking: { database: 'a; DROP' } }, 'values.tracking.database'],
  [{ tracking: { prefix: '/up/' } }, 'values.tracking.prefix'],
])('refuses %j', (values, message) => {
  expect(() => launch(service, { values })).toThrow(message);
});

test.each([START_PY, TEST_PY])('brings programs that Python can read', (program) => {
  parse('python', program);
});
