import { Construct } from 'constructs';
import {
  ArgoCd,
  type ArgoCdApplicationProps,
  Component,
  k8s,
  Layer,
  type PlatformNamespace,
  synthesize,
} from '../../../constructs';
import { at, objectOf } from '../../support/objects';
import { argoOn, argoPlatform, ground, URL } from './argo-cd-fixture';

const KEY = { namespace: 'demo-argo-cd', name: 'git', key: 'key' };
const HOST_KEY = 'git.example.org ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJtVZ';

/** A component of the test's own. */
class Part extends Component {
  constructor(scope: Construct, namespace: PlatformNamespace) {
    super(scope, 'inference', Layer.WORKLOADS, { namespace });
  }
}

function made() {
  const from = ground();
  const argo = argoOn(from);
  const repository = argo.addRepository('configuration', { url: URL, hosts: { cidrs: ['192.0.2.0/24'] } });
  const project = argo.addProject('coding', { repositories: [repository], namespaces: [from.coding] });
  const add = (props: Partial<ArgoCdApplicationProps> = {}) =>
    argo.addApplication({
      ...{ name: 'coding', project, repository, path: 'charts-out/nace-coding', namespace: from.coding },
      ...props,
    });
  return { ...from, argo, repository, project, add, synthesis: () => synthesize(from.platform) };
}

test('an Application follows a branch, heals and prunes', () => {
  const { add, synthesis } = made();
  add();
  expect(at(objectOf(synthesis(), 'Application', 'coding'), 'spec')).toMatchInlineSnapshot(`
    {
      "destination": {
        "namespace": "demo-coding",
        "server": "https://kubernetes.default.svc",
      },
      "project": "coding",
      "revisionHistoryLimit": 10,
      "source": {
        "directory": {
          "recurse": true,
        },
        "path": "charts-out/nace-coding",
        "repoURL": "https://git.example.org/office/configuration.git",
        "targetRevision": "main",
      },
      "syncPolicy": {
        "automated": {
          "prune": true,
          "selfHeal": true,
        },
        "retry": {
          "backoff": {
            "duration": "5s",
            "factor": 2,
            "maxDuration": "3m",
          },
          "limit": 5,
        },
        "syncOptions": [
          "ApplyOutOfSyncOnly=true",
          "CreateNamespace=false",
          "FailOnSharedResource=true",
          "PruneLast=true",
          "RespectIgnoreDifferences=true",
          "ServerSideApply=true",
        ],
      },
    }
  `);
});

test('of a rendered blueprint it follows the files of some components, and none of the ground', () => {
  const { add, synthesis } = made();
  add({ components: ['inference', 'dashboard'], layers: [Layer.PLATFORM, Layer.WORKLOADS] });
  add({ name: 'etl', components: ['etl'], layers: [Layer.WORKLOADS], syncPolicy: 'manual', targetRevision: 'v1.2' });
  const specOf = (name: string) => objectOf(synthesis(), 'Application', name)['spec'];
  expect(at(specOf('coding'), 'source', 'directory', 'include')).toBe(
    '{30-platform/dashboard.k8s.yaml,30-platform/inference.k8s.yaml,40-workloads/dashboard.k8s.yaml,40-workloads/inference.k8s.yaml}',
  );
  expect(specOf('etl')).toMatchObject({
    source: { targetRevision: 'v1.2', directory: { include: '40-workloads/etl.k8s.yaml' } },
    syncPolicy: { retry: { limit: 5 } },
  });
  expect(at(specOf('etl'), 'syncPolicy', 'automated')).toBeUndefined();
});

test('tells what whoever deploys the rest leaves alone', () => {
  const { add, argo } = made();
  expect(argo.follows(Layer.WORKLOADS, 'inference')).toBe(false);
  add({ components: ['inference'] });
  expect(argo.follows(Layer.WORKLOADS, 'inference')).toBe(true);
  expect(argo.follows(Layer.NAMESPACES, 'inference')).toBe(false);
  expect(argo.follows(Layer.WORKLOADS, 'etl')).toBe(false);
});

test('what it deploys is marked, in its own namespace and of the components that it names alone', () => {
  const { add, coding, other, platform, synthesis } = made();
  for (const namespace of [coding, other]) {
    const component = new Part(new Construct(platform, namespace.name), namespace);
    new k8s.KubeConfigMap(component, 'map', { metadata: { name: 'inference', namespace: namespace.name } });
  }
  const marked = () =>
    synthesis()
      .objects.filter(({ deployedBy }) => deployedBy !== undefined)
      .map(
        ({ manifest, deployedBy }) => `${String(deployedBy)} ${manifest.kind} ${String(manifest.metadata.namespace)}`,
      );
  // Whatever is in a folder may be another platform's.
  add({ name: 'everything', path: 'charts-out/other' });
  expect(marked()).toEqual([]);
  add({ components: ['inference'] });
  expect(marked()).toEqual(['argo-cd ConfigMap demo-coding']);
});

test('Applications come after Argo CD itself, and projects before them', () => {
  const { add, synthesis } = made();
  add();
  const waves = synthesis()
    .objects.filter(({ manifest }) => ['AppProject', 'Application', 'StatefulSet'].includes(manifest.kind))
    .map(({ manifest, wave }) => `${wave} ${manifest.kind} ${manifest.metadata.name}`);
  expect(waves).toEqual([
    '30 AppProject default',
    '31 StatefulSet argo-cd',
    '32 AppProject coding',
    '33 Application coding',
  ]);
});

test('a project is closed lists; its groups see and synchronize', () => {
  const { argo, repository, coding, synthesis } = made();
  argo.addProject('survey', {
    repositories: [repository],
    namespaces: [coding],
    kinds: ['ConfigMap', { group: 'serving.example.org', kind: 'Model', resource: 'models' }],
    operators: ['survey'],
    readers: ['auditors'],
  });
  expect(at(objectOf(synthesis(), 'AppProject', 'survey'), 'spec')).toMatchInlineSnapshot(`
    {
      "clusterResourceWhitelist": [],
      "destinations": [
        {
          "namespace": "demo-coding",
          "server": "https://kubernetes.default.svc",
        },
      ],
      "namespaceResourceWhitelist": [
        {
          "group": "",
          "kind": "ConfigMap",
        },
        {
          "group": "serving.example.org",
          "kind": "Model",
        },
      ],
      "roles": [
        {
          "groups": [
            "survey",
          ],
          "name": "operators",
          "policies": [
            "p, proj:survey:operators, applications, get, survey/*, allow",
            "p, proj:survey:operators, logs, get, survey/*, allow",
            "p, proj:survey:operators, applications, sync, survey/*, allow",
          ],
        },
        {
          "groups": [
            "auditors",
          ],
          "name": "readers",
          "policies": [
            "p, proj:survey:readers, applications, get, survey/*, allow",
            "p, proj:survey:readers, logs, get, survey/*, allow",
          ],
        },
      ],
      "sourceRepos": [
        "https://git.example.org/office/configuration.git",
      ],
    }
  `);
});

describe('refuses a project', () => {
  const { argo, repository, coding, other } = made();
  const base = { repositories: [repository], namespaces: [coding] };
  const foreign = made();
  test.each([
    [
      'with a star',
      { kinds: [{ group: '*', kind: '*', resource: '*' }] },
      'kind "*/*" (*) holds a star: name each kind',
    ],
    [
      'with a kind of the cluster',
      { kinds: [{ group: 'rbac.authorization.k8s.io', kind: 'ClusterRole', resource: 'clusterroles' }] },
      'kind "rbac.authorization.k8s.io/ClusterRole" belongs to the whole cluster',
    ],
    ['without kinds', { kinds: [] }, 'project "x" has no kinds'],
    ['without repositories', { repositories: [] }, 'project "x" has no repositories'],
    [
      'of a foreign repository',
      { repositories: [foreign.repository] },
      'repository "configuration" is not of "platform/argo-cd"',
    ],
    [
      'of a namespace that Argo CD was not given',
      { namespaces: [other] },
      'project "x": "platform/argo-cd" was not given namespace "demo-other": it has demo-coding',
    ],
    ['with a group that ends a line', { operators: ['a\np, role:x'] }, 'expected letters, digits'],
  ])('%s', (_, props, message) => {
    expect(() => argo.addProject('x', { ...base, ...props })).toThrow(message);
  });
  test('that is Argo CD’s own, or there already', () => {
    expect(() => argo.addProject('default', base)).toThrow('project "default" is Argo CD\'s own');
    expect(() => argo.addProject('coding', base)).toThrow('project "coding" is there already');
  });
});

describe('refuses an Application', () => {
  test.each<[string, Partial<ArgoCdApplicationProps>, string]>([
    ['above its repository', { path: '../secrets' }, 'path "../secrets" is not a folder of a repository'],
    ['from the root', { path: '/charts-out' }, 'path "/charts-out" is not a folder'],
    ['of no revision', { targetRevision: '--upload-pack' }, 'targetRevision "--upload-pack" is not a branch'],
    ['of no component', { components: [] }, 'components is empty'],
    ['of a pattern', { components: ['*'] }, 'component "*" is not a DNS label'],
  ])('%s', (_, props, message) => {
    expect(() => made().add(props)).toThrow(message);
  });

  test('outside the namespaces of its project', () => {
    const { add, other } = made();
    expect(() => add({ namespace: other })).toThrow(
      'application "coding": "demo-other" is not a namespace of project "coding": it has demo-coding',
    );
  });

  test('that would own what another owns', () => {
    const { add } = made();
    add({ components: ['inference'] });
    const message = 'application "second" and "coding" would both own files of';
    expect(() => add({ name: 'second', components: ['inference', 'etl'] })).toThrow(message);
    expect(() => add({ name: 'second' })).toThrow(message);
    expect(() => add({ name: 'second', path: 'charts-out/nace-coding/40-workloads' })).toThrow(message);
    expect(() => add({ name: 'second', path: 'charts-out' })).toThrow(message);
    expect(() => add({ components: ['etl'] })).toThrow('application "coding" is there already');
    expect(add({ name: 'second', components: ['etl'] }).name).toBe('second');
    expect(add({ name: 'third', path: 'charts-out/nace-coding-2' }).name).toBe('third');
  });
});

describe('a repository over SSH', () => {
  const url = 'ssh://git@git.example.org/office/configuration.git';

  test('has pinned keys, and a private key by reference', () => {
    const from = ground();
    const argo = argoOn(from);
    argo.addRepository('configuration', {
      url,
      credentials: { privateKey: KEY },
      knownHosts: `# of the office\n${HOST_KEY}\n`,
    });
    const synthesis = synthesize(from.platform);
    expect(objectOf(synthesis, 'ConfigMap', 'argocd-ssh-known-hosts-cm')).toMatchObject({
      data: { ssh_known_hosts: `${HOST_KEY}\n` },
    });
    expect(synthesis.expectedSecrets).toEqual([
      { namespace: 'demo-argo-cd', name: 'git', keys: ['key'], purpose: `private key for ${url}` },
    ]);
    expect(synthesis.secrets.find(({ name }) => name === 'argo-cd-repository-configuration')).toMatchObject({
      data: { type: 'git', url },
      labels: { 'argocd.argoproj.io/secret-type': 'repository' },
    });
  });

  test.each([
    ['without keys', {}, 'knownHosts is empty: pin the keys of git.example.org'],
    [
      'with keys of another host',
      { knownHosts: HOST_KEY.replace('git.', 'svn.') },
      'expected "git.example.org ssh-ed25519',
    ],
    ['with a token', { knownHosts: HOST_KEY, credentials: { token: KEY } }, 'credentials of ssh:// are a privateKey'],
  ])('is refused %s', (_, props, message) => {
    expect(() => argoOn(ground()).addRepository('configuration', { url, ...props })).toThrow(message);
  });
});

test.each([
  ['no address', { url: 'git.example.org' }, '"git.example.org" is not an address of Git'],
  ['a password', { url: 'https://a:b@git.example.org/x.git' }, '"https://***@git.example.org/x.git" holds credentials'],
  ['a star', { url: 'https://git.example.org/*' }, 'holds a star'],
  [
    'a Secret of elsewhere',
    { url: URL, credentials: { token: { ...KEY, namespace: 'x' } } },
    'must stand in namespace "demo-argo-cd"',
  ],
])('refuses a repository with %s', (_, props, message) => {
  expect(() => argoOn(ground()).addRepository('configuration', props)).toThrow(message);
});

test('refuses plain text in production without a reason', () => {
  const from = ground(argoPlatform({ profile: 'production' }));
  const argo = argoOn(from);
  const url = 'http://git.example.org/x.git';
  expect(() => argo.addRepository('plain', { url })).toThrow('is plain text in production');
  expect(argo.addRepository('plain', { url, plainTextBecause: 'inside the cluster' }).port).toBe(80);
});

test('a host of Git inside the platform is reached by its Pods, on both sides', () => {
  const from = ground();
  const argo = argoOn(from);
  const neighbour = new ArgoCd(from.platform, 'neighbour', {
    namespaces: [from.other],
    administrator: true,
    definitions: 'existing',
  });
  argo.addRepository('inside', { url: 'http://neighbour.demo-neighbour:80/x.git', service: neighbour.service });
  const synthesis = synthesize(from.platform);
  expect(JSON.stringify(objectOf(synthesis, 'NetworkPolicy', 'argo-cd')['spec'])).toContain('demo-neighbour');
  expect(JSON.stringify(objectOf(synthesis, 'NetworkPolicy', 'neighbour')['spec'])).toContain('demo-argo-cd');
});
