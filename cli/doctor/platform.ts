import { Field, quantity } from '../../constructs/platform/rules';
import { ApiError, type ClusterApi } from './api';
import { readable, readableObject } from './cluster';
import { checkGpus } from './gpu';
import type { Needs } from './needs';
import { fail, ok, type Result, warn } from './result';

const DEFAULT_CLASS = 'storageclass.kubernetes.io/is-default-class';
const GIBIBYTE = 2 ** 30;

/** Whether the cluster offers what the platform of a configuration expects of it. */
export async function checkPlatform(api: ClusterApi, needs: Needs): Promise<readonly Result[]> {
  const named = (title: string, list: string, names: readonly string[], remedy: string) =>
    Promise.all(names.map((name) => checkNamed(api, title, `${list}/${name}`, name, remedy)));
  return [
    ...(await checkNamespaces(api, needs)),
    ...(await checkSecrets(api, needs)),
    ...(await checkStorage(api, needs)),
    ...(await checkCapacity(api, needs)),
    ...(await checkReadings(api, needs)),
    ...(await Promise.all(needs.gpus.map((gpus) => checkGpus(api, needs.platform, gpus)))).flat(),
    ...(await named(
      'IngressClass',
      '/apis/networking.k8s.io/v1/ingressclasses',
      needs.ingressClasses,
      'install an Ingress controller, or name its class in the configuration: kubectl get ingressclass',
    )),
    ...(await named(
      'GatewayClass',
      '/apis/gateway.networking.k8s.io/v1/gatewayclasses',
      needs.gatewayClasses,
      'install a Gateway controller, or name its class in the configuration: kubectl get gatewayclass',
    )),
    ...(await Promise.all(
      needs.gateways.map((gateway) => {
        const [namespace = '', name = ''] = gateway.split('/');
        const path = `/apis/gateway.networking.k8s.io/v1/namespaces/${namespace}/gateways/${name}`;
        return checkNamed(
          api,
          'Gateway',
          path,
          gateway,
          'make the Gateway first, or name another in the configuration',
        );
      }),
    )),
    ...(await named(
      'ClusterIssuer',
      '/apis/cert-manager.io/v1/clusterissuers',
      needs.clusterIssuers,
      'make the ClusterIssuer (https://cert-manager.io/docs/configuration/), or name another in the configuration',
    )),
  ];
}

async function checkNamed(api: ClusterApi, title: string, path: string, name: string, remedy: string): Promise<Result> {
  return (await api.get(path)) === undefined ? fail(title, `there is no ${name}`, remedy) : ok(title, name);
}

/** Whether the namespaces are free, or this platform's already. */
async function checkNamespaces(api: ClusterApi, { namespaces, platform }: Needs): Promise<readonly Result[]> {
  const title = 'namespaces';
  const found = await Promise.all(
    namespaces.map(async (name) => ({ name, object: await api.get(`/api/v1/namespaces/${name}`) })),
  );
  const foreign = found.filter(({ object }) => {
    const labels = new Field(object).at('metadata', 'labels').textMap;
    return object !== undefined && labels['app.kubernetes.io/part-of'] !== platform;
  });
  if (foreign.length > 0) {
    const names = foreign.map(({ name }) => name).join(', ');
    return [fail(title, `${names} exist already and belong to others`, 'choose another name in the configuration')];
  }
  const existing = found.filter(({ object }) => object !== undefined).length;
  return namespaces.length === 0
    ? []
    : [ok(title, `${namespaces.length - existing} to make, ${existing} of this platform already`)];
}

/** Whether the Secrets are there that somebody else makes. Only the names of their keys are looked at. */
async function checkSecrets(api: ClusterApi, { expectedSecrets }: Needs): Promise<readonly Result[]> {
  return await Promise.all(
    expectedSecrets.map(async ({ namespace, name, keys, purpose }) => {
      const title = 'Secret';
      const id = `${namespace}/${name}`;
      const remedy = `make it before anything is deployed, with ${keys.join(', ')}: ${purpose}`;
      const secret = await readableObject(api, `/api/v1/namespaces/${namespace}/secrets/${name}`);
      if (secret === 'denied') return warn(title, `this user may not see ${id}`, remedy);
      if (secret === undefined) return fail(title, `there is no ${id}`, remedy);
      const missing = keys.filter((key) => !new Field(secret).at('data', key).exists);
      return missing.length === 0 ? ok(title, id) : fail(title, `${id} lacks ${missing.join(', ')}`, remedy);
    }),
  );
}

/** Whether volumes can be had. */
async function checkStorage(api: ClusterApi, { storageClasses }: Needs): Promise<readonly Result[]> {
  if (storageClasses.length === 0) return [];
  const title = 'StorageClass';
  const classes = await readable(api, '/apis/storage.k8s.io/v1/storageclasses');
  if (classes === undefined)
    return [warn(title, 'this user may not see them', 'make sure that there is a default one')];
  return storageClasses.map((name) => {
    const names = classes.flatMap((one) => one.at('metadata', 'name').text ?? []);
    if (name !== undefined) {
      return names.includes(name)
        ? ok(title, name)
        : fail(title, `there is no ${name}`, `name one of ${names.join(', ') || '(none)'} as cluster.storageClassName`);
    }
    const standard = classes.find((one) => one.at('metadata', 'annotations', DEFAULT_CLASS).text === 'true');
    return standard === undefined
      ? fail(
          title,
          'the cluster has no default one',
          `mark one as default, or name it as cluster.storageClassName: ${names.join(', ') || 'there is none'}`,
        )
      : ok(title, `${standard.at('metadata', 'name').text ?? ''}, the default one`);
  });
}

/** Whether the nodes are large enough for what the Pods ask for. What already runs is not counted. */
async function checkCapacity(api: ClusterApi, { requests }: Needs): Promise<readonly Result[]> {
  const title = 'capacity';
  const nodes = await readable(api, '/api/v1/nodes');
  if (nodes === undefined)
    return [warn(title, 'this user may not see the nodes', 'make sure that they are large enough')];
  const total = (resource: string): number =>
    nodes.reduce((sum, node) => sum + (quantity(node.at('status', 'allocatable', resource).value) ?? 0), 0);
  const [cpu, memory] = [total('cpu'), total('memory')];
  const detail =
    `asks for ${requests.cpu.toFixed(1)} CPU and ${gibibytes(requests.memory)} GiB ` +
    `of ${cpu.toFixed(1)} CPU and ${gibibytes(memory)} GiB on ${nodes.length} nodes`;
  return requests.cpu > cpu || requests.memory > memory
    ? [fail(title, detail, 'add nodes, or ask for less: resources in the configuration')]
    : [ok(title, detail)];
}

function gibibytes(bytes: number): string {
  return (bytes / GIBIBYTE).toFixed(1);
}

/** Whether anything serves the readings of CPU and memory that autoscalers go by. */
async function checkReadings(api: ClusterApi, { autoscaled }: Needs): Promise<readonly Result[]> {
  if (autoscaled.length === 0) return [];
  const title = 'metrics.k8s.io';
  const remedy =
    'install metrics-server (https://github.com/kubernetes-sigs/metrics-server), or give a number of Pods that does not change';
  const answer = await readings(api);
  if (answer === 'denied') return [warn(title, 'this user may not read the use of nodes', remedy)];
  const nodes = new Field(answer).at('items').items().length;
  return [
    nodes > 0
      ? ok(title, `readings of ${nodes} nodes`)
      : fail(
          title,
          `no readings of any node: the Pods of ${autoscaled.join(', ')} would stay as few as they begin`,
          remedy,
        ),
  ];
}

/** The use of every node: undefined when nothing tells it, be it that nobody serves that API or that who does is away. */
async function readings(api: ClusterApi): Promise<unknown> {
  try {
    return await readableObject(api, '/apis/metrics.k8s.io/v1beta1/nodes');
  } catch (error) {
    if (error instanceof ApiError && error.status === 503) return undefined;
    throw error;
  }
}
