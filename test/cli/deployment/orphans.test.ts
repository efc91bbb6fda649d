import * as kubernetes from '../../../stacks/kubectl';
import type { LiveObject } from '../../../cli/deployment/live-objects';
import { deleteObjects, findOrphans } from '../../../cli/deployment/orphans';

function object(kind: string, name: string, namespace?: string): LiveObject {
  const metadata = { name, resourceVersion: '1', ...(namespace === undefined ? {} : { namespace }) };
  return { apiVersion: kind === 'StatefulSet' ? 'apps/v1' : 'v1', kind, metadata };
}

const names = (objects: readonly LiveObject[]) => objects.map(({ kind, metadata }) => `${kind} ${metadata.name}`);

describe('what an interrupted update left', () => {
  let calls: { args: readonly string[]; input: string | undefined }[];

  beforeEach(() => {
    calls = [];
    jest.spyOn(kubernetes, 'kubectl').mockImplementation((args, input) => {
      calls.push({ args, input });
      return Promise.resolve(JSON.stringify({ items: [object('PersistentVolumeClaim', 'data-db-0', 'with-data')] }));
    });
  });

  afterEach(() => {
    jest.restoreAllMocks();
  });

  test('is what no configuration names', async () => {
    const live = [object('ConfigMap', 'kept', 'a'), object('ConfigMap', 'left', 'a'), object('StatefulSet', 'db', 'a')];
    const { removable, kept } = await findOrphans(live, new Set(['/ConfigMap/a/kept']));
    expect(names(removable)).toEqual(['ConfigMap left', 'StatefulSet db']);
    expect(kept).toEqual([]);
  });

  test('asks nobody when nothing is left', async () => {
    await findOrphans([object('ConfigMap', 'kept', 'a')], new Set(['/ConfigMap/a/kept']));
    expect(calls).toEqual([]);
  });

  test('stays where it holds data, with its namespace', async () => {
    const live = [
      object('Namespace', 'with-data'),
      object('Namespace', 'empty'),
      object('PersistentVolumeClaim', 'claim', 'with-data'),
      object('CustomResourceDefinition', 'workflows.argoproj.io'),
    ];
    const { removable, kept } = await findOrphans(live, new Set());
    expect(names(removable)).toEqual(['Namespace empty']);
    expect(names(kept)).toEqual([
      'Namespace with-data',
      'PersistentVolumeClaim claim',
      'CustomResourceDefinition workflows.argoproj.io',
    ]);
  });

  test('stays where it is a project of people, with what guards it', async () => {
    const space = object('Namespace', 'projet-census');
    const live = [
      { ...space, metadata: { ...space.metadata, labels: { 'bouture.dev/space': 'people' } } },
      object('NetworkPolicy', 'default-deny', 'projet-census'),
      object('RoleBinding', 'members', 'projet-census'),
      object('NetworkPolicy', 'default-deny', 'elsewhere'),
    ];
    const { removable, kept } = await findOrphans(live, new Set());
    expect(names(kept)).toEqual(['Namespace projet-census', 'NetworkPolicy default-deny']);
    expect(names(removable)).toEqual(['RoleBinding members', 'NetworkPolicy default-deny']);
  });

  test('goes with its data when that is asked for', async () => {
    const { removable } = await findOrphans([object('Namespace', 'with-data')], new Set(), true);
    expect(names(removable)).toEqual(['Namespace with-data']);
  });

  test('is deleted by name, namespaces last', async () => {
    await deleteObjects([object('Namespace', 'a'), object('ConfigMap', 'left', 'a')]);
    const deleted = calls.map(({ input }) =>
      (JSON.parse(input ?? '') as { items: LiveObject[] }).items.map(({ kind, metadata }) => ({ kind, metadata })),
    );
    expect(deleted).toEqual([
      [{ kind: 'ConfigMap', metadata: { name: 'left', namespace: 'a' } }],
      [{ kind: 'Namespace', metadata: { name: 'a' } }],
    ]);
    expect(calls.every(({ args }) => args.includes('--wait') && args.includes('--ignore-not-found'))).toBe(true);
  });
});
