import { mkdirSync, mkdtempSync, rmSync, writeFileSync, chmodSync } from 'node:fs';
import { join } from 'node:path';
import { NODE_ADDRESS } from '../../tools/cluster/addresses';
import { ensurePrograms, programPath } from '../../tools/cluster/programs';
import { exampleScript, pythonWith } from '../../tools/quickstart/python';
import { freePort } from '../../tools/quickstart/port-forward';
import { TestAuthority } from './support/certificate-authority';
import { attempt, run, type Running, start } from './support/commands';
import { variant } from './support/configs';
import { apply } from './support/kubectl';
import { preparePostgres } from './support/local-postgres';
import { train, use } from './support/mlflow';
import { boutureOk, leftovers } from './support/stack';
import { eventually } from './support/waiting';
import { silentProgress } from '../../tools/cluster/progress';

/**
 * A platform whose object store and database somebody else runs: a MinIO and a PostgreSQL outside the cluster, each with TLS from the
 * office's own authority, which every client verifies.
 */

const PLATFORM = 'e2e-external';
const STACK = 'e2e-external';
const NAMESPACE = `${PLATFORM}-mlflow`;
const POSTGRES_BIN = '/usr/lib/postgresql/15/bin';
const KEYS = { accessKeyId: 'mlflow-of-the-office', secretAccessKey: 'a-key-that-the-office-gave' };
const PASSWORD = 'a-password-that-the-office-gave';

const authority = new TestAuthority();
const folder = mkdtempSync('/tmp/be-');
chmodSync(folder, 0o755);

let store: Running;
let database: Running;
let endpoint: string;
let port: number;
let config: string;

async function startStore(): Promise<void> {
  await ensurePrograms(['minio'], silentProgress);
  const certificates = join(folder, 'certs');
  mkdirSync(certificates);
  const { certificate, key } = authority.issue('store', `IP:${NODE_ADDRESS}`);
  writeFileSync(join(certificates, 'public.crt'), certificate);
  writeFileSync(join(certificates, 'private.key'), key);
  endpoint = `https://${NODE_ADDRESS}:${await freePort()}`;
  store = start(
    programPath('minio'),
    ['server', '--address', new URL(endpoint).host, '--certs-dir', certificates, join(folder, 'objects')],
    {
      env: {
        MINIO_ROOT_USER: KEYS.accessKeyId,
        MINIO_ROOT_PASSWORD: KEYS.secretAccessKey,
        MINIO_BROWSER: 'off',
        HOME: folder,
      },
      timeoutSeconds: 3600,
    },
  );
  await eventually('the store to answer', async () => s3('make').then(() => true), { seconds: 60 });
}

async function startDatabase(): Promise<void> {
  const { uid, gid } = await preparePostgres();
  const data = join(folder, 'tables');
  const as = (...command: string[]) => [`--reuid=${uid}`, `--regid=${gid}`, '--clear-groups', ...command];
  mkdirSync(data, { mode: 0o700 });
  const passwordFile = join(folder, 'password');
  writeFileSync(passwordFile, PASSWORD);
  await run('chown', [`${uid}:${gid}`, data, passwordFile]);
  await run('setpriv', as(`${POSTGRES_BIN}/initdb`, '-D', data, '--auth=scram-sha-256', `--pwfile=${passwordFile}`), {
    cwd: '/',
  });
  const { certificate, key } = authority.issue('database', `IP:${NODE_ADDRESS}`);
  writeFileSync(join(data, 'server.crt'), certificate);
  writeFileSync(join(data, 'server.key'), key, { mode: 0o600 });
  writeFileSync(join(data, 'pg_hba.conf'), 'hostssl all all 0.0.0.0/0 scram-sha-256\n');
  await run('chown', ['-R', `${uid}:${gid}`, data]);
  port = await freePort();
  const options = { listen_addresses: NODE_ADDRESS, port, ssl: 'on', unix_socket_directories: data, fsync: 'off' };
  const parameters = Object.entries(options).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  database = start('setpriv', as(`${POSTGRES_BIN}/postgres`, '-D', data, ...parameters), {
    cwd: '/',
    timeoutSeconds: 3600,
  });
  await eventually('the database to answer', async () => psql('postgres', 'SELECT 1').then(() => true), {
    seconds: 60,
  });
  await psql('postgres', `CREATE ROLE office_mlflow LOGIN PASSWORD '${PASSWORD}'`);
  for (const name of ['office_mlflow', 'office_mlflow_users']) {
    await psql('postgres', `CREATE DATABASE ${name} OWNER office_mlflow`);
  }
}

async function psql(name: string, statement: string): Promise<string> {
  const where = `host=${NODE_ADDRESS} port=${port} user=postgres dbname=${name} sslmode=verify-full sslrootcert=${authority.file}`;
  const args = ['-X', '-A', '-t', '-v', 'ON_ERROR_STOP=1', '-c', statement, where];
  return (await run(`${POSTGRES_BIN}/psql`, args, { env: { PGPASSWORD: PASSWORD } })).stdout.trim();
}

/** Makes the bucket, or lists what is in it, as an S3 client of the office. */
async function s3(what: 'make' | 'list'): Promise<string> {
  const interpreter = await pythonWith(exampleScript('requirements.txt'));
  const program = `import boto3, sys
s3 = boto3.client("s3", endpoint_url=sys.argv[1], region_name="us-east-1", verify=sys.argv[2])
if sys.argv[3] == "make": s3.create_bucket(Bucket="office-models")
else: print("\\n".join(o["Key"] for o in s3.list_objects_v2(Bucket="office-models").get("Contents", [])))`;
  const { stdout } = await run(interpreter, ['-c', program, endpoint, authority.file, what], {
    env: { AWS_ACCESS_KEY_ID: KEYS.accessKeyId, AWS_SECRET_ACCESS_KEY: KEYS.secretAccessKey },
  });
  return stdout;
}

/** The Secrets that the office puts where the configuration says that they are. */
async function giveSecrets(): Promise<void> {
  const secret = (name: string, stringData: Record<string, string>) => ({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name, namespace: NAMESPACE },
    stringData,
  });
  await apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: NAMESPACE } });
  await apply(secret('keys-of-the-store', KEYS), secret('password-of-the-database', { password: PASSWORD }));
}

beforeAll(async () => {
  await Promise.all([startStore(), startDatabase()]);
  const password = { secret: 'password-of-the-database', key: 'password' };
  config = variant('external', (shipped) => ({
    name: PLATFORM,
    mlflow: { ...(shipped['mlflow'] as object), bucket: 'office-models' },
    objectStore: {
      external: {
        endpoint,
        cidrs: [`${NODE_ADDRESS}/32`],
        certificateAuthority: { pem: authority.certificate },
        credentials: { mlflow: { secretName: 'keys-of-the-store' } },
      },
    },
    database: {
      external: {
        host: NODE_ADDRESS,
        port,
        cidrs: [`${NODE_ADDRESS}/32`],
        certificateAuthority: { pem: authority.certificate },
        databases: {
          mlflow: { database: 'office_mlflow', user: 'office_mlflow', password },
          mlflow_auth: { database: 'office_mlflow_users' },
        },
      },
    },
  }));
});

afterAll(async () => {
  await attempt('node', ['bin/bouture.js', 'down', config, '--stack', STACK, '--delete-data']);
  await Promise.all([store.stop(), database.stop()]);
  authority.remove();
  rmSync(folder, { recursive: true, force: true });
});

test('is told what is missing before anything is made, by doctor', async () => {
  const { code, output } = await attempt('node', ['bin/bouture.js', 'doctor', config]);
  expect({ code, output }).toMatchObject({ code: 1 });
  expect(output).toContain('keys-of-the-store');
  expect(output).toContain('password-of-the-database');
});

test('keeps and serves models in what the office has', async () => {
  await giveSecrets();
  await boutureOk(['up', config, '--stack', STACK]);
  const work = await train(NAMESPACE);
  expect((await use(NAMESPACE)).version).toBe(work.version);
  expect((await s3('list')).split('\n')).toContain(
    `artifacts/${work.experimentId}/${work.runId}/artifacts/predictions.csv`,
  );
  expect(await psql('office_mlflow', `SELECT status FROM runs WHERE run_uuid = '${work.runId}'`)).toBe('FINISHED');
  expect(await psql('office_mlflow_users', "SELECT username FROM users WHERE username = 'admin'")).toBe('admin');
  await boutureOk(['up', config, '--stack', STACK, '--preview', '--expect-no-changes']);
});

test('leaves what the office has as it was', async () => {
  await boutureOk(['down', config, '--stack', STACK, '--delete-data']);
  expect(await leftovers(PLATFORM)).toEqual([]);
  expect((await s3('list')).trim()).not.toBe('');
  expect(Number(await psql('office_mlflow', 'SELECT count(*) FROM runs'))).toBeGreaterThan(0);
});
