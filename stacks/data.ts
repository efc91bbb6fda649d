import type { KubernetesManifest, Synthesis, SynthesizedObject } from '../constructs';
import { SPACE_SELECTOR } from '../constructs/tenancy/space-label';
import { TEMPLATE_NAMES } from '../constructs/tenancy/space-template';
import { isRecord } from './manifests';

/**
 * What losing an object would lose.
 *
 * - `data`: the data itself. A volume claim, a volume, or a Namespace that holds a claim: deleting it deletes what was stored. The namespace of a
 *   project of people, for whatever they made there goes with it, and what guards it, for their Pods go on running.
 * - `kinds`: all objects of a kind, in every namespace, whoever made them. A CustomResourceDefinition: a configuration may let go of it, and it
 *   stays in the cluster.
 * - `keeper`: nothing yet, for its claims outlive it; but the API can change its claims only by deleting and making it again. A StatefulSet with claims.
 * - `nothing`: it is made again as it was.
 */
export type Loss = 'data' | 'kinds' | 'keeper' | 'nothing';

/** What stands between the Pods of a project and its neighbours, by kind and name. A project always has the same ones. */
const GUARDS: ReadonlySet<string> = new Set(
  Object.entries(TEMPLATE_NAMES).flatMap(([kind, names]) => names.map((name) => `${kind} ${name}`)),
);

/** Tells what losing each object of a platform would lose. */
export function lossOf(synthesis: Synthesis): (object: SynthesizedObject) => Loss {
  const namespaces = new Set(
    synthesis.objects.flatMap(({ manifest }) => {
      const claims = manifest.kind === 'PersistentVolumeClaim' || claimsVolumes(manifest);
      return claims && manifest.metadata.namespace !== undefined ? [manifest.metadata.namespace] : [];
    }),
  );
  const isOfProject = projectData(synthesis.objects.map(({ manifest }) => manifest));
  return ({ manifest }) => {
    if (isOfProject(manifest)) return 'data';
    switch (manifest.kind) {
      case 'CustomResourceDefinition':
        return 'kinds';
      case 'PersistentVolume':
      case 'PersistentVolumeClaim':
        return 'data';
      case 'Namespace':
        return namespaces.has(manifest.metadata.name) ? 'data' : 'nothing';
      default:
        return claimsVolumes(manifest) ? 'keeper' : 'nothing';
    }
  };
}

/** What tells of an object whether it belongs to a project of people. */
type Named = Pick<KubernetesManifest, 'kind' | 'metadata'>;

/**
 * Tells which objects are a project of people: its namespace, in which is what they made, and what guards it.
 *
 * @param objects among which the namespaces are
 */
export function projectData(objects: readonly Named[]): (object: Named) => boolean {
  const spaces = new Set(
    objects.flatMap(({ kind, metadata: { name, labels = {} } }) =>
      kind === 'Namespace' && Object.entries(SPACE_SELECTOR).every(([key, value]) => labels[key] === value)
        ? [name]
        : [],
    ),
  );
  return ({ kind, metadata: { name, namespace } }) =>
    kind === 'Namespace' ? spaces.has(name) : GUARDS.has(`${kind} ${name}`) && spaces.has(namespace ?? '');
}

function claimsVolumes(manifest: Readonly<Record<string, unknown>>): boolean {
  if (manifest.kind !== 'StatefulSet' || !isRecord(manifest.spec)) return false;
  const templates = manifest.spec.volumeClaimTemplates;
  return Array.isArray(templates) && templates.length > 0;
}
