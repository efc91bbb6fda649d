import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import {
  builtInServices,
  GpuNodePool,
  GpuNodes,
  GpuReclaim,
  GpuSharing,
  type IIdentityProvider,
  type KubernetesManifest,
  launch,
  PeopleProject,
  PlatformAccount,
  synthesize,
  TenantPolicies,
  UserSpaces,
} from '../../constructs';
import { programPath } from '../../tools/cluster/programs';
import { image } from '../constructs/catalog/fixture';
import { at, listAt } from '../support/objects';
import { testPlatform } from '../support/platform';
import { attempt } from './support/commands';
import { gpuPod, TAINT } from './support/gpu-pods';
import { type ApiAnswer, type ApiClient, LocalApiServer } from './support/local-api-server';
import { applyTo, outcomeOf } from './support/tenancy-cluster';
import { eventually } from './support/waiting';

/**
 * Nodes with GPUs against a real API server, its controllers and a real scheduler: what is admitted, where it goes, what is displaced, and
 * what is taken back. The nodes are objects without a kubelet, so that Pods are bound and no container runs.
 */
const GPU = 'nvidia.com/gpu';
const MIG = 'nvidia.com/mig-1g.10gb';
let cluster: LocalApiServer;
/** Members of a project with GPUs, and of one without. */
let rich: ApiClient;
let poor: ApiClient;

const platform = testPlatform();
const spaces = new UserSpaces(platform, 'spaces', {
  projectQuota: { devices: { [MIG]: 0 } },
  projectQuotas: { rich: { gpus: 2 } },
});
const nodes = new GpuNodes(platform, 'gpu');
new GpuNodePool(nodes, 'whole', { maxNodes: 2 });
new GpuNodePool(nodes, 'parts', { sharing: GpuSharing.mig('1g.10gb', 'mixed') });
const reclaim = new GpuReclaim(platform, 'gpu-reclaim', {
  nodes,
  names: spaces.names,
  idle: { hours: 4, prometheusUrl: 'http://prometheus.test:9090' },
  maximumHours: 72,
});
new TenantPolicies(platform, 'tenant-policies', {
  spaces,
  deviceTolerations: nodes.deviceTolerations,
  runtimeClasses: ['nvidia'],
  reclaimers: [PlatformAccount.serviceAccount(reclaim.account)],
});
const identityProvider = { addGroup: () => undefined } as unknown as IIdentityProvider;
for (const name of ['rich', 'poor']) new PeopleProject(platform, name, { spaces, identityProvider });
const manifests: readonly KubernetesManifest[] = synthesize(platform).objects.map(({ manifest }) => manifest);

/** A node that is ready, as its kubelet would say it. */
async function addNode(name: string, resources: object, gpus: boolean): Promise<void> {
  await applyTo(cluster, [
    {
      apiVersion: 'v1',
      kind: 'Node',
      metadata: {
        name,
        labels: { 'kubernetes.io/hostname': name, ...(gpus ? { 'bouture.dev/gpu-pool': 'whole' } : {}) },
      },
    },
  ]);
  const amount = { cpu: '8', memory: '32Gi', pods: '20', 'ephemeral-storage': '100Gi', ...resources };
  const status = { capacity: amount, allocatable: amount, conditions: [{ type: 'Ready', status: 'True' }] };
  await cluster.kubectl([
    'patch',
    'node',
    name,
    '--subresource=status',
    '--type=merge',
    '--patch',
    JSON.stringify({ status }),
  ]);
  const taints = gpus ? [{ key: GPU, value: 'present', effect: 'NoSchedule' }] : [];
  await cluster.kubectl(['patch', 'node', name, '--type=merge', '--patch', JSON.stringify({ spec: { taints } })]);
}

const create = (client: ApiClient, project: string, pod: object): Promise<ApiAnswer> =>
  client.send('POST', `/api/v1/namespaces/projet-${project}/pods`, pod);
const read = async (project: string, kind: string, name: string): Promise<unknown> =>
  JSON.parse(await cluster.kubectl(['get', kind, name, '--namespace', `projet-${project}`, '--output', 'json']));

/** Name of the node that a Pod got. */
async function nodeOf(name: string, project = 'rich'): Promise<unknown> {
  return eventually(
    `a node for ${name}`,
    async () => at(await read(project, 'pod', name), 'spec', 'nodeName') ?? false,
  );
}

/** Removes every workload of people. */
async function clear(): Promise<void> {
  for (const project of ['rich', 'poor']) {
    await cluster.kubectl(
      `delete statefulset,pod,event --all --force --grace-period=0 --namespace projet-${project} --ignore-not-found`.split(
        ' ',
      ),
    );
    await eventually('the quota to be free', async () => {
      const quota = await read(project, 'resourcequota', 'platform');
      return at(quota, 'status', 'used', `requests.${GPU}`) === '0' && at(quota, 'status', 'used', 'pods') === '0';
    });
  }
}

beforeAll(async () => {
  cluster = await LocalApiServer.create();
  await applyTo(
    cluster,
    // What runs on nodes needs kubelets.
    manifests.filter(({ kind }) => !['DaemonSet', 'Deployment', 'CronJob'].includes(kind)),
  );
  cluster.startScheduler();
  await addNode('ordinary', {}, false);
  await addNode('gpu-node', { [GPU]: '1' }, true);
  rich = cluster.client({ name: 'oidc:ada', groups: ['oidc:rich'] });
  poor = cluster.client({ name: 'oidc:bob', groups: ['oidc:poor'] });
  // Waits until the API server has read the policies.
  await eventually('the policies to hold', async () => {
    return (
      outcomeOf(await create(rich, 'rich', gpuPod('probe', 0, { tolerations: [TAINT] }))) === 'pods' ||
      (await clear(), false)
    );
  });
}, 5 * 60_000);
afterAll(async () => {
  rich.close();
  poor.close();
  await cluster.dispose();
});
afterEach(clear);

describe('a Pod', () => {
  test('that asks for a GPU runs on its nodes', async () => {
    expect(
      outcomeOf(await create(rich, 'rich', gpuPod('one', 1, { tolerations: [TAINT], runtimeClassName: 'nvidia' }))),
    ).toBe('allowed');
    expect(await nodeOf('one')).toBe('gpu-node');
  });

  test('that asks for none never runs there, though all other nodes are full', async () => {
    await create(rich, 'rich', gpuPod('small', 0));
    expect(await nodeOf('small')).toBe('ordinary');
    await create(rich, 'rich', gpuPod('large', 0, {}, { cpu: '7950m' }));
    await eventually('the scheduler to say no', async () =>
      listAt(await read('rich', 'pod', 'large'), 'status', 'conditions').some(
        (one) => at(one, 'type') === 'PodScheduled' && String(at(one, 'message')).includes('untolerated taint'),
      ),
    );
  });

  test.each<[string, object]>([
    ['asks for nothing', gpuPod('x', 0, { tolerations: [TAINT] })],
    ['asks for no GPU in figures', { ...gpuPod('x', 0, { tolerations: [TAINT] }, { [GPU]: '0' }) }],
    ['bears every taint', gpuPod('x', 1, { tolerations: [{ operator: 'Exists' }] })],
    ['bears taints of others beside', gpuPod('x', 1, { tolerations: [TAINT, { key: 'others', operator: 'Exists' }] })],
  ])('that %s does not bear their taint', async (_, pod) => {
    expect(outcomeOf(await create(rich, 'rich', pod))).toBe('pods');
  });

  test('may ask by an init container alone', async () => {
    const pod = gpuPod('x', 1, { tolerations: [TAINT] });
    const { containers } = pod.spec;
    const plain = gpuPod('x', 0).spec.containers;
    const spec = {
      ...pod.spec,
      initContainers: containers,
      containers: plain.map((one) => ({ ...one, name: 'plain' })),
    };
    expect(outcomeOf(await create(rich, 'rich', { ...pod, spec }))).toBe('allowed');
  });

  test('is refused beyond the quota of its project, and where nothing is granted', async () => {
    const asking = (name: string, resource = GPU) => gpuPod(name, 0, { tolerations: [TAINT] }, { [resource]: '1' });
    expect(outcomeOf(await create(poor, 'poor', asking('a')))).toBe('quota');
    expect(outcomeOf(await create(rich, 'rich', asking('parts', MIG)))).toBe('quota');
    for (const name of ['a', 'b']) expect(outcomeOf(await create(rich, 'rich', asking(name)))).toBe('allowed');
    expect(outcomeOf(await create(rich, 'rich', asking('c')))).toBe('quota');
  });

  test('that may wait gives way to one that somebody sits in front of, and not the other way round', async () => {
    const pod = (name: string, priorityClassName: string) =>
      gpuPod(name, 1, { tolerations: [TAINT], priorityClassName });
    await create(rich, 'rich', pod('batch', nodes.batchClassName));
    expect(await nodeOf('batch')).toBe('gpu-node');
    await create(rich, 'rich', pod('interactive', nodes.interactiveClassName));
    await eventually('the batch Pod to be displaced', async () =>
      listAt(await read('rich', 'pod', 'batch'), 'status', 'conditions').some(
        (one) => at(one, 'type') === 'DisruptionTarget' && at(one, 'status') === 'True',
      ),
    );
  });
});

describe('a service of the catalog for GPUs', () => {
  const [service] = builtInServices({ get: image }, ['jupyter-python-gpu'], nodes.offer);
  if (service === undefined) throw new Error('no service');

  const start = async (name: string, count: string): Promise<void> => {
    const values = {
      resources: { limits: { [GPU]: count } },
      persistence: { enabled: false },
      nodeSelector: { 'bouture.dev/gpu-pool': 'whole' },
    };
    const made = launch(service, { values, release: { name, namespace: 'projet-rich' } });
    await applyTo(
      cluster,
      made
        .filter(({ kind }) => kind === 'StatefulSet')
        .map((one) => ({ ...one, metadata: { ...one.metadata, namespace: 'projet-rich' } })),
    );
  };

  test('runs on its nodes, with their runtime and priority', async () => {
    await start('lab', '1');
    expect(await nodeOf('lab-0')).toBe('gpu-node');
    expect(await read('rich', 'pod', 'lab-0')).toMatchObject({
      spec: { runtimeClassName: 'nvidia', priorityClassName: 'demo-gpu-interactive' },
    });
  });

  test('falls back to an ordinary node without one, and bears no taint', async () => {
    await start('lab', '0');
    expect(await nodeOf('lab-0')).toBe('ordinary');
    const { spec } = (await read('rich', 'pod', 'lab-0')) as { readonly spec: Readonly<Record<string, unknown>> };
    expect(listAt(spec, 'tolerations').map((one) => at(one, 'key'))).not.toContain(GPU);
    expect(spec['runtimeClassName']).toBeUndefined();
    expect(spec['nodeSelector']).toBeUndefined();
  });
});

describe('what takes GPUs back', () => {
  /** A Prometheus as far as the script asks one: tells what a test says, and keeps what it was asked. */
  let prometheus: Server;
  let address: string;
  const asked: string[] = [];
  let idle: Readonly<Record<'4h' | '3h', readonly string[]>> = { '4h': [], '3h': [] };
  beforeAll(async () => {
    prometheus = createServer((request, response) => {
      const query = new URL(request.url ?? '', 'http://x').searchParams.get('query') ?? '';
      asked.push(query);
      const names = query.includes('[240m]') ? idle['4h'] : idle['3h'];
      const result = names.map((pod) => ({
        // as a Prometheus that keeps these labels for the exporter's own Pod
        metric: { namespace: 'demo-gpu', pod: 'exporter', exported_namespace: 'projet-rich', exported_pod: pod },
        value: [0, '0'],
      }));
      response.end(JSON.stringify({ status: 'success', data: { resultType: 'vector', result } }));
    });
    await new Promise<void>((resolve) => prometheus.listen(0, '127.0.0.1', resolve));
    const given = prometheus.address();
    if (given === null || typeof given === 'string') throw new Error('no port');
    address = `http://127.0.0.1:${given.port}`;
  });
  afterAll(() => prometheus.close());
  beforeEach(() => {
    idle = { '4h': [], '3h': [] };
  });

  /** Runs the Job as its Pod would, with the account's own rights. */
  async function run(env: Readonly<Record<string, string>> = {}) {
    const folder = mkdtempSync(join(tmpdir(), 'bouture-reclaim-'));
    const of = (kind: string) =>
      manifests.find((one) => one.kind === kind && one.metadata.namespace === 'demo-gpu-reclaim');
    for (const [file, text] of Object.entries(at(of('ConfigMap'), 'data') as Record<string, string>)) {
      writeFileSync(join(folder, file), text);
    }
    const container = listAt(of('CronJob'), 'spec', 'jobTemplate', 'spec', 'template', 'spec', 'containers')[0];
    const given = Object.fromEntries(
      listAt(container, 'env').map((one) => [String(at(one, 'name')), String(at(one, 'value'))]),
    );
    try {
      return await attempt('bash', [join(folder, 'reclaim.sh')], {
        env: {
          ...given,
          SPEC: folder,
          STATE: folder,
          HOME: folder,
          PROMETHEUS: address,
          KUBECONFIG: await cluster.accountKubeconfig('demo-gpu-reclaim', 'gpu-reclaim-reclaim'),
          PATH: `${dirname(programPath('kubectl'))}${delimiter}${process.env['PATH'] ?? ''}`,
          ...env,
        },
      });
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }

  /** A service whose Pod runs for so many hours, as a kubelet would say it. */
  async function service(name: string, hours: number, count = 1, replicas = 1): Promise<void> {
    const template = gpuPod(name, count, count === 0 ? {} : { tolerations: [TAINT] });
    await applyTo(cluster, [
      {
        apiVersion: 'apps/v1',
        kind: 'StatefulSet',
        metadata: { name, namespace: 'projet-rich' },
        spec: {
          replicas,
          serviceName: name,
          podManagementPolicy: 'Parallel',
          selector: { matchLabels: { app: name } },
          template: { metadata: { labels: { app: name } }, spec: template.spec },
        },
      },
    ]);
    for (let index = 0; index < replicas; index++) await runs(`${name}-${index}`, hours);
  }

  async function runs(pod: string, hours: number): Promise<void> {
    await eventually(
      pod,
      async () => at(await read('rich', 'pod', pod).catch(() => undefined), 'metadata', 'name') === pod,
    );
    const startTime = new Date(Date.now() - hours * 3_600_000 - 60_000).toISOString().replace(/\.\d+Z$/, 'Z');
    const patch = JSON.stringify({ status: { phase: 'Running', startTime } });
    await cluster.kubectl([
      'patch',
      'pod',
      pod,
      '--namespace',
      'projet-rich',
      '--subresource=status',
      '--type=merge',
      '--patch',
      patch,
    ]);
  }

  const replicas = async (name: string): Promise<unknown> =>
    at(await read('rich', 'statefulset', name), 'spec', 'replicas');
  const events = async (): Promise<readonly string[]> => {
    const list = JSON.parse(
      await cluster.kubectl(['get', 'events', '--namespace', 'projet-rich', '--output', 'json']),
    ) as unknown;
    return listAt(list, 'items')
      .filter((one) => at(one, 'source', 'component') === 'bouture-gpu-reclaim')
      .map(
        (one) =>
          `${String(at(one, 'reason'))} ${String(at(one, 'involvedObject', 'name'))}: ${String(at(one, 'message'))}`,
      );
  };

  test('pauses a service whose GPUs compute nothing, and tells its space why', async () => {
    await service('quiet', 5);
    idle = { '4h': ['quiet-0'], '3h': ['quiet-0'] };
    const { code, output } = await run();
    expect([code, output]).toEqual([
      0,
      'suspend StatefulSet projet-rich/quiet: Its GPUs have computed nothing for 4 hours\n',
    ]);
    expect(await replicas('quiet')).toBe(0);
    expect(await events()).toEqual([
      expect.stringMatching(/^GpuReclaimed quiet-0: Its GPUs have computed nothing for 4 hours\. It was paused/),
    ]);
  });

  test('warns first', async () => {
    await service('quiet', 5);
    idle = { '4h': [], '3h': ['quiet-0'] };
    expect((await run()).code).toBe(0);
    expect(await replicas('quiet')).toBe(1);
    expect(await events()).toEqual([
      expect.stringMatching(/^GpuIdle quiet-0: Its GPUs have computed nothing for 3 hours\. It is paused soon/),
    ]);
  });

  test('leaves alone what computes, what is young, and what holds no GPU', async () => {
    await service('busy', 5);
    await service('young', 2);
    await service('plain', 100, 0);
    idle = { '4h': ['young-0', 'plain-0'], '3h': ['young-0', 'plain-0'] };
    expect((await run()).output).toBe('');
  });

  test('leaves a service alone of which one Pod computes', async () => {
    await service('pair', 5, 1, 2);
    idle = { '4h': ['pair-0'], '3h': ['pair-0'] };
    expect((await run()).output).toBe('');
  });

  test('ends the longest time that one may hold a GPU, computing or not', async () => {
    await service('old', 73);
    await service('older', 71.5);
    expect((await run()).output.split('\n')).toEqual([
      'suspend StatefulSet projet-rich/old: It has held GPUs for 72 hours, the longest that one may',
      'warn StatefulSet projet-rich/older: It has held GPUs for 71 hours, and one may for 72 hours',
      '',
    ]);
    expect([await replicas('old'), await replicas('older')]).toEqual([0, 1]);
  });

  test('leaves a space alone that an administrator has excepted', async () => {
    await service('quiet', 100);
    const annotate = (value: string) =>
      cluster.kubectl(['annotate', 'namespace', 'projet-rich', '--overwrite', `bouture.dev/gpu-reclaim${value}`]);
    await annotate('=never');
    try {
      expect((await run()).output).toBe('');
    } finally {
      await annotate('-');
    }
  });

  test('takes nobody for idle while Prometheus is away, and says that it is', async () => {
    await service('quiet', 5);
    await service('old', 73);
    const { code, output } = await run({ PROMETHEUS: 'http://127.0.0.1:1' });
    expect(code).toBe(1);
    expect(output).toContain('Prometheus at http://127.0.0.1:1 does not tell what the GPUs do');
    expect([await replicas('quiet'), await replicas('old')]).toEqual([1, 0]);
  });

  test('deletes idle Pods that nothing keeps where that is said, and keeps them otherwise', async () => {
    await create(rich, 'rich', gpuPod('alone', 1, { tolerations: [TAINT] }));
    await runs('alone', 5);
    idle = { '4h': ['alone'], '3h': ['alone'] };
    expect((await run()).output).toBe('');
    const settings = listAt(
      manifests.find(({ kind, metadata }) => kind === 'CronJob' && metadata.name.startsWith('gpu-reclaim')),
      ...['spec', 'jobTemplate', 'spec', 'template', 'spec', 'containers', 0, 'env'],
    ).find((one) => at(one, 'name') === 'SETTINGS');
    const others = { ...(JSON.parse(String(at(settings, 'value'))) as object), others: 'delete' };
    // This platform grants no right to delete Pods, since it keeps them: the attempt is refused and told.
    const { code, output } = await run({ SETTINGS: JSON.stringify(others) });
    expect([code, output]).toEqual([1, expect.stringContaining('delete Pod projet-rich/alone')]);
  });

  test('asks in words that a Prometheus understands', () => {
    expect(asked.length).toBeGreaterThan(0);
    for (const query of asked) {
      expect(query).toMatch(/max_over_time\(DCGM_FI_DEV_GPU_UTIL\{pod!=""\}\[(240|180)m\]\)/);
      expect(query.split('(').length).toBe(query.split(')').length);
    }
  });

  test('may scale nothing outside of spaces, and nothing up', async () => {
    await applyTo(cluster, [
      {
        apiVersion: 'apps/v1',
        kind: 'StatefulSet',
        metadata: { name: 'own', namespace: 'default' },
        spec: {
          serviceName: 'own',
          selector: { matchLabels: { app: 'own' } },
          template: { metadata: { labels: { app: 'own' } }, spec: { containers: [{ name: 'own', image: 'own' }] } },
        },
      },
    ]);
    await service('quiet', 5);
    const account = await cluster.accountClient('demo-gpu-reclaim', 'gpu-reclaim-reclaim');
    const scale = async (namespace: string, name: string, count: number) =>
      outcomeOf(
        await account.send(
          'PATCH',
          `/apis/apps/v1/namespaces/${namespace}/statefulsets/${name}/scale`,
          { spec: { replicas: count } },
          'application/merge-patch+json',
        ),
      );
    try {
      expect(await scale('default', 'own', 0)).toBe('reclaim-scope');
      expect(await scale('projet-rich', 'quiet', 2)).toBe('reclaim-scope');
      expect(await scale('projet-rich', 'quiet', 0)).toBe('allowed');
      expect(outcomeOf(await account.send('DELETE', '/api/v1/namespaces/projet-rich/pods/quiet-0'))).toBe('RBAC');
      expect(outcomeOf(await account.send('GET', '/api/v1/namespaces/projet-rich/secrets'))).toBe('RBAC');
    } finally {
      account.close();
    }
  });
});
