import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  Connections,
  CronWorkflow,
  gridSearch,
  type KubernetesManifest,
  PlatformNamespace,
  synthesize,
  Workflow,
  WorkflowTemplate,
} from '../../constructs';
import { plainProgress } from '../../tools/cluster/progress';
import { ensurePrograms, programPath } from '../../tools/cluster/programs';
import { container, makeArgo } from '../constructs/mlops/argo-fixture';
import { at, listAt, objectOf } from '../support/objects';
import { attempt, type Running } from './support/commands';
import { LocalApiServer } from './support/local-api-server';
import { LocalArchive } from './support/local-archive';
import { LocalArgoServer, startArgo } from './support/local-argo';
import { applyTo } from './support/tenancy-cluster';
import { eventually } from './support/waiting';

/**
 * Argo's real programs with what ArgoWorkflows makes: the linter, then the controller and the server with their own accounts at a real API server
 * and a database that speaks TLS. No node runs the Pods: the test tells how they ended, with the account that stands beside each step.
 */

const RUNS = 'demo-argo-runs';
const WORKFLOWS = `/apis/argoproj.io/v1alpha1/namespaces/${RUNS}`;
const grid = gridSearch({ dim: [50, 100], lr: [0.1, 0.5] });

let cluster: LocalApiServer;
let archive: LocalArchive;
let server: LocalArgoServer;
let controller: Running;
let manifests: readonly KubernetesManifest[];
const folder = mkdtempSync(join(tmpdir(), 'bouture-argo-'));

/** Everything as it is deployed, but for where the database is. */
function declare(port: number): ReturnType<typeof synthesize> {
  const { platform, argo } = makeArgo({}, {}, { host: '127.0.0.1', port });
  const training = new WorkflowTemplate(platform, 'training', { engine: argo, parallelism: 2 });
  const train = training.addFanOut(grid, {
    name: 'train',
    outputs: { run: '/tmp/run' },
    container: ({ dim, lr }) => container(platform, 'train', '--dim', dim, '--lr', lr),
  });
  training.addTask({
    name: 'choose',
    inputs: { runs: train.output('run') },
    container: ({ runs = '' }) => container(platform, 'choose', '--runs', runs),
  });
  const etl = new CronWorkflow(platform, 'etl', { engine: argo, schedules: ['* * * * *'], timezone: 'Europe/Paris' });
  etl.addTask({ name: 'load', container: container(platform) });
  new Workflow(platform, 'seed', { engine: argo }).addTask({ name: 'load', container: container(platform) });
  const namespace = new PlatformNamespace(platform, 'trigger-namespace', { name: 'demo-trigger' });
  const podLabels = { 'app.kubernetes.io/name': 'trigger', 'app.kubernetes.io/instance': 'trigger' };
  const connections = new Connections(platform, 'trigger', { namespace, name: 'trigger', podLabels });
  argo.grantSubmit({ connections, serviceAccountName: 'trigger' });
  return synthesize(platform);
}

function commandOf(synthesis: ReturnType<typeof synthesize>, name: string): readonly string[] {
  const deployment = objectOf(synthesis, 'Deployment', name);
  return listAt(deployment, 'spec', 'template', 'spec', 'containers', 0, 'command').map(String);
}

const token = async (namespace: string, account: string) =>
  (await cluster.kubectl(['create', 'token', account, '--namespace', namespace])).trim();

const read = async (...args: string[]) =>
  JSON.parse(await cluster.kubectl(['get', '--namespace', RUNS, '--output', 'json', ...args])) as unknown;

/** The Pods of a workflow that have not ended. */
async function pods(workflow: string): Promise<readonly unknown[]> {
  const list = await read('pods', '--selector', `workflows.argoproj.io/workflow=${workflow}`);
  return listAt(list, 'items').filter((pod) => at(pod, 'status', 'phase') === 'Pending');
}

/** What the kubelet and the container beside the step do when the step ended well. */
async function endWell(
  pod: unknown,
  workflow: string,
  outputs: readonly { name: string; value: string }[],
): Promise<void> {
  const name = String(at(pod, 'metadata', 'name'));
  const node = String(at(pod, 'metadata', 'annotations', 'workflows.argoproj.io/node-id'));
  const executor = await cluster.accountClient(RUNS, 'argo-executor');
  const answer = await executor.send('POST', `${WORKFLOWS}/workflowtaskresults`, {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'WorkflowTaskResult',
    metadata: {
      name: node,
      labels: {
        'workflows.argoproj.io/workflow': workflow,
        'workflows.argoproj.io/report-outputs-completed': 'true',
      },
    },
    outputs: { parameters: outputs },
  });
  executor.close();
  expect(answer.status).toBe(201);
  const ended = (container: unknown) => ({
    name: String(at(container, 'name')),
    image: '',
    imageID: '',
    ready: false,
    restartCount: 0,
    state: { terminated: { exitCode: 0, reason: 'Completed' } },
  });
  const status = { phase: 'Succeeded', containerStatuses: listAt(pod, 'spec', 'containers').map(ended) };
  await cluster.kubectl([
    ...['patch', 'pod', name, '--namespace', RUNS, '--subresource=status', '--type=merge'],
    ...['--patch', JSON.stringify({ status })],
  ]);
}

beforeAll(async () => {
  await ensurePrograms(['kubernetes', 'argo-workflows'], plainProgress());
  cluster = await LocalApiServer.create();
  archive = await LocalArchive.start('workflows', cluster.authority);
  const synthesis = declare(archive.port);
  manifests = synthesis.objects.map(({ manifest }) => manifest);
  const isArgos = ({ apiVersion }: KubernetesManifest) => apiVersion.startsWith('argoproj.io/');
  await applyTo(
    cluster,
    manifests.filter((manifest) => !isArgos(manifest) && manifest.kind !== 'Secret'),
  );
  await cluster.kubectl(['wait', '--for=condition=Established', 'customresourcedefinitions', '--all']);
  const secret = (name: string, data: object) => ({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name, namespace: 'demo-argo' },
    stringData: data,
  });
  await applyTo(cluster, [
    ...manifests.filter(({ kind }) => kind === 'Secret'),
    ...synthesis.secrets.map(({ name, data }) => secret(name, data)),
    secret('argo-db-workflows', { password: archive.password }),
    ...['trigger', 'stranger'].map((name) => ({
      apiVersion: 'v1',
      kind: 'ServiceAccount',
      metadata: { name, namespace: 'demo-trigger' },
    })),
  ]);
  await applyTo(cluster, manifests.filter(isArgos));
  const env = { PGSSLROOTCERT: cluster.authority.file };
  const props = (account: string) => ({ namespace: 'demo-argo', command: commandOf(synthesis, account), env });
  controller = startArgo({
    ...props('argo-controller'),
    kubeconfig: await cluster.accountKubeconfig('demo-argo', 'argo-controller'),
  });
  server = await LocalArgoServer.start({
    ...props('argo-server'),
    kubeconfig: await cluster.accountKubeconfig('demo-argo', 'argo-server'),
  });
}, 600_000);

afterAll(async () => {
  await server.stop();
  await controller.stop();
  await archive.stop();
  await cluster.dispose();
  rmSync(folder, { recursive: true, force: true });
});

test('the linter of Argo finds no fault', async () => {
  const file = join(folder, 'workflows.yaml');
  const own = manifests.filter(({ apiVersion }) => apiVersion.startsWith('argoproj.io/'));
  expect(own.map(({ kind }) => kind).sort()).toEqual(['CronWorkflow', 'Workflow', 'WorkflowTemplate']);
  const lint = async (text: string) => {
    writeFileSync(file, text);
    return attempt(programPath('argo'), ['lint', '--offline', '--no-color', file]);
  };
  const text = own.map((manifest) => JSON.stringify(manifest)).join('\n---\n');
  const good = await lint(text);
  expect({ code: good.code, output: good.output.trim() }).toEqual({ code: 0, output: '✔ no linting errors found!' });
  const bad = await lint(text.replaceAll('"deleteDelayDuration"', '"deletedelay"'));
  expect(bad.output).toContain('unknown field');
  expect(bad.code).toBe(1);
});

describe('a grid that somebody submits', () => {
  let workflow: string;
  const commands: string[] = [];
  let together = 0;
  let finished: unknown;

  beforeAll(async () => {
    const made = await server.ask('POST', `/api/v1/workflows/${RUNS}/submit`, {
      token: await token('demo-trigger', 'trigger'),
      body: { resourceKind: 'WorkflowTemplate', resourceName: 'training' },
    });
    if (made.status !== 200) throw new Error(`${made.status} ${JSON.stringify(made.body)}`);
    workflow = String(at(made.body, 'metadata', 'name'));
    finished = await eventually(
      'the end of the grid',
      async () => {
        const now = await pods(workflow);
        together = Math.max(together, now.length);
        for (const pod of now) {
          const main = listAt(pod, 'spec', 'containers').find((one) => at(one, 'name') === 'main');
          // The executor starts the program: what it starts stands behind --.
          const [, command = ''] = listAt(main, 'command').join(' ').split(' -- ');
          commands.push(command);
          await endWell(pod, workflow, command.startsWith('train') ? [{ name: 'run', value: command }] : []);
        }
        const body = await read('workflow', workflow);
        if (at(body, 'status', 'phase') === 'Succeeded') return body;
        throw new Error(`${commands.join('; ')}: ${JSON.stringify(at(body, 'status')).slice(0, 3000)}`);
      },
      { seconds: 480, everySeconds: 1 },
    );
  }, 540_000);

  test('runs each combination once, as many at a time as it may, and then what comes after', () => {
    const runs = grid.combinations.map(({ dim, lr }) => `train --dim ${dim} --lr ${lr}`);
    expect([...commands.slice(0, 4)].sort()).toEqual([...runs].sort());
    expect(commands).toHaveLength(5);
    const [, given = ''] = (commands[4] ?? '').split('choose --runs ');
    expect((JSON.parse(given) as string[]).sort()).toEqual([...runs].sort());
    expect(together).toBe(2);
  });

  test('is known to take what the library reckons', () => {
    const nodes = Object.values(at(finished, 'status', 'nodes') as object).filter((node) => at(node, 'type') === 'Pod');
    expect(nodes).toHaveLength(5);
    const bytes = Buffer.byteLength(JSON.stringify(at(finished, 'status', 'nodes'))) / nodes.length;
    expect(bytes).toBeGreaterThan(1000);
    expect(bytes).toBeLessThan(2500);
  });

  test('is kept in the database, over TLS', async () => {
    const listed = async () => {
      const { status, body } = await server.ask('GET', `/api/v1/archived-workflows?namespace=${RUNS}`, {
        token: await token('demo-trigger', 'trigger'),
      });
      if (status !== 200) throw new Error(`${status} ${JSON.stringify(body)}`);
      return listAt(body, 'items').some((one) => at(one, 'metadata', 'name') === workflow);
    };
    await eventually('the archive', listed);
    expect(await archive.query('SELECT name, phase FROM argo_archived_workflows')).toBe(`${workflow}|Succeeded`);
    expect(
      await archive.query(
        'SELECT DISTINCT ssl FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) WHERE client_addr IS NOT NULL',
      ),
    ).toBe('t');
  });
});

test('a step has no token, what stands beside it has one, and its namespace enforces `restricted`', async () => {
  const seed = String(at(objectOfKind('Workflow'), 'metadata', 'name'));
  const [pod] = await eventually('its Pod', async () => {
    const found = await pods(seed);
    return found.length === 0 ? undefined : found;
  });
  const mounts = (name: string) =>
    listAt(
      listAt(pod, 'spec', 'containers').find((one) => at(one, 'name') === name),
      'volumeMounts',
    ).map((mount) => at(mount, 'mountPath'));
  const path = '/var/run/secrets/kubernetes.io/serviceaccount';
  expect(mounts('main')).not.toContain(path);
  expect(mounts('wait')).toContain(path);
  expect(at(pod, 'metadata', 'labels')).toMatchObject({ 'app.kubernetes.io/instance': 'seed-step' });
  const namespace = await cluster.kubectl(['get', 'namespace', RUNS, '--output', 'json']);
  expect(at(JSON.parse(namespace), 'metadata', 'labels', 'pod-security.kubernetes.io/enforce')).toBe('restricted');
});

test('the executor tells results, and can do nothing else', async () => {
  const executor = await cluster.accountClient(RUNS, 'argo-executor');
  const status = async (path: string) => (await executor.send('GET', path)).status;
  expect([
    await status(`${WORKFLOWS}/workflows`),
    await status(`${WORKFLOWS}/workflowtaskresults`),
    await status(`/api/v1/namespaces/${RUNS}/pods`),
    await status(`/api/v1/namespaces/${RUNS}/secrets`),
  ]).toEqual([403, 403, 403, 403]);
  executor.close();
});

test('whoever has no account, or one without rights, is refused', async () => {
  const path = `/api/v1/workflows/${RUNS}`;
  const stranger = await token('demo-trigger', 'stranger');
  expect((await server.ask('GET', path)).status).toBe(401);
  expect((await server.ask('GET', path, { token: stranger })).status).toBe(403);
  expect((await server.ask('GET', path, { token: await token('demo-trigger', 'trigger') })).status).toBe(200);
});

test('a schedule starts runs', async () => {
  const started = async () => {
    const list = await read('workflows', '--selector', 'workflows.argoproj.io/cron-workflow=etl');
    return listAt(list, 'items').length > 0;
  };
  await eventually('a run by the clock', started, { seconds: 90 });
}, 120_000);

test('the accounts suffice', () => {
  const lines = [controller, server.running].flatMap(({ output }) => output.split('\n'));
  expect(lines.filter((line) => /cannot \w+ resource/.test(line) && !line.includes('demo-trigger:stranger'))).toEqual(
    [],
  );
});

function objectOfKind(kind: string): KubernetesManifest {
  const found = manifests.find((manifest) => manifest.kind === kind);
  if (found === undefined) throw new Error(`no ${kind}`);
  return found;
}
