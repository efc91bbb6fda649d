import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { NODE_ADDRESS } from '../../../tools/cluster/addresses';
import { kubeconfigPath, stateRoot } from '../../../tools/cluster/paths';
import { silentProgress } from '../../../tools/cluster/progress';
import { ensurePrograms, programPath } from '../../../tools/cluster/programs';
import { freePort } from '../../../tools/quickstart/port-forward';
import { type Running, start } from './commands';
import { apply, kubectl } from './kubectl';
import { eventually } from './waiting';

const NAME = 'metrics-server';
const API = 'v1beta1.metrics.k8s.io';
const where = { namespace: 'kube-system', name: NAME };

/**
 * The metrics-server of a cluster: it reads from the kubelets what Pods use, and the API server passes the questions on to it. It runs as a
 * process of the node, as the control plane does.
 */
export class MetricsServer {
  /** Starts it, and waits until it has readings of the node. */
  static async start(): Promise<MetricsServer> {
    await ensurePrograms([NAME], silentProgress);
    const folder = mkdtempSync(join(tmpdir(), 'bouture-metrics-server-'));
    const port = await freePort();
    const kubeconfig = kubeconfigPath();
    const running = start(
      programPath(NAME),
      [
        ...[`--kubeconfig=${kubeconfig}`, `--authentication-kubeconfig=${kubeconfig}`],
        ...[`--authorization-kubeconfig=${kubeconfig}`, `--bind-address=${NODE_ADDRESS}`, `--secure-port=${port}`],
        ...[`--cert-dir=${folder}`, `--kubelet-certificate-authority=${join(stateRoot(), 'pki/ca.crt')}`],
        ...['--kubelet-preferred-address-types=InternalIP', '--kubelet-use-node-status-port'],
        '--metric-resolution=15s',
      ],
      { timeoutSeconds: 60 * 60 },
    );
    const made = new MetricsServer(folder, running);
    try {
      await made.register(port);
      await eventually('readings of the node', async () => (await kubectl(['top', 'node'])).includes('%'), {
        seconds: 90,
        everySeconds: 2,
      });
    } catch (error) {
      await made.dispose();
      throw new Error(`${String(error)}\n${running.output.slice(-3000)}`, { cause: error });
    }
    return made;
  }

  private constructor(
    private readonly folder: string,
    private readonly running: Running,
  ) {}

  /** Ends it, and has the API server forget it: an API that nobody serves keeps every namespace from ending. */
  async dispose(): Promise<void> {
    await kubectl(['delete', 'apiservice', API, '--ignore-not-found']);
    const { namespace, name } = where;
    await kubectl(['delete', 'service,endpointslice', name, '-n', namespace, '--ignore-not-found']);
    await this.running.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }

  private async register(port: number): Promise<void> {
    const [group, version] = ['metrics.k8s.io', 'v1beta1'];
    await apply(
      { apiVersion: 'v1', kind: 'Service', metadata: where, spec: { ports: [{ name: 'https', port: 443 }] } },
      {
        apiVersion: 'discovery.k8s.io/v1',
        kind: 'EndpointSlice',
        metadata: { ...where, labels: { 'kubernetes.io/service-name': NAME } },
        addressType: 'IPv4',
        ports: [{ name: 'https', port, protocol: 'TCP' }],
        endpoints: [{ addresses: [NODE_ADDRESS] }],
      },
      {
        apiVersion: 'apiregistration.k8s.io/v1',
        kind: 'APIService',
        metadata: { name: API },
        spec: {
          ...{ group, version, groupPriorityMinimum: 100, versionPriority: 100 },
          // The certificate is one that it makes for itself when it starts.
          ...{ insecureSkipTLSVerify: true, service: where },
        },
      },
    );
  }
}
