import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { type Platform, synthesize } from '../../../constructs';
import { programPath } from '../../../tools/cluster/programs';
import { freePort } from '../../../tools/quickstart/port-forward';
import { attempt, type Finished, type Running, start } from './commands';
import { eventually } from './waiting';

/** Values of Secrets, by `name/key`; names are those of the store's namespace. */
export type SecretValues = Readonly<Record<string, string>>;

interface PodSpec {
  readonly containers: readonly {
    readonly command: readonly string[];
    readonly env: readonly { readonly name: string; readonly value: string }[];
  }[];
  readonly volumes: readonly {
    readonly name: string;
    readonly projected?: {
      readonly sources: readonly {
        readonly secret: { readonly name: string; readonly items: readonly { key: string; path: string }[] };
      }[];
    };
  }[];
}

/** A private key and a certificate for the loopback address, signed by itself. */
async function selfSigned(folder: string): Promise<void> {
  mkdirSync(join(folder, 'CAs'), { recursive: true });
  const { code, output } = await attempt('openssl', [
    ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '1'],
    ...['-subj', '/CN=store', '-addext', 'subjectAltName=IP:127.0.0.1'],
    ...['-keyout', join(folder, 'private.key'), '-out', join(folder, 'public.crt')],
  ]);
  if (code !== 0) throw new Error(`openssl ended with ${code}: ${output}`);
}

/**
 * The server and the provisioning Job of a MinioTenant as processes of this machine: the same programs, environment, script and
 * declared state, without containers around them.
 */
export class LocalMinio {
  static async create({ tls = false }: { readonly tls?: boolean } = {}): Promise<LocalMinio> {
    const folder = mkdtempSync(join(tmpdir(), 'bouture-minio-'));
    const certificates = join(folder, 'certs');
    mkdirSync(certificates);
    if (tls) await selfSigned(certificates);
    return new LocalMinio(folder, await freePort(), tls);
  }

  /** Command lines that the Job's script gave to `mc`, one a line. */
  readonly commandLines: string[] = [];
  private server: Running | undefined;
  private runs = 0;

  private constructor(
    private readonly folder: string,
    private readonly port: number,
    private readonly tls: boolean,
  ) {}

  get url(): string {
    return `${this.tls ? 'https' : 'http'}://127.0.0.1:${this.port}`;
  }

  /** Starts the server with the environment of the tenant's StatefulSet, or starts it anew. */
  async serve(platform: Platform, secrets: SecretValues): Promise<void> {
    await this.server?.stop();
    const spec = podSpec(platform, 'StatefulSet');
    const root = join(this.folder, 'server-secrets');
    writeSecrets(root, spec, 'root', secrets);
    const env = environment(spec, { '/run/secrets/root': root });
    this.server = start(
      programPath('minio'),
      [
        ...['server', join(this.folder, 'data'), '--address', `127.0.0.1:${this.port}`],
        ...['--certs-dir', join(this.folder, 'certs')],
      ],
      { env: { ...env, HOME: this.folder } },
    );
    await eventually('MinIO', async () => (await this.curl('/minio/health/cluster')).stdout === '200', { seconds: 60 });
  }

  /** Runs the script of the tenant's provisioning Job. */
  async provision(platform: Platform, secrets: SecretValues): Promise<Finished> {
    const spec = podSpec(platform, 'Job');
    const folder = join(this.folder, `run-${++this.runs}`);
    const state = join(folder, 'state');
    mkdirSync(state, { recursive: true });
    for (const [name, text] of Object.entries(declaredState(platform))) writeFileSync(join(state, name), text);
    writeSecrets(join(folder, 'secrets'), spec, 'secrets', secrets);
    const env = environment(spec, {
      '/etc/provisioning-ca': this.authorityFolder(),
      '/etc/provisioning': state,
      '/run/secrets/minio': join(folder, 'secrets'),
      '/tmp': folder,
    });
    const spy = this.spy(folder);
    const [shell = '', script = ''] = spec.containers[0]?.command ?? [];
    const finished = await attempt(shell, [script.replace('/etc/provisioning', state)], {
      env: { ...env, STORE_URL: this.url, PATH: `${spy}${delimiter}${process.env['PATH'] ?? ''}` },
    });
    this.commandLines.push(...readFileSync(join(folder, 'command-lines'), 'utf8').trim().split('\n'));
    return finished;
  }

  /** Runs `mc` as a user; the store's alias is `store`. */
  async mc(user: string, secret: string, ...args: readonly string[]): Promise<Finished> {
    return attempt(programPath('mc'), ['--insecure', ...args], {
      env: {
        MC_HOST_store: this.url.replace('://', `://${user}:${secret}@`),
        MC_CONFIG_DIR: join(this.folder, 'client'),
        MC_NO_COLOR: '1',
        HOME: this.folder,
      },
      input: 'content',
    });
  }

  /** The status code of an anonymous GET, as its output. */
  async curl(path: string): Promise<Finished> {
    return attempt('curl', [
      ...['--insecure', '--silent', '--output', '/dev/null', '--write-out', '%{http_code}'],
      `${this.url}${path}`,
    ]);
  }

  /** Ends the server; its data stays. */
  async stop(): Promise<void> {
    await this.server?.stop();
    this.server = undefined;
  }

  /** Ends the server and forgets its data. */
  async dispose(): Promise<void> {
    await this.server?.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** The folder that the Job would find its certificate authority in. */
  private authorityFolder(): string {
    const folder = join(this.folder, 'authority');
    mkdirSync(folder, { recursive: true });
    if (this.tls) copyFileSync(join(this.folder, 'certs/public.crt'), join(folder, 'ca.crt'));
    return folder;
  }

  /** A folder with an `mc` that writes down its arguments and then is the real one. */
  private spy(folder: string): string {
    const bin = join(folder, 'bin');
    mkdirSync(bin);
    const log = join(folder, 'command-lines');
    writeFileSync(log, '');
    const script = `#!/bin/bash\nprintf '%s\\n' "$*" >>'${log}'\nexec '${programPath('mc')}' "$@"\n`;
    writeFileSync(join(bin, 'mc'), script, { mode: 0o755 });
    return bin;
  }
}

/** The Pod spec of the tenant's StatefulSet or Job. */
function podSpec(platform: Platform, kind: 'StatefulSet' | 'Job'): PodSpec {
  const found = synthesize(platform).objects.find(({ manifest }) => manifest.kind === kind);
  if (found === undefined) throw new Error(`the platform has no ${kind}`);
  return (found.manifest['spec'] as { template: { spec: PodSpec } }).template.spec;
}

function declaredState(platform: Platform): Readonly<Record<string, string>> {
  const found = synthesize(platform).objects.find(({ manifest }) => manifest.kind === 'ConfigMap');
  if (found === undefined) throw new Error('the platform has no ConfigMap');
  return found.manifest['data'] as Record<string, string>;
}

/** The container's environment, with its paths moved. */
function environment(spec: PodSpec, moved: Readonly<Record<string, string>>): Record<string, string> {
  const move = (value: string) => {
    const from = Object.keys(moved).find((path) => value.startsWith(path));
    return from === undefined ? value : value.replace(from, moved[from] ?? '');
  };
  return Object.fromEntries(spec.containers[0]?.env.map(({ name, value }) => [name, move(value)]) ?? []);
}

/** Writes what the kubelet would: the files of a projected volume of Secrets. */
function writeSecrets(folder: string, spec: PodSpec, volume: string, values: SecretValues): void {
  for (const { secret } of spec.volumes.find(({ name }) => name === volume)?.projected?.sources ?? []) {
    for (const { key, path } of secret.items) {
      const value = values[`${secret.name}/${key}`];
      if (value === undefined) throw new Error(`the test gives no value for ${secret.name}/${key}`);
      const file = join(folder, path);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, value);
    }
  }
}
