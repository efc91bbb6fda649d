import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import {
  DNS_ADDRESS,
  type NodePlace,
  NODE_ADDRESS,
  NODE_NAME,
  POD_BRIDGE,
  POD_NETWORK,
  POD_SUBNET,
  REGISTRY,
  REGISTRY_PORT,
} from './addresses';
import { answers } from './answers';
import { attempt } from './commands';
import type { ControlPlane } from './control-plane';
import type { DaemonSpec } from './daemons';
import { writeIfChanged } from './files';
import { RUNTIME_ROOT } from './paths';
import { programPath } from './programs';

/** containerd's socket; under the runtime folder because the kernel allows a socket's path 107 bytes only. */
export const containerdSocket = ({ suffix }: Pick<NodePlace, 'suffix'>): string =>
  join(RUNTIME_ROOT, `containerd${suffix}.sock`);

/** Image that holds a Pod's namespaces open. */
export const PAUSE_IMAGE = `${REGISTRY}/bouture/pause:1`;

/**
 * The machine as a node: containerd and kubelet, and on the first node the image registry and kube-proxy, which serve all of them. Further
 * nodes share the Pods' bridge and the notes of its addresses, whose lock keeps two from having one.
 */
export class KubernetesNode {
  constructor(
    private readonly state: string,
    private readonly controlPlane: ControlPlane,
    readonly place: NodePlace,
  ) {}

  configure(): void {
    for (const folder of ['registry', 'volumes', 'volume-plugins']) mkdirSync(this.file(folder), { recursive: true });
    for (const folder of ['containerd', 'kubelet', 'pod-logs']) mkdirSync(this.own(folder), { recursive: true });
    writeIfChanged(this.file('registry.yaml'), this.renderRegistry());
    writeIfChanged(this.own('containerd', '.toml'), this.renderContainerd());
    writeIfChanged(this.file(`certs.d/${REGISTRY}/hosts.toml`), renderRegistryHost());
    writeIfChanged(this.file('cni/10-pods.conflist'), JSON.stringify(NETWORK, undefined, 2));
    writeIfChanged(this.file('resolv.conf'), this.renderResolvers(), 0o644);
    writeIfChanged(this.own('kubelet', '.yaml'), this.renderKubelet());
    writeIfChanged(this.file('kube-proxy.yaml'), this.renderKubeProxy());
  }

  registry(): DaemonSpec {
    return {
      name: 'registry',
      command: 'docker-registry',
      args: ['serve', this.file('registry.yaml')],
      configuration: [this.file('registry.yaml')],
      ready: () => answers(`http://127.0.0.1:${REGISTRY_PORT}/v2/`),
    };
  }

  containerd(): DaemonSpec {
    return {
      name: `containerd${this.place.suffix}`,
      command: 'containerd',
      args: ['--config', this.own('containerd', '.toml')],
      configuration: [this.own('containerd', '.toml')],
      ready: async () => (await attempt('ctr', ['-a', containerdSocket(this.place), 'version'])).code === 0,
    };
  }

  kubelet(): DaemonSpec {
    const { suffix, name, address, healthPort } = this.place;
    return {
      name: `kubelet${suffix}`,
      command: programPath('kubelet'),
      args: [
        `--config=${this.own('kubelet', '.yaml')}`,
        `--kubeconfig=${this.controlPlane.kubeconfig(`kubelet${suffix}`)}`,
        `--hostname-override=${name}`,
        `--node-ip=${address}`,
        `--root-dir=${this.own('kubelet')}`,
      ],
      configuration: [this.own('kubelet', '.yaml')],
      ready: () => answers(`http://127.0.0.1:${healthPort}/healthz`),
    };
  }

  kubeProxy(): DaemonSpec {
    return {
      name: 'kube-proxy',
      command: programPath('kube-proxy'),
      args: [`--config=${this.file('kube-proxy.yaml')}`],
      configuration: [this.file('kube-proxy.yaml')],
      ready: () => answers('http://127.0.0.1:10256/livez'),
    };
  }

  /** Resolvers of the host that Pods can reach, too: none that listen on the host's own loopback address. */
  upstreamResolvers(): string[] {
    // systemd-resolved writes those behind its loopback address into a file of its own.
    const file = ['/run/systemd/resolve/resolv.conf', '/etc/resolv.conf'].find((path) => existsSync(path));
    return file === undefined ? [] : reachableResolvers(readFileSync(file, 'utf8'));
  }

  private file(path: string): string {
    return join(this.state, path);
  }

  /** A file or folder of this node alone. */
  private own(name: string, end = ''): string {
    return this.file(`${name}${this.place.suffix}${end}`);
  }

  private renderRegistry(): string {
    return stringify({
      version: '0.1',
      log: { level: 'warn', accesslog: { disabled: true } },
      storage: { filesystem: { rootdirectory: this.file('registry') }, delete: { enabled: true } },
      http: { addr: `127.0.0.1:${REGISTRY_PORT}` },
    });
  }

  private renderContainerd(): string {
    return `version = 2
root = "${this.own('containerd')}"
state = "${RUNTIME_ROOT}/containerd${this.place.suffix}"
oom_score = 0
[grpc]
  address = "${containerdSocket(this.place)}"
[plugins."io.containerd.internal.v1.opt"]
  path = "${this.own('containerd')}/opt"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "${PAUSE_IMAGE}"
  # Where CAP_SYS_RESOURCE is missing, runc cannot lower the score, and no sandbox would start.
  restrict_oom_score_adj = true
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "/usr/lib/cni"
    conf_dir = "${this.file('cni')}"
  [plugins."io.containerd.grpc.v1.cri".registry]
    config_path = "${this.file('certs.d')}"
`;
  }

  /** What Pods with `dnsPolicy: Default` get. A host without usable resolvers gives an address where nobody answers. */
  private renderResolvers(): string {
    const servers = this.upstreamResolvers();
    return (servers.length === 0 ? ['127.0.0.1'] : servers).map((server) => `nameserver ${server}\n`).join('');
  }

  private renderKubelet(): string {
    const { certificates } = this.controlPlane;
    const { suffix, address, healthPort, cgroup } = this.place;
    return stringify({
      apiVersion: 'kubelet.config.k8s.io/v1beta1',
      kind: 'KubeletConfiguration',
      address,
      ...(cgroup === undefined ? {} : { cgroupRoot: `/${cgroup}`, healthzPort: healthPort }),
      authentication: {
        anonymous: { enabled: false },
        webhook: { enabled: true },
        x509: { clientCAFile: certificates.certificate('ca') },
      },
      authorization: { mode: 'Webhook' },
      tlsCertFile: certificates.certificate(`kubelet${suffix}`),
      tlsPrivateKeyFile: certificates.key(`kubelet${suffix}`),
      clusterDNS: [DNS_ADDRESS],
      clusterDomain: 'cluster.local',
      resolvConf: this.file('resolv.conf'),
      containerRuntimeEndpoint: `unix://${containerdSocket(this.place)}`,
      cgroupDriver: 'cgroupfs',
      // Kubelets up to 1.34 still run on cgroup v1 when told so; later ones refuse by default.
      failCgroupV1: false,
      failSwapOn: false,
      maxPods: 200,
      podLogsDir: this.own('pod-logs'),
      volumePluginDir: this.file('volume-plugins'),
      serializeImagePulls: false,
      // A nearly full disk must not make it throw the pause image away; nobody could bring that back.
      imageGCHighThresholdPercent: 100,
      evictionHard: { 'nodefs.available': '2%', 'imagefs.available': '2%', 'memory.available': '200Mi' },
    });
  }

  private renderKubeProxy(): string {
    return stringify({
      apiVersion: 'kubeproxy.config.k8s.io/v1alpha1',
      kind: 'KubeProxyConfiguration',
      clientConnection: { kubeconfig: this.controlPlane.kubeconfig('proxy') },
      hostnameOverride: NODE_NAME,
      clusterCIDR: POD_SUBNET,
      mode: 'iptables',
      bindAddress: NODE_ADDRESS,
      healthzBindAddress: '127.0.0.1:10256',
      metricsBindAddress: '127.0.0.1:10249',
      nodePortAddresses: [`${NODE_ADDRESS}/32`],
      iptables: { localhostNodePorts: false },
      // Zero leaves the host's own connection tracking as it is.
      conntrack: { maxPerCore: 0, min: 0, tcpEstablishedTimeout: '0s', tcpCloseWaitTimeout: '0s' },
    });
  }
}

/** The Pods' network: one bridge, addresses given out from a folder that a reboot empties, host ports. */
const NETWORK = {
  cniVersion: '0.4.0',
  name: POD_NETWORK,
  plugins: [
    {
      type: 'bridge',
      bridge: POD_BRIDGE,
      isGateway: true,
      ipMasq: true,
      hairpinMode: true,
      ipam: {
        type: 'host-local',
        dataDir: join(RUNTIME_ROOT, 'addresses'),
        ranges: [[{ subnet: POD_SUBNET }]],
        routes: [{ dst: '0.0.0.0/0' }],
      },
    },
    { type: 'portmap', capabilities: { portMappings: true } },
  ],
} as const;

function renderRegistryHost(): string {
  const address = `http://127.0.0.1:${REGISTRY_PORT}`;
  return `server = "${address}"\n[host."${address}"]\n  capabilities = ["pull", "resolve"]\n`;
}

/** Name servers of a resolv.conf but those on the loopback network. */
export function reachableResolvers(resolvConf: string): string[] {
  return [...resolvConf.matchAll(/^nameserver\s+(\S+)/gm)]
    .map(([, address]) => address ?? '')
    .filter((address) => !address.startsWith('127.') && address !== '::1');
}
