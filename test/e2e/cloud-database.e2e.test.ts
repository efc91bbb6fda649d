import { App } from 'cdk8s';
import { join } from 'node:path';
import {
  Cloud,
  CloudDatabase,
  Connections,
  ImageCatalogue,
  Platform,
  PlatformNamespace,
  PlatformSecret,
  SignedToken,
  synthesize,
  type Synthesis,
} from '../../constructs';
import type { Finished } from './support/commands';
import { LocalPod, type LocalUser } from './support/local-pod';
import { LocalPostgres, LocalStore, preparePostgres } from './support/local-postgres';

/**
 * The Job that makes roles and databases on a server of a cloud, against a real PostgreSQL on which its account is what clouds give: one that may make roles and
 * databases, and is no superuser.
 */

const ADMINISTRATOR = 'office_administrator';
const NAMESPACE = 'demo-database';

let user: LocalUser;
let store: LocalStore;
let server: LocalPostgres;
let runs = 0;

/** A platform with databases on a server of a cloud. */
function platformWith(...databases: readonly string[]): { synthesis: Synthesis; secrets: Record<string, string> } {
  const image = { repository: 'example.org/postgres', tag: '15', licence: 'PostgreSQL', source: 'https://example.org' };
  const images = new ImageCatalogue({ lock: { postgres: image } });
  const cloud = new Cloud('demo', {
    kind: 'azure',
    region: 'francecentral',
    subscription: '11111111-1111-1111-1111-111111111111',
    tenant: '22222222-2222-2222-2222-222222222222',
    kubernetesVersion: '1.34',
    network: '10.80.0.0/16',
    nodePools: [],
    apiAccessFrom: [],
    administrators: [],
    database: { machineType: 'any', storageGigabytes: 50, highlyAvailable: false, backupDays: 14 },
  });
  const platform = new Platform(new App(), 'platform', { name: 'demo', images, cloud });
  const made = new CloudDatabase(platform, 'database', { cloud, cidrs: ['10.80.240.0/22'] });
  const namespace = new PlatformNamespace(platform, 'client', { name: 'client' });
  const podLabels = { 'app.kubernetes.io/name': 'client', 'app.kubernetes.io/instance': 'client' };
  const connections = new Connections(platform, 'connections', { namespace, name: 'client', podLabels });
  for (const name of databases) made.addDatabase(name).grantConnect({ connections, consumerName: 'client' });
  const secrets = platform.node
    .findAll()
    .filter((construct) => PlatformSecret.isPlatformSecret(construct))
    .flatMap(({ namespace: { name: space }, name, data }) =>
      Object.entries(data).map(([key, value]): [string, string] => [
        `${space}/${name}/${key}`,
        typeof value === 'string' ? value : `canary-of-${value instanceof SignedToken ? value.key.id : value.id}`,
      ]),
    );
  return { synthesis: synthesize(platform), secrets: Object.fromEntries(secrets) };
}

/** Runs the Job as the administrator. */
async function provision(...databases: readonly string[]): Promise<Finished> {
  const { synthesis, secrets } = platformWith(...databases);
  const password = `${NAMESPACE}/database-administrator/password`;
  return new LocalPod(synthesis, 'Job', 'database-provisioning', {
    root: join(server.root, `cloud-${++runs}`),
    user,
    secrets: { ...secrets, [password]: 'ADMINISTRATORcanary' },
    env: { PGHOST: '127.0.0.1', PGPORT: String(server.port), PGUSER: ADMINISTRATOR, PGSSLMODE: 'disable' },
  }).run();
}

const passwordOf = (role: string) => `canary-of-database-role-${role}`;
const query = (role: string, database: string, sql: string) => server.query(role, database, sql, passwordOf(role));

beforeAll(async () => {
  user = await preparePostgres();
  store = await LocalStore.start();
  server = await LocalPostgres.create(user, store, () => undefined);
  await server.start();
  await server.ask(
    'postgres',
    'postgres',
    `CREATE ROLE ${ADMINISTRATOR} LOGIN CREATEROLE CREATEDB PASSWORD 'ADMINISTRATORcanary'`,
  );
  // What the cloud keeps for itself, and its administrator may not touch.
  await server.ask('postgres', 'postgres', 'CREATE ROLE cloudadmin');
  await server.ask('postgres', 'postgres', 'CREATE DATABASE cloudadmin OWNER cloudadmin');
});

afterAll(async () => {
  await server.remove();
  await store.stop();
});

test('the server’s own statements are refused to whoever is no superuser', async () => {
  const { output } = await server.query(
    ADMINISTRATOR,
    'postgres',
    'CREATE ROLE x; ALTER ROLE x NOSUPERUSER',
    'ADMINISTRATORcanary',
  );
  expect(output).toMatch(/superuser/);
});

test('roles own their databases and connect to no other', async () => {
  const { code, output } = await provision('mlflow', 'keycloak');
  expect([code, output]).toEqual([0, expect.stringContaining('roles and databases are as wanted')]);
  expect(output).not.toMatch(/canary|ERROR|permission denied/);
  expect((await query('mlflow', 'mlflow', 'CREATE TABLE run (id int); SELECT current_user')).stdout).toContain(
    'mlflow',
  );
  expect((await query('keycloak', 'keycloak', 'SELECT 1')).code).toBe(0);
  expect((await query('keycloak', 'mlflow', 'SELECT 1')).output).toMatch(/permission denied for database/);
});

test('a second run changes nothing, and a role that is no longer declared can log in no more', async () => {
  expect((await provision('mlflow', 'keycloak')).code).toBe(0);
  expect((await query('mlflow', 'mlflow', 'SELECT count(*) FROM run')).stdout.trim()).toBe('0');
  expect((await provision('mlflow')).code).toBe(0);
  expect((await query('keycloak', 'keycloak', 'SELECT 1')).output).toMatch(/not permitted to log in/);
  expect((await provision('mlflow', 'keycloak')).code).toBe(0);
  expect((await query('keycloak', 'keycloak', 'SELECT 1')).code).toBe(0);
});

test('the databases of the cloud stay as they are', async () => {
  expect(
    await server.ask('postgres', 'postgres', "SELECT datacl IS NULL FROM pg_database WHERE datname = 'cloudadmin'"),
  ).toBe('t');
});
