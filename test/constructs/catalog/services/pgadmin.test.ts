import { execFileSync } from 'node:child_process';
import { chartOf, imagesOf, launch, lintChart, pgadminService } from '../../../../constructs';
import { CONFIG_PY, START_PY, TEST_PY } from '../../../../constructs/catalog/services/pgadmin-start';
import { image } from '../fixture';
import { brokenRules, packageOf, podOf } from './support';

const service = pgadminService({ image: image('pgadmin') });

/** Everything that it can be asked for at once. */
const EVERYTHING = {
  account: { email: 'ada@example.org' },
  security: { password: 'a-password-of-mine' },
  ingress: {
    hostname: 'user-ada-123-0.lab.example.org',
    ingressClassName: 'traefik',
    useCertManager: true,
    certManagerClusterIssuer: 'office',
  },
  persistence: { keep: true, storageClass: 'fast' },
  networkPolicy: { enabled: true },
  nodeSelector: { pool: 'data' },
  tolerations: [{ key: 'a', operator: 'Exists' }],
} as const;

const POSTGRES = { name: 'db-discovery', annotations: { 'onyxia/discovery': 'postgres' }, data: {} };
const named = (objects: ReturnType<typeof launch>, kind: string, name: string) =>
  objects.find((object) => object.kind === kind && object.metadata.name === name);

test.each([
  ['with its defaults', {}],
  ['with everything on', EVERYTHING],
])('keeps the rules of the house, %s', (_, values) => {
  expect(brokenRules(launch(service, { values }))).toEqual([]);
});

test.each(['en', 'fr'] as const)(
  'makes a chart in %s that its linter accepts, with one image by its digest',
  (language) => {
    expect(chartOf(service, language).files.size).toBeGreaterThan(5);
    expect(lintChart(packageOf(service, language))).toEqual([]);
    expect(imagesOf(packageOf(service, language))).toEqual([expect.stringMatching(/@sha256:/)]);
  },
);

test('finds the PostgreSQL of its namespace by its Secret, whose password stands nowhere else', () => {
  const secrets = [{ ...POSTGRES, data: { 'postgres-password': 'canary-of-postgres' } }];
  const objects = launch(service, { values: EVERYTHING, secrets });
  expect(podOf(objects).env).toContainEqual({
    name: 'PGPASSWORD',
    valueFrom: { secretKeyRef: { name: 'db-discovery', key: 'postgres-password', optional: true } },
  });
  expect(JSON.stringify(objects)).not.toContain('canary-of-postgres');
  expect(podOf(launch(service)).variables).not.toHaveProperty('PGHOST');
  const off = { discovery: { enabled: false } };
  expect(podOf(launch(service, { values: off, secrets })).variables).not.toHaveProperty('PGHOST');
});

test('keeps the file with the password of PostgreSQL in memory', () => {
  expect(podOf(launch(service)).spec).toMatchObject({
    volumes: expect.arrayContaining([{ name: 'memory', emptyDir: { medium: 'Memory', sizeLimit: '1Mi' } }]) as unknown,
  });
});

test('keeps its own password in a Secret', () => {
  const objects = launch(service, { values: EVERYTHING });
  const leaks = objects.filter(
    (object) => object.kind !== 'Secret' && JSON.stringify(object).includes('a-password-of-mine'),
  );
  expect(leaks).toEqual([]);
  expect(podOf(objects).env).toContainEqual({
    name: 'PGADMIN_SETUP_PASSWORD',
    valueFrom: { secretKeyRef: { name: 'test-password', key: 'password' } },
  });
});

test('signs in by the address of the person, or by one of its own', () => {
  expect(podOf(launch(service, { values: EVERYTHING })).variables['PGADMIN_SETUP_EMAIL']).toBe('ada@example.org');
  expect(podOf(launch(service)).variables['PGADMIN_SETUP_EMAIL']).toBe('owner@localhost');
  expect(() => launch(service, { values: { account: { email: 'no address' } } })).toThrow('values.account.email');
});

test('sends its cookie over TLS alone where it has an Ingress', () => {
  expect(podOf(launch(service, { values: EVERYTHING })).variables['IS_EXPOSED']).toBe('true');
  expect(podOf(launch(service)).variables['IS_EXPOSED']).toBe('false');
});

test.each(['UPGRADE_CHECK_ENABLED', 'SHOW_GRAVATAR_IMAGE', 'LLM_ENABLED'])('asks nobody outside: %s', (setting) => {
  expect(named(launch(service), 'ConfigMap', 'test-files')).toMatchObject({
    data: { 'config_system.py': expect.stringContaining(`\n${setting} = False\n`) as unknown },
  });
});

test('is paused and resumed', () => {
  expect(named(launch(service), 'StatefulSet', 'test')).toMatchObject({ spec: { replicas: 1 } });
  const paused = launch(service, { values: { global: { suspend: true } } });
  expect(named(paused, 'StatefulSet', 'test')).toMatchObject({ spec: { replicas: 0 } });
});

test.each([CONFIG_PY, START_PY, TEST_PY])('brings programs that Python can read', (program) => {
  execFileSync('python3', ['-c', 'import ast, sys; ast.parse(sys.stdin.read())'], { input: program });
});
