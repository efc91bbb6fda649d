import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { basename, dirname, join } from 'node:path';
import type { Synthesis } from '../../../constructs';
import { freePort } from '../../../tools/quickstart/port-forward';
import { TestAuthority } from './certificate-authority';
import { attempt, type Finished, type Running, run } from './commands';
import { LocalPod, type LocalPodOptions } from './local-pod';
import { secretServer } from './secret-server';
import { eventually } from './waiting';

/** What a server answered. */
export interface Answer {
  readonly status: number;
  readonly body: unknown;
}

export interface LocalVaultOptions {
  /** Address of an API server, for programs with service accounts. @default - there is none */
  readonly apiServer?: string;
}

/** Where a Pod finds what tells it from others. */
const ACCOUNT_FOLDER = '/var/run/secrets/kubernetes.io/serviceaccount';

/** Value of the Secret that encrypts the key. */
const KEY = 'KEYcanaryKEYcanaryKEYcanaryKEYcanary';
const NAMESPACE = 'demo-vault';
const HOST = `vault.${NAMESPACE}.svc.cluster.local`;

/** Values of the Secrets of a store named `vault`, by `<namespace>/<secret>/<key>`. */
export function vaultSecrets(more: Readonly<Record<string, string>> = {}): Readonly<Record<string, string>> {
  return {
    [`${NAMESPACE}/vault-unseal/key`]: KEY,
    [`${NAMESPACE}/vault-access/servers`]: 'SERVERScanarySERVERScanary',
    [`${NAMESPACE}/vault-access/reconciler`]: 'RECONCILERcanaryRECONCILER',
    [`${NAMESPACE}/vault-access/snapshots`]: 'SNAPSHOTScanarySNAPSHOTS',
    ...more,
  };
}

/** One server of the store: its process, its volume, its ports. */
class LocalServer {
  running: Running | undefined;
  constructor(
    readonly index: number,
    readonly root: string,
    readonly ports: { readonly api: number; readonly cluster: number; readonly metrics: number },
  ) {}

  get url(): string {
    return `https://127.0.0.1:${this.ports.api}`;
  }
}

/**
 * The servers and the Jobs of a VaultRealm named `vault` as processes of this machine: the same programs, scripts, configuration and
 * declared state, without containers around them, and with TLS.
 */
export class LocalVault {
  static async create(count = 1, options: LocalVaultOptions = {}): Promise<LocalVault> {
    const folder = mkdtempSync('/tmp/bv-');
    chmodSync(folder, 0o755);
    const servers: LocalServer[] = [];
    for (let index = 0; index < count; index++) {
      const ports = { api: await freePort(), cluster: await freePort(), metrics: await freePort() };
      servers.push(new LocalServer(index, join(folder, `server-${index}`), ports));
    }
    return new LocalVault(folder, servers, await secretServer(), options);
  }

  readonly authority = new TestAuthority();
  /** Where snapshots arrive. */
  readonly bucket: string;
  private readonly certificate = this.authority.issue('vault', `DNS:${HOST}`, 'IP:127.0.0.1');
  private jobs = 0;

  private constructor(
    private readonly folder: string,
    private readonly servers: readonly LocalServer[],
    /** Path of the program: `vault` or `bao`. */
    private readonly program: string,
    private readonly options: LocalVaultOptions,
  ) {
    this.bucket = join(folder, 'bucket');
    mkdirSync(this.bucket);
  }

  /** Address of a server. */
  url(index = 0): string {
    return this.server(index).url;
  }

  /** Starts a server. @param secrets values of {@link vaultSecrets} */
  start(synthesis: Synthesis, secrets: Readonly<Record<string, string>>, index = 0): Running {
    const server = this.server(index);
    const pod = this.pod(synthesis, 'StatefulSet', 'vault', server.root, secrets, this.serverEnvironment(server));
    server.running = pod.start();
    return server.running;
  }

  /** Ends a server and waits until it is gone; its volume stays. */
  async stop(index = 0): Promise<void> {
    const server = this.server(index);
    await server.running?.stop();
    server.running = undefined;
  }

  /** Forgets the volume of a server that has ended. */
  loseVolume(index: number): void {
    rmSync(join(this.server(index).root, 'vault/data'), { recursive: true });
  }

  /** What a server and its script have said so far. */
  log(index = 0): string {
    return this.server(index).running?.output ?? '';
  }

  /** Runs a script that people run in the container of the first server. */
  async inServer(
    synthesis: Synthesis,
    secrets: Readonly<Record<string, string>>,
    script: string,
    inputFile: string,
  ): Promise<Finished> {
    const server = this.server(0);
    const argument = (word: string) => word.replace('start.sh', 'wrapper.sh');
    const env = this.serverEnvironment(server);
    const pod = this.pod(synthesis, 'StatefulSet', 'vault', server.root, secrets, env, argument);
    const folder = join(server.root, 'etc/vault');
    writeFileSync(join(folder, 'wrapper.sh'), `exec bash ${join(folder, script)} <'${inputFile}'\n`);
    return pod.start().finished;
  }

  /** Runs the Job that brings the store to the declared state. */
  async provision(
    synthesis: Synthesis,
    secrets: Readonly<Record<string, string>>,
    env: Readonly<Record<string, string>> = {},
  ): Promise<Finished> {
    const root = join(this.folder, `job-${++this.jobs}`);
    return this.pod(synthesis, 'Job', 'vault-reconciler', root, secrets, { ...this.jobEnvironment(), ...env }).run();
  }

  /** Runs the Job that takes a snapshot, into a folder instead of a bucket. */
  async snapshot(
    synthesis: Synthesis,
    secrets: Readonly<Record<string, string>>,
    env: Readonly<Record<string, string>> = {},
  ): Promise<Finished> {
    const root = join(this.folder, `job-${++this.jobs}`);
    const remote = { RCLONE_CONFIG_STORE_TYPE: 'alias', RCLONE_CONFIG_STORE_REMOTE: this.bucket };
    const all = { ...this.jobEnvironment(), ...remote, ...env };
    return this.pod(synthesis, 'CronJob', 'vault-snapshots', root, secrets, all).run();
  }

  /** Asks a server. @param token of the one who asks */
  async ask(
    method: string,
    path: string,
    {
      token,
      body,
      index = 0,
      port,
      headers = {},
    }: {
      readonly token?: string;
      readonly body?: unknown;
      readonly index?: number;
      readonly port?: 'metrics';
      readonly headers?: Readonly<Record<string, string>>;
    } = {},
  ): Promise<Answer & { readonly headers: Readonly<Record<string, unknown>>; readonly text: string }> {
    const server = this.server(index);
    const url = `https://127.0.0.1:${server.ports[port ?? 'api']}/v1/${path}`;
    return new Promise((resolve, reject) => {
      const sent = request(
        url,
        {
          method,
          ca: this.authority.certificate,
          headers: { ...headers, ...(token === undefined ? {} : { 'X-Vault-Token': token }) },
          agent: false,
        },
        (response) => {
          let text = '';
          response.setEncoding('utf8').on('data', (part: string) => (text += part));
          response.on('end', () => {
            let parsed: unknown = text;
            try {
              parsed = text === '' ? undefined : JSON.parse(text);
            } catch {
              // Metrics are no JSON.
            }
            resolve({ status: response.statusCode ?? 0, body: parsed, headers: response.headers, text });
          });
        },
      );
      sent.on('error', reject);
      sent.end(body === undefined ? undefined : JSON.stringify(body));
    });
  }

  /** The status of the probe of a server's container. */
  async probe(synthesis: Synthesis, probe: 'startupProbe' | 'livenessProbe' | 'readinessProbe', index = 0) {
    const manifest = synthesis.objects.find(({ manifest: { kind } }) => kind === 'StatefulSet')?.manifest;
    const { template } = manifest?.['spec'] as {
      template: { spec: { containers: Record<string, { httpGet: { path: string } }>[] } };
    };
    const path = template.spec.containers[0]?.[probe]?.httpGet.path ?? '';
    return (await this.ask('GET', path.replace(/^\/v1\//, ''), { index })).status;
  }

  /** Waits until a server is ready for its probe. */
  async ready(synthesis: Synthesis, index = 0): Promise<void> {
    await eventually(
      `server ${index}`,
      async () => {
        const status = await this.probe(synthesis, 'readinessProbe', index);
        return status === 200;
      },
      { seconds: 60 },
    );
  }

  /** The client, as whoever has a token. */
  async cli(token: string, args: readonly string[], index = 0): Promise<Finished> {
    return attempt(this.program, args, {
      env: { VAULT_ADDR: this.url(index), VAULT_CACERT: this.authority.file, VAULT_TOKEN: token, HOME: this.folder },
    });
  }

  /** The key of the store, in the way in which an office decrypts it without any server. */
  async key(index = 0): Promise<string> {
    const file = join(this.server(index).root, 'vault/data/unseal.key');
    const secret = join(this.server(index).root, 'run/secrets/key/key');
    const args = ['enc', '-d', '-aes-256-cbc', '-pbkdf2', '-iter', '100000', '-a', '-A', '-in', file];
    return (await run('openssl', [...args, '-pass', `file:${secret}`])).stdout;
  }

  /** A root token, made with the key. */
  async rootToken(key?: string, index = 0): Promise<string> {
    if (this.isOpenBao) {
      const value = createHash('sha256')
        .update(`admission ${key ?? (await this.key())}`)
        .digest('hex');
      const { body } = await this.ask('POST', 'auth/bouture/login', {
        body: { role_id: 'admission', secret_id: value },
        index,
      });
      return (body as { auth: { client_token: string } }).auth.client_token;
    }
    const generate = async (...args: readonly string[]) =>
      (await this.cli('', ['operator', 'generate-root', ...args], index)).stdout;
    const { nonce, otp } = JSON.parse(await generate('-init', '-format=json')) as { nonce: string; otp: string };
    const { encoded_root_token: coded } = JSON.parse(
      await generate('-format=json', `-nonce=${nonce}`, key ?? (await this.key())),
    ) as { encoded_root_token: string };
    return (await generate(`-decode=${coded}`, `-otp=${otp}`)).trim();
  }

  /** Ends all servers and forgets their data. */
  async dispose(): Promise<void> {
    for (const { index } of this.servers) await this.stop(index);
    this.authority.remove();
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** Gives the servers what the kubelet would: a token of their service account, and the authority behind the API server. */
  giveAccount(token: string, authority: string): void {
    for (const { root } of this.servers) {
      const folder = join(root, ACCOUNT_FOLDER);
      mkdirSync(folder, { recursive: true });
      writeFileSync(join(folder, 'token'), token);
      writeFileSync(join(folder, 'ca.crt'), authority);
    }
  }

  private get isOpenBao(): boolean {
    return basename(this.program) === 'bao';
  }

  private server(index: number): LocalServer {
    const server = this.servers[index];
    if (server === undefined) throw new Error(`there is no server ${index}`);
    return server;
  }

  private serverEnvironment(server: LocalServer): Record<string, string> {
    const name = `vault-${server.index}`;
    return {
      POD_NAME: name,
      VAULT_RAFT_NODE_ID: name,
      VAULT_ADDR: server.url,
      VAULT_API_ADDR: server.url,
      VAULT_CLUSTER_ADDR: `https://127.0.0.1:${server.ports.cluster}`,
      PEERS: this.servers
        .filter(({ index }) => index !== server.index)
        .map(({ url }) => url)
        .join(' '),
    };
  }

  private jobEnvironment(): Record<string, string> {
    return { VAULT_ADDR: this.url(), SERVERS: this.servers.map(({ url }) => url).join(' ') };
  }

  private pod(
    synthesis: Synthesis,
    kind: string,
    name: string,
    root: string,
    secrets: Readonly<Record<string, string>>,
    env: Readonly<Record<string, string>>,
    argument?: (word: string) => string,
  ): LocalPod {
    const { ports } = this.servers.find((server) => server.root === root) ?? this.server(0);
    const options: LocalPodOptions = {
      root,
      user: { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 },
      secrets: {
        ...secrets,
        [`${NAMESPACE}/vault-tls/tls.crt`]: this.certificate.certificate,
        [`${NAMESPACE}/vault-tls/tls.key`]: this.certificate.key,
        [`${NAMESPACE}/vault-ca/ca.crt`]: this.authority.certificate,
      },
      env: { ...env, PATH: `${dirname(this.program)}:${process.env['PATH'] ?? ''}` },
      edit: (text) =>
        this.servers
          .reduce((moved, { index, url }) => {
            const host = `https://vault-${index}.vault-headless.${NAMESPACE}.svc.cluster.local:8200`;
            return moved.replaceAll(host, url);
          }, text)
          .replaceAll('[::]:8200', `127.0.0.1:${ports.api}`)
          .replaceAll('[::]:8201', `127.0.0.1:${ports.cluster}`)
          .replaceAll('[::]:8203', `127.0.0.1:${ports.metrics}`)
          .replaceAll('https://kubernetes.default.svc', this.options.apiServer ?? 'https://kubernetes.default.svc'),
      ...(argument === undefined ? {} : { argument }),
      ...(kind === 'StatefulSet' && this.options.apiServer !== undefined ? { fixedFolders: [ACCOUNT_FOLDER] } : {}),
    };
    return new LocalPod(synthesis, kind, name, options);
  }
}
