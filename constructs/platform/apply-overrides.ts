import { distance } from 'fastest-levenshtein';
import { contentHash } from './content-hash';
import type { KubernetesManifest } from './kubernetes';
import { describeTarget, type ObjectOverride, type ObjectTarget, OverrideError, targetOf } from './override';

/** A content hash at the end of a name: see `contentHash`. */
const HASHED = /^(.+)-[0-9a-f]{10}$/;

/**
 * Applies overrides to rendered objects. An object whose name ends with a hash of its content gets another name with its other content, as does
 * everything in its namespace that names it: what reads it must restart, and the API does not let it change in place.
 *
 * @param objects every object, in any order, with whatever else is known of it
 * @returns the same with what the overrides make of the manifests
 * @throws OverrideError with every override that fits no object or several, and every one that would make another object
 */
export function applyOverrides<T extends { readonly manifest: KubernetesManifest }>(
  objects: readonly T[],
  overrides: readonly ObjectOverride[],
): readonly T[] {
  const manifests = objects.map(({ manifest }) => manifest);
  const changed = [...manifests];
  const problems: string[] = [];
  for (const { target, patch } of overrides) {
    const found = changed.flatMap((manifest, index) => (matches(manifest, target) ? [index] : []));
    const [index] = found;
    const manifest = index === undefined ? undefined : changed[index];
    if (index === undefined || manifest === undefined) {
      problems.push(missing(target, changed));
      continue;
    }
    if (found.length > 1) {
      problems.push(
        `override of ${describeTarget(target)}: ${found.length} objects are called so: give its apiVersion`,
      );
      continue;
    }
    const result = merged(manifest, patch) as KubernetesManifest;
    const wrong = problemOf(manifest, result);
    if (wrong === undefined) changed[index] = result;
    else problems.push(`override of ${describeTarget(target)}: ${wrong}`);
  }
  if (problems.length > 0) throw new OverrideError(problems);
  const results = withNewHashes(manifests, changed);
  return objects.map((object, index) => ({ ...object, manifest: results[index] ?? object.manifest }));
}

function matches({ apiVersion, kind, metadata }: KubernetesManifest, target: ObjectTarget): boolean {
  return (
    kind === target.kind &&
    metadata.namespace === target.namespace &&
    (metadata.name === target.name || HASHED.exec(metadata.name)?.[1] === target.name) &&
    (target.apiVersion === undefined || apiVersion === target.apiVersion)
  );
}

/** What to tell whoever overrides an object that is not there: the nearest of its kind, and what else is in its namespace. */
function missing(target: ObjectTarget, manifests: readonly KubernetesManifest[]): string {
  const meant = describeTarget(target);
  const near = manifests
    .filter(({ kind }) => kind === target.kind)
    .map((manifest) => describeTarget(withoutHash(targetOf(manifest))))
    .map((name) => ({ name, score: distance(name, meant) }))
    .sort((a, b) => a.score - b.score)
    .slice(0, 3)
    .map(({ name }) => name);
  const known =
    near.length === 0 ? `nothing of kind ${target.kind} is rendered` : `the nearest of its kind are ${near.join(', ')}`;
  return (
    `override of ${meant}: there is no such object; ${known}. Name the object as charts-out has it, ` +
    'or remove the override if what it was for is gone'
  );
}

function withoutHash(target: ObjectTarget): ObjectTarget {
  return { ...target, name: HASHED.exec(target.name)?.[1] ?? target.name };
}

/** Why the result of an override cannot be used. */
function problemOf(before: KubernetesManifest, after: KubernetesManifest): string | undefined {
  const same =
    before.apiVersion === after.apiVersion &&
    before.kind === after.kind &&
    before.metadata.name === after.metadata.name &&
    before.metadata.namespace === after.metadata.namespace;
  if (!same)
    return 'apiVersion, kind, metadata.name and metadata.namespace say which object it is and stay as they are';
  const imageless = containersOf(after).filter((container) => typeof container['image'] !== 'string');
  if (imageless.length === 0) return undefined;
  const known = containersOf(before).map(({ name }) => String(name));
  return `container ${imageless.map(({ name }) => String(name)).join(', ')} has no image; those that are there are called ${known.join(', ')}`;
}

/** The containers of an object's Pods, wherever its template stands. */
function containersOf(value: unknown): readonly Readonly<Record<string, unknown>>[] {
  if (Array.isArray(value) || !isFields(value)) return [];
  return Object.entries(value).flatMap(([key, part]) =>
    (key === 'containers' || key === 'initContainers') && Array.isArray(part)
      ? part.filter(isFields)
      : containersOf(part),
  );
}

function isFields(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isNamed(value: unknown): value is { readonly name: string } {
  return isFields(value) && typeof value['name'] === 'string';
}

function merged(value: unknown, patch: unknown): unknown {
  if (Array.isArray(patch)) {
    const lists = Array.isArray(value) && [...(value as unknown[]), ...(patch as unknown[])].every(isNamed);
    return lists ? mergedByName(value.filter(isNamed), patch.filter(isNamed)) : patch;
  }
  if (!isFields(patch)) return patch;
  const fields = new Map(Object.entries(isFields(value) ? value : {}));
  for (const [key, part] of Object.entries(patch)) {
    if (part === undefined) continue;
    if (part === null) fields.delete(key);
    else fields.set(key, merged(fields.get(key), part));
  }
  return Object.fromEntries(fields);
}

function mergedByName(items: readonly { readonly name: string }[], patches: readonly { readonly name: string }[]) {
  const known = new Set(items.map(({ name }) => name));
  return [
    ...items.map((item) => patches.filter(({ name }) => name === item.name).reduce<unknown>(merged, item)),
    ...patches.filter(({ name }) => !known.has(name)).map((patch) => merged({}, patch)),
  ];
}

/** Gives changed objects with a hash in their name another one, and renames them wherever their namespace names them. */
function withNewHashes(
  before: readonly KubernetesManifest[],
  after: readonly KubernetesManifest[],
): readonly KubernetesManifest[] {
  const names = new Map<string, Map<string, string>>();
  for (const [index, manifest] of after.entries()) {
    const { name, namespace = '' } = manifest.metadata;
    const base = HASHED.exec(name)?.[1];
    if (base === undefined || manifest === before[index]) continue;
    const ofNamespace = names.get(namespace) ?? new Map<string, string>();
    names.set(namespace, ofNamespace.set(name, `${base}-${contentHash(manifest)}`));
  }
  return after.map((manifest) => {
    const renamed = names.get(manifest.metadata.namespace ?? '');
    return renamed === undefined ? manifest : (replaced(manifest, renamed) as KubernetesManifest);
  });
}

function replaced(value: unknown, names: ReadonlyMap<string, string>): unknown {
  if (typeof value === 'string') return names.get(value) ?? value;
  if (Array.isArray(value)) return value.map((part) => replaced(part, names));
  if (!isFields(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, replaced(part, names)]));
}
