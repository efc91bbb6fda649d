import { NVIDIA_GPU } from '../compute';
import { quantity } from '../platform/rules';
import type { SpaceQuota, UserSpaces } from '../tenancy';
import type { GpuChoice, SchemaOverrides, SchemaSettings } from './schema-overrides';

const GIB = 1024 ** 3;
/** Thousandths of a CPU that one step of the slider is. */
const CPU_STEP = 50;
/** A service asks for this part of a quota at first, so that several fit into a space. */
const SHARE = 4;

/**
 * Sliders with ends that a quota can pay. The bundled ones ask for 30 CPUs and 50 GiB at first, and a space whose quota is smaller would
 * start none of them: nobody would be told but by an event of the StatefulSet.
 */
function affordable({ hard }: SpaceQuota): Required<Pick<SchemaOverrides, 'cpu' | 'memory' | 'disk'>> {
  const most = (key: string, perUnit: number, step: number): number =>
    Math.max(step, Math.floor(Math.floor((quantity(hard[key]) ?? 0) * perUnit + 1e-6) / step) * step);
  const share = (all: number, step: number): number => Math.max(step, Math.floor(all / SHARE / step) * step);
  const cpu = most('limits.cpu', 1000, CPU_STEP);
  const memory = most('limits.memory', 1 / GIB, 1);
  const disk = most('requests.storage', 1 / GIB, 1);
  return {
    cpu: { max: cpu, limit: share(cpu, CPU_STEP), request: Math.min(100, share(cpu, CPU_STEP)) },
    memory: { max: memory, limit: share(memory, 1), request: Math.min(2, share(memory, 1)) },
    disk: { max: disk, size: Math.min(10, share(disk, 1)) },
  };
}

/** What is bounded where the office says nothing of its nodes: as many as a machine has. */
const ANY_NODE: GpuChoice = { most: { [NVIDIA_GPU]: 16 } };

/** A choice of GPUs that a quota can pay: of each resource no more than it has, and none where it grants none. */
function affordableGpus(choice: GpuChoice, { hard }: SpaceQuota): GpuChoice {
  const { max = 1, most = { [NVIDIA_GPU]: max }, ...rest } = choice;
  return {
    ...rest,
    most: Object.fromEntries(
      Object.entries(most).map(([resource, count]) => [
        resource,
        Math.min(count, quantity(hard[`requests.${resource}`] ?? String(count)) ?? count),
      ]),
    ),
  };
}

/** What the office lays down, and for the sliders that it leaves out what people may have, everyone and each role. */
export function withinQuotas(settings: SchemaSettings, spaces: UserSpaces | undefined): SchemaSettings {
  if (spaces === undefined) return settings;
  const { roles = {}, gpu = ANY_NODE, ...everyone } = settings;
  const names = [...new Set([...Object.keys(roles), ...spaces.roleQuotas.keys()])];
  return {
    ...affordable(spaces.userQuota),
    ...everyone,
    gpu: affordableGpus(gpu, spaces.userQuota),
    roles: Object.fromEntries(
      names.map((role) => {
        const quota = spaces.roleQuotas.get(role);
        const { gpu: own, ...rest } = roles[role] ?? {};
        const bounds = quota === undefined ? {} : { ...affordable(quota), gpu: affordableGpus(gpu, quota) };
        return [
          role,
          { ...bounds, ...rest, ...(own === undefined ? {} : { gpu: affordableGpus(own, quota ?? spaces.userQuota) }) },
        ];
      }),
    ),
  };
}
