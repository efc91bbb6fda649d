import type { KubernetesManifest } from '../../../constructs';
import { isAsDeclared } from '../../../cli/deployment/drift';
import type { LiveObject, ManagedFields } from '../../../cli/deployment/live-objects';

const MAP: KubernetesManifest = {
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'settings', namespace: 'demo', labels: { app: 'web' } },
  data: { colour: 'green' },
};
const SECRET: KubernetesManifest = {
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name: 'root', namespace: 'demo' },
  type: 'Opaque',
  data: { password: '' },
};
const ours: ManagedFields = {
  manager: 'bouture',
  operation: 'Apply',
  fieldsV1: { 'f:data': { 'f:password': {}, 'f:colour': {} } },
};

function live(manifest: KubernetesManifest, changes: object = {}, managedFields = [ours]): LiveObject {
  const metadata = { ...manifest.metadata, resourceVersion: '7', uid: 'x', managedFields };
  return { ...manifest, data: { password: 'c2VjcmV0' }, ...changes, metadata };
}

const map = live(MAP, { data: { colour: 'green' } });
const secret = live(SECRET);

test('objects that hold all that is declared are as declared, with what the server added', () => {
  expect(isAsDeclared([map, secret], [MAP], [SECRET])).toBe(true);
});

test.each<[string, readonly LiveObject[]]>([
  ['an object is gone', [secret]],
  ['a Secret is gone', [map]],
  ['a value was changed', [live(MAP, { data: { colour: 'red' } }), secret]],
  [
    'a value of a Secret was changed by somebody',
    [map, live(SECRET, {}, [{ ...ours, manager: 'kubectl-edit', operation: 'Update' }])],
  ],
  ['a value of a Secret is shared with somebody', [map, live(SECRET, {}, [ours, { ...ours, manager: 'other' }])]],
  ['a value of a Secret is nobody’s', [map, live(SECRET, {}, [])]],
  ['the type of a Secret was changed', [map, live(SECRET, { type: 'kubernetes.io/tls' })]],
])('they are not when %s', (_, objects) => {
  expect(isAsDeclared(objects, [MAP], [SECRET])).toBe(false);
});
