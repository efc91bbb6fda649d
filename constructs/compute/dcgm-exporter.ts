import type { Construct } from 'constructs';
import {
  atStep,
  Connections,
  type ContainerResources,
  contentHash,
  env,
  type ForeignPods,
  k8s,
  resourceRequirements,
} from '../platform';
import { type GpuPlace, type IGpuPool, NODE_CRITICAL } from './gpu-pool';

const SOFTWARE = 'dcgm-exporter';
/** Its own default. */
const PORT = 9400;
const COUNTERS_FOLDER = '/etc/bouture-counters';
const COUNTERS_FILE = 'counters.csv';

/** Busy in per cent, of a whole card. */
export const GPU_UTILISATION = 'DCGM_FI_DEV_GPU_UTIL';
/** Busy from 0 to 1, of a whole card or of a part of one: MIG has no figure in per cent. */
export const ENGINE_ACTIVITY = 'DCGM_FI_PROF_GR_ENGINE_ACTIVE';

/** What is told of each card: field, type and help, as https://github.com/NVIDIA/dcgm-exporter/blob/main/etc/default-counters.csv has it. */
const COUNTERS = [
  `${GPU_UTILISATION}, gauge, GPU utilization (in %).`,
  `${ENGINE_ACTIVITY}, gauge, Ratio of time the graphics engine is active.`,
  'DCGM_FI_DEV_FB_USED, gauge, Framebuffer memory used (in MiB).',
  'DCGM_FI_DEV_FB_FREE, gauge, Framebuffer memory free (in MiB).',
  'DCGM_FI_DEV_GPU_TEMP, gauge, GPU temperature (in C).',
  'DCGM_FI_DEV_POWER_USAGE, gauge, Power draw (in W).',
  'DCGM_FI_DEV_XID_ERRORS, gauge, Value of the last XID error encountered.',
];

const RESOURCES: ContainerResources = {
  cpu: { request: '50m', limit: '500m' },
  memory: { request: '128Mi', limit: '512Mi' },
};

/** Who reads the figures of the cards. */
export interface GpuMonitoring {
  /** Pods of the Prometheus that asks port 9400 of each node's exporter. */
  readonly prometheus: ForeignPods;
}

/**
 * The DaemonSet that tells Prometheus what the cards of a pool do, and for whose Pod: NVIDIA's DCGM exporter, as its chart has it
 * (https://github.com/NVIDIA/dcgm-exporter/tree/main/deployment), with counters of this library. Its Service says
 * `prometheus.io/scrape`, which most set-ups of Prometheus look for.
 */
export function addDcgmExporter(
  scope: Construct,
  pool: IGpuPool,
  nodes: GpuPlace,
  { prometheus }: GpuMonitoring,
): void {
  const image = nodes.platform.images.get(SOFTWARE);
  const role = `monitoring-${pool.name}`;
  const name = `${nodes.componentName}-${role}`;
  const namespace = nodes.namespace.name;
  const labels = nodes.labels(SOFTWARE, role, image.version);
  const selector = nodes.selector(SOFTWARE, role);
  const counters = `${COUNTERS.join('\n')}\n`;
  new Connections(scope, 'monitoring-connections', {
    namespace: nodes.namespace,
    name,
    podLabels: selector,
  }).allowFrom(prometheus, PORT);
  const files = new k8s.KubeConfigMap(scope, 'counters', {
    metadata: { name: `${name}-${contentHash(counters)}`, namespace, labels },
    immutable: true,
    data: { [COUNTERS_FILE]: counters },
  });
  new k8s.KubeService(scope, 'monitoring-service', {
    metadata: {
      name,
      namespace,
      labels,
      annotations: { 'prometheus.io/scrape': 'true', 'prometheus.io/port': String(PORT) },
    },
    spec: {
      type: 'ClusterIP',
      selector,
      ports: [{ name: 'metrics', port: PORT, targetPort: k8s.IntOrString.fromString('metrics'), protocol: 'TCP' }],
    },
  });
  const probe = { httpGet: { path: '/health', port: k8s.IntOrString.fromString('metrics') } };
  const daemons = new k8s.KubeDaemonSet(scope, 'monitoring', {
    metadata: {
      name,
      namespace,
      labels,
      annotations: {
        'bouture.dev/suppress.no-host-path':
          'The kubelet tells whose Pod has which card by a socket in a folder of the node.',
        'bouture.dev/suppress.non-root': 'The library that reads the counters of the cards does so for root alone.',
        'bouture.dev/suppress.drop-capabilities':
          'Counters of the engine need SYS_ADMIN, which its start gives to the program.',
        'bouture.dev/suppress.no-privilege-escalation':
          'Kubernetes allows no SYS_ADMIN together with allowPrivilegeEscalation: false.',
        'bouture.dev/suppress.read-only-root': 'Its start writes into the image which counters the program may read.',
      },
    },
    spec: {
      selector: { matchLabels: selector },
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
              name: 'exporter',
              image: image.reference,
              imagePullPolicy: 'IfNotPresent',
              args: ['-f', `${COUNTERS_FOLDER}/${COUNTERS_FILE}`],
              env: [
                env('DCGM_EXPORTER_KUBERNETES', 'true'),
                env('DCGM_EXPORTER_LISTEN', `:${PORT}`),
                env('KUBERNETES_VIRTUAL_GPUS', String(pool.sharing.kind === 'time-slicing')),
                env('NVIDIA_VISIBLE_DEVICES', 'all'),
                { name: 'NODE_NAME', valueFrom: { fieldRef: { fieldPath: 'spec.nodeName' } } },
              ],
              ports: [{ name: 'metrics', containerPort: PORT, protocol: 'TCP' }],
              startupProbe: { ...probe, periodSeconds: 5, failureThreshold: 24 },
              readinessProbe: { ...probe, periodSeconds: 10 },
              livenessProbe: { ...probe, periodSeconds: 10 },
              resources: resourceRequirements(RESOURCES),
              securityContext: { runAsNonRoot: false, capabilities: { add: ['SYS_ADMIN'] } },
              volumeMounts: [
                { name: 'pod-resources', mountPath: '/var/lib/kubelet/pod-resources', readOnly: true },
                { name: 'counters', mountPath: COUNTERS_FOLDER, readOnly: true },
              ],
            },
          ],
          volumes: [
            { name: 'pod-resources', hostPath: { path: `${nodes.kubeletFolder}/pod-resources`, type: 'Directory' } },
            { name: 'counters', configMap: { name: files.name } },
          ],
        },
      },
    },
  });
  atStep(daemons, 1);
}
