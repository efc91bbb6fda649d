import { z } from 'zod';
import { GpuSharing } from '../../constructs/compute/gpu-sharing';
import { MIG_PROFILE_NAMES } from '../../constructs/compute/mig-profiles';
import { port, serverNetworks, serverUrl } from '../config/hosts';
import { label, labelValue, objectName, qualifiedName } from '../config/names';
import { nearest } from '../config/nearest';
import { choice, facets, scalar, wholeNumber, words } from '../config/scalar';
import { foreignPods } from './installation';

const migProfile = z.enum(MIG_PROFILE_NAMES).register(facets, {
  expected: `a profile of NVIDIA such as 1g.10gb`,
  explain: (value) =>
    typeof value === 'string'
      ? { message: 'NVIDIA knows no such profile', suggestion: nearest(value, MIG_PROFILE_NAMES) }
      : undefined,
});

const taint = z.strictObject({
  key: qualifiedName().describe('Key of the taint: a Pod may tolerate it that asks for a GPU.'),
  value: labelValue().exactOptional().describe('Its value. Default: none.'),
  effect: choice('NoSchedule', 'PreferNoSchedule', 'NoExecute').default('NoSchedule').describe('What it does.'),
});

const pool = z
  .strictObject({
    name: label(40).describe('Name of the pool: its nodes have the label bouture.dev/gpu-pool=NAME.'),
    gpusPerNode: wholeNumber('a number of GPUs', 1, 16).default(1).describe('GPUs of one node.'),
    nodes: z
      .strictObject({
        min: wholeNumber('a number of nodes', 0, 5000)
          .default(0)
          .describe('Nodes that there always are; with 0, an autoscaler may take the last one away.'),
        max: wholeNumber('a number of nodes', 1, 5000).default(1).describe('Nodes at most.'),
      })
      .prefault({})
      .describe('How many nodes there are.'),
    instanceType: words('a name of a machine type')
      .exactOptional()
      .describe('What the cloud calls such a machine, for its node group: g5.xlarge. Default: none.'),
    timeSlicing: z
      .strictObject({
        replicas: wholeNumber('a number of services', 2, 48).describe('Services on one GPU.'),
      })
      .exactOptional()
      .describe('Services take turns on a GPU; nothing keeps their memory apart. Default: a GPU is one service’s.'),
    mig: z
      .strictObject({
        profile: migProfile.describe('Profile that the cards of the nodes are cut by already.'),
        strategy: choice('single', 'mixed')
          .default('single')
          .describe(
            'single: a part is called nvidia.com/gpu, which quotas of roles count. mixed: it is called nvidia.com/mig-PROFILE.',
          ),
      })
      .exactOptional()
      .describe('The cards are cut into parts with memory of their own. Default: they are whole.'),
    labels: z
      .record(qualifiedName(), labelValue())
      .exactOptional()
      .describe('Further labels of the nodes. Default: none.'),
    taints: z
      .array(taint)
      .max(10)
      .exactOptional()
      .describe('Taints of the nodes. Default: nvidia.com/gpu=present:NoSchedule.'),
    devicePlugin: choice('install', 'existing')
      .default('install')
      .describe(
        "install: this platform runs NVIDIA's device plugin on the nodes. existing: the cloud, or an operator, makes them advertise their GPUs.",
      ),
    deviceListStrategy: choice('envvar', 'volume-mounts', 'cdi-cri')
      .default('envvar')
      .describe('How containers get their devices (docs/gpu.md); the others need a set-up of the nodes.'),
    resource: qualifiedName()
      .exactOptional()
      .describe(
        "What another's device plugin calls a GPU, such as amd.com/gpu, with devicePlugin: existing. Default: NVIDIA's name.",
      ),
  })
  .check(({ value, issues }) => {
    if (issues.length > 0) return;
    const refuse = (path: string, message: string) => {
      issues.push({ code: 'custom', input: value, path: path.split('.'), message });
    };
    const { nodes, timeSlicing, mig, devicePlugin, resource } = value;
    if (nodes.min > nodes.max) refuse('nodes.min', `more than the ${nodes.max} nodes that there are at most`);
    if (timeSlicing !== undefined && mig !== undefined) {
      refuse('mig', 'timeSlicing and mig exclude each other: a part of a card is shared no further');
    }
    if (resource !== undefined && devicePlugin === 'install') {
      refuse('resource', "NVIDIA's device plugin has names of its own: say devicePlugin: existing, or leave it out");
    }
    if (resource !== undefined && (timeSlicing !== undefined || mig !== undefined)) {
      refuse('resource', 'timeSlicing and mig are of NVIDIA, and so is the name then: leave it out');
    }
  })
  .describe('Nodes with GPUs of one kind.');

const reclaim = z
  .strictObject({
    idle: z
      .strictObject({
        hours: wholeNumber('a number of hours', 2, 8760).describe('GPUs computed nothing for as long.'),
        prometheusUrl: serverUrl().describe('Prometheus that reads the DCGM exporters, as Pods reach it.'),
        pods: foreignPods('Its Pods, where it runs in this cluster.')
          .extend({ port: port().default(9090).describe('Port of their container.') })
          .exactOptional(),
        cidrs: serverNetworks(50),
      })
      .exactOptional()
      .describe('Services whose GPUs compute nothing are paused. Default: nobody asks what GPUs do.'),
    maximumHours: wholeNumber('a number of hours', 2, 8760)
      .exactOptional()
      .describe('Services that hold GPUs for as long are paused, whatever they do. Default: no bound.'),
    warnMinutes: wholeNumber('a number of minutes', 15, 60)
      .default(60)
      .describe('Minutes before, in which events of the space warn of it.'),
    others: choice('keep', 'delete')
      .default('keep')
      .describe('Idle Pods that no StatefulSet and no Deployment keeps, such as those of Jobs.'),
  })
  .check(({ value, issues }) => {
    if (issues.length > 0 || value.idle !== undefined || value.maximumHours !== undefined) return;
    issues.push({ code: 'custom', input: value, path: [], message: 'one of idle, maximumHours is needed, or both' });
  })
  .register(facets, { expected: 'idle, maximumHours, or both' })
  .describe('Takes GPUs back from services that hold them for nothing. Default: people give them back.');

/** The extended resource of a pool, as its section says it. */
function resourceOf({ resource, mig }: Pick<z.output<typeof pool>, 'resource' | 'mig'>): string {
  return resource ?? (mig === undefined ? GpuSharing.none() : GpuSharing.mig(mig.profile, mig.strategy)).resource;
}

const folder = scalar('an absolute path such as /var/lib/kubelet', (text) =>
  /^(\/[A-Za-z0-9._-]+)+$/.test(text) ? undefined : { message: 'no absolute path' },
);

/** `gpu`: nodes with GPUs, and who may hold them for how long. */
export const gpu = z
  .strictObject({
    pools: z.array(pool).min(1).max(20).describe('Kinds of nodes, in the order in which people choose from them.'),
    runtimeClass: choice('install', 'existing', 'none')
      .default('install')
      .describe(
        'The RuntimeClass that puts GPUs into containers. install: the platform makes it, with the handler nvidia. existing: the cluster has it. ' +
          'none: the default runtime of the nodes does it.',
      ),
    runtimeClassName: objectName().default('nvidia').describe('Its name.'),
    kubeletFolder: folder.default('/var/lib/kubelet').describe('Folder of the kubelet on the nodes.'),
    monitoring: z
      .strictObject({ prometheus: foreignPods('Pods of the Prometheus that asks the exporters.') })
      .exactOptional()
      .describe("NVIDIA's DCGM exporter on the nodes of the pools. Default: none."),
    reclaim: reclaim.exactOptional(),
  })
  .check(({ value, issues }) => {
    if (issues.length > 0) return;
    const resources = value.pools.map(resourceOf);
    const different = new Set(resources).size;
    for (const [index, { name }] of value.pools.entries()) {
      if (value.pools.findIndex((other) => other.name === name) === index) continue;
      const message = 'another pool has this name already';
      issues.push({ code: 'custom', input: name, path: ['pools', index, 'name'], message });
    }
    if (different > 1 && different < resources.length) {
      const message =
        'either all pools have one resource, and people choose by their names, or each has another; ' +
        `these have ${resources.join(', ')}`;
      issues.push({ code: 'custom', input: value.pools, path: ['pools'], message });
    }
  })
  .describe('Nodes with GPUs, and what people may do with them. Left out, there are none.');
