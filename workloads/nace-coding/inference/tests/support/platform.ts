import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { AwsClient } from 'aws4fetch';
import { eventually } from './app.js';

const ROOT = fileURLToPath(new URL('../../../../..', import.meta.url));
const PYTHON_FOLDER = fileURLToPath(new URL('../python', import.meta.url));
const USER = 'minio-root';
const PASSWORD = 'secret-of-minio-root';
const BUCKET = 'coding';
const HOST = '127.0.0.1';

/** Ports of this test's servers. */
const MINIO_PORT = 24100;
const MLFLOW_PORT = 24101;

/** What the tools of the repository give for an expression: they build and keep the programs of the platform. */
function fromTools(expression: string): string {
  const script = `(async () => process.stdout.write('\\n@@' + await (${expression})))()`;
  const output = execFileSync(process.execPath, ['-r', 'ts-node/register/transpile-only', '-e', script], {
    cwd: ROOT,
    encoding: 'utf8',
    env: { ...process.env, NODE_OPTIONS: '' },
  });
  return output.slice(output.lastIndexOf('@@') + 2);
}

/** A program that runs until it is stopped. */
class Server {
  output = '';
  private process: ChildProcess | undefined;

  constructor(
    private readonly command: string,
    private readonly args: readonly string[],
    private readonly env: Readonly<Record<string, string>>,
  ) {}

  start(): void {
    this.process = spawn(this.command, this.args, { env: { ...process.env, ...this.env }, detached: true });
    const keep = (data: Buffer) => (this.output = (this.output + data.toString()).slice(-20_000));
    this.process.stdout?.on('data', keep);
    this.process.stderr?.on('data', keep);
  }

  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<number | null> {
    const { process: running } = this;
    this.process = undefined;
    if (running?.pid === undefined || running.exitCode !== null || running.signalCode !== null) return null;
    const ended = new Promise<number | null>((resolve) => running.once('exit', resolve));
    process.kill(-running.pid, signal);
    return ended;
  }
}

/** A real MinIO with a bucket. */
export class LocalMinio {
  readonly url = `http://${HOST}:${MINIO_PORT}`;
  readonly bucket = BUCKET;
  readonly folder = mkdtempSync(join(tmpdir(), 'minio-'));
  readonly credentials = { accessKeyId: USER, secretAccessKey: PASSWORD };
  private readonly client = new AwsClient({ ...this.credentials, region: 'us-east-1', service: 's3', retries: 0 });
  private readonly server: Server;

  constructor() {
    const expression = `(async () => {
      const { ensurePrograms, programPath } = require('./tools/cluster/programs');
      await ensurePrograms(['minio'], { say: () => undefined, step: (_, work) => work() });
      return programPath('minio');
    })()`;
    const args = ['server', join(this.folder, 'data'), '--address', `${HOST}:${MINIO_PORT}`];
    const env = { HOME: this.folder, MINIO_ROOT_USER: USER, MINIO_ROOT_PASSWORD: PASSWORD, MINIO_BROWSER: 'off' };
    this.server = new Server(fromTools(expression), args, env);
  }

  async start(): Promise<void> {
    this.server.start();
    const ready = async () => (await fetch(`${this.url}/minio/health/cluster`).catch(() => undefined))?.status === 200;
    await eventually('MinIO', ready, 60);
    await this.client.fetch(`${this.url}/${BUCKET}`, { method: 'PUT' });
  }

  async stop(): Promise<void> {
    await this.server.stop('SIGKILL');
  }

  async remove(): Promise<void> {
    await this.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** Keys below a prefix. */
  async keys(prefix: string): Promise<string[]> {
    const query = new URLSearchParams({ 'list-type': '2', prefix });
    const listing = await (await this.client.fetch(`${this.url}/${BUCKET}?${query.toString()}`)).text();
    return [...listing.matchAll(/<Key>([^<]*)<\/Key>/g)].map(([, key = '']) => key);
  }

  async read(key: string): Promise<string> {
    return (await this.client.fetch(`${this.url}/${BUCKET}/${key}`)).text();
  }

  /** Writes an object, whatever is there. */
  async write(key: string, content: string): Promise<void> {
    await this.client.fetch(`${this.url}/${BUCKET}/${key}`, { method: 'PUT', body: content });
  }
}

/** A real MLflow server with accounts, whose artifacts are on its disk. */
export class LocalMlflow {
  readonly url = `http://${HOST}:${MLFLOW_PORT}`;
  readonly username = 'admin';
  readonly password = 'first-password-of-admin';
  private readonly folder = mkdtempSync(join(tmpdir(), 'mlflow-'));
  private readonly python = fromTools(
    `require('./tools/quickstart/python').pythonWith('images/mlflow/requirements.txt')`,
  );
  private readonly server: Server;

  constructor() {
    const ini = join(this.folder, 'auth.ini');
    const lines = [
      '[mlflow]',
      'default_permission = NO_PERMISSIONS',
      `database_uri = sqlite:///${join(this.folder, 'auth.db')}`,
      `admin_username = ${this.username}`,
      `admin_password = ${this.password}`,
      'authorization_function = mlflow.server.auth:authenticate_request_basic_auth',
    ];
    writeFileSync(ini, lines.join('\n'));
    mkdirSync(join(this.folder, 'artifacts'));
    const store = ['--backend-store-uri', `sqlite:///${join(this.folder, 'mlflow.db')}`];
    const artifacts = ['--artifacts-destination', join(this.folder, 'artifacts')];
    const at = ['--host', HOST, '--port', String(MLFLOW_PORT), '--workers', '1', '--app-name', 'basic-auth'];
    this.server = new Server(this.python, ['-m', 'mlflow', 'server', ...store, ...artifacts, ...at], {
      MLFLOW_AUTH_CONFIG_PATH: ini,
      MLFLOW_FLASK_SERVER_SECRET_KEY: 's'.repeat(32),
      MLFLOW_DISABLE_TELEMETRY: 'true',
    });
  }

  async start(): Promise<void> {
    this.server.start();
    const ready = async () => (await fetch(`${this.url}/health`).catch(() => undefined))?.status === 200;
    await eventually('MLflow', ready, 240).catch((error: unknown) => {
      throw new Error(`${String(error)}\n${this.server.output}`);
    });
  }

  async stop(): Promise<void> {
    await this.server.stop('SIGKILL');
  }

  async remove(): Promise<void> {
    await this.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** Logs a pyfunc with folders for serving as its artifacts, one version for each, as training does. */
  register(model: string, folders: readonly string[]): void {
    execFileSync(this.python, [join(PYTHON_FOLDER, 'register.py'), model, ...folders], {
      cwd: this.folder,
      env: {
        ...process.env,
        MLFLOW_TRACKING_URI: this.url,
        MLFLOW_TRACKING_USERNAME: this.username,
        MLFLOW_TRACKING_PASSWORD: this.password,
        MLFLOW_DISABLE_TELEMETRY: 'true',
      },
      stdio: ['ignore', 'ignore', 'inherit'],
    });
  }

  /** Points an alias at a version. */
  async alias(name: string, alias: string, version: number): Promise<void> {
    await this.ask('POST', { name, alias, version: String(version) });
  }

  /** Takes an alias from whichever version has it. */
  async removeAlias(name: string, alias: string): Promise<void> {
    await this.ask('DELETE', { name, alias });
  }

  private async ask(method: string, body: object): Promise<void> {
    const answer = await fetch(`${this.url}/api/2.0/mlflow/registered-models/alias`, {
      method,
      headers: {
        'content-type': 'application/json',
        authorization: `Basic ${Buffer.from(`${this.username}:${this.password}`).toString('base64')}`,
      },
      body: JSON.stringify(body),
    });
    if (!answer.ok) throw new Error(`${answer.status} ${await answer.text()}`);
  }
}

/** The service as the image starts it. */
export class ServiceProcess {
  private readonly server: Server;

  constructor(
    config: object,
    path: string,
    readonly url: string,
    readonly managementUrl: string,
    env: Readonly<Record<string, string>>,
  ) {
    writeFileSync(path, JSON.stringify(config));
    const main = fileURLToPath(new URL('../../dist/main.js', import.meta.url));
    this.server = new Server(process.execPath, [main], { ...env, CONFIG_FILE: path });
  }

  get log(): string {
    return this.server.output;
  }

  /** Starts it, and waits until it is ready. */
  async start(): Promise<void> {
    this.server.start();
    const ready = async () => (await fetch(`${this.managementUrl}/readyz`).catch(() => undefined))?.status === 200;
    await eventually('the service', ready, 60).catch((error: unknown) => {
      throw new Error(`${String(error)}\n${this.log}`);
    });
  }

  async stop(signal: NodeJS.Signals): Promise<number | null> {
    return this.server.stop(signal);
  }
}
