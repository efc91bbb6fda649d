import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { TestAuthority } from './certificate-authority';
import { run } from './commands';
import { apply, get, kubectl, textAt } from './kubectl';
import { eventually } from './waiting';

const PORT = 8443;
const LABELS = { 'app.kubernetes.io/name': 'git' };

/** A repository that a Pod of the cluster serves over HTTPS with a token, as an office's own host of Git would, and a clone of it here. */
export class ClusterGit {
  /**
   * @param namespace made for it
   * @param image that holds git and Python
   * @param token password of whoever reads or pushes, under any name
   */
  static async start(namespace: string, image: string, token: string): Promise<ClusterGit> {
    const authority = new TestAuthority();
    const host = `git.${namespace}.svc`;
    const { certificate, key } = authority.issue('git', `DNS:${host}`);
    const script = 'git init --quiet --bare --initial-branch=main /srv/git/configuration.git';
    const receive = 'git -C /srv/git/configuration.git config http.receivepack true';
    const metadata = { namespace, name: 'git', labels: LABELS };
    await apply(
      { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } },
      {
        apiVersion: 'v1',
        kind: 'Secret',
        metadata,
        stringData: {
          'server.py': readFileSync(join(__dirname, 'git_server.py'), 'utf8'),
          'tls.crt': certificate,
          'tls.key': key,
          token,
        },
      },
      { apiVersion: 'v1', kind: 'Service', metadata, spec: { selector: LABELS, ports: [{ port: PORT }] } },
      {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata,
        spec: {
          containers: [
            {
              ...{ name: 'git', image, ports: [{ containerPort: PORT }] },
              command: ['sh', '-ec', `${script}; ${receive}; exec python3 /etc/git/server.py /srv/git`],
              env: [{ name: 'TOKEN', valueFrom: { secretKeyRef: { name: 'git', key: 'token' } } }],
              readinessProbe: { tcpSocket: { port: PORT }, periodSeconds: 2 },
              volumeMounts: [
                { name: 'files', mountPath: '/etc/git' },
                { name: 'data', mountPath: '/srv/git' },
              ],
            },
          ],
          volumes: [
            { name: 'files', secret: { secretName: 'git' } },
            { name: 'data', emptyDir: {} },
          ],
        },
      },
    );
    await kubectl(['wait', '--for=condition=Ready', 'pod/git', '-n', namespace, '--timeout=180s']);
    const address = textAt(await get('service', 'git', namespace), 'spec', 'clusterIP');
    const made = new ClusterGit(
      authority,
      `https://${host}:${PORT}/configuration.git`,
      `${host}:${PORT}:${address}`,
      token,
    );
    await run('git', ['init', '--quiet', '--initial-branch=main', made.folder]);
    await made.git('remote', 'add', 'origin', made.url);
    // The rules of a Service come a moment after its Pod is ready.
    await eventually('the repository', async () => (await made.git('ls-remote', 'origin')) === '');
    return made;
  }

  /** The clone. */
  readonly folder = mkdtempSync(join(tmpdir(), 'bouture-configuration-'));

  private constructor(
    readonly authority: TestAuthority,
    readonly url: string,
    private readonly resolve: string,
    private readonly token: string,
  ) {}

  /** Writes files and publishes them. @returns the commit */
  async commit(message: string, files: Readonly<Record<string, string>> = {}): Promise<string> {
    for (const [path, text] of Object.entries(files)) {
      const file = join(this.folder, path);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, text);
    }
    await this.git('add', '--all');
    await this.git('commit', '--quiet', '--message', message);
    await this.git('push', '--quiet', 'origin', 'HEAD:main');
    return this.git('rev-parse', 'HEAD');
  }

  /** Takes what others have published. */
  async pull(): Promise<void> {
    await this.git('pull', '--quiet', '--ff-only', 'origin', 'main');
  }

  /** What a file of the clone says. */
  read(path: string): string {
    return readFileSync(join(this.folder, path), 'utf8');
  }

  /** Runs git in the clone. */
  async git(...args: readonly string[]): Promise<string> {
    const options = [
      ...['user.name=Ada', 'user.email=ada@example.org', 'http.postBuffer=100000000'],
      `http.curloptResolve=${this.resolve}`,
      `http.extraHeader=Authorization: Basic ${Buffer.from(`git:${this.token}`).toString('base64')}`,
    ].flatMap((option) => ['-c', option]);
    const env = { GIT_SSL_CAINFO: this.authority.file };
    return (await run('git', [...options, ...args], { cwd: this.folder, env })).stdout.trim();
  }

  /** Forgets the clone. */
  dispose(): void {
    rmSync(this.folder, { recursive: true, force: true });
    this.authority.remove();
  }
}
