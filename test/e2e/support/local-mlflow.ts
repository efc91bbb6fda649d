import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { MlflowServer, type MlflowServerProps, type Platform, synthesize, type Synthesis } from '../../../constructs';
import { pythonWith } from '../../../tools/quickstart/python';
import { testPlatform } from '../../support/platform';
import { FakeDatabaseServer, FakeObjectStore } from '../../support/storage';
import { freePort } from '../../../tools/quickstart/port-forward';
import { type Finished, ROOT, run, type Running } from './commands';
import { LocalPod } from './local-pod';
import { LocalPostgres, type LocalStore } from './local-postgres';
import { eventually } from './waiting';

/** Everything of MLflow's image but Debian itself. */
const REQUIREMENTS = join(ROOT, 'images/mlflow/requirements.txt');
const NAMESPACE = 'demo-mlflow';
const ROOT_USER = { uid: 0, gid: 0 };
const BUCKET = 'backups';

/** What the office declares about its MLflow. */
export interface Declared {
  readonly props?: Partial<MlflowServerProps>;
  /** What else it does with it. */
  readonly with?: (mlflow: MlflowServer, platform: Platform) => void;
}

/** An answer of MLflow. */
export interface Answer {
  readonly status: number;
  readonly body: string;
}

/** How MLflow is asked. */
export interface Question {
  /** `user:password`. @default - no credentials */
  readonly as?: string;
  readonly host?: string;
  readonly origin?: string;
  /** Sent as JSON by POST. @default - GET */
  readonly json?: unknown;
}

/**
 * The containers of an MlflowServer as processes of this machine: the commands, scripts and environments of the manifests, with the
 * packages of the image, a real PostgreSQL and a real MinIO.
 */
export class LocalMlflow {
  /** Starts a database server with the two databases, and makes the Python of the image. */
  static async create(user: { uid: number; gid: number }, store: LocalStore): Promise<LocalMlflow> {
    const python = await pythonWith(REQUIREMENTS);
    const root = mkdtempSync('/tmp/bm-');
    chmodSync(root, 0o755);
    const bin = join(root, 'bin');
    mkdirSync(bin);
    for (const [name, command] of [
      ['python', python],
      ['mlflow', `${python} -m mlflow`],
    ] as const) {
      writeFileSync(join(bin, name), `#!/bin/sh\nexec ${command} "$@"\n`, { mode: 0o755 });
    }
    const postgres = await LocalPostgres.create(user, store, (server, client) => {
      const tracking = server.addDatabase('mlflow');
      tracking.grantConnect({ connections: client, consumerName: 'mlflow' });
      server.addDatabase('mlflow_auth', { owner: tracking });
    });
    await postgres.start();
    const { code, output } = await postgres.provision();
    if (code !== 0) throw new Error(output);
    return new LocalMlflow(root, postgres, store, await freePort(), await freePort());
  }

  /** Passwords by user. */
  readonly passwords: Record<string, string> = { admin: 'first-password-of-admin' };
  private synthesis: Synthesis;
  private readonly running: Running[] = [];

  private constructor(
    private readonly root: string,
    readonly postgres: LocalPostgres,
    private readonly store: LocalStore,
    readonly port: number,
    readonly metricsPort: number,
  ) {
    this.synthesis = this.build({});
  }

  /** Declares another MLflow on the same data. */
  declare(declared: Declared): void {
    this.synthesis = this.build(declared);
  }

  private build({ props = {}, with: use }: Declared): Synthesis {
    const platform = testPlatform();
    const database = new FakeDatabaseServer(platform, 'postgres', {
      host: '127.0.0.1',
      port: this.postgres.port,
      tlsMode: 'disable',
    });
    const store = new FakeObjectStore(platform, 'store', { url: this.store.endpoint });
    const mlflow = new MlflowServer(platform, 'mlflow', {
      database: database.addDatabase('mlflow'),
      artifacts: { bucket: store.addBucket(BUCKET) },
      ...props,
    });
    use?.(mlflow, platform);
    return synthesize(platform);
  }

  private pod(kind: string, name: string, container: string): LocalPod {
    const secret = (id: string) => `${NAMESPACE}/${id}`;
    return new LocalPod(this.synthesis, kind, name, {
      root: join(this.root, 'pod'),
      user: ROOT_USER,
      container,
      secrets: {
        [secret('mlflow-db-mlflow/password')]: this.postgres.passwordOf('mlflow'),
        [secret('mlflow-s3/accessKeyId')]: this.store.accessKeyId,
        [secret('mlflow-s3/secretAccessKey')]: this.store.secretAccessKey,
        [secret('mlflow-keys/gateway')]: 'g'.repeat(32),
        [secret('mlflow-keys/signing')]: 's'.repeat(32),
        ...Object.fromEntries(
          Object.entries(this.passwords).map(([user, password]) => [secret(`mlflow-accounts/${user}`), password]),
        ),
      },
      env: {
        PATH: `${join(this.root, 'bin')}:${process.env['PATH'] ?? ''}`,
        ...(kind === 'CronJob' ? { MLFLOW_TRACKING_URI: this.url } : {}),
      },
      argument: (argument) =>
        argument === '5000' ? String(this.port) : argument === '9090' ? String(this.metricsPort) : argument,
    });
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Runs the migration Job. */
  async migrate(env: Readonly<Record<string, string>> = {}): Promise<Finished> {
    return this.pod('Job', 'mlflow-migrate', 'migrate').run(env);
  }

  /** Runs the init container. */
  async agreeOnAccounts(): Promise<Finished> {
    rmSync(join(this.root, 'pod/run/mlflow-accounts'), { recursive: true, force: true });
    return this.pod('Deployment', 'mlflow', 'accounts').run();
  }

  /** Runs one garbage collection. */
  async collectGarbage(olderThanDays: number): Promise<Finished> {
    this.declare({ props: { garbageCollection: { olderThanDays } } });
    return this.pod('CronJob', 'mlflow-gc', 'collect').run();
  }

  /** Starts the server and its metrics, and waits until its probe would succeed. */
  async serve(): Promise<void> {
    const server = this.pod('Deployment', 'mlflow', 'server').start();
    this.running.push(server, this.pod('Deployment', 'mlflow', 'metrics').start());
    await eventually('MLflow', async () => (await this.ask('/health')).status === 200, { seconds: 300 }).catch(
      (error: unknown) => {
        throw new Error(`${String(error)}\n${server.output}`);
      },
    );
  }

  /** Ends the server as the kubelet does. */
  async stop(): Promise<void> {
    for (const each of this.running.splice(0)) await each.stop();
  }

  /** Asks the server. curl, for fetch does not let a caller choose the Host header. */
  async ask(path: string, { as, host, origin, json }: Question = {}): Promise<Answer> {
    const quoted = (text: string) => JSON.stringify(text);
    const config = [
      `url = ${quoted(path.startsWith('http') ? path : `${this.url}${path}`)}`,
      ...(as === undefined ? [] : [`user = ${quoted(as)}`]),
      ...(host === undefined ? [] : [`header = ${quoted(`Host: ${host}`)}`]),
      ...(origin === undefined ? [] : [`header = ${quoted(`Origin: ${origin}`)}`]),
      ...(json === undefined
        ? []
        : [`header = "Content-Type: application/json"`, `data = ${quoted(JSON.stringify(json))}`]),
    ];
    const args = ['--silent', '--path-as-is', '--max-time', '60', '--write-out', '\n%{http_code}', '--config', '-'];
    const { stdout } = await run('curl', args, { input: config.join('\n') });
    const end = stdout.lastIndexOf('\n');
    return { status: Number(stdout.slice(end + 1)), body: stdout.slice(0, end) };
  }

  /** The answer to a call of the REST interface that must succeed. */
  async api(path: string, question: Question): Promise<Record<string, unknown>> {
    const { status, body } = await this.ask(`/api/2.0/mlflow/${path}`, question);
    if (status !== 200) throw new Error(`${path}: ${status} ${body}`);
    return JSON.parse(body) as Record<string, unknown>;
  }

  /** Puts a file among the artifacts, as a client does. */
  async upload(path: string, content: string, as: string): Promise<number> {
    const args = ['--silent', '--output', '/dev/null', '--write-out', '%{http_code}', '--config', '-'];
    const config = [
      `url = "${this.url}/api/2.0/mlflow-artifacts/artifacts/${path}"`,
      `user = "${as}"`,
      'request = "PUT"',
      `data = ${JSON.stringify(content)}`,
    ];
    return Number((await run('curl', args, { input: config.join('\n') })).stdout);
  }

  /** Ends everything and removes it. */
  async remove(): Promise<void> {
    await this.stop();
    await this.postgres.remove();
    rmSync(this.root, { recursive: true, force: true });
  }
}
