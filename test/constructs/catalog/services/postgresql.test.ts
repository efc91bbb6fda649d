import { launch, postgresqlService } from '../../../../constructs';
import { image } from '../fixture';
import { brokenRules, named } from './support';

const service = postgresqlService({ image: image('postgres') });

/** Everything that it can be asked for at once. */
const EVERYTHING = {
  database: { name: 'survey', user: 'analyst', password: 'a-password-of-mine' },
  persistence: { keep: true, storageClass: 'fast' },
  networkPolicy: { enabled: true, from: [{ podSelector: { matchLabels: { app: 'x' } } }] },
  nodeSelector: { pool: 'data' },
  tolerations: [{ key: 'a', operator: 'Exists' }],
} as const;

test('keeps the rules of the house with everything on', () => {
  expect(brokenRules(launch(service, { values: EVERYTHING }))).toEqual([]);
});

test('keeps the password that its Secret has, and gives it to those who find it', () => {
  const live = {
    name: 'test-discovery',
    annotations: { 'onyxia/discovery': 'postgres' },
    data: { 'postgres-password': 'kept-kept-kept-kept' },
  };
  const secret = named(launch(service, { secrets: [live] }), 'Secret', 'test-discovery');
  expect(secret).toMatchObject({
    metadata: { annotations: { 'onyxia/discovery': 'postgres' } },
    stringData: {
      'postgres-service': 'test',
      'postgres-port': '5432',
      'postgres-database': 'defaultdb',
      'postgres-username': 'postgres',
      'postgres-password': 'kept-kept-kept-kept',
    },
  });
});

test('takes its volume with it, unless it is to be kept', () => {
  const volume = (values = {}) => named(launch(service, { values }), 'PersistentVolumeClaim', 'test-data');
  expect(volume()?.metadata).not.toHaveProperty('annotations');
  expect(volume({ persistence: { keep: true } })?.metadata.annotations).toEqual({ 'helm.sh/resource-policy': 'keep' });
  expect(volume({ persistence: { enabled: false } })).toBeUndefined();
});

test.each([
  [{ database: { name: 'a; DROP' } }, 'values.database.name: expected a text that matches'],
  [{ persistence: { size: '10Mi' } }, 'values.persistence.size: expected 1Gi to 100Gi, given "10Mi"'],
  [{ databse: {} }, 'values.databse: there is no such value: there are database,'],
])('refuses %j', (values, message) => {
  expect(() => launch(service, { values })).toThrow(message);
});
