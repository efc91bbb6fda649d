import type { LiveObject } from './support/kubectl';
import { LocalArgoCd, SPACE } from './support/local-argo-cd';
import { eventually } from './support/waiting';

const configMap = (name: string, text: string, namespace?: string): string =>
  JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace }, data: { text } });
const SERVICE = JSON.stringify({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'greeter' },
  spec: { selector: { app: 'greeter' }, ports: [{ port: 80 }] },
});

let argo: LocalArgoCd;
beforeAll(async () => {
  argo = await LocalArgoCd.create({
    'app/greeting.yaml': configMap('greeting', 'hello'),
    'app/service.yaml': SERVICE,
    'chart/Chart.yaml': 'apiVersion: v2\nname: chart\nversion: 1.0.0\n',
    'chart/values.yaml': 'text: from Helm\n',
    'chart/templates/map.yaml': configMap('by-helm', '{{ .Values.text }} in {{ .Release.Namespace }}'),
    'kustomization/kustomization.yaml': 'namePrefix: by-\nresources: [map.yaml]\n',
    'kustomization/map.yaml': configMap('kustomize', 'from Kustomize'),
    'elsewhere/map.yaml': configMap('intruder', 'hello', 'other'),
  });
}, 45 * 60_000);
afterAll(async () => {
  await argo.dispose();
});

const application = (name: string, path: string, namespace = SPACE, project = 'default') => ({
  apiVersion: 'argoproj.io/v1alpha1',
  kind: 'Application',
  metadata: { name, namespace: SPACE },
  spec: {
    project,
    source: { repoURL: argo.git.url, targetRevision: 'main', path },
    destination: { server: 'https://kubernetes.default.svc', namespace },
    syncPolicy: { automated: { prune: true, selfHeal: true } },
  },
});
const textOf = async (name: string): Promise<string | undefined> =>
  (await argo.data('ConfigMap', name))['text']?.toString();

/** Waits until an Application is in a state. */
async function reaches(name: string, state: RegExp, holds: () => Promise<boolean> = () => Promise.resolve(true)) {
  await eventually(
    `${name} to be ${String(state)}`,
    async () => {
      const now = await argo.stateOf(name);
      if (!state.test(now)) throw new Error(now);
      return holds();
    },
    { seconds: 120 },
  );
}
const WELL = /^Synced\|Healthy$/;

test('its password is that of the service, and no other', async () => {
  expect((await argo.session(await argo.password())).status).toBe(200);
  expect((await argo.session('wrong')).status).toBe(401);
  expect((await argo.call('applications')).status).toBe(401);
  expect(await argo.get('secret', 'argocd-initial-admin-secret')).toBeUndefined();
});

test('an Application becomes what runs, follows a commit and follows it back', async () => {
  const says = (text: string) => reaches('cd-app', WELL, async () => (await textOf('greeting')) === text);
  await says('hello');
  expect(await argo.get('service', 'greeter')).toBeDefined();
  await argo.git.commit({ 'app/greeting.yaml': configMap('greeting', 'goodbye'), 'app/service.yaml': undefined });
  await says('goodbye');
  expect(await argo.get('service', 'greeter')).toBeUndefined();
  await argo.git.revert();
  await says('hello');
  expect(await argo.get('service', 'greeter')).toBeDefined();
  const byHand = '{"data":{"text":"by hand"}}';
  await argo.server.kubectl(['patch', 'configmap', 'greeting', '--namespace', SPACE, '--patch', byHand]);
  await says('hello');
});

test.each([
  ['a chart', 'chart', 'by-helm', `from Helm in ${SPACE}`],
  ['a kustomization', 'kustomization', 'by-kustomize', 'from Kustomize'],
])('renders %s', async (_, path, name, text) => {
  await argo.apply(application(path, path));
  await reaches(path, WELL, async () => (await textOf(name)) === text);
});

test('another namespace is refused: as a destination, in a manifest, and with a project of the own', async () => {
  await argo.apply(application('away', 'app', 'other'));
  await argo.apply(application('smuggled', 'elsewhere'));
  await argo.apply({
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'AppProject',
    metadata: { name: 'mine', namespace: SPACE },
    spec: { sourceRepos: ['*'], destinations: [{ server: '*', namespace: '*' }] },
  });
  await argo.apply(application('bold', 'app', 'other', 'mine'));
  await reaches('away', /InvalidSpecError: application destination server '[^']+' and namespace 'other' do not match/);
  await reaches('smuggled', /namespace "other" for ConfigMap "intruder" is not managed/);
  await reaches('bold', /namespace "other" for ConfigMap "greeting" is not managed/);
  // Should Argo CD ever try: its account could not.
  await expect(
    argo.server.kubectl([
      ...['create', 'configmap', 'intruder', '--namespace', 'other'],
      ...['--as', `system:serviceaccount:${SPACE}:cd`],
    ]),
  ).rejects.toThrow(/cannot create resource "configmaps" in API group "" in the namespace "other"/);
  expect(await argo.get('configmap', 'intruder', 'other')).toBeUndefined();
  expect(await argo.get('configmap', 'greeting', 'other')).toBeUndefined();
});

test('people see it with the session that they have', async () => {
  const { token } = (await (await argo.session(await argo.password())).json()) as { readonly token: string };
  const answer = (await (await argo.call('applications', undefined, token)).json()) as {
    readonly items: readonly LiveObject[];
  };
  expect(answer.items.map(({ metadata }) => metadata.name)).toEqual(
    expect.arrayContaining(['cd-app', 'chart', 'kustomization']),
  );
  const clusters = (await (await argo.call('clusters', undefined, token)).json()) as { readonly items: unknown[] };
  expect(clusters.items).toEqual([expect.objectContaining({ name: 'in-cluster', namespaces: [SPACE] })]);
});

test('an upgrade keeps the password and the sessions, and a restart does', async () => {
  const before = await argo.data('Secret', 'argocd-secret');
  const { token } = (await (await argo.session(await argo.password())).json()) as { readonly token: string };
  await argo.helm('upgrade', 'cd', argo.chart, '--reuse-values', '--set', 'git.interval=20');
  expect(await argo.data('Secret', 'argocd-secret')).toEqual(before);
  await argo.stop();
  await argo.start();
  expect(argo.outputOf('password')).toContain('it is what it was');
  expect(await argo.data('Secret', 'argocd-secret')).toEqual(before);
  expect((await argo.call('applications', undefined, token)).status).toBe(200);
});

test('another password holds from the next start on', async () => {
  const old = await argo.password();
  await argo.helm('upgrade', 'cd', argo.chart, '--reuse-values', '--set', 'security.password=a better one');
  await argo.stop();
  await argo.start();
  expect((await argo.session(old)).status).toBe(401);
  expect((await argo.session('a better one')).status).toBe(200);
});

test('what people change with Argo CD stands in the way of no pause, and stays', async () => {
  const { token } = (await (await argo.session('a better one')).json()) as { readonly token: string };
  const spec = { ...application('cd-app', 'kustomization').spec, syncPolicy: {} };
  expect((await argo.call('applications/cd-app/spec', spec, token, 'PUT')).status).toBe(200);
  const project = await argo.get('appprojects.argoproj.io', 'default');
  const changed = { ...project, spec: { ...(project?.['spec'] as object), sourceRepos: [argo.git.url] } };
  expect((await argo.call('projects/default', { project: changed }, token, 'PUT')).status).toBe(200);
  await argo.helm('upgrade', 'cd', argo.chart, '--reuse-values', '--set', 'global.suspend=true');
  expect(await argo.get('statefulset', 'cd')).toMatchObject({ spec: { replicas: 0 } });
  expect(await argo.get('applications.argoproj.io', 'cd-app')).toMatchObject({
    spec: { source: { path: 'kustomization' } },
  });
  expect(await argo.get('appprojects.argoproj.io', 'default')).toMatchObject({ spec: { sourceRepos: [argo.git.url] } });
});

test('a space has one: Helm refuses another', async () => {
  await expect(argo.helm('install', 'second', argo.chart)).rejects.toThrow(
    /"argocd-(cm|secret)" .*exists and cannot be imported into the current release/,
  );
});

test('when it goes, what it deployed stays, with what describes it', async () => {
  await argo.stop();
  await argo.helm('uninstall', 'cd');
  const kinds =
    'configmap,secret,role,rolebinding,serviceaccount,statefulset,service,applications.argoproj.io,appprojects.argoproj.io';
  const left = await argo.server.kubectl([
    ...['get', kinds, '--namespace', SPACE, '--selector', 'app.kubernetes.io/managed-by=Helm', '--output', 'name'],
  ]);
  expect(left.trim().split('\n').sort()).toEqual(['application.argoproj.io/cd-app', 'appproject.argoproj.io/default']);
  expect(await textOf('greeting')).toBe('hello');
});
