import { labelStudioService, launch } from '../../../../constructs';
import { PREPARE_SCRIPT, SERVER, START_SCRIPT } from '../../../../constructs/catalog/services/label-studio-start';
import { image } from '../fixture';
import { brokenRules, named, parse, podOf, POSTGRES } from './support';

const service = labelStudioService({ image: image('label-studio') });

/** Everything that it can be asked for at once. */
const EVERYTHING = {
  account: { email: 'ada@example.org', token: true },
  uploads: 'bucket',
  security: { password: 'a-password-of-mine' },
  ingress: { hostname: 'user-ada-123-0.lab.example.org', ingressClassName: 'traefik' },
  s3: { endpoint: 's3.example.org', workingDirectoryPath: 'user-ada/surveys' },
  proxy: { enabled: true, httpProxy: 'http://proxy:3128' },
  certificates: { cacerts: 'Q0E=' },
  extraEnvVars: [{ name: 'A', value: '1' }],
  networkPolicy: { enabled: true },
  nodeSelector: { pool: 'data' },
} as const;

test('keeps the rules of the house with everything on', () => {
  expect(brokenRules(launch(service, { values: EVERYTHING }))).toEqual([]);
});

test('lets nobody sign up without a link, guards its own network, and tells its makers nothing', () => {
  expect(podOf(launch(service)).variables).toMatchObject({
    LABEL_STUDIO_DISABLE_SIGNUP_WITHOUT_LINK: 'true',
    SSRF_PROTECTION_ENABLED: 'true',
    CORS_ALLOW_ALL_ORIGINS: 'false',
    LOCAL_FILES_SERVING_ENABLED: 'false',
    COLLECT_ANALYTICS: 'false',
    LATEST_VERSION_CHECK: 'false',
    SENTRY_DSN: '',
    FRONTEND_SENTRY_DSN: '',
  });
});

test('trusts the host of its Ingress, and sends cookies over TLS alone', () => {
  expect(podOf(launch(service, { values: EVERYTHING })).variables).toMatchObject({
    LABEL_STUDIO_HOST: 'https://user-ada-123-0.lab.example.org',
    CSRF_TRUSTED_ORIGINS: 'https://user-ada-123-0.lab.example.org',
    SESSION_COOKIE_SECURE: '1',
    CSRF_COOKIE_SECURE: '1',
  });
  expect(podOf(launch(service)).variables).not.toHaveProperty('LABEL_STUDIO_HOST');
});

test('keeps its key over upgrades', () => {
  const live = { name: 'test-keys', annotations: {}, data: { 'secret-key': 'kept' } };
  expect(named(launch(service, { secrets: [live] }), 'Secret', 'test-keys')).toMatchObject({
    stringData: { 'secret-key': 'kept' },
  });
  expect(named(launch(service), 'Secret', 'test-keys')).toMatchObject({
    stringData: { 'secret-key': 'random'.repeat(64).slice(0, 64) },
  });
});

test('has the password from a Secret, and a token only when asked', () => {
  const { env } = podOf(launch(service, { values: EVERYTHING }));
  expect(env).toContainEqual({
    name: 'LABEL_STUDIO_USER_TOKEN',
    valueFrom: { secretKeyRef: { name: 'test-token', key: 'token' } },
  });
  expect(env).toContainEqual({
    name: 'LABEL_STUDIO_PASSWORD',
    valueFrom: { secretKeyRef: { name: 'test-password', key: 'password' } },
  });
  expect(podOf(launch(service)).env.map(({ name }) => name)).not.toContain('LABEL_STUDIO_USER_TOKEN');
});

test('signs in by the address of the person, or by one of its own', () => {
  expect(podOf(launch(service, { values: EVERYTHING })).variables['LABEL_STUDIO_USERNAME']).toBe('ada@example.org');
  expect(podOf(launch(service)).variables['LABEL_STUDIO_USERNAME']).toBe('owner@localhost');
  expect(() => launch(service, { values: { account: { email: 'no address' } } })).toThrow('values.account.email');
});

test('trusts the authorities of the office', () => {
  const { spec, variables } = podOf(launch(service, { values: EVERYTHING }));
  expect(variables['AWS_CA_BUNDLE']).toBe('/tmp/bouture/ca-bundle.crt');
  expect(JSON.stringify(spec)).toContain('/opt/bouture/authorities');
  expect(START_SCRIPT).toContain('/opt/bouture/authorities/ca.crt >/tmp/bouture/ca-bundle.crt');
});

test('finds the PostgreSQL of its namespace', () => {
  expect(podOf(launch(service, { secrets: [POSTGRES] })).env).toContainEqual({
    name: 'PGHOST',
    valueFrom: { secretKeyRef: { name: 'db-discovery', key: 'postgres-service', optional: true } },
  });
  expect(podOf(launch(service)).env.map(({ name }) => name)).not.toContain('PGHOST');
});

test('asks for each request whether somebody is still a member', () => {
  expect(named(launch(service), 'ConfigMap', 'test-files')).toMatchObject({
    data: { 'bouture_wsgi.py': SERVER },
  });
  expect(START_SCRIPT).toContain('--pythonpath /etc/bouture/label-studio bouture_wsgi\n');
});

test('starts by scripts that their languages can read', () => {
  parse('sh', START_SCRIPT);
  parse('python', PREPARE_SCRIPT);
  parse('python', SERVER);
});
