import type { KubernetesManifest } from '../../constructs';
import { FIELD_MANAGER } from '../../stacks/kubernetes-object';
import { deviations } from './containment';
import { type LiveObject, nameOf } from './live-objects';
import { keyOf, objectName } from './resources';

/**
 * Whether every object is in the cluster with everything that its manifest says. Then what Pulumi remembers needs no refresh, which asks for
 * each object once more; where it is false, or only cannot be told, Pulumi looks for itself.
 *
 * @param manifests objects whose values are known
 * @param secrets Secrets, whose values are not known here: nobody else may have set one since we did
 */
export function isAsDeclared(
  live: readonly LiveObject[],
  manifests: readonly KubernetesManifest[],
  secrets: readonly KubernetesManifest[],
): boolean {
  const found = new Map(live.map((object) => [keyOf(nameOf(object)), object]));
  const of = (manifest: KubernetesManifest): LiveObject | undefined => found.get(keyOf(objectName(manifest)));
  return (
    manifests.every((manifest) => contains(of(manifest), manifest)) &&
    secrets.every(({ data, ...rest }) => {
      const secret = of(rest);
      return contains(secret, rest) && Object.keys(data ?? {}).every((key) => isOurs(secret, key));
    })
  );
}

function contains(object: LiveObject | undefined, manifest: KubernetesManifest): boolean {
  return object !== undefined && deviations(manifest, object).length === 0;
}

/** Whether nobody has set a Secret's value but us: the API server takes a field from its owner when somebody else changes it. */
function isOurs(secret: LiveObject | undefined, key: string): boolean {
  const owners = (secret?.metadata.managedFields ?? []).filter(
    ({ fieldsV1 }) => fieldsV1?.['f:data']?.[`f:${key}`] !== undefined,
  );
  return owners.length === 1 && owners[0]?.manager === FIELD_MANAGER;
}
