import { GpuNodePool, GpuNodes, GpuReclaim, GpuSharing, NVIDIA_GPU } from '../../constructs/compute';
import type { Platform, SpaceNames } from '../../constructs/platform';
import type { SspcloudConfig } from '../sspcloud/schema';

type Section = NonNullable<SspcloudConfig['gpu']>;

/** The nodes with GPUs of a platform, with their pools. @default - undefined when there are none */
export function makeGpus(platform: Platform, section: SspcloudConfig['gpu']): GpuNodes | undefined {
  if (section === undefined) return undefined;
  const { pools, runtimeClass, runtimeClassName, kubeletFolder, monitoring } = section;
  const nodes = new GpuNodes(platform, 'gpu', {
    runtimeClass,
    runtimeClassName,
    kubeletFolder,
    ...(monitoring === undefined ? {} : { monitoring }),
  });
  for (const { name, nodes: count, timeSlicing, mig, ...pool } of pools) {
    new GpuNodePool(nodes, name, {
      ...pool,
      minNodes: count.min,
      maxNodes: count.max,
      sharing: sharingOf(timeSlicing, mig),
    });
  }
  return nodes;
}

/** What takes GPUs back. @default - undefined when nothing does */
export function makeReclaim(
  platform: Platform,
  nodes: GpuNodes,
  names: SpaceNames,
  { gpu, cluster }: Pick<SspcloudConfig, 'gpu' | 'cluster'>,
): GpuReclaim | undefined {
  if (gpu?.reclaim === undefined) return undefined;
  const { idle, ...reclaim } = gpu.reclaim;
  const { apiServer } = cluster;
  return new GpuReclaim(platform, 'gpu-reclaim', {
    ...reclaim,
    nodes,
    names,
    ...(idle === undefined ? {} : { idle: idlenessOf(idle) }),
    ...(apiServer === undefined ? {} : { apiServer }),
  });
}

function idlenessOf({ pods, cidrs, ...idle }: NonNullable<NonNullable<Section['reclaim']>['idle']>) {
  return {
    ...idle,
    place: { ...(pods === undefined ? {} : { pods }), ...(cidrs === undefined ? {} : { hosts: { cidrs } }) },
  };
}

function sharingOf(timeSlicing: Section['pools'][number]['timeSlicing'], mig: Section['pools'][number]['mig']) {
  if (mig !== undefined) return GpuSharing.mig(mig.profile, mig.strategy);
  return timeSlicing === undefined ? GpuSharing.none() : GpuSharing.timeSlicing(timeSlicing.replicas);
}

/** Bounds of a space on the devices of pools that have no key of their own: none of any, but for what is granted. */
export function devicesOf(
  nodes: GpuNodes | undefined,
  granted: Readonly<Record<string, number>> = {},
): Readonly<Record<string, number>> {
  const others = (nodes?.resources ?? []).filter((resource) => resource !== NVIDIA_GPU);
  return { ...Object.fromEntries(others.map((resource) => [resource, 0])), ...granted };
}
