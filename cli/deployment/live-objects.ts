import { PART_OF } from '../../constructs/platform/labels';
import { FIELD_MANAGER } from '../../stacks/kubernetes-object';
import { kubectlPartly } from '../../stacks/kubectl';
import { groupOf, type ObjectName } from './resources';

/** Fields that one manager set, in the API's own tree: https://kubernetes.io/docs/reference/using-api/server-side-apply/ */
export interface ManagedFields {
  readonly manager: string;
  readonly operation: string;
  readonly subresource?: string;
  readonly fieldsV1?: FieldTree;
}

/** `f:spec`, `k:{"name":"x"}`, `v:"x"`, `i:0` or `.` at each level. */
export interface FieldTree {
  readonly [field: string]: FieldTree;
}

/** An object as it is in the cluster. */
export interface LiveObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly resourceVersion: string;
    readonly deletionTimestamp?: string;
    readonly ownerReferences?: readonly unknown[];
    readonly managedFields?: readonly ManagedFields[];
  };
  readonly [field: string]: unknown;
}

/** The name of a live object. */
export function nameOf({ apiVersion, kind, metadata }: LiveObject): ObjectName {
  const { namespace, name } = metadata;
  return { kind, group: groupOf(apiVersion), name, ...(namespace === undefined ? {} : { namespace }) };
}

/**
 * Every object in the cluster that we applied for a platform, whatever its kind and whoever remembers it: those with the platform's labels
 * whose fields we manage. What controllers made from them is left out, and so is what somebody else applied from the rendered files.
 */
export async function liveObjects(platform: string): Promise<readonly LiveObject[]> {
  const kinds = (await kubectlPartly(['api-resources', '--verbs=list,delete', '-o', 'name'])).trim().split('\n');
  const found = await Promise.all([
    objectsWith(kinds.join(','), `app.kubernetes.io/part-of=${platform}`),
    // Nothing else has a label that is somebody else's.
    objectsWith('configmaps', `${PART_OF}=${platform}`),
  ]);
  return found.flat().filter(({ metadata }) => {
    const ours = metadata.managedFields?.some(
      ({ manager, operation }) => manager === FIELD_MANAGER && operation === 'Apply',
    );
    return ours === true && metadata.deletionTimestamp === undefined && metadata.ownerReferences === undefined;
  });
}

/** What this library made, of some kinds, with a label. */
async function objectsWith(kinds: string, label: string): Promise<readonly LiveObject[]> {
  const text = await kubectlPartly([
    ...['get', kinds, '--all-namespaces', '--selector', `app.kubernetes.io/managed-by=bouture,${label}`],
    ...['--output', 'json', '--show-managed-fields', '--ignore-not-found', '--chunk-size', '0'],
  ]);
  const { items } = JSON.parse(text === '' ? '{"items":[]}' : text) as { items: readonly LiveObject[] };
  return items;
}
