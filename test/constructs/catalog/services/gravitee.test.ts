import { graviteeService, launch } from '../../../../constructs';
import { DATABASE_SCRIPT, START_SCRIPT, TEST_SCRIPT } from '../../../../constructs/catalog/services/gravitee-start';
import { image } from '../fixture';
import {
  brokenRules,
  holdersOf,
  named,
  parse,
  PGPASSWORD,
  podOf,
  POSTGRES,
  READ_ONLY_ROOT,
  type Values,
} from './support';

const IMAGES = {
  api: image('gravitee-api'),
  gateway: image('gravitee-gateway'),
  console: image('gravitee-console'),
  postgres: image('postgres'),
  toolbox: image('toolbox'),
};
const service = graviteeService({ images: IMAGES });

const OPEN: Values = {
  ingress: {
    hostname: 'user-ada-123-0.lab.example.org',
    userHostname: 'user-ada-123-user.lab.example.org',
    ingressClassName: 'traefik',
  },
};
/** Everything that it can be asked for at once. */
const EVERYTHING: Values = {
  ...OPEN,
  account: { email: 'ada@example.org' },
  database: { name: 'gravitee-of-ada' },
  security: { password: 'canary-of-a-secret' },
  certificates: { cacerts: 'Q0E=' },
  nodeSelector: { pool: 'data' },
  tolerations: [{ key: 'data', operator: 'Exists' }],
};
const WORKLOADS = ['test', 'test-gateway', 'test-console'];

test('keeps the rules of the house with everything on, but that it unpacks its plugins beside them', () => {
  expect(brokenRules(launch(service, { values: EVERYTHING, secrets: [POSTGRES] }))).toEqual([
    'read-only-root Deployment user-test/test-gateway',
    READ_ONLY_ROOT,
  ]);
});

test('has two hosts that a space may have: one for the console and the management API, one for the gateway', () => {
  const objects = launch(service, { values: OPEN });
  const rulesOf = (name: string) =>
    (named(objects, 'Ingress', name)?.['spec'] as { rules: unknown } | undefined)?.rules;
  const backend = (name: string, port: string) => ({ service: { name, port: { name: port } } });
  expect(rulesOf('test')).toEqual([
    {
      host: 'user-ada-123-0.lab.example.org',
      http: {
        paths: [
          { path: '/management', pathType: 'Prefix', backend: backend('test', 'api') },
          { path: '/', pathType: 'Prefix', backend: backend('test-console', 'console') },
        ],
      },
    },
  ]);
  expect(rulesOf('test-second')).toEqual([
    {
      host: 'user-ada-123-user.lab.example.org',
      http: { paths: [{ path: '/', pathType: 'Prefix', backend: backend('test-gateway', 'gateway') }] },
    },
  ]);
  for (const [port, name] of [
    ['api', 'test'],
    ['gateway', 'test-gateway'],
    ['console', 'test-console'],
  ] as const) {
    const ports = (named(objects, 'Service', name)?.['spec'] as { ports: readonly { name: string }[] }).ports;
    expect(ports.map((each) => each.name)).toEqual([port]);
  }
  expect(launch(service).filter(({ kind }) => kind === 'Ingress')).toEqual([]);
});

test('leads each Service to the Pods of its own', () => {
  const objects = launch(service, { values: OPEN });
  const selectors = WORKLOADS.map(
    (name) => (named(objects, 'Service', name)?.['spec'] as { selector: object }).selector,
  );
  expect(new Set(selectors.map((selector) => JSON.stringify(selector))).size).toBe(WORKLOADS.length);
  for (const name of WORKLOADS) {
    const workload = named(objects, name === 'test' ? 'StatefulSet' : 'Deployment', name);
    const { selector } = named(objects, 'Service', name)?.['spec'] as { selector: object };
    expect(workload).toMatchObject({ spec: { template: { metadata: { labels: selector } } } });
  }
});

test('keeps what it signs and encrypts with, in the lengths that Gravitee wants', () => {
  const made = named(launch(service), 'Secret', 'test-keys')?.['stringData'] as Readonly<Record<string, string>>;
  expect(Object.entries(made).map(([key, { length }]) => [key, length])).toEqual([
    ['jwt', 64],
    ['reference', 32],
    ['properties', 32],
  ]);
  const live = { name: 'test-keys', annotations: {}, data: { jwt: 'a', reference: 'b', properties: 'c' } };
  expect(named(launch(service, { secrets: [live] }), 'Secret', 'test-keys')).toMatchObject({
    stringData: { jwt: 'a', reference: 'b', properties: 'c' },
  });
});

test('keeps secrets out of everything but Secrets, and the password from all but the management API', () => {
  const objects = launch(service, { values: EVERYTHING, secrets: [POSTGRES] });
  expect(holdersOf(objects, 'canary-of-a-secret')).toEqual(['Secret test-password']);
  expect(JSON.stringify(podOf(objects, 'test').spec)).toContain('test-password');
  for (const name of ['test-gateway', 'test-console']) {
    expect(JSON.stringify(podOf(objects, name).spec)).not.toContain('test-password');
  }
  expect(JSON.stringify(podOf(objects, 'test-console').spec)).not.toContain('db-discovery');
});

test('has a database of its own in the PostgreSQL of the namespace, made before it starts', () => {
  for (const name of ['test', 'test-gateway']) {
    const { spec, env } = podOf(launch(service, { secrets: [POSTGRES] }), name);
    const { initContainers = [] } = spec as { readonly initContainers?: readonly { readonly env: unknown }[] };
    for (const variables of [env, initContainers[0]?.env]) {
      expect(variables).toContainEqual(PGPASSWORD);
      expect(variables).toContainEqual({ name: 'DATABASE', value: 'test' });
    }
  }
  expect(podOf(launch(service, { values: EVERYTHING })).variables['DATABASE']).toBe('gravitee-of-ada');
});

test.each([[{ database: { name: 'a; DROP' } }, 'values.database.name']])('refuses %j', (values, message) => {
  expect(() => launch(service, { values })).toThrow(message);
});

test('brings scripts that sh can read', () => {
  for (const script of [START_SCRIPT, DATABASE_SCRIPT, TEST_SCRIPT]) parse('sh', script);
});
