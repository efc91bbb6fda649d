import { chmodSync, existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type NodePlace, WEB_DOMAIN } from './addresses';
import { run } from './commands';

/** Days that certificates are valid: the cluster is local, its keys never leave the machine, and it may rest for long. */
const VALID_DAYS = '3650';

interface Leaf {
  readonly name: string;
  /** In the notation of openssl: `/O=group/CN=user` */
  readonly subject: string;
  /** Subject alternative names: `DNS:a,IP:b` */
  readonly names: string;
  /** @default ca */
  readonly authority?: string;
}

/** The certificates and keys of a cluster, made once and kept in one folder. */
export class Certificates {
  constructor(private readonly folder: string) {}

  /** Path of a certificate: `ca`, `apiserver`, `admin`, `kubelet` and so on. */
  certificate(name: string): string {
    return join(this.folder, `${name}.crt`);
  }

  key(name: string): string {
    return join(this.folder, `${name}.key`);
  }

  /** Makes what is not there yet. */
  async ensure(address: string, serviceAddress: string, nodes: readonly NodePlace[]): Promise<void> {
    mkdirSync(this.folder, { recursive: true, mode: 0o700 });
    await Promise.all(['ca', 'etcd-ca', 'front-proxy-ca', 'web-ca'].map((name) => this.authority(name)));
    const leaves: readonly Leaf[] = [
      {
        name: 'apiserver',
        subject: '/CN=kube-apiserver',
        names:
          'DNS:kubernetes,DNS:kubernetes.default,DNS:kubernetes.default.svc,DNS:kubernetes.default.svc.cluster.local,' +
          `DNS:localhost,IP:127.0.0.1,IP:${serviceAddress},IP:${address}`,
      },
      { name: 'admin', subject: '/O=system:masters/CN=admin', names: 'DNS:admin' },
      { name: 'apiserver-kubelet-client', subject: '/O=system:masters/CN=kube-apiserver', names: 'DNS:apiserver' },
      {
        name: 'controller-manager',
        subject: '/CN=system:kube-controller-manager',
        names: 'DNS:localhost,IP:127.0.0.1',
      },
      { name: 'scheduler', subject: '/CN=system:kube-scheduler', names: 'DNS:localhost,IP:127.0.0.1' },
      { name: 'proxy', subject: '/CN=system:kube-proxy', names: 'DNS:proxy' },
      ...nodes.map((node) => ({
        name: `kubelet${node.suffix}`,
        subject: `/O=system:nodes/CN=system:node:${node.name}`,
        names: `DNS:${node.name},IP:${node.address}`,
      })),
      { name: 'front-proxy-client', subject: '/CN=front-proxy', names: 'DNS:front-proxy', authority: 'front-proxy-ca' },
      {
        name: 'web',
        subject: `/CN=${WEB_DOMAIN}`,
        names: `DNS:${WEB_DOMAIN},DNS:*.${WEB_DOMAIN},DNS:*.lab.${WEB_DOMAIN}`,
        authority: 'web-ca',
      },
      { name: 'etcd', subject: '/CN=etcd', names: 'DNS:localhost,IP:127.0.0.1', authority: 'etcd-ca' },
      { name: 'etcd-client', subject: '/CN=kube-apiserver', names: 'DNS:apiserver', authority: 'etcd-ca' },
    ];
    for (const leaf of leaves) await this.leaf(leaf);
    await this.serviceAccountKey();
  }

  private async authority(name: string): Promise<void> {
    if (existsSync(this.certificate(name))) return;
    const made = `${this.certificate(name)}.new`;
    await run('openssl', [
      ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', VALID_DAYS],
      ...['-subj', `/CN=bouture ${name}`, '-keyout', this.key(name), '-out', made],
    ]);
    this.finish(name, made);
  }

  private async leaf({ name, subject, names, authority = 'ca' }: Leaf): Promise<void> {
    if (existsSync(this.certificate(name))) return;
    const request = join(this.folder, `${name}.csr`);
    const extensions = join(this.folder, `${name}.ext`);
    const made = `${this.certificate(name)}.new`;
    await run('openssl', [
      ...['req', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'],
      ...['-subj', subject, '-keyout', this.key(name), '-out', request],
    ]);
    writeFileSync(extensions, `subjectAltName=${names}\nextendedKeyUsage=clientAuth,serverAuth\n`);
    await run('openssl', [
      ...['x509', '-req', '-in', request, '-CA', this.certificate(authority), '-CAkey', this.key(authority)],
      ...['-set_serial', `0x${Buffer.from(name).toString('hex').slice(0, 30)}`, '-days', VALID_DAYS],
      ...['-extfile', extensions, '-out', made],
    ]);
    rmSync(request);
    rmSync(extensions);
    this.finish(name, made);
  }

  /** The certificate gets its name last: where it is, its key is too. */
  private finish(name: string, made: string): void {
    chmodSync(this.key(name), 0o600);
    renameSync(made, this.certificate(name));
  }

  private async serviceAccountKey(): Promise<void> {
    const made = this.key('service-account');
    if (existsSync(this.certificate('service-account'))) return;
    await run('openssl', ['ecparam', '-genkey', '-name', 'prime256v1', '-noout', '-out', made]);
    chmodSync(made, 0o600);
    await run('openssl', ['ec', '-in', made, '-pubout', '-out', `${this.certificate('service-account')}.new`]);
    renameSync(`${this.certificate('service-account')}.new`, this.certificate('service-account'));
  }
}
