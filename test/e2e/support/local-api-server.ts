import { existsSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { Agent, request } from 'node:https';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AUDIT_POLICY } from '../../../tools/cluster/control-plane';
import { plainProgress } from '../../../tools/cluster/progress';
import { ensurePrograms, programPath } from '../../../tools/cluster/programs';
import { type IssuedCertificate, TestAuthority } from './certificate-authority';
import { attempt, type Finished, type Running, run, start } from './commands';
import { eventually } from './waiting';

/** Who speaks to the API server, by a client certificate. */
export interface Person {
  readonly name: string;
  readonly groups?: readonly string[];
}

/**
 * A Kubernetes without nodes: etcd, API server with RBAC, and the controllers that count quotas and make Pods of Deployments, as
 * processes of this machine on free ports of the loopback address. Pods are admitted and then wait for a node that never comes.
 */
export class LocalApiServer {
  /** @param authentication an AuthenticationConfiguration: whose tokens of people it takes */
  static async create(authentication?: unknown): Promise<LocalApiServer> {
    await ensurePrograms(['kubernetes', 'etcd'], plainProgress());
    const server = new LocalApiServer(mkdtempSync(join(tmpdir(), 'bouture-api-')), await freePorts(3));
    try {
      await server.begin(authentication);
    } catch (error) {
      const last =
        (server.apiServer?.running ?? server.daemons.at(-1))?.output.trimEnd().split('\n').slice(-10).join('\n') ?? '';
      await server.dispose();
      throw new Error(`${String(error)}\n${last}`, { cause: error });
    }
    return server;
  }

  readonly authority = new TestAuthority();
  private readonly daemons: Running[] = [];
  private apiServer: { readonly args: readonly string[]; running: Running } | undefined;
  private readonly issued = new Map<string, IssuedCertificate>();

  private constructor(
    private readonly folder: string,
    private readonly ports: readonly number[],
  ) {}

  get url(): string {
    return `https://127.0.0.1:${this.port(2)}`;
  }

  /** Runs kubectl as the administrator. @throws Error when it fails */
  async kubectl(args: readonly string[], input?: unknown): Promise<string> {
    const { code, stdout, output } = await this.tryKubectl(args, input);
    if (code !== 0) throw new Error(`kubectl ${args.slice(0, 5).join(' ')} failed: ${output.trim()}`);
    return stdout;
  }

  /** Path of a kubeconfig of the administrator, for programs that call kubectl themselves. */
  administratorKubeconfig(): string {
    return this.kubeconfig(ADMINISTRATOR);
  }

  /** Speaks to the API server as a person. */
  client({ name, groups = [] }: Person): ApiClient {
    const { certificate, key } = this.issue(name, groups);
    return new ApiClient(
      this.url,
      new Agent({ keepAlive: true, ca: this.authority.certificate, cert: certificate, key }),
    );
  }

  /** Speaks to the API server as a service account, with a token that the API server made. */
  async accountClient(namespace: string, account: string): Promise<ApiClient> {
    return this.tokenClient(await this.token(namespace, account));
  }

  /** Speaks to the API server with a token of whoever it trusts. */
  tokenClient(token: string): ApiClient {
    return new ApiClient(this.url, new Agent({ keepAlive: true, ca: this.authority.certificate }), token);
  }

  /** Path of a kubeconfig with a token that the API server made for a service account. */
  async accountKubeconfig(namespace: string, account: string): Promise<string> {
    const token = await this.token(namespace, account);
    return this.write(
      `${namespace}-${account}.kubeconfig`,
      kubeconfigOf(this.url, this.authority.certificate, { token }),
    );
  }

  /** Starts the scheduler: Pods get nodes, where there are some. */
  startScheduler(): void {
    const kubeconfig = this.kubeconfig({ name: 'system:kube-scheduler' });
    const args = [`--kubeconfig=${kubeconfig}`, '--leader-elect=false', '--secure-port=0', '--profiling=false'];
    this.daemons.push(start(programPath('kube-scheduler'), args, DAEMON));
  }

  /** Starts the API server anew: from now on it writes down who does what, by the policy that is shipped. */
  async startAuditing(): Promise<void> {
    const { apiServer } = this;
    if (apiServer === undefined) throw new Error('no API server');
    await apiServer.running.stop();
    await this.serve([...apiServer.args, `--audit-policy-file=${AUDIT_POLICY}`, `--audit-log-path=${this.auditLog}`]);
  }

  /** What was written down so far. */
  auditEvents(): readonly AuditEvent[] {
    if (!existsSync(this.auditLog)) return [];
    const lines = readFileSync(this.auditLog, 'utf8').split('\n');
    return lines.filter((line) => line.endsWith('}')).map((line) => JSON.parse(line) as AuditEvent);
  }

  private get auditLog(): string {
    return join(this.folder, 'audit.log');
  }

  /** Ends every process and forgets everything. */
  async dispose(): Promise<void> {
    await this.apiServer?.running.stop();
    for (const daemon of [...this.daemons].reverse()) await daemon.stop();
    this.authority.remove();
    rmSync(this.folder, { recursive: true, force: true });
  }

  private async begin(authentication: unknown): Promise<void> {
    const etcd = `http://127.0.0.1:${this.port(0)}`;
    const peer = `http://127.0.0.1:${this.port(1)}`;
    this.daemons.push(
      start(
        programPath('etcd'),
        [
          ...[
            '--name',
            'default',
            '--data-dir',
            join(this.folder, 'etcd'),
            '--log-level',
            'error',
            '--unsafe-no-fsync',
          ],
          ...['--listen-client-urls', etcd, '--advertise-client-urls', etcd],
          ...[
            '--listen-peer-urls',
            peer,
            '--initial-advertise-peer-urls',
            peer,
            '--initial-cluster',
            `default=${peer}`,
          ],
        ],
        DAEMON,
      ),
    );
    const serving = this.authority.issue('kube-apiserver', 'IP:127.0.0.1', 'DNS:localhost');
    const certificate = this.write('server.crt', serving.certificate);
    const key = this.write('server.key', serving.key);
    const accounts = join(this.folder, 'accounts.key');
    await run('openssl', ['ecparam', '-genkey', '-name', 'prime256v1', '-noout', '-out', accounts]);
    await this.serve([
      ...[`--etcd-servers=${etcd}`, '--bind-address=127.0.0.1', `--secure-port=${this.port(2)}`],
      ...[
        '--advertise-address=127.0.0.1',
        '--endpoint-reconciler-type=none',
        '--service-cluster-ip-range=10.96.0.0/24',
      ],
      ...[`--tls-cert-file=${certificate}`, `--tls-private-key-file=${key}`, `--client-ca-file=${this.authority.file}`],
      ...['--authorization-mode=RBAC', '--anonymous-auth=false', '--allow-privileged=true'],
      ...[`--service-account-key-file=${accounts}`, `--service-account-signing-key-file=${accounts}`],
      ...['--service-account-issuer=https://kubernetes.default.svc', '--profiling=false'],
      ...(authentication === undefined
        ? []
        : [`--authentication-config=${this.write('authentication.json', JSON.stringify(authentication))}`]),
    ]);
    this.daemons.push(
      start(
        programPath('kube-controller-manager'),
        [
          ...[`--kubeconfig=${this.kubeconfig({ name: 'system:kube-controller-manager' })}`, '--leader-elect=false'],
          ...['--secure-port=0', '--use-service-account-credentials=true', `--root-ca-file=${this.authority.file}`],
          ...[
            `--service-account-private-key-file=${accounts}`,
            '--controllers=*,-nodeipam,-nodelifecycle,-cloud-node-lifecycle',
          ],
          ...['--resource-quota-sync-period=2s', '--profiling=false'],
        ],
        DAEMON,
      ),
    );
    await eventually(
      'the controllers',
      async () => (await this.tryKubectl(['get', 'serviceaccount', 'default', '--namespace', 'default'])).code === 0,
      { seconds: 60 },
    );
  }

  private async serve(args: readonly string[]): Promise<void> {
    this.apiServer = { args, running: start(programPath('kube-apiserver'), args, DAEMON) };
    await eventually('the API server', async () => (await this.tryKubectl(['get', '--raw', '/readyz'])).code === 0, {
      seconds: 120,
    });
  }

  private async token(namespace: string, account: string): Promise<string> {
    return (await this.kubectl(['create', 'token', account, '--namespace', namespace])).trim();
  }

  private async tryKubectl(args: readonly string[], input?: unknown): Promise<Finished> {
    return attempt(
      programPath('kubectl'),
      ['--kubeconfig', this.kubeconfig(ADMINISTRATOR), '--request-timeout=20s', ...args],
      {
        env: { HOME: this.folder },
        timeoutSeconds: 60,
        ...(input === undefined ? {} : { input: JSON.stringify(input) }),
      },
    );
  }

  private kubeconfig({ name, groups = [] }: Person): string {
    const { certificate, key } = this.issue(name, groups);
    return this.write(
      `${name.replaceAll(':', '-')}.kubeconfig`,
      kubeconfigOf(this.url, this.authority.certificate, {
        'client-certificate-data': base64(certificate),
        'client-key-data': base64(key),
      }),
    );
  }

  private issue(name: string, groups: readonly string[]): IssuedCertificate {
    const subject = [name, ...groups.map((group) => `O=${group}`)].join('/');
    const known = this.issued.get(subject) ?? this.authority.issue(subject, 'DNS:person');
    this.issued.set(subject, known);
    return known;
  }

  private write(name: string, text: string): string {
    const file = join(this.folder, name);
    // Another program may be reading it.
    writeFileSync(`${file}.new`, text, { mode: 0o600 });
    renameSync(`${file}.new`, file);
    return file;
  }

  private port(index: number): number {
    const port = this.ports[index];
    if (port === undefined) throw new Error('no port');
    return port;
  }
}

/** An entry of the audit log, as far as tests read it. */
export interface AuditEvent {
  readonly verb: string;
  readonly requestURI: string;
  readonly user: { readonly username: string };
  readonly impersonatedUser?: { readonly username: string };
  readonly responseStatus?: { readonly code?: number; readonly message?: string };
  readonly annotations?: Readonly<Record<string, string>>;
}

/** What the API server answered. */
export interface ApiAnswer {
  readonly status: number;
  /** The object, or the Status with its message. */
  readonly body: Readonly<Record<string, unknown>>;
  /** Texts of its Warning headers. */
  readonly warnings: readonly string[];
}

/** Requests of one person. */
export class ApiClient {
  constructor(
    private readonly url: string,
    private readonly agent: Agent,
    private readonly token?: string,
  ) {}

  /** @param path with its query, as kubectl --raw has it */
  async send(
    method: string,
    path: string,
    body?: unknown,
    contentType = 'application/json',
    headers: Readonly<Record<string, string>> = {},
  ): Promise<ApiAnswer> {
    return new Promise((resolve, reject) => {
      const sent = request(
        `${this.url}${path}`,
        {
          method,
          agent: this.agent,
          headers: {
            ...headers,
            accept: 'application/json',
            ...(body === undefined ? {} : { 'content-type': contentType }),
            ...(this.token === undefined ? {} : { authorization: `Bearer ${this.token}` }),
          },
        },
        (response) => {
          let text = '';
          response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
          response.on('end', () => {
            const warning = response.headers.warning ?? '';
            resolve({
              status: response.statusCode ?? 0,
              body: parsed(text),
              warnings: [...warning.matchAll(/299 - "((?:[^"\\]|\\.)*)"/g)].map(([, found = '']) => found),
            });
          });
        },
      );
      sent.on('error', reject).end(body === undefined ? undefined : JSON.stringify(body));
    });
  }

  /** Closes its connections. */
  close(): void {
    this.agent.destroy();
  }
}

function parsed(text: string): Readonly<Record<string, unknown>> {
  try {
    return JSON.parse(text) as Readonly<Record<string, unknown>>;
  } catch {
    return { message: text };
  }
}

/** Who may do everything. */
export const ADMINISTRATOR: Person = { name: 'admin', groups: ['system:masters'] };

/** Longer than any test; whoever started it ends it. */
const DAEMON = { timeoutSeconds: 3600 };

function kubeconfigOf(server: string, authority: string, user: Readonly<Record<string, string>>): string {
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'local', cluster: { server, 'certificate-authority-data': base64(authority) } }],
    users: [{ name: 'user', user }],
    contexts: [{ name: 'local', context: { cluster: 'local', user: 'user' } }],
    'current-context': 'local',
  });
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}

/** Ports that nobody listens on, all different. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer();
      await new Promise<void>((resolve, reject) => {
        server.on('error', reject).listen(0, '127.0.0.1', resolve);
      });
      return server;
    }),
  );
  return servers.map((server) => {
    const address = server.address();
    server.close();
    if (address === null || typeof address === 'string') throw new Error('no port');
    return address.port;
  });
}
