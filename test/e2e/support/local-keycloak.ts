import { createHash } from 'node:crypto';
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { join } from 'node:path';
import { KeycloakRealm, type KeycloakRealmProps, type Platform, SpaceNames, synthesize } from '../../../constructs';
import { cacheRoot } from '../../../tools/cluster/paths';
import { testPlatform } from '../../support/platform';
import { FakeDatabaseServer } from '../../support/storage';
import { freePort } from '../../../tools/quickstart/port-forward';
import { attempt, type Finished, ROOT, run, type Running, start } from './commands';
import { LocalPod, type LocalUser } from './local-pod';
import { preparePostgres } from './local-postgres';
import { eventually, Hopeless } from './waiting';

/** What browsers would call Keycloak by. */
export const PUBLIC_URL = 'https://auth.example.org';
const NAMESPACE = 'demo-keycloak';
/** Whoever may read what everyone may, and write nothing. */
const NOBODY: LocalUser = { uid: 65_534, gid: 65_534 };

/**
 * The distribution that the image holds, built as the image builds it: version, hash and options are those of its Dockerfile. It is kept in
 * the cache.
 *
 * @returns its folder
 */
export async function keycloakDistribution(): Promise<string> {
  const dockerfile = readFileSync(join(ROOT, 'images/keycloak/Dockerfile'), 'utf8');
  const find = (pattern: RegExp): string => {
    const found = pattern.exec(dockerfile)?.[1];
    if (found === undefined) throw new Error(`the Dockerfile has no ${String(pattern)}`);
    return found;
  };
  const version = find(/^ARG KEYCLOAK_VERSION=(\S+)$/m);
  const hash = find(/^ARG KEYCLOAK_SHA256=([0-9a-f]{64})$/m);
  const options = find(/kc\.sh build ([^\\\n]+)/).trim();
  const folder = join(cacheRoot(), 'programs-java', `keycloak-${version}`);
  const done = join(folder, `built-${createHash('sha256').update(`${hash} ${options}`).digest('hex').slice(0, 16)}`);
  if (existsSync(done)) return folder;
  mkdirSync(join(cacheRoot(), 'programs-java'), { recursive: true });
  const work = mkdtempSync(join(cacheRoot(), 'programs-java/.building-'));
  try {
    await run('mvn', [
      ...['--batch-mode', '--quiet', 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy'],
      ...[`-Dartifact=org.keycloak:keycloak-quarkus-dist:${version}:zip`, `-DoutputDirectory=${work}`],
    ]);
    const archive = join(work, `keycloak-quarkus-dist-${version}.zip`);
    const found = createHash('sha256').update(readFileSync(archive)).digest('hex');
    if (found !== hash) throw new Error(`Keycloak ${version}: expected the hash ${hash}, found ${found}`);
    await run('unzip', ['-q', archive, '-d', work]);
    const unpacked = join(work, `keycloak-${version}`);
    await run(join(unpacked, 'bin/kc.sh'), ['build', ...options.split(/\s+/)]);
    rmSync(join(unpacked, 'data'), { recursive: true, force: true });
    mkdirSync(join(unpacked, done.slice(folder.length)));
    rmSync(folder, { recursive: true, force: true });
    renameSync(unpacked, folder);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
  return folder;
}

/** A PostgreSQL server on the loopback address that trusts everyone. */
class Database {
  static async start(folder: string): Promise<Database> {
    const user = await preparePostgres();
    mkdirSync(folder);
    chownSync(folder, user.uid, user.gid);
    const as = ['--reuid', String(user.uid), '--regid', String(user.gid), '--clear-groups'];
    await run('setpriv', [...as, 'initdb', '-D', join(folder, 'data'), '-A', 'trust', '-U', 'keycloak']);
    const port = await freePort();
    const server = start(
      'setpriv',
      [
        ...[...as, 'postgres', '-D', join(folder, 'data'), '-p', String(port), '-k', folder],
        ...['-c', 'listen_addresses=127.0.0.1', '-c', 'fsync=off'],
      ],
      { timeoutSeconds: 3600 },
    );
    const database = new Database(port, server);
    await eventually('PostgreSQL', async () => (await database.psql('postgres', 'select 1')).code === 0);
    await run('psql', database.args('postgres', 'create database keycloak'));
    return database;
  }

  private constructor(
    readonly port: number,
    private readonly server: Running,
  ) {}

  psql(database: string, sql: string): Promise<Finished> {
    return attempt('psql', this.args(database, sql));
  }

  stop(): Promise<void> {
    return this.server.stop();
  }

  private args(database: string, sql: string): string[] {
    return ['-XAtq', '-h', '127.0.0.1', '-p', String(this.port), '-U', 'keycloak', '-d', database, '-c', sql];
  }
}

/** What a test declares. */
export interface DeclaredRealm {
  readonly props?: Partial<KeycloakRealmProps>;
  /** Adds clients, groups and permissions. */
  readonly build?: (realm: KeycloakRealm) => void;
}

/**
 * The server and the reconciling Job of a KeycloakRealm as processes of this machine: the same programs, environment, script and declared
 * state, as a user who can write to nothing but the folders that the Pods can write to.
 */
export class LocalKeycloak {
  static async create(): Promise<LocalKeycloak> {
    const distribution = await keycloakDistribution();
    // Not below /tmp, which stands for a volume of the Pod.
    const folder = mkdtempSync('/var/tmp/bk-');
    chmodSync(folder, 0o755);
    const home = join(folder, 'home');
    cpSync(distribution, home, { recursive: true });
    symlinkSync(join(folder, 's/opt/keycloak/data'), join(home, 'data'));
    const database = await Database.start(join(folder, 'db'));
    return new LocalKeycloak(folder, home, database, await freePort(), await freePort(), await freePort());
  }

  /** Values of Secrets, by `<namespace>/<name>/<key>`; change one to rotate it. */
  readonly secrets: Record<string, string> = {
    [`${NAMESPACE}/keycloak-db-keycloak/password`]: 'anything',
    [`${NAMESPACE}/keycloak-admin/username`]: 'admin',
    [`${NAMESPACE}/keycloak-admin/password`]: 'ADMINcanaryADMINcanary',
    [`${NAMESPACE}/keycloak-reconciler/clientId`]: 'bouture-reconciler',
    [`${NAMESPACE}/keycloak-reconciler/clientSecret`]: 'RECONCILERcanaryRECONCILER',
  };
  private server: Running | undefined;
  private runs = 0;

  private constructor(
    private readonly folder: string,
    private readonly home: string,
    private readonly database: Database,
    private readonly port: number,
    private readonly managementPort: number,
    private readonly otherPort: number,
  ) {}

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  get reconcilerSecret(): string {
    return this.secrets[`${NAMESPACE}/keycloak-reconciler/clientSecret`] ?? '';
  }

  set reconcilerSecret(value: string) {
    this.secrets[`${NAMESPACE}/keycloak-reconciler/clientSecret`] = value;
  }

  /** A platform with the realm that a test declares. */
  platform({ props = {}, build = () => undefined }: DeclaredRealm): Platform {
    const platform = testPlatform();
    const databases = new FakeDatabaseServer(platform, 'database', {
      host: '127.0.0.1',
      port: this.database.port,
      user: 'keycloak',
      tlsMode: 'disable',
    });
    const realm = new KeycloakRealm(platform, 'keycloak', {
      database: databases.addDatabase('keycloak'),
      exposure: { expose: () => ({ host: new URL(PUBLIC_URL).host, url: PUBLIC_URL }) },
      names: new SpaceNames(),
      ...props,
    });
    build(realm);
    return platform;
  }

  /** Starts the server as the Deployment says, and waits until it is ready. */
  async serve(declared: DeclaredRealm): Promise<void> {
    const pod = this.pod('Deployment', declared, join(this.folder, 's'));
    const server = pod.start();
    this.server = server;
    let ended = false;
    void server.finished.then(() => {
      ended = true;
    });
    const isReady = async () => {
      if (ended) throw new Hopeless('Keycloak has ended');
      return (await fetch(`http://127.0.0.1:${this.managementPort}/health/ready`)).ok;
    };
    await eventually('Keycloak', isReady, { seconds: 300, everySeconds: 1 }).catch((error: unknown) => {
      throw new Error(`${String(error)}\n${server.output.slice(-4000)}`);
    });
  }

  /** Runs the reconciling Job. */
  async reconcile(declared: DeclaredRealm, kind: 'Job' | 'CronJob' = 'Job'): Promise<Finished> {
    const root = join(this.folder, `j${++this.runs}`);
    mkdirSync(root);
    return this.pod(kind, declared, root).run();
  }

  /** Runs the Job that backs the realm up, or the one that restores it, with a folder of this machine instead of the store. */
  async job(
    role: 'backup' | 'restore',
    declared: DeclaredRealm,
    folder: string,
    env: Readonly<Record<string, string>> = {},
  ): Promise<Finished> {
    const root = join(this.folder, `j${++this.runs}`);
    mkdirSync(root);
    return this.pod('CronJob', declared, root, `keycloak-${role}`).run({
      RCLONE_CONFIG_STORE_TYPE: 'alias',
      RCLONE_CONFIG_STORE_REMOTE: folder,
      KEYCLOAK_HOST: '127.0.0.1',
      KEYCLOAK_PORT: String(this.port),
      // what 60 per cent of the container's memory are
      JAVA_OPTS_KC_HEAP: '-Xmx614m',
      ...env,
    });
  }

  /** Ends the server; what it knows stays in the database. */
  async stop(): Promise<void> {
    await this.server?.stop();
    this.server = undefined;
  }

  /** The first column of the answer to a statement. */
  async query(sql: string): Promise<string[]> {
    const { code, stdout, output } = await this.database.psql('keycloak', sql);
    if (code !== 0) throw new Error(output);
    return stdout.trim().split('\n');
  }

  /** What the server has written to its log. */
  get log(): string {
    return this.server?.output ?? '';
  }

  /** Ends everything and forgets it. */
  async dispose(): Promise<void> {
    await this.server?.stop();
    await this.database.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }

  private pod(
    kind: 'Deployment' | 'Job' | 'CronJob',
    declared: DeclaredRealm,
    root: string,
    name = 'keycloak-reconcile',
  ): LocalPod {
    const kcSh = join(this.home, 'bin/kc.sh');
    const isServer = kind === 'Deployment';
    return new LocalPod(synthesize(this.platform(declared)), kind, isServer ? 'keycloak' : name, {
      root,
      user: NOBODY,
      secrets: this.secrets,
      argument: (word) => (word === '/opt/keycloak/bin/kc.sh' ? kcSh : word),
      env: {
        KC_HTTP_HOST: '127.0.0.1',
        KC_HTTP_MANAGEMENT_PORT: String(isServer ? this.managementPort : this.otherPort),
        ...(isServer
          ? { KC_HTTP_PORT: String(this.port), JAVA_OPTS_KC_HEAP: '-Xmx512m' }
          : { KEYCLOAK_URL: this.url, KC_SH: kcSh }),
      },
    });
  }
}
