import { join } from 'node:path';
import { App } from 'cdk8s';
import { parse } from 'yaml';
import { readFileSync } from 'node:fs';
import {
  GpuNodePool,
  GpuNodes,
  GpuReclaim,
  type IIdentityProvider,
  ImageCatalogue,
  type ImageCatalogueProps,
  type KubernetesManifest,
  PeopleProject,
  Platform,
  PlatformAccount,
  synthesize,
  TenantPolicies,
  UserSpaces,
} from '../../constructs';
import { NODES, REGISTRY } from '../../tools/cluster/addresses';
import { allImages, platformImages } from '../../tools/cluster/image-manifest';
import { ensureImages } from '../../tools/cluster/images';
import { silentProgress } from '../../tools/cluster/progress';
import { attempt, ROOT, run } from './support/commands';
import { gpuPod, TAINT } from './support/gpu-pods';
import { apply, at, exec, find, get, hasCondition, jobDone, kubectl, list, listAt } from './support/kubectl';
import { eventually } from './support/waiting';

/**
 * The embedded cluster with a second node, which advertises a GPU that it has not: Pods run there or do not, by the guards and policies of
 * this library. Afterwards the cluster has one node again.
 */
const GPU = 'nvidia.com/gpu';
const [FIRST, SECOND] = NODES;
const SPACE = 'projet-rich';
const CLI = join(ROOT, 'bin/bouture.js');

const { images: lock } = parse(readFileSync(join(ROOT, 'images.lock.yaml'), 'utf8')) as {
  readonly images: ImageCatalogueProps['lock'];
};
const images = new ImageCatalogue({ lock, mirror: REGISTRY });
const platform = new Platform(new App(), 'platform', { name: 'gputest', images });
const spaces = new UserSpaces(platform, 'spaces', { projectQuotas: { rich: { gpus: 2 } } });
const nodes = new GpuNodes(platform, 'gpu', { runtimeClass: 'none' });
new GpuNodePool(nodes, 'embedded', { devicePlugin: 'existing' });
const reclaim = new GpuReclaim(platform, 'gpu-reclaim', { nodes, names: spaces.names, maximumHours: 2 });
new TenantPolicies(platform, 'tenant-policies', {
  spaces,
  deviceTolerations: nodes.deviceTolerations,
  reclaimers: [PlatformAccount.serviceAccount(reclaim.account)],
});
const identityProvider = { addGroup: () => undefined } as unknown as IIdentityProvider;
new PeopleProject(platform, 'rich', { spaces, identityProvider });
const manifests: readonly KubernetesManifest[] = synthesize(platform).objects.map(({ manifest }) => manifest);

/** Makes an object as a member of the project, and gives what kubectl says. */
const asMember = (object: object) =>
  attempt(
    'kubectl',
    ['create', '--namespace', SPACE, '--as', 'oidc:ada', '--as-group', 'oidc:rich', '--filename', '-'],
    {
      input: JSON.stringify(object),
    },
  );
const pod = (name: string, gpus: number, spec: object = {}) =>
  gpuPod(name, gpus, spec, {}, images.get('toolbox').reference);
const gpuService = (name: string) => ({
  apiVersion: 'apps/v1',
  kind: 'StatefulSet',
  metadata: { name },
  spec: {
    serviceName: name,
    selector: { matchLabels: { app: name } },
    template: { metadata: { labels: { app: name } }, spec: pod(name, 1, { tolerations: [TAINT] }).spec },
  },
});

/** Waits until a Pod is ready, and gives its node. */
async function readyOn(name: string): Promise<unknown> {
  return eventually(
    `Pod ${name}`,
    async () => {
      const found = await find('pod', name, SPACE);
      return found !== undefined && hasCondition(found, 'Ready') && at(found, 'spec', 'nodeName');
    },
    { seconds: 120 },
  );
}

async function clear(): Promise<void> {
  await kubectl(['delete', 'statefulset,pod', '--all', '--namespace', SPACE, '--ignore-not-found']);
  await eventually('the quota to be free', async () => {
    return at(await get('resourcequota', 'platform', SPACE), 'status', 'used', `requests.${GPU}`) === '0';
  });
}

beforeAll(async () => {
  await run('node', [CLI, 'cluster', 'up', '--nodes', '2'], { timeoutSeconds: 30 * 60 });
  await ensureImages(
    platformImages().filter(({ name }) => name === 'toolbox'),
    allImages(),
    silentProgress,
  );
  const { labels, taints } = nodes.pools[0]?.nodeGroup ?? { labels: {}, taints: [] };
  await kubectl([
    'label',
    'node',
    SECOND.name,
    '--overwrite',
    ...Object.entries(labels).map(([key, value]) => `${key}=${value}`),
  ]);
  await kubectl(['patch', 'node', SECOND.name, '--type=merge', '--patch', JSON.stringify({ spec: { taints } })]);
  const advertised = JSON.stringify({ status: { capacity: { [GPU]: '1' }, allocatable: { [GPU]: '1' } } });
  await kubectl(['patch', 'node', SECOND.name, '--subresource=status', '--type=merge', '--patch', advertised]);
  const namespaces = manifests.filter(({ kind }) => kind === 'Namespace');
  await apply(...namespaces);
  await apply(...manifests.filter((one) => !namespaces.includes(one)));
  await eventually('the policies to hold', async () => {
    const { code, output } = await asMember(pod('probe', 0, { tolerations: [TAINT] }));
    if (code === 0) await clear();
    return output.includes('gputest-pods');
  });
}, 40 * 60_000);
afterAll(async () => {
  const namespaces = manifests.filter(({ kind }) => kind === 'Namespace').map(({ metadata }) => metadata.name);
  // What holds for the whole cluster first: nobody could remove a space otherwise.
  const wide = manifests.filter(({ kind, metadata }) => metadata.namespace === undefined && kind !== 'Namespace');
  for (const { kind, metadata } of wide) await kubectl(['delete', kind, metadata.name, '--ignore-not-found']);
  await kubectl(['delete', 'namespace', ...namespaces, '--ignore-not-found', '--timeout=180s']);
  await run('node', [CLI, 'cluster', 'up', '--nodes', '1'], { timeoutSeconds: 10 * 60 });
}, 20 * 60_000);
afterEach(clear, 3 * 60_000);

test('both nodes are ready, each at an address of its own', async () => {
  const found = await list('nodes');
  expect(found.map(({ metadata }) => metadata.name).sort()).toEqual([FIRST.name, SECOND.name]);
  for (const node of found) expect(hasCondition(node, 'Ready')).toBe(true);
  const addresses = found.map((node) =>
    listAt(node, 'status', 'addresses').find((one) => at(one, 'type') === 'InternalIP'),
  );
  expect(addresses.map((one) => at(one, 'address')).sort()).toEqual([FIRST.address, SECOND.address]);
});

test('a Pod that asks for a GPU runs on the second node, and its kubelet answers for it', async () => {
  expect((await asMember(pod('one', 1, { tolerations: [TAINT] }))).code).toBe(0);
  expect(await readyOn('one')).toBe(SECOND.name);
  expect((await exec(SPACE, 'one', ['hostname'])).trim()).toBe('one');
});

test('a Pod that asks for none runs on the first node, and reaches one of the second', async () => {
  const serving = pod('one', 1, { tolerations: [TAINT] });
  const [main] = serving.spec.containers;
  const command = ['bash', '-c', 'while :; do echo hello | busybox nc -l -p 8080; done'];
  expect((await asMember({ ...serving, spec: { ...serving.spec, containers: [{ ...main, command }] } })).code).toBe(0);
  expect((await asMember(pod('plain', 0))).code).toBe(0);
  expect([await readyOn('one'), await readyOn('plain')]).toEqual([SECOND.name, FIRST.name]);
  const address = at(await get('pod', 'one', SPACE), 'status', 'podIP');
  await eventually('an answer', async () => {
    return (await exec(SPACE, 'plain', ['busybox', 'nc', '-w', '5', String(address), '8080'])).includes('hello');
  });
});

test('a Pod does not bear the taint that asks for nothing, and the quota ends', async () => {
  expect((await asMember(pod('sly', 0, { tolerations: [TAINT] }))).output).toContain('gputest-pods');
  for (const name of ['a', 'b']) expect((await asMember(pod(name, 1, { tolerations: [TAINT] }))).code).toBe(0);
  expect((await asMember(pod('c', 1, { tolerations: [TAINT] }))).output).toContain('exceeded quota');
});

test('a Pod that may wait makes room for one that somebody sits in front of', async () => {
  const asking = (name: string, priorityClassName: string) => pod(name, 1, { tolerations: [TAINT], priorityClassName });
  await asMember(asking('batch', nodes.batchClassName));
  expect(await readyOn('batch')).toBe(SECOND.name);
  await asMember(asking('interactive', nodes.interactiveClassName));
  expect(await readyOn('interactive')).toBe(SECOND.name);
  expect(await find('pod', 'batch', SPACE)).toBeUndefined();
});

test('a service that holds its GPU too long is paused by the Job, and its Pod ends', async () => {
  expect((await asMember(gpuService('old'))).code).toBe(0);
  expect(await readyOn('old-0')).toBe(SECOND.name);
  const cronJob = await get('cronjob', 'gpu-reclaim-reclaim', 'gputest-gpu-reclaim');
  const template = at(cronJob, 'spec', 'jobTemplate', 'spec') as Readonly<Record<string, unknown>>;
  // Half a second in place of hours, so that the test need not wait for them.
  const settings = {
    resources: [GPU],
    prefixes: [spaces.names.projectPrefix],
    idle: 0,
    maximum: 0.01,
    warn: 0,
    others: 'keep',
  };
  const job = JSON.parse(
    JSON.stringify({
      apiVersion: 'batch/v1',
      kind: 'Job',
      metadata: { name: 'reclaim-now', namespace: 'gputest-gpu-reclaim' },
      spec: template,
    }),
    (_, value: unknown) =>
      at(value, 'name') === 'SETTINGS' ? { name: 'SETTINGS', value: JSON.stringify(settings) } : value,
  ) as object;
  await apply(job);
  await jobDone('gputest-gpu-reclaim', 'reclaim-now');
  await eventually('the service to be paused', async () => (await find('pod', 'old-0', SPACE)) === undefined);
  expect(at(await get('statefulset', 'old', SPACE), 'spec', 'replicas')).toBe(0);
  const events = await list('events', '--namespace', SPACE, '--field-selector', 'reason=GpuReclaimed');
  expect(events.map((one) => at(one, 'involvedObject', 'name'))).toEqual(['old-0']);
});
