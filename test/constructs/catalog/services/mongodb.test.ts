import { execFileSync } from 'node:child_process';
import { jupyterlabService, launch, mongodbService } from '../../../../constructs';
import { ACCOUNTS_JS, START_SCRIPT, TEST_JS } from '../../../../constructs/catalog/services/mongodb-start';
import { image } from '../fixture';
import { brokenRules, holdersOf, named, parse, podOf, type Values } from './support';

const service = mongodbService({ image: image('mongodb') });

/** Everything that it can be asked for at once. */
const EVERYTHING: Values = {
  database: { name: 'survey', user: 'analyst', password: 'canary-of-the-user' },
  security: { password: 'canary-of-root' },
  persistence: { keep: true, storageClass: 'fast' },
  networkPolicy: { enabled: true },
  nodeSelector: { pool: 'data' },
  tolerations: [{ key: 'data', operator: 'Exists' }],
};

test('keeps the rules of the house with everything on', () => {
  expect(brokenRules(launch(service, { values: EVERYTHING }))).toEqual([]);
});

test('keeps both passwords over upgrades', () => {
  const secrets = [
    { name: 'test-discovery', annotations: {}, data: { 'mongodb-password': 'of-the-user' } },
    { name: 'test-password', annotations: {}, data: { password: 'of-root' } },
  ];
  const objects = launch(service, { secrets });
  expect(named(objects, 'Secret', 'test-discovery')).toMatchObject({
    stringData: { 'mongodb-password': 'of-the-user' },
  });
  expect(named(objects, 'Secret', 'test-password')).toMatchObject({ stringData: { password: 'of-root' } });
});

test('has the passwords in two Secrets alone, which its Pod reads as files', () => {
  const objects = launch(service, { values: EVERYTHING });
  expect(holdersOf(objects, 'canary-of-root')).toEqual(['Secret test-password']);
  expect(holdersOf(objects, 'canary-of-the-user')).toEqual(['Secret test-discovery']);
  const { spec, env } = podOf(objects);
  expect(JSON.stringify(env)).not.toContain('secretKeyRef');
  expect(spec).toMatchObject({
    volumes: expect.arrayContaining([
      {
        name: 'passwords',
        projected: {
          defaultMode: 0o440,
          sources: [
            { secret: { name: 'test-password', items: [{ key: 'password', path: 'root' }] } },
            { secret: { name: 'test-discovery', items: [{ key: 'mongodb-password', path: 'user' }] } },
          ],
        },
      },
    ]) as unknown,
  });
});

test('is found by notebooks, with the account of its database and never with root', () => {
  const objects = launch(service, { values: EVERYTHING });
  const offer = named(objects, 'Secret', 'test-discovery');
  expect(offer).toMatchObject({
    metadata: { annotations: { 'onyxia/discovery': 'mongodb' } },
    stringData: {
      'mongodb-service': 'test',
      'mongodb-port': '27017',
      'mongodb-database': 'survey',
      'mongodb-username': 'analyst',
      'mongodb-password': 'canary-of-the-user',
    },
  });
  expect(JSON.stringify(offer)).not.toContain('canary-of-root');
  const live = { name: 'db-discovery', annotations: { 'onyxia/discovery': 'mongodb' }, data: {} };
  const notebook = jupyterlabService({ images: [image('jupyter-python')] });
  expect(podOf(launch(notebook, { secrets: [live] })).env).toContainEqual({
    name: 'MONGODB_PASSWORD',
    valueFrom: { secretKeyRef: { name: 'db-discovery', key: 'mongodb-password', optional: true } },
  });
  const off = launch(notebook, { values: { discovery: { mongodb: false } }, secrets: [live] });
  expect(podOf(off).variables).not.toHaveProperty('MONGODB_PASSWORD');
});

test('lets nobody in without a password once it is there for others', () => {
  const [before = '', after = ''] = START_SCRIPT.split('exec mongod');
  expect(before).toContain('--bind_ip 127.0.0.1 --port 27018 --noauth');
  expect(before).not.toContain('27017');
  expect(after).toContain('--bind_ip_all --port 27017 --auth');
});

test('asks by mongosh whether it may have clients, and by its port alone whether it lives', () => {
  const [container] = podOf(launch(service)).spec.containers as unknown as readonly Record<string, unknown>[];
  const asked = { exec: { command: expect.arrayContaining(['mongosh', '27017']) as unknown } };
  expect(container?.['startupProbe']).toMatchObject(asked);
  expect(container?.['readinessProbe']).toMatchObject(asked);
  expect(container?.['livenessProbe']).toMatchObject({ tcpSocket: { port: 'mongodb' } });
  expect(container?.['livenessProbe']).not.toHaveProperty('exec');
});

test('keeps its volume while it is paused, and behind it where that is asked', () => {
  const paused = launch(service, { values: { ...EVERYTHING, global: { suspend: true } } });
  expect(named(paused, 'PersistentVolumeClaim', 'test-data')).toMatchObject({
    metadata: { annotations: { 'helm.sh/resource-policy': 'keep' } },
  });
  expect(podOf(launch(service)).spec).toMatchObject({
    volumes: expect.arrayContaining([{ name: 'data', persistentVolumeClaim: { claimName: 'test-data' } }]) as unknown,
    containers: [{ volumeMounts: expect.arrayContaining([{ name: 'data', mountPath: '/data/db' }]) as unknown }],
  });
});

test.each([
  [{ database: { name: 'a b' } }, 'values.database.name'],
  [{ database: { user: '$where' } }, 'values.database.user'],
  [{ database: { password: 'a@b' } }, 'values.database.password'],
])('refuses %j', (values, message) => {
  expect(() => launch(service, { values })).toThrow(message);
});

test('starts by a script that sh can read, and asks by programs that JavaScript can', () => {
  parse('sh', START_SCRIPT);
  for (const program of [ACCOUNTS_JS, TEST_JS]) execFileSync('node', ['--check', '-'], { input: program });
});
