import { projectData } from '../../stacks/data';
import { kubectl } from '../../stacks/kubectl';
import { type LiveObject, nameOf } from './live-objects';
import { keyOf } from './resources';

/** What is in the cluster and in no configuration: an interrupted update made it, and the configuration has changed since. */
export interface Orphans {
  /** Can go: whatever made it is gone. */
  readonly removable: readonly LiveObject[];
  /** Holds data, which nothing but `--delete-data` deletes. */
  readonly kept: readonly LiveObject[];
}

const NONE: Orphans = { removable: [], kept: [] };

/**
 * Tells which live objects belong to no configuration.
 *
 * @param wanted keys of the objects that the configuration describes
 * @param deleteData true when data is to go as well
 */
export async function findOrphans(
  live: readonly LiveObject[],
  wanted: ReadonlySet<string>,
  deleteData = false,
): Promise<Orphans> {
  const orphans = live.filter((object) => !wanted.has(keyOf(nameOf(object))));
  if (orphans.length === 0) return NONE;
  if (deleteData) return { removable: orphans, kept: [] };
  const namespaces = orphans.some(({ kind }) => kind === 'Namespace') ? await namespacesWithData() : new Set<string>();
  const isOfProject = projectData(live);
  const holdsData = (object: LiveObject): boolean =>
    ['CustomResourceDefinition', 'PersistentVolumeClaim', 'PersistentVolume'].includes(object.kind) ||
    (object.kind === 'Namespace' && namespaces.has(object.metadata.name)) ||
    isOfProject(object);
  return { removable: orphans.filter((object) => !holdsData(object)), kept: orphans.filter(holdsData) };
}

/** Deletes objects and waits until they are gone: what stands in namespaces first, the namespaces last. */
export async function deleteObjects(objects: readonly LiveObject[]): Promise<void> {
  const last = (kind: string): boolean => kind === 'Namespace' || kind === 'CustomResourceDefinition';
  for (const round of [objects.filter(({ kind }) => !last(kind)), objects.filter(({ kind }) => last(kind))]) {
    if (round.length === 0) continue;
    const items = round.map(({ apiVersion, kind, metadata: { name, namespace } }) => ({
      apiVersion,
      kind,
      metadata: namespace === undefined ? { name } : { name, namespace },
    }));
    const list = JSON.stringify({ apiVersion: 'v1', kind: 'List', items });
    await kubectl(['delete', '--filename', '-', '--ignore-not-found', '--wait', '--timeout', '110s'], list);
  }
}

async function namespacesWithData(): Promise<ReadonlySet<string>> {
  const text = await kubectl([
    'get',
    'persistentvolumeclaims',
    '--all-namespaces',
    '--output',
    'json',
    '--chunk-size',
    '0',
  ]);
  const { items } = JSON.parse(text) as { items: readonly LiveObject[] };
  return new Set(items.flatMap(({ metadata }) => metadata.namespace ?? []));
}
