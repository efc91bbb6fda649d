import { ApiError, type ClusterApi } from '../../cli/doctor/api';
import { checkGpus } from '../../cli/doctor/gpu';
import { type NeededGpus, neededGpus } from '../../cli/doctor/needs';
import { GpuNodePool, type GpuNodePoolProps, GpuNodes, type GpuNodesProps } from '../../constructs';
import { testPlatform } from '../support/platform';

function needed(pool: GpuNodePoolProps = {}, props: GpuNodesProps = {}): NeededGpus {
  const nodes = new GpuNodes(testPlatform(), 'gpu', props);
  new GpuNodePool(nodes, 't4', pool);
  return neededGpus(nodes);
}

const TAINTS = [{ key: 'nvidia.com/gpu', value: 'present', effect: 'NoSchedule' }];
const node = (
  gpus: string | undefined,
  labels: object = { 'bouture.dev/gpu-pool': 't4' },
  taints: unknown = TAINTS,
) => ({
  metadata: { name: 'worker', labels },
  spec: { taints },
  status: { allocatable: gpus === undefined ? {} : { 'nvidia.com/gpu': gpus } },
});
const runtimeClass = (partOf: string) => ({ metadata: { labels: { 'app.kubernetes.io/part-of': partOf } } });

/** A cluster with these nodes and perhaps a RuntimeClass. */
const cluster = (nodes: readonly object[] | Error, found?: unknown): ClusterApi => ({
  get: (path) => {
    if (path !== '/api/v1/nodes') return Promise.resolve(path.endsWith('/nvidia') ? found : undefined);
    return nodes instanceof Error ? Promise.reject(nodes) : Promise.resolve({ items: nodes });
  },
  post: () => Promise.reject(new Error('not asked for')),
});
const told = async (api: ClusterApi, gpus: NeededGpus) =>
  (await checkGpus(api, 'demo', gpus)).map(({ level, title, detail }) => `${level} ${title}: ${detail}`);

test('nodes that look as their pool says and advertise their cards are well', async () => {
  expect(await told(cluster([node('2'), node('1'), { metadata: { name: 'other' } }]), needed())).toEqual([
    'ok RuntimeClass: nvidia, to make',
    'ok GPU pool t4: 2 nodes with 3 nvidia.com/gpu',
  ]);
});

test.each<[string, readonly object[] | Error, GpuNodePoolProps, string]>([
  [
    'a pool without nodes, which come when asked for',
    [],
    {},
    'warn GPU pool t4: no node has the label bouture.dev/gpu-pool=t4',
  ],
  [
    'a pool whose nodes must be there',
    [],
    { minNodes: 1 },
    'fail GPU pool t4: no node has the label bouture.dev/gpu-pool=t4',
  ],
  ['cards that the platform will advertise', [node(undefined)], {}, 'warn GPU pool t4: 1 nodes with 0 nvidia.com/gpu'],
  [
    'cards that nobody advertises',
    [node('0')],
    { devicePlugin: 'existing' },
    'fail GPU pool t4: 1 nodes with 0 nvidia.com/gpu',
  ],
  [
    'a node that everybody may use',
    [node('1', undefined, [])],
    {},
    'fail GPU pool t4: node worker lacks the taint nvidia.com/gpu=present:NoSchedule',
  ],
  [
    'a node without a further label',
    [node('1')],
    { labels: { zone: 'north' } },
    'fail GPU pool t4: node worker lacks the label zone=north',
  ],
  ['nodes that may not be seen', new ApiError(403, ''), {}, 'warn GPUs: this user may not see the nodes'],
])('%s is told', async (_, nodes, pool, expected) => {
  expect(await told(cluster(nodes), needed(pool))).toContain(expected);
});

test.each<[GpuNodesProps, unknown, string | undefined]>([
  [{}, runtimeClass('demo'), 'ok RuntimeClass: nvidia'],
  [{}, runtimeClass('gpu-operator'), 'fail RuntimeClass: nvidia exists already and belongs to others'],
  [{ runtimeClass: 'existing' }, undefined, 'fail RuntimeClass: there is no nvidia'],
  [{ runtimeClass: 'existing' }, runtimeClass('gpu-operator'), 'ok RuntimeClass: nvidia'],
  [{ runtimeClass: 'none' }, undefined, undefined],
])('the RuntimeClass of %j is looked at', async (props, found, expected) => {
  const results = await told(cluster([node('1')], found), needed({}, props));
  expect(results.find((line) => line.includes('RuntimeClass'))).toBe(expected);
});
