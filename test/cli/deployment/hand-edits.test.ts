import type { KubernetesManifest } from '../../../constructs';
import { describeHandEdit, findHandEdits } from '../../../cli/deployment/hand-edits';
import type { FieldTree, LiveObject } from '../../../cli/deployment/live-objects';

const MANIFEST: KubernetesManifest = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web', namespace: 'demo', labels: { app: 'web' } },
  spec: {
    replicas: 1,
    template: { spec: { containers: [{ name: 'web', image: 'web:1', ports: [{ containerPort: 80 }] }] } },
  },
};

/** The live object, with something changed and the API server's note of who did it. */
function live(
  change: (object: { metadata: Record<string, unknown>; spec: Record<string, unknown> }) => void,
  fieldsV1: FieldTree,
  manager = 'kubectl-edit',
): LiveObject {
  const object = structuredClone(MANIFEST) as unknown as {
    metadata: Record<string, unknown>;
    spec: Record<string, unknown>;
  };
  change(object);
  const ours = { manager: 'bouture', operation: 'Apply', fieldsV1: { 'f:spec': { 'f:replicas': {} } } };
  const managedFields = [ours, { manager, operation: 'Update', fieldsV1 }];
  return { ...object, metadata: { ...object.metadata, resourceVersion: '7', managedFields } } as unknown as LiveObject;
}

function told(object: LiveObject, manifest = MANIFEST): readonly string[] {
  return findHandEdits([object], [manifest]).map(describeHandEdit);
}

const container = (fields: FieldTree): FieldTree => ({
  'f:spec': { 'f:template': { 'f:spec': { 'f:containers': { 'k:{"name":"web"}': fields } } } },
});

describe('fields that people added with kubectl', () => {
  test('are found in maps', () => {
    const object = live(({ metadata }) => (metadata['labels'] = { app: 'web', hand: 'made' }), {
      'f:metadata': { 'f:labels': { 'f:hand': {} } },
    });
    expect(told(object)).toEqual([
      'Deployment demo/web  metadata.labels.hand: is not in the configuration (kubectl-edit)',
    ]);
  });

  test('are found in list items, by the keys of the items', () => {
    const object = live(
      ({ spec }) =>
        (spec['template'] = {
          spec: {
            containers: [{ name: 'sidecar' }, { name: 'web', image: 'web:1', env: [{ name: 'DEBUG', value: '1' }] }],
          },
        }),
      container({ 'f:env': { '.': {}, 'k:{"name":"DEBUG"}': { '.': {}, 'f:name': {}, 'f:value': {} } } }),
    );
    const [edit] = findHandEdits([object], [MANIFEST]);
    expect(edit).toMatchObject({
      field: 'spec.template.spec.containers[web].env',
      pointer: '/spec/template/spec/containers/1/env',
    });
  });

  test('are told once, at the highest place that is not ours', () => {
    const object = live(
      ({ spec }) =>
        (spec['template'] = {
          spec: { containers: [{ name: 'web', image: 'web:1', livenessProbe: { exec: { command: ['x'] } } }] },
        }),
      container({ 'f:livenessProbe': { 'f:exec': { '.': {}, 'f:command': {} }, 'f:timeoutSeconds': {} } }),
    );
    expect(told(object)).toEqual([
      'Deployment demo/web  spec.template.spec.containers[web].livenessProbe: is not in the configuration (kubectl-edit)',
    ]);
  });

  test('are found where a list got longer, and the whole object is to be applied again', () => {
    const policy: KubernetesManifest = {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'NetworkPolicy',
      metadata: { name: 'web', namespace: 'demo' },
      spec: { ingress: [] },
    };
    const object = {
      ...policy,
      spec: { ingress: [{}] },
      metadata: {
        ...policy.metadata,
        resourceVersion: '7',
        managedFields: [{ manager: 'kubectl-patch', operation: 'Update', fieldsV1: { 'f:spec': { 'f:ingress': {} } } }],
      },
    };
    const [edit] = findHandEdits([object], [policy]);
    expect(edit?.pointer).toBeUndefined();
    expect(edit === undefined ? '' : describeHandEdit(edit)).toBe(
      'NetworkPolicy demo/web  spec.ingress: has entries that the configuration lacks (kubectl-patch)',
    );
  });

  test('do not include changes of what the configuration says: Pulumi sees those', () => {
    const object = live(
      ({ spec }) => (spec['template'] = { spec: { containers: [{ name: 'web', image: 'other:2' }] } }),
      container({ 'f:image': {} }),
    );
    expect(told(object)).toEqual([]);
  });

  test.each([
    [
      'what a controller writes',
      'kube-controller-manager',
      { 'f:metadata': { 'f:annotations': { 'f:revision': {} } } },
    ],
    [
      'a restart',
      'kubectl-rollout',
      { 'f:metadata': { 'f:annotations': { '.': {}, 'f:kubectl.kubernetes.io/restartedAt': {} } } },
    ],
    ['what is gone since', 'kubectl-edit', { 'f:metadata': { 'f:finalizers': {} } }],
  ])('do not include %s', (_, manager, fields) => {
    const object = live(
      ({ metadata }) => (metadata['annotations'] = { revision: '2', 'kubectl.kubernetes.io/restartedAt': 'now' }),
      fields,
      manager,
    );
    expect(told(object)).toEqual([]);
  });

  test('do not include what a subresource set', () => {
    const object = live(() => undefined, {});
    const scaled = {
      manager: 'kubectl',
      operation: 'Update',
      subresource: 'scale',
      fieldsV1: { 'f:spec': { 'f:paused': {} } },
    };
    const { metadata } = object;
    expect(told({ ...object, metadata: { ...metadata, managedFields: [scaled] } })).toEqual([]);
  });

  test('are looked for in objects of the configuration only', () => {
    const object = live(({ metadata }) => (metadata['labels'] = { hand: 'made' }), {
      'f:metadata': { 'f:labels': { 'f:hand': {} } },
    });
    const other = { ...MANIFEST, metadata: { ...MANIFEST.metadata, name: 'other' } };
    expect(told(object, other)).toEqual([]);
  });
});
