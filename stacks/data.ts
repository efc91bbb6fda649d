import type { Synthesis, SynthesizedObject } from '../constructs';
import { isRecord } from './manifests';

/**
 * What losing an object would lose.
 *
 * - `data`: the data itself. A volume claim, a volume, or a Namespace that holds a claim: deleting it deletes what was stored.
 * - `keeper`: nothing yet, for its claims outlive it; but the API can change its claims only by deleting and making it again. A StatefulSet with claims.
 * - `nothing`: it is made again as it was.
 */
export type Loss = 'data' | 'keeper' | 'nothing';

/** Tells what losing each object of a platform would lose. */
export function lossOf(synthesis: Synthesis): (object: SynthesizedObject) => Loss {
  const namespaces = new Set(
    synthesis.objects.flatMap(({ manifest }) => {
      const claims = manifest.kind === 'PersistentVolumeClaim' || claimsVolumes(manifest);
      return claims && manifest.metadata.namespace !== undefined ? [manifest.metadata.namespace] : [];
    }),
  );
  return ({ manifest }) => {
    switch (manifest.kind) {
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

function claimsVolumes(manifest: Readonly<Record<string, unknown>>): boolean {
  if (manifest.kind !== 'StatefulSet' || !isRecord(manifest.spec)) return false;
  const templates = manifest.spec.volumeClaimTemplates;
  return Array.isArray(templates) && templates.length > 0;
}
