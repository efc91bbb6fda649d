import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { App } from 'cdk8s';
import { parse } from 'yaml';
import {
  CertificateAuthority,
  Connections,
  type DatabaseAccess,
  generatedBehind,
  ImageCatalogue,
  type LockedImage,
  MinioTenant,
  Platform,
  PlatformNamespace,
  PostgresDatabase,
  type SecretValue,
  ServerTls,
  synthesize,
} from '../../constructs';
import { TestAuthority } from './support/certificate-authority';
import { attempt, type Finished, ROOT, run } from './support/commands';
import { SHIPPED } from './support/configs';
import { apply, at, exec, get, hasCondition, jobDone, kubectl, listAt } from './support/kubectl';
import { eventually } from './support/waiting';

/**
 * A database server with TLS and backups, made by the constructs alone, on the cluster: clients in a namespace of their own, killed Pods,
 * and a restore by the commands of docs/backup-and-restore.md.
 */

const PLATFORM = 'e2e-pg';
const NAMESPACE = `${PLATFORM}-postgres`;
const CLIENT = `${PLATFORM}-client`;
const POD = 'client';

const authority = new TestAuthority();
let own: DatabaseAccess;
let reader: DatabaseAccess;

function build() {
  const { images: lock } = parse(readFileSync(join(ROOT, 'images.lock.yaml'), 'utf8')) as {
    images: Record<string, LockedImage>;
  };
  const { images } = parse(readFileSync(join(ROOT, SHIPPED), 'utf8')) as { images: { mirror: string } };
  const catalogue = new ImageCatalogue({ lock, mirror: images.mirror });
  const platform = new Platform(new App(), 'platform', { name: PLATFORM, images: catalogue });
  const store = new MinioTenant(platform, 'minio', { volumeSize: '1Gi' });
  const server = new PostgresDatabase(platform, 'postgres', {
    volumeSize: '1Gi',
    tls: ServerTls.secret('certificate', CertificateAuthority.pem(authority.certificate)),
    backup: { bucket: store.addBucket('backups') },
  });
  const connections = new Connections(platform, 'client', {
    namespace: new PlatformNamespace(platform, 'client-namespace', { name: CLIENT }),
    name: 'client',
    podLabels: { 'app.kubernetes.io/name': 'client', 'app.kubernetes.io/instance': 'client' },
  });
  const consumer = { consumerName: 'client', connections };
  const surveys = server.addDatabase('surveys');
  server.addDatabase('registers');
  own = surveys.grantConnect(consumer);
  reader = server.addReader('reporting', { databases: [surveys] }).grantConnect(consumer, surveys);
  return { synthesis: synthesize(platform), image: catalogue.get('postgres').reference, server };
}

const { synthesis, image, server } = build();
const valueOf = (value: SecretValue) =>
  typeof value === 'string' ? value : `value-of-${generatedBehind(value)?.id ?? ''}`;
const secret = (namespace: string, name: string, stringData: Record<string, string>) => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name, namespace, labels: { 'app.kubernetes.io/part-of': PLATFORM } },
  stringData,
});

/** Everything of the platform, wave by wave, as an operator with kubectl would. */
async function deploy(): Promise<void> {
  const waves = [...new Set(synthesis.objects.map(({ wave }) => wave))].sort((a, b) => a - b);
  for (const wave of waves) {
    const objects = synthesis.objects.filter((object) => object.wave === wave).map(({ manifest }) => manifest);
    if (wave === 10) await apply(...objects.filter(({ kind }) => kind === 'Namespace'));
    await apply(...objects);
    if (wave === 10) {
      const made = synthesis.secrets.map(({ namespace, name, data }) =>
        secret(namespace, name, Object.fromEntries(Object.entries(data).map(([key, value]) => [key, valueOf(value)]))),
      );
      const { certificate, key } = authority.issue('postgres', `DNS:${server.host}`);
      await apply(...made, secret(NAMESPACE, 'certificate', { 'tls.crt': certificate, 'tls.key': key }));
      await apply(clientPod());
    }
    for (const { kind, metadata } of objects) {
      if (kind === 'StatefulSet') {
        const path = `statefulset/${metadata.name}`;
        await kubectl(['rollout', 'status', '-n', metadata.namespace ?? '', path, '--timeout=300s'], {
          timeoutSeconds: 320,
        });
      }
      if (kind === 'Job') await jobDone(metadata.namespace ?? '', metadata.name, 300);
    }
  }
}

function clientPod(): object {
  const ca = own.certificateAuthority;
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: POD,
      namespace: CLIENT,
      labels: { 'app.kubernetes.io/name': 'client', 'app.kubernetes.io/instance': 'client' },
    },
    spec: {
      automountServiceAccountToken: false,
      terminationGracePeriodSeconds: 0,
      securityContext: { runAsNonRoot: true, runAsUser: 999, seccompProfile: { type: 'RuntimeDefault' } },
      containers: [
        {
          name: 'client',
          image,
          command: ['sleep', 'infinity'],
          env: [{ name: 'PGSSLROOTCERT', value: '/ca/ca.crt' }],
          resources: { requests: { cpu: '1m', memory: '16Mi' }, limits: { cpu: '500m', memory: '64Mi' } },
          securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
          volumeMounts: [{ name: 'ca', mountPath: '/ca' }],
        },
      ],
      volumes: [{ name: 'ca', secret: { secretName: ca?.name, items: [{ key: ca?.key, path: 'ca.crt' }] } }],
    },
  };
}

interface Session {
  readonly database?: string;
  readonly password?: string;
  readonly tlsMode?: string;
}

/** Runs SQL in the client's Pod, with what the grant gave. */
async function query(access: DatabaseAccess, sql: string, session: Session = {}): Promise<Finished> {
  const found = await get('secret', access.password.name, CLIENT);
  const granted = Buffer.from(String(at(found, 'data', access.password.key)), 'base64').toString();
  const variables = {
    PGHOST: access.host,
    PGPORT: String(access.port),
    PGUSER: access.user,
    PGDATABASE: session.database ?? access.database,
    PGPASSWORD: session.password ?? granted,
    PGSSLMODE: session.tlsMode ?? access.tlsMode,
    PGCONNECT_TIMEOUT: '10',
  };
  const environment = Object.entries(variables).map(([name, value]) => `${name}=${value}`);
  const psql = ['psql', '-X', '-A', '-t', '-q', '-v', 'ON_ERROR_STOP=1', '-c', sql];
  return attempt('kubectl', ['exec', '-n', CLIENT, POD, '--', 'env', ...environment, ...psql]);
}

async function ask(access: DatabaseAccess, sql: string): Promise<string> {
  const { code, stdout, output } = await query(access, sql);
  if (code !== 0) throw new Error(`${sql}: ${output}`);
  return stdout.trim();
}

const ROWS = "SELECT count(*), md5(string_agg(id || payload, ',' ORDER BY id)) FROM answer";
let rows: string;

/** Waits until the server answers again. */
async function answers(): Promise<void> {
  await eventually('the server to answer', async () => (await query(own, 'SELECT 1')).code === 0, {
    seconds: 120,
    everySeconds: 1,
  });
}

async function removeEverything(): Promise<void> {
  const namespaces = [NAMESPACE, CLIENT, `${PLATFORM}-minio`];
  await kubectl(['delete', 'namespace', ...namespaces, '--ignore-not-found', '--timeout=300s'], {
    timeoutSeconds: 320,
  });
}

beforeAll(async () => {
  await removeEverything();
  await deploy();
  await eventually('the client', async () => at(await get('pod', POD, CLIENT), 'status', 'phase') === 'Running', {
    seconds: 120,
  });
  await ask(
    own,
    `CREATE TABLE answer (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, payload text NOT NULL);
     INSERT INTO answer (payload) SELECT md5(n::text) FROM generate_series(1, 2000) n`,
  );
  rows = await ask(own, ROWS);
});

afterAll(async () => {
  await removeEverything();
  authority.remove();
});

describe('a client', () => {
  test('verifies the certificate of the server, and plain text is refused', async () => {
    expect(own.tlsMode).toBe('verify-full');
    expect(await ask(own, 'SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()')).toBe('t');
    expect((await query(own, 'SELECT 1', { tlsMode: 'disable' })).output).toContain('no pg_hba.conf entry');
  });

  test('with a wrong password is refused', async () => {
    expect((await query(own, 'SELECT 1', { password: 'wrong' })).output).toContain('password authentication failed');
  });

  test("does not reach another owner's database", async () => {
    for (const database of ['registers', 'postgres']) {
      expect((await query(own, 'SELECT 1', { database })).output).toContain(
        `permission denied for database "${database}"`,
      );
    }
  });

  test('that may only read, reads and does not write', async () => {
    expect(await ask(reader, ROWS)).toBe(rows);
    expect((await query(reader, 'BEGIN READ WRITE; DELETE FROM answer')).output).toContain('permission denied');
  });
});

describe('the server', () => {
  test('comes back with every row after its process is killed', async () => {
    const script = 'kill -9 "$(head -n 1 "$PGDATA/postmaster.pid")"';
    await exec(NAMESPACE, 'postgres-0', ['sh', '-c', script]);
    await eventually('a restart', async () => {
      const [status] = listAt(await get('pod', 'postgres-0', NAMESPACE), 'status', 'containerStatuses');
      return Number(at(status, 'restartCount')) > 0;
    });
    await answers();
    expect(await ask(own, ROWS)).toBe(rows);
  });

  test('comes back with every row after its Pod is deleted by force', async () => {
    await kubectl(['delete', 'pod', '-n', NAMESPACE, 'postgres-0', '--force', '--grace-period=0']);
    await answers();
    expect(await ask(own, ROWS)).toBe(rows);
  });

  test('is warned of by nothing that Pod Security would refuse', async () => {
    const manifests = synthesis.objects
      .map(({ manifest }) => manifest)
      .filter(({ metadata }) => metadata.namespace === NAMESPACE);
    const input = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: manifests });
    const { output } = await run(
      'kubectl',
      ['apply', '--server-side', '--force-conflicts', '--dry-run=server', '-f', '-'],
      { input },
    );
    expect(output).not.toContain('Warning');
  });
});

describe('a restore', () => {
  const restoreJob = async (name: string, variables: string) => {
    const pipeline =
      `kubectl -n ${NAMESPACE} create job ${name} --from=cronjob/postgres-restore --dry-run=client -o yaml | ` +
      `kubectl set env --local -f - ${variables} -o yaml | kubectl create -f -`;
    await run('bash', ['-o', 'pipefail', '-c', pipeline]);
    await jobDone(NAMESPACE, name, 300);
    return kubectl(['logs', '-n', NAMESPACE, `job/${name}`]);
  };

  test('brings one dropped database back from a backup that is listed, and leaves the other alone', async () => {
    await kubectl(['-n', NAMESPACE, 'create', 'job', 'backup-now', '--from=cronjob/postgres-backup']);
    await jobDone(NAMESPACE, 'backup-now', 300);
    const [backup = ''] = (await restoreJob('list-backups', 'RESTORE_BACKUP=list')).trim().split('\n');
    expect(backup).toMatch(/^\d{8}T\d{6}Z$/);

    const superuser = ['psql', '-X', '-q', '-U', 'postgres', '-c'];
    await exec(NAMESPACE, 'postgres-0', [...superuser, 'DROP DATABASE surveys WITH (FORCE)']);
    await exec(NAMESPACE, 'postgres-0', [...superuser, "COMMENT ON DATABASE registers IS 'made after the backup'"]);
    expect((await query(own, 'SELECT 1')).output).toContain('database "surveys" does not exist');

    const log = await restoreJob('restore-surveys', `RESTORE_BACKUP=${backup} RESTORE_DATABASES=surveys`);
    expect(log).toMatch(/what was written in the \d+ s since is not in it/);
    expect(log).toMatch(/surveys: restored in \d+ s/);
    expect(await ask(own, ROWS)).toBe(rows);
    expect(await ask(reader, ROWS)).toBe(rows);
    const comment = "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = 'registers'";
    expect(await exec(NAMESPACE, 'postgres-0', [...superuser, comment])).toContain('made after the backup');
  });

  test('may not write to the bucket', async () => {
    const template = ['create', 'job', 'intruder', '--from=cronjob/postgres-restore', '--dry-run=client', '-o', 'json'];
    const job = JSON.parse(await kubectl(['-n', NAMESPACE, ...template])) as object;
    const [container] = listAt(job, 'spec', 'template', 'spec', 'containers');
    const write = 'echo x >/tmp/x && rclone --retries 1 copyto /tmp/x "$BACKUP_REMOTE/intruder"';
    Object.assign(container as object, { command: ['sh', '-c', write] });
    await apply(job);
    await eventually('the Job to fail', async () => hasCondition(await get('job', 'intruder', NAMESPACE), 'Failed'), {
      seconds: 120,
    });
    expect(await kubectl(['logs', '-n', NAMESPACE, 'job/intruder'])).toMatch(/AccessDenied|403/);
  });
});
