import type { KubernetesManifest, Synthesis } from '../../constructs';
import { deployedManifests } from '../../stacks/bridge';
import { secretManifest } from '../../stacks/secret-manifests';
import type { Rotations } from '../../stacks/generated-values';
import { type Change, describeChange } from './changes';
import { isAsDeclared } from './drift';
import { describeHandEdit, findHandEdits, type HandEdit } from './hand-edits';
import { type LiveObject, nameOf } from './live-objects';
import { findOrphans, type Orphans } from './orphans';
import { describeObject, keyOf, objectName, partsOf } from './resources';

/** What is to be put right in the cluster beside what Pulumi sees. */
export interface Findings {
  /** The manifests as the cluster is to have them, but for Secrets. */
  readonly manifests: readonly KubernetesManifest[];
  readonly edits: readonly HandEdit[];
  readonly orphans: Orphans;
  /** Everything is in the cluster as the configuration says, and Pulumi need not ask for it again. */
  readonly asDeclared: boolean;
}

/** Compares what is in the cluster with what the configuration says, where Pulumi does not look. */
export async function compare(
  synthesis: Synthesis,
  rotations: Rotations,
  live: readonly LiveObject[],
): Promise<Findings> {
  const manifests = deployedManifests(synthesis, rotations);
  const wanted = new Set([...manifests.map((manifest) => keyOf(objectName(manifest))), ...partsOf(synthesis).keys()]);
  const secrets = synthesis.secrets.map(secretManifest);
  const edits = findHandEdits(live, [...manifests, ...secrets]);
  return {
    manifests,
    edits,
    orphans: await findOrphans(live, wanted),
    asDeclared: edits.length === 0 && isAsDeclared(live, manifests, secrets),
  };
}

/** What an update changes, all told. */
export interface Report {
  /** Objects that change. */
  readonly count: number;
  /** Orphans that Pulumi does not delete itself. */
  readonly orphans: readonly LiveObject[];
  readonly lines: readonly string[];
}

/**
 * Tells what an update changes, or would change: what Pulumi does, what people added, what an interrupted update left.
 *
 * @param brief leaves out the objects of a platform that is new: they have been counted part by part
 */
export function report(changes: readonly Change[], { edits, orphans }: Findings, brief: boolean): Report {
  // What Pulumi remembers, it deletes itself.
  const deleted = new Set(changes.filter(({ action }) => action === 'delete').map(({ object }) => keyOf(object)));
  const left = orphans.removable.filter((object) => !deleted.has(keyOf(nameOf(object))));
  const others = [...edits.map(({ object }) => object), ...left].map(nameOf);
  const touched = new Set([...changes.map(({ object }) => object), ...others].map(keyOf));
  const isNew = changes.every(({ action }) => action === 'create');
  // An update without fields, of an object that was edited, is the edit itself: Pulumi has no names for what the configuration does not say.
  const edited = new Set(edits.map(({ object }) => keyOf(nameOf(object))));
  const told = changes.filter(
    ({ object, action, fields }) => action !== 'update' || fields.length > 0 || !edited.has(keyOf(object)),
  );
  return {
    count: touched.size,
    orphans: left,
    lines: [
      ...(brief && isNew ? [] : told.flatMap(describeChange)),
      ...edits.map((edit) => `~ ${describeHandEdit(edit)}`),
      ...left.map((object) => `- ${describe(object)}  delete: left by an interrupted update`),
      ...orphans.kept.map((object) => `  ${describe(object)} is in no configuration, and stays: it holds data`),
    ],
  };
}

/** `1 object`, `7 objects`. */
export function countOf(objects: number): string {
  return objects === 1 ? '1 object' : `${objects} objects`;
}

function describe(object: LiveObject): string {
  return describeObject(nameOf(object));
}
