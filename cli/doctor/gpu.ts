import { POOL_LABEL } from '../../constructs/compute';
import { Field, quantity } from '../../constructs/platform/rules';
import type { ClusterApi } from './api';
import { readable, readableObject } from './cluster';
import type { NeededGpus } from './needs';
import { fail, ok, type Result, warn } from './result';

/** Whether the nodes of the pools are there, look as their pool says, and advertise their cards. */
export async function checkGpus(
  api: ClusterApi,
  platform: string,
  { pools, runtimeClass }: NeededGpus,
): Promise<readonly Result[]> {
  const classes = runtimeClass === undefined ? [] : [await checkRuntimeClass(api, platform, runtimeClass)];
  const nodes = await readable(api, '/api/v1/nodes');
  if (nodes === undefined) {
    return [...classes, warn('GPUs', 'this user may not see the nodes', 'make sure that those of the pools are there')];
  }
  return [...classes, ...pools.flatMap((pool) => checkPool(pool, nodes))];
}

async function checkRuntimeClass(
  api: ClusterApi,
  platform: string,
  { name, isOwn }: NonNullable<NeededGpus['runtimeClass']>,
): Promise<Result> {
  const title = 'RuntimeClass';
  const found = await readableObject(api, `/apis/node.k8s.io/v1/runtimeclasses/${name}`);
  if (found === 'denied') return warn(title, 'this user may not see them', `make sure that there is ${name}`);
  if (!isOwn) {
    return found === undefined
      ? fail(title, `there is no ${name}`, 'make it, or say gpu.runtimeClass: install, or none')
      : ok(title, name);
  }
  const owner = new Field(found).at('metadata', 'labels', 'app.kubernetes.io/part-of').text;
  return found !== undefined && owner !== platform
    ? fail(title, `${name} exists already and belongs to others`, 'say gpu.runtimeClass: existing')
    : ok(title, found === undefined ? `${name}, to make` : name);
}

function checkPool(
  { name, resource, nodeGroup, devicePlugin }: NeededGpus['pools'][number],
  nodes: readonly Field[],
): readonly Result[] {
  const title = `GPU pool ${name}`;
  const { minNodes, labels, taints } = nodeGroup;
  const own = nodes.filter((node) => node.at('metadata', 'labels').textMap[POOL_LABEL] === name);
  if (own.length === 0) {
    const detail = `no node has the label ${POOL_LABEL}=${name}`;
    return [
      minNodes === 0
        ? warn(title, detail, 'nodes come when a Pod asks for them; where no autoscaler is, label those with GPUs')
        : fail(title, detail, `label its nodes: kubectl label node NODE ${POOL_LABEL}=${name}`),
    ];
  }
  const results: Result[] = [];
  for (const node of own) {
    const called = node.at('metadata', 'name').text ?? '';
    const has = node.at('metadata', 'labels').textMap;
    const lacking = [
      ...Object.entries(labels).flatMap(([key, value]) => (has[key] === value ? [] : [`the label ${key}=${value}`])),
      ...taints.flatMap(({ key, value = '', effect }) =>
        node
          .at('spec', 'taints')
          .items()
          .some((one) => one.at('key').text === key && one.at('effect').text === effect)
          ? []
          : [`the taint ${key}=${value}:${effect}`],
      ),
    ];
    if (lacking.length > 0) {
      const remedy = 'give it to the node group, or to the node by kubectl label and kubectl taint';
      results.push(fail(title, `node ${called} lacks ${lacking.join(', ')}`, remedy));
    }
  }
  const cards = own.reduce((sum, node) => sum + (quantity(node.at('status', 'allocatable', resource).value) ?? 0), 0);
  const detail = `${own.length} nodes with ${cards} ${resource}`;
  if (cards > 0) results.push(ok(title, detail));
  else if (devicePlugin === 'install') {
    results.push(warn(title, detail, 'the device plugin of the platform advertises them; afterwards, read its log'));
  } else {
    results.push(fail(title, detail, 'install the device plugin of the cards, or say devicePlugin: install'));
  }
  return results;
}
