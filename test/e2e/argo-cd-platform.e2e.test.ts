import { at, listAt } from './support/kubectl';
import { LocalPlatformArgoCd } from './support/local-platform-argo-cd';
import { NAMESPACES } from './support/platform-argo-cd';
import { isOfJob, StandInKubelet } from './support/stand-in-kubelet';
import { eventually, sleep } from './support/waiting';

const { argo: ARGO, coding: CODING, other: OTHER } = NAMESPACES;

let argo: LocalPlatformArgoCd;
let kubelet: StandInKubelet | undefined;
beforeAll(async () => {
  argo = await LocalPlatformArgoCd.create({ mlflow: '3.0' });
  // Each test says itself when a Job has ended.
  kubelet = new StandInKubelet(argo.server, (pod) => !isOfJob(pod));
}, 20 * 60_000);
afterAll(async () => {
  await kubelet?.stop();
  await argo.dispose();
});

/** Waits until an Application is in a state, and something holds. */
async function reaches(
  name: string,
  state: RegExp,
  holds: () => Promise<boolean> = () => Promise.resolve(true),
  seconds = 300,
) {
  await eventually(
    `${name} to be ${String(state)}`,
    async () => {
      const now = await argo.stateOf(name);
      if (!state.test(now)) throw new Error(now);
      return holds();
    },
    { seconds },
  );
}
/** The small workload gets no Pods here, and goes on becoming well. */
const SYNCED = /^Synced\|(Progressing|Healthy|Degraded)$/;

const imageOf = async (name: string): Promise<unknown> =>
  at(await argo.deployed('deployment', name), 'spec', 'template', 'spec', 'containers', 0, 'image');
const replicasOf = async (name: string): Promise<unknown> =>
  at(await argo.deployed('deployment', name), 'spec', 'replicas');

/** What an Application was told when it was synchronized, as one text. */
async function told(name: string): Promise<string> {
  const app = await argo.get('applications.argoproj.io', name);
  const operation = at(app, 'status', 'operationState');
  const results = listAt(operation, 'syncResult', 'resources').map((each) => String(at(each, 'message')));
  return [String(at(operation, 'message')), ...results].join('\n');
}

test('the waves are the order: what migrates ends before the server begins', async () => {
  await eventually('the migration', async () => (await argo.namesOf('jobs')).length === 1, { seconds: 120 });
  await sleep(5000);
  expect(await argo.namesOf('deployments')).not.toContain('mlflow');
  await argo.completeJobs();
  await reaches('mlflow', SYNCED, async () => (await imageOf('mlflow')) !== undefined);
  expect(await imageOf('mlflow')).toBe('registry.example.org/bouture/mlflow:3.0');
});

test('what the API and its controllers add to what we render is no drift', async () => {
  await reaches('web', SYNCED, async () => (await replicasOf('web')) === 2);
  // Longer than it waits between two looks.
  for (const app of ['mlflow', 'web']) {
    await argo.server.kubectl([
      ...['annotate', 'applications.argoproj.io', app, '--namespace', ARGO, 'argocd.argoproj.io/refresh=hard'],
    ]);
  }
  await sleep(25_000);
  expect(await argo.stateOf('mlflow')).toMatch(SYNCED);
  expect(await argo.stateOf('web')).toMatch(SYNCED);
  expect(await replicasOf('web')).toBe(2);
});

test('a volume and a route that nobody reports on hold nothing up', async () => {
  expect(await argo.healthOf('web', 'PersistentVolumeClaim')).toEqual(['Healthy']);
  expect(await argo.healthOf('web', 'Ingress')).toEqual(['Healthy']);
  expect(at(await argo.deployed('pvc', 'web'), 'status', 'phase')).toBe('Pending');
});

test('what is changed by hand is changed back, and what is deleted comes again', async () => {
  const patch = { spec: { template: { spec: { containers: [{ name: 'server', image: 'by-hand:1' }] } } } };
  await argo.server.kubectl(['patch', 'deployment', 'mlflow', '--namespace', CODING, '--patch', JSON.stringify(patch)]);
  await argo.server.kubectl(['delete', 'service', 'web', '--namespace', CODING]);
  await reaches('mlflow', SYNCED, async () => (await imageOf('mlflow')) === 'registry.example.org/bouture/mlflow:3.0');
  await reaches('web', SYNCED, async () => (await argo.deployed('service', 'web')) !== undefined);
});

test('a promotion is a commit, and a revert takes it back', async () => {
  const [first] = await argo.namesOf('jobs');
  const runs = async (tag: string) =>
    eventually(
      `MLflow ${tag}`,
      async () => {
        await argo.completeJobs();
        const image = await imageOf('mlflow');
        return image === `registry.example.org/bouture/mlflow:${tag}` && SYNCED.test(await argo.stateOf('mlflow'));
      },
      { seconds: 300 },
    );
  await argo.release({ mlflow: '3.1' });
  await runs('3.1');
  await eventually('the old migration to be pruned', async () => !(await argo.namesOf('jobs')).includes(first ?? ''));
  await argo.git.revert();
  await runs('3.0');
  expect(await argo.namesOf('jobs')).toEqual([first]);
  expect(await replicasOf('web')).toBe(2);
});

test('an operator ends a promotion that got stuck, and its revert is applied', async () => {
  const before = await argo.namesOf('jobs');
  await argo.release({ mlflow: '3.2' });
  await eventually('the migration', async () => (await argo.namesOf('jobs')).join() !== before.join(), {
    seconds: 120,
  });
  await argo.git.revert();
  const end = async (group: string) =>
    (await argo.call('applications/mlflow/operation', undefined, argo.sessionOf(group), 'DELETE')).status;
  expect(await end('statisticians')).toBe(403);
  expect(await end('coding')).toBe(200);
  await eventually(
    'the revert',
    async () => {
      await argo.completeJobs();
      return (await argo.namesOf('jobs')).join() === before.join() && SYNCED.test(await argo.stateOf('mlflow'));
    },
    { seconds: 180 },
  );
  expect(await imageOf('mlflow')).toBe('registry.example.org/bouture/mlflow:3.0');
});

test('people see and do what their groups say', async () => {
  const nobody = argo.sessionOf('elsewhere');
  const reader = argo.sessionOf('statisticians');
  const operator = argo.sessionOf('coding');
  const names = async (session: string) => {
    const answer: unknown = await (await argo.call('applications', undefined, session)).json();
    return listAt(answer, 'items').map((item) => at(item, 'metadata', 'name'));
  };
  expect((await argo.call('applications')).status).toBe(401);
  expect(
    (await argo.call('applications', undefined, argo.issuer.sign({ aud: 'another', groups: ['platform'] }))).status,
  ).toBe(401);
  expect(await names(nobody)).toEqual([]);
  for (const session of [reader, operator, argo.sessionOf('platform')]) {
    expect(await names(session)).toEqual(['mlflow', 'web']);
  }
  expect((await argo.call('applications/web/sync', {}, reader)).status).toBe(403);
  expect((await argo.call('applications/web/sync', {}, operator)).status).toBe(200);
  expect((await argo.call('clusters', undefined, operator)).status).toBe(200);
  expect(listAt(await (await argo.call('clusters', undefined, operator)).json(), 'items')).toEqual([]);
});

test('there is no local account', async () => {
  expect((await argo.session('admin')).status).not.toBe(200);
  expect(await argo.get('secret', 'argocd-initial-admin-secret')).toBeUndefined();
});

test('a credential that somebody overwrote comes back', async () => {
  const secret = 'argo-cd-repository-configuration';
  const password = async () => (await argo.data('Secret', secret))['password']?.toString();
  expect(await password()).toBe('glpat-of-the-office');
  await argo.server.kubectl([
    ...['patch', 'secret', secret, '--namespace', ARGO, '--patch', '{"stringData":{"password":"wrong"}}'],
  ]);
  await eventually('the token', async () => (await password()) === 'glpat-of-the-office');
});

/** Commits an object in the place of a workload, waits until it is refused, and takes it back. */
async function refused(object: object, message: RegExp): Promise<void> {
  await argo.git.commit({ 'charts-out/demo/40-workloads/web.k8s.yaml': JSON.stringify(object) });
  await eventually(
    'the refusal',
    async () => {
      const text = `${await told('web')}\n${await argo.stateOf('web')}`;
      if (!message.test(text)) throw new Error(text);
      return true;
    },
    { seconds: 300 },
  );
  // What it refused, it did not half do.
  expect(await argo.deployed('deployment', 'web')).toBeDefined();
  await argo.git.revert();
  // What was refused is tried again five times, for 310 s together, before the next commit counts.
  const isOver = async () => {
    const app = await argo.get('applications.argoproj.io', 'web');
    return at(app, 'status', 'operationState', 'phase') !== 'Running';
  };
  await reaches('web', SYNCED, isOver, 600);
}

test('a commit reaches no other namespace and no other kind', async () => {
  const intruder = (namespace: string) => ({ metadata: { name: 'intruder', namespace } });
  await refused(
    { apiVersion: 'v1', kind: 'ConfigMap', ...intruder(OTHER), data: {} },
    /namespace "demo-other" for ConfigMap "intruder" is not managed/,
  );
  // The account may see Pods, so that it is the project that refuses; roles it may not even see.
  const spec = { containers: [{ name: 'x', image: 'x' }] };
  await refused({ apiVersion: 'v1', kind: 'Pod', ...intruder(CODING), spec }, /:Pod is not permitted in project/);
  await refused(
    { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'Role', ...intruder(CODING), rules: [] },
    /:Role is not permitted in project|"intruder" is forbidden/,
  );
  for (const kind of ['pod', 'role']) expect(await argo.deployed(kind, 'intruder')).toBeUndefined();
  expect(await argo.get('configmap', 'intruder', OTHER)).toBeUndefined();
  // Should Argo CD ever try: its account could not.
  const asArgo = ['--as', `system:serviceaccount:${ARGO}:argo-cd`];
  const can = async (...question: readonly string[]) =>
    argo.server
      .kubectl(['auth', 'can-i', ...question, ...asArgo])
      .then((text) => text.trim())
      .catch((error: unknown) => String(error));
  expect(await can('create', 'configmaps', '--namespace', OTHER)).toMatch(/\bno\b/);
  expect(await can('create', 'roles', '--namespace', CODING)).toMatch(/\bno\b/);
  expect(await can('get', 'secrets', '--namespace', CODING)).toMatch(/\bno\b/);
  expect(await can('create', 'namespaces')).toMatch(/\bno\b/);
  expect(await can('create', 'configmaps', '--namespace', CODING)).toBe('yes');
});

test('a restart changes nothing', async () => {
  const before = await argo.deployed('deployment', 'mlflow');
  await argo.stop();
  await argo.start();
  await sleep(20_000);
  await reaches('mlflow', SYNCED);
  expect((await argo.deployed('deployment', 'mlflow'))?.metadata['generation']).toBe(before?.metadata['generation']);
});
