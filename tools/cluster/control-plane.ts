import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import {
  API_PORT,
  API_SERVICE_ADDRESS,
  ETCD_PEER_PORT,
  ETCD_PORT,
  NODE_ADDRESS,
  NODES,
  POD_SUBNET,
  SERVICE_SUBNET,
  WEB_DOMAIN,
} from './addresses';
import { answers } from './answers';
import { Certificates } from './certificates';
import { attempt } from './commands';
import type { DaemonSpec } from './daemons';
import { writeIfChanged } from './files';
import { recipe } from './paths';
import { programPath } from './programs';

/** What the API server writes down of what people do; for other clusters, too. */
export const AUDIT_POLICY = recipe('audit-policy.yaml');

/** Who may speak to the API server with a file of their own. */
const USERS = ['admin', 'controller-manager', 'scheduler', 'proxy', 'kubelet', 'kubelet-2'] as const;

/** Who knows people on this cluster, once a platform runs that has a Keycloak. */
const ISSUER = new URL(`https://auth.${WEB_DOMAIN}/realms/datalab`);

/** etcd, API server, controller manager and scheduler of one cluster. */
export class ControlPlane {
  readonly certificates: Certificates;

  /** @param state the state folder of the cluster */
  constructor(private readonly state: string) {
    this.certificates = new Certificates(join(state, 'pki'));
  }

  /** Makes certificates, keys and configuration that are not there yet. */
  async configure(): Promise<void> {
    await this.certificates.ensure(NODE_ADDRESS, API_SERVICE_ADDRESS, NODES);
    for (const user of USERS) writeIfChanged(this.kubeconfig(user), this.renderKubeconfig(user));
    writeIfChanged(this.file('audit-policy.yaml'), readFileSync(AUDIT_POLICY, 'utf8'));
    writeIfChanged(this.file('authentication.yaml'), stringify(this.authentication()));
    const hosts = readFileSync('/etc/hosts', 'utf8').trimEnd();
    writeIfChanged(this.file('hosts'), `${hosts}\n${NODE_ADDRESS} ${ISSUER.hostname}\n`);
    // The key lives as long as the objects that it encrypts.
    if (!existsSync(this.file('encryption.yaml'))) {
      writeIfChanged(this.file('encryption.yaml'), stringify(encryption(randomBytes(32).toString('base64'))));
    }
  }

  /** The kubeconfig of a user; `admin` is the one for people. */
  kubeconfig(user: (typeof USERS)[number]): string {
    return user === 'admin' ? this.file('kubeconfig') : this.file(`${user}.kubeconfig`);
  }

  etcd(): DaemonSpec {
    const client = `https://127.0.0.1:${ETCD_PORT}`;
    const peer = `https://127.0.0.1:${ETCD_PEER_PORT}`;
    const { ca, crt, key } = this.pair('etcd', 'etcd-ca');
    return {
      name: 'etcd',
      command: programPath('etcd'),
      args: [
        ...['--name', 'default', '--data-dir', this.file('etcd'), '--logger', 'zap', '--log-level', 'warn'],
        ...['--listen-client-urls', client, '--advertise-client-urls', client],
        ...['--listen-peer-urls', peer, '--initial-advertise-peer-urls', peer, '--initial-cluster', `default=${peer}`],
        ...['--client-cert-auth', '--trusted-ca-file', ca, '--cert-file', crt, '--key-file', key],
        ...['--peer-client-cert-auth', '--peer-trusted-ca-file', ca, '--peer-cert-file', crt, '--peer-key-file', key],
        ...['--auto-compaction-retention', '1', '--quota-backend-bytes', String(4 * 1024 ** 3)],
      ],
      ready: () => this.etcdAnswers(),
    };
  }

  apiServer(): DaemonSpec {
    const serving = this.pair('apiserver');
    const etcd = this.pair('etcd-client', 'etcd-ca');
    const kubelet = this.pair('apiserver-kubelet-client');
    const proxy = this.pair('front-proxy-client', 'front-proxy-ca');
    return {
      name: 'kube-apiserver',
      // It alone sees the issuer's name lead to the Ingress controller; the machine's own /etc/hosts stays as it is.
      command: 'unshare',
      configuration: [
        this.file('audit-policy.yaml'),
        this.file('authentication.yaml'),
        this.file('encryption.yaml'),
        this.file('hosts'),
      ],
      args: [
        ...['--mount', '--propagation', 'private', 'sh', '-c', 'mount --bind "$0" /etc/hosts && exec "$@"'],
        ...[this.file('hosts'), programPath('kube-apiserver')],
        `--etcd-servers=https://127.0.0.1:${ETCD_PORT}`,
        ...[`--etcd-cafile=${etcd.ca}`, `--etcd-certfile=${etcd.crt}`, `--etcd-keyfile=${etcd.key}`],
        ...[`--bind-address=${NODE_ADDRESS}`, `--advertise-address=${NODE_ADDRESS}`, `--secure-port=${API_PORT}`],
        ...[
          `--tls-cert-file=${serving.crt}`,
          `--tls-private-key-file=${serving.key}`,
          `--client-ca-file=${serving.ca}`,
        ],
        '--anonymous-auth=false',
        `--authentication-config=${this.file('authentication.yaml')}`,
        '--authorization-mode=Node,RBAC',
        '--enable-admission-plugins=NodeRestriction',
        '--allow-privileged=true',
        `--service-account-key-file=${this.certificates.certificate('service-account')}`,
        `--service-account-signing-key-file=${this.certificates.key('service-account')}`,
        '--service-account-issuer=https://kubernetes.default.svc.cluster.local',
        `--service-cluster-ip-range=${SERVICE_SUBNET}`,
        `--kubelet-certificate-authority=${kubelet.ca}`,
        ...[`--kubelet-client-certificate=${kubelet.crt}`, `--kubelet-client-key=${kubelet.key}`],
        '--kubelet-preferred-address-types=InternalIP',
        ...[`--proxy-client-cert-file=${proxy.crt}`, `--proxy-client-key-file=${proxy.key}`],
        ...[`--requestheader-client-ca-file=${proxy.ca}`, '--requestheader-allowed-names=front-proxy'],
        '--requestheader-username-headers=X-Remote-User',
        '--requestheader-group-headers=X-Remote-Group',
        '--requestheader-extra-headers-prefix=X-Remote-Extra-',
        `--encryption-provider-config=${this.file('encryption.yaml')}`,
        ...[`--audit-policy-file=${this.file('audit-policy.yaml')}`, `--audit-log-path=${this.file('log/audit.log')}`],
        ...['--audit-log-maxsize=64', '--audit-log-maxbackup=1'],
        '--profiling=false',
      ],
      ready: () => this.healthy('/readyz'),
    };
  }

  controllerManager(): DaemonSpec {
    const own = this.pair('controller-manager');
    const signing = this.pair('ca');
    return {
      name: 'kube-controller-manager',
      command: programPath('kube-controller-manager'),
      args: [
        `--kubeconfig=${this.kubeconfig('controller-manager')}`,
        ...['--bind-address=127.0.0.1', `--tls-cert-file=${own.crt}`, `--tls-private-key-file=${own.key}`],
        '--leader-elect=false',
        '--use-service-account-credentials=true',
        ...[
          `--root-ca-file=${signing.ca}`,
          `--cluster-cidr=${POD_SUBNET}`,
          `--service-cluster-ip-range=${SERVICE_SUBNET}`,
        ],
        `--service-account-private-key-file=${this.certificates.key('service-account')}`,
        ...[`--cluster-signing-cert-file=${signing.ca}`, `--cluster-signing-key-file=${signing.key}`],
        '--profiling=false',
      ],
      ready: () => answers('https://127.0.0.1:10257/healthz', { anyServer: true }),
    };
  }

  scheduler(): DaemonSpec {
    const own = this.pair('scheduler');
    return {
      name: 'kube-scheduler',
      command: programPath('kube-scheduler'),
      args: [
        `--kubeconfig=${this.kubeconfig('scheduler')}`,
        ...['--bind-address=127.0.0.1', `--tls-cert-file=${own.crt}`, `--tls-private-key-file=${own.key}`],
        '--leader-elect=false',
        '--profiling=false',
      ],
      ready: () => answers('https://127.0.0.1:10259/healthz', { anyServer: true }),
    };
  }

  /** Runs kubectl as the cluster's administrator; gives its standard output. */
  async kubectl(args: readonly string[], input?: string): Promise<string> {
    const { code, stdout, stderr } = await this.tryKubectl(args, input);
    if (code !== 0) throw new Error(`kubectl ${args.slice(0, 4).join(' ')} failed:\n${stderr.trim()}`);
    return stdout;
  }

  /** Whether a health endpoint of the API server says yes. */
  async healthy(endpoint: string): Promise<boolean> {
    return (await this.tryKubectl(['get', '--raw', endpoint])).code === 0;
  }

  private tryKubectl(args: readonly string[], input?: string) {
    return attempt(
      programPath('kubectl'),
      ['--kubeconfig', this.kubeconfig('admin'), '--request-timeout=20s', ...args],
      input === undefined ? {} : { input },
    );
  }

  /** Whose tokens of people the API server accepts: those of the realm that the blueprint `sspcloud` makes on this cluster. */
  private authentication(): unknown {
    const prefix = 'oidc:';
    return {
      apiVersion: 'apiserver.config.k8s.io/v1',
      kind: 'AuthenticationConfiguration',
      jwt: [
        {
          issuer: {
            url: ISSUER.href,
            audiences: ['onyxia', 'kubernetes'],
            audienceMatchPolicy: 'MatchAny',
            certificateAuthority: readFileSync(this.certificates.certificate('web-ca'), 'utf8'),
          },
          claimMappings: {
            username: { claim: 'preferred_username', prefix },
            groups: { claim: 'groups', prefix },
          },
        },
      ],
    };
  }

  private async etcdAnswers(): Promise<boolean> {
    const { ca, crt, key } = this.pair('etcd-client', 'etcd-ca');
    const text = (file: string) => readFileSync(file, 'utf8');
    return answers(`https://127.0.0.1:${ETCD_PORT}/health`, { ca: text(ca), cert: text(crt), key: text(key) });
  }

  private pair(name: string, authority = 'ca'): { readonly ca: string; readonly crt: string; readonly key: string } {
    return {
      ca: this.certificates.certificate(authority),
      crt: this.certificates.certificate(name),
      key: this.certificates.key(name),
    };
  }

  private file(path: string): string {
    return join(this.state, path);
  }

  private renderKubeconfig(user: (typeof USERS)[number]): string {
    const inline = (file: string) => readFileSync(file).toString('base64');
    return stringify({
      apiVersion: 'v1',
      kind: 'Config',
      clusters: [
        {
          name: 'bouture',
          cluster: {
            server: `https://${NODE_ADDRESS}:${API_PORT}`,
            'certificate-authority-data': inline(this.certificates.certificate('ca')),
          },
        },
      ],
      users: [
        {
          name: user,
          user: {
            'client-certificate-data': inline(this.certificates.certificate(user)),
            'client-key-data': inline(this.certificates.key(user)),
          },
        },
      ],
      contexts: [{ name: 'bouture', context: { cluster: 'bouture', user } }],
      'current-context': 'bouture',
    });
  }
}

function encryption(secret: string): unknown {
  return {
    apiVersion: 'apiserver.config.k8s.io/v1',
    kind: 'EncryptionConfiguration',
    resources: [
      { resources: ['secrets'], providers: [{ secretbox: { keys: [{ name: 'first', secret }] } }, { identity: {} }] },
    ],
  };
}
