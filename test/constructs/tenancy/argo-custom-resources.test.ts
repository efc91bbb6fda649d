import { ArgoCustomResources, type ArgoProduct, argoWorkflowsService, launch } from '../../../constructs';
import { synthesize, UserSpaces } from '../../../constructs';
import { checkRules } from '../../../constructs/platform/rules';
import { image } from '../catalog/fixture';
import { at, listAt, objectOf } from '../../support/objects';
import { tenancyPlatform } from './fixture';

const BOTH = ['argo-workflows', 'argo-cd'] as const;

function made(products: readonly ArgoProduct[] = BOTH, existing: readonly ArgoProduct[] = []) {
  const platform = tenancyPlatform();
  const spaces = new UserSpaces(platform, 'spaces', { userQuota: { further: ArgoCustomResources.quota(products) } });
  new ArgoCustomResources(platform, 'argo', { spaces, products, existing });
  const synthesis = synthesize(platform);
  const of = (kind: string) =>
    synthesis.objects.filter(({ manifest, path }) => manifest.kind === kind && path.startsWith('argo/'));
  return { synthesis, definitions: of('CustomResourceDefinition'), roles: of('ClusterRole') };
}

interface Rule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
}

/** `verb resource` for each right on Argo's kinds. */
function rights(rules: readonly unknown[]): Set<string> {
  return new Set(
    (rules as readonly Rule[])
      .filter(({ apiGroups }) => apiGroups.includes('argoproj.io'))
      .flatMap(({ resources, verbs }) => resources.flatMap((resource) => verbs.map((verb) => `${verb} ${resource}`))),
  );
}

test('defines the kinds of Argo Workflows 3.7 and Argo CD 3.1 as Argo itself does', () => {
  const { definitions } = made();
  const told = definitions.map(({ manifest }) => {
    const version = at(manifest, 'spec', 'versions', 0);
    const names = at(manifest, 'spec', 'names') as Record<string, string>;
    expect(manifest.metadata.name).toBe(`${names['plural'] ?? ''}.argoproj.io`);
    expect([names['singular'], names['listKind']]).toEqual([
      names['kind']?.toLowerCase(),
      `${names['kind'] ?? ''}List`,
    ]);
    expect(at(manifest, 'spec', 'group')).toBe('argoproj.io');
    expect(listAt(manifest, 'spec', 'versions')).toHaveLength(1);
    expect([at(version, 'served'), at(version, 'storage')]).toEqual([true, true]);
    return [
      [names['kind'], names['plural'], ...listAt(names, 'shortNames')].join(' '),
      String(at(manifest, 'spec', 'scope')),
      String(at(version, 'name')),
      Object.keys(at(version, 'subresources') ?? {}).join(' '),
      listAt(version, 'schema', 'openAPIV3Schema', 'required').join(' '),
    ].join(' | ');
  });
  expect(told).toEqual([
    'Application applications app apps | Namespaced | v1alpha1 |  | metadata spec',
    'ApplicationSet applicationsets appset appsets | Namespaced | v1alpha1 | status | metadata spec',
    'AppProject appprojects appproj appprojs | Namespaced | v1alpha1 |  | metadata spec',
    'CronWorkflow cronworkflows cwf cronwf | Namespaced | v1alpha1 |  | metadata spec',
    'WorkflowArtifactGCTask workflowartifactgctasks wfat | Namespaced | v1alpha1 | status | metadata spec',
    'WorkflowEventBinding workfloweventbindings wfeb | Namespaced | v1alpha1 |  | metadata spec',
    'Workflow workflows wf | Namespaced | v1alpha1 |  | metadata spec',
    'WorkflowTaskResult workflowtaskresults | Namespaced | v1alpha1 |  | metadata',
    'WorkflowTaskSet workflowtasksets wfts | Namespaced | v1alpha1 | status | metadata spec',
    'WorkflowTemplate workflowtemplates wftmpl | Namespaced | v1alpha1 |  | metadata spec',
  ]);
  expect(new Set(definitions.map(({ wave }) => wave))).toEqual(new Set([0]));
});

test('lets Argo read whatever its fields hold', () => {
  const { synthesis } = made();
  const properties = (name: string) =>
    at(
      objectOf(synthesis, 'CustomResourceDefinition', `${name}.argoproj.io`),
      ...['spec', 'versions', 0, 'schema', 'openAPIV3Schema', 'properties'],
    );
  const open = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };
  const whole = { ...open, 'x-kubernetes-map-type': 'atomic' };
  expect(properties('workflows')).toMatchObject({ metadata: { type: 'object' }, spec: whole, status: whole });
  expect(properties('applications')).toMatchObject({ operation: open, spec: open, status: open });
  expect(properties('workflowtaskresults')).toMatchObject({ outputs: open, phase: { type: 'string' } });
});

test('adds rights to the roles of Kubernetes: of Argo CD none to edit, and none on anything of the whole cluster', () => {
  const { roles } = made();
  const told = roles.map(({ manifest }) => ({
    name: manifest.metadata.name,
    to: Object.keys(manifest.metadata.labels ?? {}).filter((label) => label.includes('aggregate-to')),
    resources: listAt(manifest, 'rules', 0, 'resources').join(' '),
    verbs: listAt(manifest, 'rules', 0, 'verbs').join(' '),
  }));
  const read = 'get list watch';
  const write = 'create delete deletecollection patch update';
  const people = 'workflows workflowtemplates cronworkflows workfloweventbindings';
  const to = (role: string) => [`rbac.authorization.k8s.io/aggregate-to-${role}`];
  expect(told).toEqual([
    {
      name: 'demo-argo-cd-admin',
      to: to('admin'),
      resources:
        'applications applications/finalizers applicationsets applicationsets/finalizers applicationsets/status appprojects appprojects/finalizers',
      verbs: `${read} ${write}`,
    },
    { name: 'demo-argo-cd-view', to: to('view'), resources: 'applications applicationsets appprojects', verbs: read },
    {
      name: 'demo-argo-workflows-admin',
      to: to('admin'),
      resources:
        'workflows workflows/finalizers workflowtemplates workflowtemplates/finalizers cronworkflows cronworkflows/finalizers ' +
        'workfloweventbindings workfloweventbindings/finalizers workflowtasksets workflowtasksets/finalizers workflowtasksets/status ' +
        'workflowtaskresults workflowtaskresults/finalizers workflowartifactgctasks workflowartifactgctasks/finalizers workflowartifactgctasks/status',
      verbs: `${read} ${write}`,
    },
    { name: 'demo-argo-workflows-edit', to: to('edit'), resources: people, verbs: write },
    { name: 'demo-argo-workflows-view', to: to('view'), resources: people, verbs: read },
  ]);
});

test('lets a person give the accounts of the service Argo Workflows what they need', () => {
  const { synthesis } = made(['argo-workflows']);
  const own = rights(listAt(objectOf(synthesis, 'ClusterRole', 'demo-argo-workflows-admin'), 'rules'));
  const given = launch(argoWorkflowsService({ image: image('argo-workflows') }))
    .filter(({ kind }) => kind === 'Role')
    .flatMap((role) => [...rights(listAt(role, 'rules'))]);
  expect(given.length).toBeGreaterThan(20);
  expect(given.filter((right) => !own.has(right))).toEqual([]);
});

test('makes what is asked for, and no definition that is there already', () => {
  const { definitions, roles } = made(['argo-workflows', 'argo-cd'], ['argo-cd']);
  expect(definitions).toHaveLength(7);
  expect(definitions.filter(({ manifest }) => manifest.metadata.name.startsWith('app'))).toEqual([]);
  expect(roles).toHaveLength(5);
  expect(made(['argo-cd']).definitions).toHaveLength(3);
  expect(() => made(['argo-workflows'], ['argo-cd'])).toThrow(
    'existing: "argo-cd" is not among the products (argo-workflows)',
  );
});

test('bounds how many objects a space may hold', () => {
  const { synthesis } = made(['argo-workflows']);
  const files = JSON.stringify(objectOf(synthesis, 'ConfigMap', /^spaces-keeper/));
  expect(files).toContain(String.raw`\"count/workflows.argoproj.io\": \"500\"`);
  expect(Object.keys(ArgoCustomResources.quota(['argo-cd']))).toEqual([
    'count/applications.argoproj.io',
    'count/applicationsets.argoproj.io',
    'count/appprojects.argoproj.io',
  ]);
});

test('keeps every rule', () => {
  expect(checkRules(made().synthesis).filter(({ level }) => level === 'error')).toEqual([]);
});
