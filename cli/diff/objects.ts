import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { identity, type KubernetesManifest } from '../../constructs/platform';
import { type FieldChange, fieldChanges } from './fields';

/** A manifest and the file that it stands in, below the blueprint's folder. */
export interface PlacedObject {
  readonly file: string;
  readonly manifest: KubernetesManifest;
}

/** What happens to one object. */
export interface ObjectChange {
  readonly change: 'added' | 'removed' | 'changed' | 'renamed' | 'moved';
  /** `Deployment namespace/name` */
  readonly object: string;
  readonly file: string;
  /** Name that it had, of a renamed object; file that it stood in, of a moved one. @default - neither */
  readonly was?: string;
  /** Fields that differ, of an object that stays. */
  readonly fields: readonly FieldChange[];
}

/** The manifests in the files of a folder, by the path that `accepts` takes. @throws Error that names a file that is no YAML */
export function readObjects(folder: string): readonly PlacedObject[] {
  if (!existsSync(folder)) return [];
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.k8s.yaml'));
  return files.sort().flatMap((file) => parseObjects(file, readFileSync(join(folder, file), 'utf8'), folder));
}

/** The manifests of one rendered file. */
export function parseObjects(file: string, text: string, folder = ''): readonly PlacedObject[] {
  return parseAllDocuments(text, { version: '1.1' }).map((document) => {
    const [error] = document.errors;
    if (error !== undefined) throw new Error(`${join(folder, file)}: ${error.message}`);
    return { file, manifest: document.toJS() as KubernetesManifest };
  });
}

/** Objects that carry a hash of their content in their name are the same object with another content. */
const HASHED_NAME = /-[0-9a-f]{10}$/;

/** What turns the first objects into the second, in the order of the files. */
export function objectChanges(
  before: readonly PlacedObject[],
  after: readonly PlacedObject[],
): readonly ObjectChange[] {
  const old = new Map(before.map((placed) => [identity(placed.manifest), placed]));
  const added: PlacedObject[] = [];
  const changes: ObjectChange[] = [];
  for (const placed of after) {
    const id = identity(placed.manifest);
    const was = old.get(id);
    old.delete(id);
    if (was === undefined) added.push(placed);
    else changes.push(...staying(was, placed));
  }
  const removed = [...old.values()];
  for (const placed of added) {
    const index = removed.findIndex((other) => isVersionOf(other.manifest, placed.manifest));
    const [was] = index === -1 ? [] : removed.splice(index, 1);
    changes.push(was === undefined ? { ...told(placed), change: 'added', fields: [] } : renamed(was, placed));
  }
  changes.push(...removed.map((placed) => ({ ...told(placed), change: 'removed' as const, fields: [] })));
  return changes.sort((a, b) => (`${a.file} ${a.object}` < `${b.file} ${b.object}` ? -1 : 1));
}

function told({ file, manifest }: PlacedObject): { file: string; object: string } {
  const { namespace, name } = manifest.metadata;
  return { file, object: `${manifest.kind} ${namespace === undefined ? '' : `${namespace}/`}${name}` };
}

function staying(was: PlacedObject, is: PlacedObject): readonly ObjectChange[] {
  const fields = fieldChanges(was.manifest, is.manifest);
  if (was.file !== is.file) return [{ ...told(is), change: 'moved', was: was.file, fields }];
  return fields.length === 0 ? [] : [{ ...told(is), change: 'changed', fields }];
}

function renamed(was: PlacedObject, is: PlacedObject): ObjectChange {
  const fields = fieldChanges(was.manifest, is.manifest).filter(({ path }) => path !== 'metadata.name');
  return { ...told(is), change: 'renamed', was: was.manifest.metadata.name, fields };
}

function isVersionOf(one: KubernetesManifest, other: KubernetesManifest): boolean {
  const stem = ({ apiVersion, kind, metadata }: KubernetesManifest): string | undefined =>
    HASHED_NAME.test(metadata.name)
      ? `${apiVersion}/${kind}/${metadata.namespace ?? ''}/${metadata.name.replace(HASHED_NAME, '')}`
      : undefined;
  return stem(one) !== undefined && stem(one) === stem(other);
}
