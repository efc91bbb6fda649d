import type { Construct } from 'constructs';
import { atStep, type ContainerResources, contentHash, env, k8s, resourceRequirements } from '../platform';
import { type DeviceListStrategy, devicePluginConfig } from './device-plugin';
import { type GpuPlace, type IGpuPool, NODE_CRITICAL } from './gpu-pool';

const SOFTWARE = 'nvidia-device-plugin';
const CONFIG_FOLDER = '/etc/device-plugin';
const CONFIG_FILE = 'config.yaml';
/** Where the plugin expects the kubelet's sockets, whatever the folder on the node. */
const SOCKETS = '/var/lib/kubelet/device-plugins';

const RESOURCES: ContainerResources = {
  cpu: { request: '10m', limit: '200m' },
  memory: { request: '32Mi', limit: '128Mi' },
};

/**
 * The DaemonSet that makes the nodes of a pool advertise their cards, as NVIDIA's chart has it
 * (https://github.com/NVIDIA/k8s-device-plugin/tree/v0.17.1/deployments/helm/nvidia-device-plugin), but for the init container that chooses
 * among configurations by a label of the node: each pool has a DaemonSet of its own, so no Pod needs an account of the API server.
 */
export function addDevicePlugin(scope: Construct, pool: IGpuPool, nodes: GpuPlace, strategy: DeviceListStrategy): void {
  const image = nodes.platform.images.get(SOFTWARE);
  const role = `device-plugin-${pool.name}`;
  const name = `${nodes.componentName}-${role}`;
  const labels = nodes.labels(SOFTWARE, role, image.version);
  const config = `${JSON.stringify(devicePluginConfig(pool.sharing, strategy), undefined, 2)}\n`;
  const files = new k8s.KubeConfigMap(scope, 'config', {
    metadata: { name: `${name}-${contentHash(config)}`, namespace: nodes.namespace.name, labels },
    immutable: true,
    // JSON is YAML.
    data: { [CONFIG_FILE]: config },
  });
  // Parts of cards are found by looking at the driver's own files of them, which only this capability may read.
  const cutsCards = pool.sharing.kind === 'mig';
  const daemons = new k8s.KubeDaemonSet(scope, 'device-plugin', {
    metadata: {
      name,
      namespace: nodes.namespace.name,
      labels,
      annotations: {
        'bouture.dev/suppress.no-host-path': 'The kubelet takes device plugins by sockets in a folder of the node.',
        'bouture.dev/suppress.non-root':
          "The kubelet's folder of sockets belongs to root and nobody else may write there.",
        'bouture.dev/suppress.probes': 'The plugin has nothing to ask; the kubelet itself drops one that is silent.',
        ...(cutsCards
          ? {
              'bouture.dev/suppress.drop-capabilities':
                'Parts of MIG are found in files of the driver that need SYS_ADMIN.',
              'bouture.dev/suppress.no-privilege-escalation':
                'Kubernetes allows no SYS_ADMIN, which MIG needs, together with allowPrivilegeEscalation: false.',
            }
          : {}),
      },
    },
    spec: {
      selector: { matchLabels: nodes.selector(SOFTWARE, role) },
      updateStrategy: { type: 'RollingUpdate' },
      template: {
        metadata: { labels },
        spec: {
          automountServiceAccountToken: false,
          enableServiceLinks: false,
          priorityClassName: NODE_CRITICAL,
          ...(nodes.runtimeClassName === undefined ? {} : { runtimeClassName: nodes.runtimeClassName }),
          nodeSelector: { ...pool.nodeSelector },
          tolerations: [...pool.tolerations],
          securityContext: { runAsUser: 0, seccompProfile: { type: 'RuntimeDefault' } },
          containers: [
            {
              name: 'device-plugin',
              image: image.reference,
              imagePullPolicy: 'IfNotPresent',
              command: ['nvidia-device-plugin'],
              env: [
                env('CONFIG_FILE', `${CONFIG_FOLDER}/${CONFIG_FILE}`),
                env('NVIDIA_VISIBLE_DEVICES', 'all'),
                env('NVIDIA_DRIVER_CAPABILITIES', 'compute,utility'),
                ...(cutsCards ? [env('NVIDIA_MIG_MONITOR_DEVICES', 'all')] : []),
              ],
              resources: resourceRequirements(RESOURCES),
              securityContext: {
                readOnlyRootFilesystem: true,
                runAsNonRoot: false,
                ...(cutsCards
                  ? { capabilities: { drop: ['ALL'], add: ['SYS_ADMIN'] } }
                  : { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } }),
              },
              volumeMounts: [
                { name: 'sockets', mountPath: SOCKETS },
                { name: 'config', mountPath: CONFIG_FOLDER, readOnly: true },
              ],
            },
          ],
          volumes: [
            { name: 'sockets', hostPath: { path: `${nodes.kubeletFolder}/device-plugins`, type: 'Directory' } },
            { name: 'config', configMap: { name: files.name } },
          ],
        },
      },
    },
  });
  atStep(daemons, 1);
}
