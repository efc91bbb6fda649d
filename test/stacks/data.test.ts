import { type KubernetesManifest, Layer, type Synthesis } from '../../constructs';
import { lossOf } from '../../stacks/data';

function synthesis(...manifests: readonly KubernetesManifest[]): Synthesis {
  const place = { layer: Layer.PLATFORM, wave: 30, component: 'part', path: 'part' };
  return {
    platform: 'demo',
    objects: manifests.map((manifest) => ({ manifest, ...place })),
    secrets: [],
    expectedSecrets: [],
    accesses: [],
  };
}

function object(kind: string, name: string, namespace?: string, spec?: unknown): KubernetesManifest {
  return { apiVersion: 'v1', kind, metadata: { name, ...(namespace === undefined ? {} : { namespace }) }, spec };
}

function losses(...manifests: readonly KubernetesManifest[]): Record<string, string> {
  const all = synthesis(...manifests);
  const loss = lossOf(all);
  return Object.fromEntries(
    all.objects.map((each) => [`${each.manifest.kind} ${each.manifest.metadata.name}`, loss(each)]),
  );
}

const CLAIMS = { volumeClaimTemplates: [{ metadata: { name: 'data' } }] };

test.each([
  [
    'a claim and its namespace',
    [object('PersistentVolumeClaim', 'data', 'a'), object('Namespace', 'a')],
    ['data', 'data'],
  ],
  ['a volume', [object('PersistentVolume', 'disk')], ['data']],
  ['the definition of a kind', [object('CustomResourceDefinition', 'workflows.argoproj.io')], ['kinds']],
  [
    'the namespace of a StatefulSet with claims',
    [object('Namespace', 'a'), object('StatefulSet', 'db', 'a', CLAIMS)],
    ['data', 'keeper'],
  ],
  [
    'a StatefulSet without claims',
    [object('Namespace', 'a'), object('StatefulSet', 'db', 'a', {})],
    ['nothing', 'nothing'],
  ],
  ['another namespace', [object('Namespace', 'b'), object('PersistentVolumeClaim', 'data', 'a')], ['nothing', 'data']],
  [
    'the namespace of a project of people, with what guards it',
    [
      {
        apiVersion: 'v1',
        kind: 'Namespace',
        metadata: { name: 'projet-a', labels: { 'bouture.dev/space': 'people' } },
      },
      object('NetworkPolicy', 'default-deny', 'projet-a'),
      object('NetworkPolicy', 'allow-mlflow', 'projet-a'),
      object('NetworkPolicy', 'other', 'b'),
    ],
    ['data', 'data', 'nothing', 'nothing'],
  ],
  ['what can be made again', [object('Deployment', 'web', 'a'), object('Secret', 'root', 'a')], ['nothing', 'nothing']],
])('losing %s', (_, manifests, expected) => {
  expect(Object.values(losses(...manifests))).toEqual(expected);
});
