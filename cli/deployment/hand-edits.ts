import { deployTimeIds, type KubernetesManifest } from '../../constructs';
import { FIELD_MANAGER } from '../../stacks/kubernetes-object';
import { isRecord } from '../../stacks/manifests';
import { type FieldTree, type LiveObject, nameOf } from './live-objects';
import { kubectl } from '../../stacks/kubectl';
import { describeObject, keyOf, objectName } from './resources';

/**
 * A field that somebody added with kubectl to an object of ours: a label, a variable, a rule of a NetworkPolicy. Pulumi compares only what
 * the configuration says, so it does not see these; the API server remembers who set each field, so we do.
 */
export interface HandEdit {
  readonly object: LiveObject;
  /** `spec.template.spec.containers[web].env[DEBUG]` */
  readonly field: string;
  /** Who set it, as the API server knows them: `kubectl-edit`. */
  readonly manager: string;
  /** Where it stands now, as a JSON Pointer; absent when the whole object is to be applied again. */
  readonly pointer?: string;
}

/** What kubectl writes for its own use: a person who restarts a workload does not change it. */
const KUBECTL_ANNOTATIONS = 'f:kubectl.kubernetes.io/';

/** Finds the fields of live objects that people added with kubectl. */
export function findHandEdits(
  live: readonly LiveObject[],
  manifests: readonly KubernetesManifest[],
): readonly HandEdit[] {
  const wanted = new Map(manifests.map((manifest) => [keyOf(objectName(manifest)), manifest]));
  return live.flatMap((object) => {
    const manifest = wanted.get(keyOf(nameOf(object)));
    return manifest === undefined ? [] : editsOf(object, manifest);
  });
}

function editsOf(object: LiveObject, manifest: KubernetesManifest): HandEdit[] {
  const entries = object.metadata.managedFields ?? [];
  const ours = new Set(
    entries
      .filter(({ manager }) => manager === FIELD_MANAGER)
      .flatMap(({ fieldsV1 }) => leaves(fieldsV1 ?? {}).map(textOf)),
  );
  const edits = new Map<string, HandEdit>();
  for (const { manager, subresource, fieldsV1 } of entries) {
    // What status and other subresources say is the business of controllers; pulumi sees a changed number of replicas.
    if (!manager.startsWith('kubectl') || subresource !== undefined) continue;
    for (const path of leaves(fieldsV1 ?? {})) {
      if (ours.has(textOf(path)) || path.some((part) => part.startsWith(KUBECTL_ANNOTATIONS))) continue;
      const edit = editAt(object, manifest, path, manager);
      if (edit !== undefined) edits.set(edit.field, edit);
    }
  }
  return [...edits.values()];
}

/** What a field that is not ours means: something added, a list made longer, or a change that Pulumi sees by itself. */
function editAt(
  object: LiveObject,
  manifest: KubernetesManifest,
  path: readonly string[],
  manager: string,
): HandEdit | undefined {
  let [here, there]: [unknown, unknown] = [object, manifest];
  let [field, pointer] = ['', ''];
  for (const part of path) {
    const step = stepInto(here, part);
    if (step === undefined) return undefined; // Gone since.
    field += step.field;
    pointer += `/${String(step.key).replaceAll('~', '~0').replaceAll('/', '~1')}`;
    here = step.value;
    there = stepInto(there, part)?.value;
    if (there === undefined) return { object, field: field.replace(/^\./, ''), manager, pointer };
  }
  const longer = Array.isArray(here) && Array.isArray(there) && here.length > there.length;
  return longer ? { object, field: field.replace(/^\./, ''), manager } : undefined;
}

function stepInto(value: unknown, part: string): { key: string | number; field: string; value: unknown } | undefined {
  const [type, text] = [part.slice(0, 1), part.slice(2)];
  if (type === 'f') {
    if (!isRecord(value) || !(text in value)) return undefined;
    return { key: text, field: /^[A-Za-z0-9_]+$/.test(text) ? `.${text}` : `["${text}"]`, value: value[text] };
  }
  if (!Array.isArray(value)) return undefined;
  const items: readonly unknown[] = value;
  const sought: unknown = JSON.parse(text);
  const index =
    type === 'i' ? Number(text) : items.findIndex((item) => (type === 'k' ? matches(item, sought) : item === sought));
  if (index < 0 || index >= items.length) return undefined;
  const label = isRecord(sought) ? Object.values(sought).join('/') : String(sought);
  return { key: index, field: `[${label}]`, value: items[index] };
}

/** Whether a list item has these keys; a default such as `protocol: TCP`, which manifests leave out, counts as said. */
function matches(item: unknown, keys: unknown): boolean {
  if (!isRecord(item) || !isRecord(keys)) return false;
  return Object.entries(keys).every(
    ([key, value]) => item[key] === value || (key === 'protocol' && item[key] === undefined && value === 'TCP'),
  );
}

/** Every field of a tree; `.`, a map or item itself, only where it has no fields, which would be told instead. */
function leaves(tree: FieldTree, path: readonly string[] = []): (readonly string[])[] {
  const entries = Object.entries(tree).filter(([part]) => part !== '.');
  return entries.length === 0 ? [path] : entries.flatMap(([part, below]) => leaves(below, [...path, part]));
}

function textOf(path: readonly string[]): string {
  return path.join('\n');
}

/** Takes the added fields away again, and applies objects whose lists were made longer. */
export async function undoHandEdits(
  edits: readonly HandEdit[],
  manifests: readonly KubernetesManifest[],
): Promise<void> {
  for (const [object, mine] of groupByObject(edits)) {
    const { kind, metadata } = object;
    const pointers = mine.flatMap(({ pointer }) => pointer ?? []).sort(deepestFirst);
    if (pointers.length > 0) {
      const patch = [
        { op: 'test', path: '/metadata/resourceVersion', value: metadata.resourceVersion },
        ...pointers.map((path) => ({ op: 'remove', path })),
      ];
      const where = metadata.namespace === undefined ? [] : ['--namespace', metadata.namespace];
      const resource = `${kind}.${object.apiVersion.includes('/') ? object.apiVersion.split('/').reverse().join('.') : 'v1.'}`;
      await kubectl(['patch', resource, metadata.name, ...where, '--type', 'json', '--patch', JSON.stringify(patch)]);
    }
  }
  const again = new Set(
    edits.filter(({ pointer }) => pointer === undefined).map(({ object }) => keyOf(nameOf(object))),
  );
  // What holds a value that only the deployment knows, the deployment itself applies again.
  const items = manifests.filter(
    (manifest) => again.has(keyOf(objectName(manifest))) && deployTimeIds(manifest).length === 0,
  );
  if (items.length === 0) return;
  const list = JSON.stringify({ apiVersion: 'v1', kind: 'List', items });
  await kubectl(
    ['apply', '--server-side', '--force-conflicts', '--field-manager', FIELD_MANAGER, '--filename', '-'],
    list,
  );
}

function groupByObject(edits: readonly HandEdit[]): ReadonlyMap<LiveObject, readonly HandEdit[]> {
  const groups = new Map<LiveObject, HandEdit[]>();
  for (const edit of edits) groups.set(edit.object, [...(groups.get(edit.object) ?? []), edit]);
  return groups;
}

/** Later items of a list, and what is inside something, before what they stand in: removing must not move what is removed next. */
function deepestFirst(a: string, b: string): number {
  return b.localeCompare(a, 'en', { numeric: true });
}

/** One line: what, where, who. */
export function describeHandEdit({ object, field, manager, pointer }: HandEdit): string {
  const what = pointer === undefined ? 'has entries that the configuration lacks' : 'is not in the configuration';
  return `${describeObject(nameOf(object))}  ${field}: ${what} (${manager})`;
}
