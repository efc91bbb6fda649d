import { load } from 'js-yaml';
import { argoCdService, imagesOf, launch } from '../../../../constructs';
import { image } from '../fixture';
import { brokenRules, holdersOf, type Launched, named, packageOf, parse, podOf } from './support';

const service = argoCdService({ image: image('argo-cd') });

/** Everything that it can be asked for at once. */
const EVERYTHING = {
  git: { repository: 'https://git.example.org/ada/app.git', token: 'glpat-1', path: 'deploy', interval: 60 },
  kubernetes: { everything: true },
  security: { password: 'sesame' },
  certificates: { cacerts: 'Q0E=' },
  proxy: { enabled: true, httpsProxy: 'http://proxy.example.org:3128' },
  ingress: { hostname: 'user-ada-123-0.lab.example.org', ingressClassName: 'traefik' },
  networkPolicy: { enabled: true },
  nodeSelector: { pool: 'data' },
} as const;

interface Container {
  readonly name: string;
  readonly image: string;
  readonly command: readonly string[];
  readonly env?: readonly { readonly name: string; readonly value?: string }[];
  readonly volumeMounts: readonly { readonly name: string; readonly mountPath: string }[];
  readonly restartPolicy?: string;
}

const containersOf = (objects: Launched): ReadonlyMap<string, Container> => {
  const { spec } = podOf(objects) as unknown as {
    readonly spec: { readonly initContainers: readonly Container[]; readonly containers: readonly Container[] };
  };
  return new Map([...spec.initContainers, ...spec.containers].map((container) => [container.name, container]));
};
const specOf = (objects: Launched, kind: string, name: string) => named(objects, kind, name)?.['spec'];

test('keeps the rules of the house with everything on, but that its kinds are alpha', () => {
  expect(brokenRules(launch(service, { values: EVERYTHING }))).toEqual([
    'no-admin-binding RoleBinding user-test/test-everything',
    'reference-exists StatefulSet user-test/test',
    'stable-api AppProject user-test/default',
    'stable-api Application user-test/test-app',
  ]);
});

test('takes the makers’ own image too, with one beside it', () => {
  const both = argoCdService({ image: image('upstream'), companion: image('argo-cd') });
  expect([...imagesOf(packageOf(both))].sort()).toEqual([image('argo-cd').reference, image('upstream').reference]);
  const images = [...containersOf(launch(both)).values()].map((container) => [container.name, container.image]);
  expect(Object.fromEntries(images)).toEqual({
    password: image('argo-cd').reference,
    redis: image('argo-cd').reference,
    repositories: image('upstream').reference,
    controller: image('upstream').reference,
    'argo-cd': image('upstream').reference,
  });
});

test('the server alone is open: the others listen on the loopback address, Redis with a password', () => {
  const objects = launch(service);
  const containers = containersOf(objects);
  expect(specOf(objects, 'Service', 'test')).toMatchObject({ ports: [{ name: 'web', port: 8080 }] });
  expect(containers.get('repositories')?.command).toContain('--address=127.0.0.1');
  const files = named(objects, 'ConfigMap', 'test-files') as unknown as { readonly data: Record<string, string> };
  expect(files.data['redis.sh']).toContain('--bind 127.0.0.1');
  expect(files.data['redis.sh']).toContain('requirepass');
  for (const name of ['repositories', 'controller', 'argo-cd']) {
    expect(containers.get(name)?.command).toContain('--redis=127.0.0.1:6379');
    expect(containers.get(name)?.env).toContainEqual({
      name: 'REDIS_PASSWORD',
      valueFrom: { secretKeyRef: { name: 'test-redis', key: 'password' } },
    });
  }
});

test('the token of the account is where the API is called, and not where charts of others are rendered', () => {
  const objects = launch(service);
  expect(podOf(objects).spec).toMatchObject({ automountServiceAccountToken: false, serviceAccountName: 'test' });
  const withToken = [...containersOf(objects).values()]
    .filter(({ volumeMounts }) => volumeMounts.some(({ name }) => name === 'token'))
    .map(({ name }) => name);
  expect(withToken).toEqual(['password', 'controller', 'argo-cd']);
});

test('stays in its namespace: by its account, its cluster and its project', () => {
  const objects = launch(service);
  expect(objects.filter(({ kind }) => kind.startsWith('Cluster') || kind === 'CustomResourceDefinition')).toEqual([]);
  expect(named(objects, 'Secret', 'test-cluster')).toMatchObject({
    metadata: { labels: { 'argocd.argoproj.io/secret-type': 'cluster' } },
    stringData: { server: 'https://kubernetes.default.svc', namespaces: 'user-test', clusterResources: 'false' },
  });
  expect(specOf(objects, 'AppProject', 'default')).toEqual({
    sourceRepos: ['*'],
    destinations: [{ server: 'https://kubernetes.default.svc', namespace: 'user-test' }],
    clusterResourceWhitelist: [],
  });
  const bindings = (values = {}) =>
    launch(service, { values })
      .filter(({ kind }) => kind === 'RoleBinding')
      .map((binding) => binding['roleRef']);
  const own = { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'test' };
  expect(bindings()).toEqual([own]);
  expect(bindings(EVERYTHING)).toEqual([own, { ...own, kind: 'ClusterRole', name: 'admin' }]);
});

test('its settings have the names that Argo CD looks for, and no key that people or Argo CD itself write', () => {
  const objects = launch(service);
  const keys = (kind: string, name: string) => {
    const object = named(objects, kind, name) as unknown as Partial<
      Record<'data' | 'stringData', Record<string, string>>
    >;
    return Object.keys(object.stringData ?? object.data ?? {});
  };
  expect(keys('Secret', 'argocd-secret')).toEqual(['server.secretkey']);
  for (const name of ['argocd-rbac-cm', 'argocd-ssh-known-hosts-cm', 'argocd-tls-certs-cm']) {
    expect([name, keys('ConfigMap', name)]).toEqual([name, []]);
  }
  for (const name of ['argocd-cm', 'argocd-rbac-cm']) {
    expect(named(objects, 'ConfigMap', name)?.metadata.labels).toMatchObject({ 'app.kubernetes.io/part-of': 'argocd' });
  }
  const settings = named(objects, 'ConfigMap', 'argocd-cm') as unknown as { readonly data: Record<string, string> };
  expect(settings.data).toMatchObject({ 'resource.respectRBAC': 'strict' });
  expect(settings.data).not.toHaveProperty('url');
  expect(load(settings.data['resource.exclusions'] ?? '')).toContainEqual({
    apiGroups: ['coordination.k8s.io'],
    kinds: ['Lease'],
  });
});

test('follows a repository from the start where one is named, with the person’s access to it', () => {
  const objects = launch(service, { values: EVERYTHING });
  expect(specOf(objects, 'Application', 'test-app')).toEqual({
    project: 'default',
    source: { repoURL: 'https://git.example.org/ada/app.git', targetRevision: 'HEAD', path: 'deploy' },
    destination: { server: 'https://kubernetes.default.svc', namespace: 'user-test' },
    syncPolicy: { automated: { prune: true, selfHeal: true } },
  });
  expect(named(objects, 'Secret', 'test-repository')).toMatchObject({
    metadata: { labels: { 'argocd.argoproj.io/secret-type': 'repository' } },
    stringData: { type: 'git', url: 'https://git.example.org/ada/app.git', password: 'glpat-1' },
  });
  const manual = launch(service, { values: { git: { ...EVERYTHING.git, automatic: false, token: '' } } });
  expect(specOf(manual, 'Application', 'test-app')).not.toHaveProperty('syncPolicy');
  expect(named(manual, 'Secret', 'test-repository')).toBeUndefined();
  // A token alone, as Onyxia gives it, goes nowhere.
  const plain = launch(service, { values: { git: { token: 'glpat-1' } } });
  expect(holdersOf(plain, 'glpat-1')).toEqual([]);
  expect(plain.some(({ kind }) => kind === 'Application')).toBe(false);
});

test('what people change with Argo CD itself is made once, at the installation', () => {
  const objects = launch(service, { values: EVERYTHING });
  const hook = (kind: string, name: string) => named(objects, kind, name)?.metadata.annotations?.['helm.sh/hook'];
  expect(hook('AppProject', 'default')).toBe('pre-install');
  expect(hook('Application', 'test-app')).toBe('post-install');
});

test('Git and Helm have the office’s authorities and proxy, and its rhythm', () => {
  const containers = containersOf(launch(service, { values: EVERYTHING }));
  const variables = (name: string) =>
    Object.fromEntries((containers.get(name)?.env ?? []).map((variable) => [variable.name, variable.value]));
  expect(variables('repositories')).toMatchObject({
    GIT_SSL_CAINFO: '/tmp/bouture/ca-bundle.crt',
    SSL_CERT_FILE: '/tmp/bouture/ca-bundle.crt',
    HTTPS_PROXY: 'http://proxy.example.org:3128',
    ARGOCD_RECONCILIATION_TIMEOUT: '60s',
  });
  expect(variables('controller')).toMatchObject({ ARGOCD_RECONCILIATION_TIMEOUT: '60s' });
  expect(variables('argo-cd')).not.toHaveProperty('SSL_CERT_FILE');
});

test('another password restarts it', () => {
  const metadata = (password: string) =>
    (
      specOf(launch(service, { values: { security: { password } } }), 'StatefulSet', 'test') as {
        readonly template: { readonly metadata: unknown };
      }
    ).template.metadata;
  expect(metadata('a')).not.toEqual(metadata('b'));
});

test('secrets stand in Secrets alone, and its scripts are scripts', () => {
  const objects = launch(service, { values: EVERYTHING });
  expect(holdersOf(objects, 'glpat-1')).toEqual(['Secret test-repository']);
  expect(holdersOf(objects, 'sesame')).toEqual(['Secret test-password']);
  const files = named(objects, 'ConfigMap', 'test-files') as unknown as { readonly data: Record<string, string> };
  for (const script of Object.values(files.data)) parse('sh', script);
});

test('what stands beside the server lasts as long as it does', () => {
  const lasting = [...containersOf(launch(service)).values()].map(({ name, restartPolicy }) => [name, restartPolicy]);
  expect(Object.fromEntries(lasting)).toEqual({
    password: undefined,
    redis: 'Always',
    repositories: 'Always',
    controller: 'Always',
    'argo-cd': undefined,
  });
});
