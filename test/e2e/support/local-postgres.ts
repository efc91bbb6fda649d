import { execFileSync } from 'node:child_process';
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { App } from 'cdk8s';
import {
  Connections,
  ExternalObjectStore,
  generatedBehind,
  ImageCatalogue,
  Platform,
  PlatformNamespace,
  PostgresDatabase,
  type PostgresDatabaseProps,
  PlatformSecret,
  type Synthesis,
  synthesize,
} from '../../../constructs';
import { ensurePrograms, programPath } from '../../../tools/cluster/programs';
import { freePort } from '../../../tools/quickstart/port-forward';
import { attempt, type Finished, run, type Running, start } from './commands';
import { ensureDebian } from './debian';
import { LocalPod, type LocalUser } from './local-pod';
import { eventually } from './waiting';
import { silentProgress } from '../../../tools/cluster/progress';

/** Where Debian keeps the server's own programs. */
const POSTGRES_BIN = '/usr/lib/postgresql/15/bin';
const NAMESPACE = 'demo-postgres';
const BUCKET = 'backups';

/** A new folder that every user may enter. */
function folderInside(prefix: string): string {
  const folder = mkdtempSync(prefix);
  chmodSync(folder, 0o755);
  return folder;
}

/** Installs what the scripts need of the distribution, as `images/postgres` does, and gives the user that they run as. */
export async function preparePostgres(): Promise<LocalUser> {
  await ensureDebian({ [`${POSTGRES_BIN}/postgres`]: 'postgresql-15', rclone: 'rclone' });
  process.env['PATH'] = [POSTGRES_BIN, process.env['PATH'] ?? ''].join(delimiter);
  const id = async (option: string) => Number((await run('id', [option, 'postgres'])).stdout);
  return { uid: await id('-u'), gid: await id('-g') };
}

/** A MinIO on the loopback address, with one bucket. */
export class LocalStore {
  static async start(): Promise<LocalStore> {
    await ensurePrograms(['minio'], silentProgress);
    const store = new LocalStore(await freePort(), mkdtempSync('/tmp/bs-'));
    try {
      await store.rclone('mkdir', `store:${BUCKET}`);
      return store;
    } catch (error) {
      await store.stop();
      throw error;
    }
  }

  readonly accessKeyId = 'tester';
  readonly secretAccessKey = 'a-secret-of-the-test';
  private readonly server: Running;

  private constructor(
    readonly port: number,
    private readonly folder: string,
  ) {
    this.server = start(programPath('minio'), ['server', '--address', `127.0.0.1:${port}`, join(folder, 'data')], {
      env: {
        MINIO_ROOT_USER: this.accessKeyId,
        MINIO_ROOT_PASSWORD: this.secretAccessKey,
        MINIO_BROWSER: 'off',
        HOME: folder,
      },
      timeoutSeconds: 3600,
    });
  }

  get endpoint(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Runs rclone as the store's root, with retries until it answers. @returns standard output */
  async rclone(...args: string[]): Promise<string> {
    // Without this process's environment: rclone's AWS library reads variables of its own, such as AWS_CA_BUNDLE.
    const variables = Object.entries({
      PATH: process.env['PATH'] ?? '',
      RCLONE_CONFIG: '/dev/null',
      RCLONE_CONFIG_STORE_TYPE: 's3',
      RCLONE_CONFIG_STORE_PROVIDER: 'Minio',
      RCLONE_CONFIG_STORE_ENDPOINT: this.endpoint,
      RCLONE_CONFIG_STORE_ACCESS_KEY_ID: this.accessKeyId,
      RCLONE_CONFIG_STORE_SECRET_ACCESS_KEY: this.secretAccessKey,
    }).map(([name, value]) => `${name}=${value}`);
    return eventually(
      `rclone ${args.join(' ')}`,
      async () => {
        const { code, stdout, output } = await attempt('env', ['-i', ...variables, 'rclone', ...args]);
        if (code !== 0) throw new Error(output);
        return { stdout };
      },
      { seconds: 30 },
    ).then(({ stdout }) => stdout);
  }

  /** Writes an object. @param path below the folder of the backups */
  async write(path: string, text: string): Promise<void> {
    const file = join(this.folder, 'object');
    writeFileSync(file, text);
    await this.rclone('copyto', file, `store:${BUCKET}/postgres/${path}`);
  }

  /** Names of the backups, complete or not. */
  async backups(): Promise<string[]> {
    const list = await this.rclone('lsf', '--dirs-only', `store:${BUCKET}/postgres`);
    return list
      .split('\n')
      .filter(Boolean)
      .map((name) => name.replace('/', ''));
  }

  async stop(): Promise<void> {
    await this.server.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** What the tests build: a server with databases, and a client's namespace. */
export type Build = (server: PostgresDatabase, client: Connections) => void;

/** An exporter that runs beside a server. */
export interface LocalExporter {
  /** `127.0.0.1:9187` */
  readonly address: string;
  readonly running: Running;
  /** What it answers to Prometheus. */
  readonly read: () => Promise<string>;
}

/** A database server made by the constructs, whose containers run as processes of this machine. */
export class LocalPostgres {
  static async create(
    user: LocalUser,
    store: LocalStore,
    build: Build,
    props: PostgresDatabaseProps = {},
  ): Promise<LocalPostgres> {
    return new LocalPostgres(folderInside('/tmp/bp-'), user, store, await freePort(), build, props);
  }

  /** Values of the Secrets; change one to rotate it. */
  readonly secrets: Record<string, string>;
  /** What it stands in. */
  platform: Platform;
  private synthesis: Synthesis;
  private running: Running | undefined;
  private last: Running | undefined;
  private current: LocalPod | undefined;

  private constructor(
    readonly root: string,
    private readonly user: LocalUser,
    private readonly store: LocalStore,
    readonly port: number,
    build: Build,
    private readonly props: PostgresDatabaseProps,
  ) {
    const { platform, synthesis, secrets } = this.build(build);
    this.platform = platform;
    this.synthesis = synthesis;
    this.secrets = secrets;
  }

  /** Declares other databases and roles for the same server; values of Secrets that there are stay. */
  declare(build: Build): void {
    const { platform, synthesis, secrets } = this.build(build);
    this.platform = platform;
    this.synthesis = synthesis;
    for (const [id, value] of Object.entries(secrets)) this.secrets[id] ??= value;
  }

  private build(build: Build): {
    platform: Platform;
    synthesis: Synthesis;
    secrets: Record<string, string>;
  } {
    const image = (name: string) => ({
      repository: `example.org/${name}`,
      tag: '15',
      licence: 'PostgreSQL',
      source: 'https://example.org',
    });
    const lock = Object.fromEntries(['postgres', 'postgres-exporter', 'prometheus'].map((name) => [name, image(name)]));
    const images = new ImageCatalogue({ lock });
    const platform = new Platform(new App(), 'platform', { name: 'demo', images });
    const store = new ExternalObjectStore(platform, 'store', { endpoint: this.store.endpoint });
    const server = new PostgresDatabase(platform, 'postgres', {
      backup: { bucket: store.addBucket(BUCKET), retentionDays: 7, keepAtLeast: 1 },
      configuration: { log_statement: 'all', shared_buffers: '16MB' },
      ...this.props,
    });
    const namespace = new PlatformNamespace(platform, 'client', { name: 'client' });
    const podLabels = { 'app.kubernetes.io/name': 'client', 'app.kubernetes.io/instance': 'client' };
    build(server, new Connections(platform, 'connections', { namespace, name: 'client', podLabels }));
    const made = platform.node.findAll().filter((construct) => PlatformSecret.isPlatformSecret(construct));
    const values = made.flatMap(({ namespace: { name: space }, name, data }) =>
      Object.entries(data).map(([key, value]): [string, string] => [
        `${space}/${name}/${key}`,
        typeof value === 'string' ? value : `canary-of-${generatedBehind(value)?.id ?? ''}`,
      ]),
    );
    const keys = ['backup', 'restore'].flatMap((role): [string, string][] => [
      [`${NAMESPACE}/postgres-${role}-s3/accessKeyId`, this.store.accessKeyId],
      [`${NAMESPACE}/postgres-${role}-s3/secretAccessKey`, this.store.secretAccessKey],
    ]);
    return { platform, synthesis: synthesize(platform), secrets: Object.fromEntries([...values, ...keys]) };
  }

  /** The value of a role's password. */
  passwordOf(role: string): string {
    const id = role === 'postgres' ? 'postgres-superuser' : `postgres-role-${role.replaceAll('_', '-')}`;
    return this.secrets[`${NAMESPACE}/${id}/password`] ?? '';
  }

  /** Changes the value of a role's password. */
  rotate(role: string, value: string): void {
    const id = role === 'postgres' ? 'postgres-superuser' : `postgres-role-${role.replaceAll('_', '-')}`;
    this.secrets[`${NAMESPACE}/${id}/password`] = value;
  }

  /** The server's Pod. */
  get pod(): LocalPod {
    return new LocalPod(this.synthesis, 'StatefulSet', 'postgres', {
      root: join(this.root, 's'),
      user: this.user,
      secrets: this.secrets,
      env: { PGPORT: String(this.port) },
      edit: (text) => text.replace('port = 5432', `port = ${this.port}`),
    });
  }

  /** The volume. */
  get volume(): string {
    return join(this.root, 's/var/lib/postgresql/data');
  }

  /** Copies the volume of a server that has ended. */
  useVolume(folder: string): void {
    mkdirSync(dirname(this.volume), { recursive: true });
    execFileSync('cp', ['-a', folder, this.volume]);
  }

  /** Starts the server without waiting for it. */
  launch(): Running {
    this.current = this.pod;
    const running = this.current.start();
    this.running = running;
    this.last = running;
    // Its process id may be another's from then on.
    void running.finished.then(() => {
      if (this.running === running) this.running = undefined;
    });
    return running;
  }

  /** Starts the server and waits until its startup probe would succeed. */
  async start(seconds = 60): Promise<Running> {
    const running = this.launch();
    const pod = this.current;
    await eventually('the server to start', () => Promise.resolve(pod === undefined ? false : pod.started()), {
      seconds,
      everySeconds: 0.3,
    }).catch((error: unknown) => {
      throw new Error(`${String(error)}\n${running.output}`);
    });
    return running;
  }

  /** Everything that the server has written to its log since it was started last. */
  get log(): string {
    return this.last?.output ?? '';
  }

  /** Ends the server as the kubelet does. @returns its exit code */
  async stop(): Promise<number | string> {
    if (this.running !== undefined) process.kill(this.running.pid, 'SIGTERM');
    return (await this.last?.finished)?.code ?? 0;
  }

  /** Kills every process of the server at once, as the end of its container does. */
  async kill(): Promise<void> {
    const { running } = this;
    if (running === undefined) throw new Error('the server does not run');
    const children = await attempt('ps', ['-o', 'pid=', '--ppid', String(this.postmaster)]);
    running.killGroup('SIGKILL');
    for (const pid of children.stdout
      .split('\n')
      .map(Number)
      .filter((number) => number > 0)) {
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // It has ended with its parent.
      }
    }
    await running.finished;
  }

  /** Process id of the server itself. */
  get postmaster(): number {
    return Number(readFileSync(join(this.volume, 'pgdata/postmaster.pid'), 'utf8').split('\n')[0]);
  }

  /** Runs the provisioning Job. */
  async provision(): Promise<Finished> {
    return this.job('Job', 'postgres-provisioning').run();
  }

  /** Runs a Job of the backup CronJob. */
  async backup(env: Readonly<Record<string, string>> = {}): Promise<Finished> {
    return this.job('CronJob', 'postgres-backup').run(env);
  }

  /** Runs a Job of the restore CronJob. */
  async restore(env: Readonly<Record<string, string>> = {}): Promise<Finished> {
    return this.job('CronJob', 'postgres-restore').run(env);
  }

  /** Starts the exporter of a server that is watched: the program of the image, on a port of the loopback address. */
  async startExporter(): Promise<LocalExporter> {
    await ensurePrograms(['postgres-exporter'], silentProgress);
    // The programs stand below a folder that only root enters.
    const programs = folderInside(join(this.root, 'p-'));
    copyFileSync(programPath('postgres_exporter'), join(programs, 'postgres_exporter'));
    const address = `127.0.0.1:${await freePort()}`;
    const pod = new LocalPod(this.synthesis, 'Deployment', 'postgres-exporter', {
      root: folderInside(join(this.root, 'e-')),
      user: this.user,
      secrets: this.secrets,
      argument: (word) => word.replace('--web.listen-address=:9187', `--web.listen-address=${address}`),
    });
    const uri = pod.environment['DATA_SOURCE_URI']?.replace(
      'postgres.demo-postgres.svc.cluster.local:5432',
      `127.0.0.1:${this.port}`,
    );
    const running = pod.start({ DATA_SOURCE_URI: uri ?? '', PATH: programs });
    const url = `http://${address}/metrics`;
    await eventually('the exporter', async () => (await fetch(`http://${address}/`)).ok).catch((error: unknown) => {
      throw new Error(`${String(error)}\n${running.output}`);
    });
    const read = async () => (await fetch(url)).text();
    return { address, running, read };
  }

  private job(kind: string, name: string): LocalPod {
    return new LocalPod(this.synthesis, kind, name, {
      root: folderInside(join(this.root, 'j-')),
      user: this.user,
      secrets: this.secrets,
      env: { PGHOST: '127.0.0.1', PGPORT: String(this.port) },
    });
  }

  /** Changes a file of a Secret in the server's Pod, as the kubelet does when the Secret changes. */
  replaceSecretFile(path: string, value: string): void {
    const pod = this.current ?? this.pod;
    rmSync(pod.path(path));
    pod.writeSecret(pod.path(path), value);
  }

  /** Runs a statement over the network. @param password defaults to the role's own */
  async query(
    role: string,
    database: string,
    sql: string,
    password = this.passwordOf(role),
    variables: Readonly<Record<string, string>> = {},
  ): Promise<Finished> {
    const env = { PGPASSWORD: password, PGCONNECT_TIMEOUT: '5', ...variables };
    const args = [
      '-X',
      '-A',
      '-t',
      '-q',
      '-v',
      'ON_ERROR_STOP=1',
      '-h',
      '127.0.0.1',
      '-p',
      String(this.port),
      '-U',
      role,
      '-d',
      database,
    ];
    return attempt('psql', [...args, '-c', sql], { env });
  }

  /** The answer to a statement that must succeed. */
  async ask(role: string, database: string, sql: string): Promise<string> {
    const { code, stdout, output } = await this.query(role, database, sql);
    if (code !== 0) throw new Error(`${sql}: ${output}`);
    return stdout.trim();
  }

  /** Ends the server and removes everything. */
  async remove(): Promise<void> {
    await this.stop();
    rmSync(this.root, { recursive: true, force: true });
  }
}
