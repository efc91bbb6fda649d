import { GPU_SERVICES } from '../../constructs/catalog/services/names';
import { GpuSharing, NVIDIA_GPU } from '../../constructs/compute/gpu-sharing';
import type { Conflict } from '../config/check';
import { nearest } from '../config/nearest';
import type { Path } from '../config/problems';
import type { Sections } from '../sections/platform';

type Pool = NonNullable<NonNullable<Sections['gpu']>['pools']>[number];

const POOLS: Path = ['gpu', 'pools'];

/** Services for GPUs are offered where there are some. */
export function* gpuServicesHavePools({ onyxia, gpu }: Sections): Iterable<Conflict> {
  if (gpu !== undefined) return;
  for (const [index, { builtIn }] of (onyxia?.catalogs ?? []).entries()) {
    for (const [place, name] of (builtIn?.services ?? []).entries()) {
      if (!GPU_SERVICES.includes(name)) continue;
      yield {
        path: ['onyxia', 'catalogs', index, 'builtIn', 'services', place],
        reads: [POOLS],
        message: 'nobody could start it: there is no pool of nodes with GPUs',
        expected: 'a service without GPUs, or gpu.pools',
      };
    }
  }
}

/** Nobody is promised more than all nodes together have, nor a device that none has. */
export function* gpuQuotasFitPools({ gpu, people }: Sections): Iterable<Conflict> {
  if (gpu?.pools === undefined) return;
  const capacity = capacities(gpu.pools);
  const quotas: readonly (readonly [Path, Quota | undefined])[] = [
    [['people', 'userQuota'], people?.userQuota],
    [['people', 'projectQuota'], people?.projectQuota],
    ...Object.entries(people?.roleQuotas ?? {}).map(
      ([role, quota]) => [['people', 'roleQuotas', role], quota] as const,
    ),
    ...(people?.projects ?? []).map(({ quota }, index) => [['people', 'projects', index, 'quota'], quota] as const),
  ];
  for (const [path, quota] of quotas) {
    if (quota?.gpus !== undefined) yield* tooMany([...path, 'gpus'], NVIDIA_GPU, quota.gpus, capacity);
    for (const [resource, count] of Object.entries(quota?.devices ?? {})) {
      const at = [...path, 'devices', resource];
      if (resource === NVIDIA_GPU) {
        yield { path: at, message: 'this resource has a key of its own', expected: 'gpus beside devices' };
      } else if (!capacity.has(resource)) {
        yield {
          path: at,
          reads: [POOLS],
          message: 'no pool has this resource',
          expected: `one of ${[...capacity.keys()].join(', ')}`,
          suggestion: nearest(resource, [...capacity.keys()]),
        };
      } else if (count !== undefined) yield* tooMany(at, resource, count, capacity);
    }
  }
}

interface Quota {
  readonly gpus?: number | undefined;
  readonly devices?: Readonly<Record<string, number | undefined>> | undefined;
}

function* tooMany(
  path: Path,
  resource: string,
  count: number,
  capacity: ReadonlyMap<string, number>,
): Iterable<Conflict> {
  const most = capacity.get(resource) ?? 0;
  if (count <= most) return;
  yield {
    path,
    reads: [POOLS],
    message: `the nodes of all pools together have ${most} ${resource} at most`,
    expected: `a number from 0 to ${most}`,
  };
}

/** What all nodes of all pools advertise at most, by resource. A pool that is wrong by itself counts for what is known of it. */
function capacities(pools: readonly Pool[]): ReadonlyMap<string, number> {
  const found = new Map<string, number>();
  for (const pool of pools) {
    const sharing = sharingOf(pool);
    const resource = pool.resource ?? sharing.resource;
    const most = (pool.nodes?.max ?? 1) * (pool.gpusPerNode ?? 1) * sharing.perCard;
    found.set(resource, (found.get(resource) ?? 0) + most);
  }
  return found;
}

function sharingOf({ timeSlicing, mig }: Pool): GpuSharing {
  if (mig?.profile !== undefined) return GpuSharing.mig(mig.profile, mig.strategy);
  return timeSlicing?.replicas === undefined ? GpuSharing.none() : GpuSharing.timeSlicing(timeSlicing.replicas);
}
