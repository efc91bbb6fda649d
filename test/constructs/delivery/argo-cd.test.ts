import { load } from 'js-yaml';
import { ArgoCd, ExternalIdentityProvider, Layer, type Synthesis, synthesize } from '../../../constructs';
import { checkRules } from '../../../constructs/platform/rules';
import { schemaMinors, StrictSchemas } from '../../../tools/schemas/validator';
import { at, listAt, objectOf } from '../../support/objects';
import { argoOn, argoPlatform, type Ground, ground, URL } from './argo-cd-fixture';

const TOKEN = { namespace: 'demo-argo-cd', name: 'git', key: 'token' };

/** With all that it can have. */
function complete(from: Ground = ground()): { argo: ArgoCd; synthesis: () => Synthesis } {
  const trust = { refIn: () => ({ namespace: 'demo-argo-cd', name: 'office-ca', key: 'ca.crt' }) };
  from.platform.expectSecret({ namespace: 'demo-argo-cd', name: 'office-ca', keys: ['ca.crt'], purpose: 'authority' });
  const argo = argoOn(from, { administrator: true, trust });
  const repository = argo.addRepository('configuration', { url: URL, credentials: { token: TOKEN } });
  const project = argo.addProject('coding', {
    repositories: [repository],
    namespaces: [from.coding],
    operators: ['coding'],
    readers: ['auditors'],
  });
  argo.addApplication({ name: 'coding', project, repository, path: 'charts-out/nace-coding', namespace: from.coding });
  argo.allowMetricsFrom({ namespace: 'monitoring', podLabels: { app: 'prometheus' } });
  return { argo, synthesis: () => synthesize(from.platform) };
}

const containersOf = (synthesis: Synthesis): ReadonlyMap<string, unknown> => {
  const spec = at(objectOf(synthesis, 'StatefulSet', 'argo-cd'), 'spec', 'template', 'spec');
  return new Map(
    [...listAt(spec, 'initContainers'), ...listAt(spec, 'containers')].map((each) => [String(at(each, 'name')), each]),
  );
};
const settingsOf = (synthesis: Synthesis, name: string) =>
  at(objectOf(synthesis, 'ConfigMap', name), 'data') as Record<string, string>;

test.each(['pilot', 'production'] as const)('keeps the rules of the house with everything on: %s', (profile) => {
  const { synthesis } = complete(ground(argoPlatform({ profile })));
  expect(
    checkRules(synthesis(), { profile }).map(({ rule, object, field, message }) => [
      rule,
      object.title,
      field,
      message,
    ]),
  ).toEqual([]);
});

test('a strict API server takes every object, in the newest and in the oldest minor', () => {
  const minors = schemaMinors();
  const { objects } = complete().synthesis();
  for (const minor of [minors[0], minors.at(-1)]) {
    const schemas = new StrictSchemas(minor ?? '');
    const problems = objects.flatMap(({ manifest }) =>
      schemas
        .problems(manifest)
        .map((problem) => `${manifest.kind} ${manifest.metadata.name}: ${JSON.stringify(problem)}`),
    );
    expect(problems).toEqual([]);
  }
});

test('has no right in the cluster, and in a namespace those alone that its projects need', () => {
  const { objects } = complete().synthesis();
  const kinds = objects.map(({ manifest }) => manifest.kind);
  expect(kinds).not.toContain('ClusterRole');
  expect(kinds).not.toContain('ClusterRoleBinding');
  const roles = objects.filter(({ manifest }) => manifest.kind === 'Role').map(({ manifest }) => manifest);
  expect(roles.map(({ metadata }) => metadata.namespace)).toEqual(['demo-argo-cd', 'demo-coding']);
  const [own, coding] = roles;
  const written = (role: unknown) =>
    listAt(role, 'rules')
      .filter((rule) => listAt(rule, 'verbs').includes('patch'))
      .map((rule) =>
        [
          listAt(rule, 'apiGroups').join(''),
          listAt(rule, 'resourceNames').join(' '),
          listAt(rule, 'resources').join(' '),
        ].join('|'),
      );
  expect(written(own)).toEqual([
    '|argo-cd-repository-configuration argocd-secret|secrets',
    'argoproj.io||applications appprojects',
  ]);
  expect(written(coding)).toMatchInlineSnapshot(`
    [
      "||configmaps persistentvolumeclaims services",
      "apps||deployments statefulsets",
      "argoproj.io||cronworkflows workflowtemplates",
      "autoscaling||horizontalpodautoscalers",
      "batch||cronjobs jobs",
      "cert-manager.io||certificates",
      "gateway.networking.k8s.io||httproutes",
      "networking.k8s.io||ingresses",
      "policy||poddisruptionbudgets",
    ]
  `);
});

test('a namespace of which no project speaks is read alone', () => {
  const from = ground();
  argoOn(from);
  const role = synthesize(from.platform).objects.find(
    ({ manifest }) => manifest.kind === 'Role' && manifest.metadata.namespace === 'demo-coding',
  );
  const verbs = listAt(role?.manifest, 'rules').flatMap((rule) => listAt(rule, 'verbs'));
  expect(new Set(verbs)).toEqual(new Set(['get', 'list', 'watch']));
});

test('the token of the account is where the API is called, and not where repositories are read', () => {
  const withToken = [...containersOf(complete().synthesis())]
    .filter(([, container]) => listAt(container, 'volumeMounts').some((mount) => at(mount, 'name') === 'token'))
    .map(([name]) => name);
  expect(withToken).toEqual(['credentials', 'password', 'controller', 'server']);
});

test('people log in as a public client; groups are roles, and who is in none sees nothing', () => {
  const from = ground();
  argoOn(from);
  const synthesis = synthesize(from.platform);
  const settings = settingsOf(synthesis, 'argocd-cm');
  expect(load(settings['oidc.config'] ?? '')).toEqual({
    name: 'the identity provider',
    issuer: from.realm.issuer,
    clientID: 'argo-cd',
    enablePKCEAuthentication: true,
    requestedScopes: ['openid', 'profile', 'email'],
  });
  expect(settings).toMatchObject({ url: 'https://argo-cd.data.example.org', 'admin.enabled': 'false' });
  expect(from.realm.clients).toEqual([{ clientId: 'argo-cd', props: { accessTokenSeconds: 3600 } }]);
  expect(settingsOf(synthesis, 'argocd-rbac-cm')).toEqual({
    'policy.default': '',
    'policy.csv': 'g, platform, role:admin\ng, statisticians, role:readonly\n',
    scopes: '[groups]',
  });
  expect([...containersOf(synthesis).keys()]).toEqual(['redis', 'repositories', 'controller', 'server']);
});

test('tells what its client must be at a provider that somebody else runs', () => {
  const { platform, exposure, coding } = ground();
  const identityProvider = new ExternalIdentityProvider(platform, 'people', {
    issuer: 'https://login.example.org/office',
  });
  new ArgoCd(platform, 'argo-cd', {
    namespaces: [coding],
    exposure,
    people: { identityProvider, administrators: ['platform'], clientId: 'delivery', sessionSeconds: 600 },
  });
  expect(identityProvider.requirements[0]).toMatchObject({
    clientId: 'delivery',
    accessTokenSeconds: 600,
    redirects: ['http://localhost:8085/auth/callback', 'https://argo-cd.data.example.org/auth/callback'],
  });
});

test('the local account is there when it is asked for, with a password that is announced', () => {
  const { synthesis } = complete();
  const { accesses, secrets, objects } = synthesis();
  expect(settingsOf(synthesis(), 'argocd-cm')['admin.enabled']).toBe('true');
  expect([...containersOf(synthesis()).keys()]).toContain('password');
  expect(accesses).toEqual([
    {
      title: 'Argo CD',
      url: 'https://argo-cd.data.example.org',
      username: 'admin',
      password: { namespace: 'demo-argo-cd', name: 'argo-cd-admin', key: 'password' },
    },
  ]);
  expect(secrets.map(({ name }) => name)).toContain('argo-cd-admin');
  expect(objects.filter(({ manifest }) => manifest.kind === 'Secret')).toEqual([]);
});

test('the project of Applications that name none deploys nothing', () => {
  expect(objectOf(complete().synthesis(), 'AppProject', 'default')).toMatchObject({
    spec: { sourceRepos: [], destinations: [], clusterResourceWhitelist: [] },
  });
});

test('knows the namespaces that it was given, and nothing that belongs to the cluster', () => {
  const { secrets } = complete().synthesis();
  expect(secrets.find(({ name }) => name === 'argo-cd-cluster')?.data).toMatchObject({
    namespaces: 'demo-coding',
    clusterResources: 'false',
  });
});

test('opens what is needed: the API, the issuer, the host of Git, and its metrics to whoever is named', () => {
  const policy = objectOf(complete().synthesis(), 'NetworkPolicy', 'argo-cd');
  const ports = (direction: string) =>
    [
      ...new Set(
        listAt(policy, 'spec', direction).flatMap((rule) => listAt(rule, 'ports').map((port) => at(port, 'port'))),
      ),
    ].sort();
  expect(ports('egress')).toEqual([443, 6443]);
  expect(ports('ingress')).toEqual([8080, 8082, 8083, 8084]);
});

test('speaks TLS itself where it is asked to', () => {
  const { platform, coding } = ground();
  const serverTls = { mode: 'issuer', issuer: { name: 'office' } } as const;
  const argo = new ArgoCd(platform, 'argo-cd', { namespaces: [coding], administrator: true, serverTls });
  const synthesis = synthesize(platform);
  expect(argo.service).toMatchObject({ tls: true, port: 443 });
  expect(objectOf(synthesis, 'Certificate', 'argocd-server-tls')).toMatchObject({
    spec: { dnsNames: ['argo-cd.demo-argo-cd.svc', 'argo-cd.demo-argo-cd.svc.cluster.local'] },
  });
  const server = containersOf(synthesis).get('server');
  expect(listAt(server, 'command')).not.toContain('--insecure');
  expect(at(server, 'readinessProbe', 'httpGet', 'scheme')).toBe('HTTPS');
  expect(synthesis.accesses[0]?.url).toBe('https://argo-cd.demo-argo-cd:443');
});

test('definitions of its kinds are made once', () => {
  const from = ground();
  argoOn(from, { definitions: 'existing' });
  expect(synthesize(from.platform).objects.filter(({ layer }) => layer === Layer.CRDS)).toEqual([]);
});

test.each<[string, Parameters<typeof argoOn>[1], string]>([
  ['no namespaces', { namespaces: [] }, '"platform/argo-cd" has no namespaces: it would deploy nothing'],
  [
    'nobody',
    { people: undefined } as never,
    'nobody could log in to "platform/argo-cd": give people, or administrator: true',
  ],
  ['people from nowhere', { exposure: undefined } as never, 'people could not come back to "platform/argo-cd"'],
  ['a hectic look', { pollSeconds: 1 }, 'pollSeconds is a whole number from 10 to 86400, given 1'],
])('refuses %s', (_, props, message) => {
  expect(() => argoOn(ground(), props)).toThrow(message);
});
