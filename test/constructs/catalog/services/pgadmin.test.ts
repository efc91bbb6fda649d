import { launch, pgadminService } from '../../../../constructs';
import { CONFIG_PY, START_PY, TEST_PY } from '../../../../constructs/catalog/services/pgadmin-start';
import { image } from '../fixture';
import { brokenRules, holdersOf, named, parse, PGPASSWORD, podOf, POSTGRES } from './support';

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

test('keeps the rules of the house with everything on', () => {
  expect(brokenRules(launch(service, { values: EVERYTHING }))).toEqual([]);
});

test('finds the PostgreSQL of its namespace by its Secret, whose password stands nowhere else', () => {
  const secrets = [{ ...POSTGRES, data: { 'postgres-password': 'canary-of-postgres' } }];
  const objects = launch(service, { values: EVERYTHING, secrets });
  expect(podOf(objects).env).toContainEqual(PGPASSWORD);
  expect(holdersOf(objects, 'canary-of-postgres')).toEqual([]);
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
  expect(holdersOf(objects, 'a-password-of-mine')).toEqual(['Secret test-password']);
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

test.each([CONFIG_PY, START_PY, TEST_PY])('brings programs that Python can read', (program) => {
  parse('python', program);
});
