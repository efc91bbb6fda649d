import { createHash } from 'node:crypto';
import { at, kubectl, list, type LiveObject } from './kubectl';

/** `apps/v1/Deployment/bouture-mlflow/mlflow` */
export function identityOf(object: LiveObject): string {
  const { apiVersion, kind, metadata } = object;
  return `${apiVersion}/${kind}/${metadata.namespace ?? ''}/${metadata.name}`;
}

/** Kinds that the cluster makes by itself out of others. */
const DERIVED = new Set([
  'ControllerRevision',
  'Endpoints',
  'EndpointSlice',
  'Event',
  'Lease',
  'Pod',
  'PodMetrics',
  'ReplicaSet',
]);

let namespacedKinds: string | undefined;

/** Every kind that can be listed in a namespace, as one argument of kubectl. */
async function kindsInNamespaces(): Promise<string> {
  const names = await kubectl(['api-resources', '--namespaced', '--verbs=list', '-o', 'name']);
  return (namespacedKinds ??= names.trim().split('\n').join(','));
}

/** Every object of every kind in a namespace. */
export async function everythingIn(namespace: string): Promise<readonly LiveObject[]> {
  return list(await kindsInNamespaces(), '-n', namespace);
}

/** Names of the namespaces of a platform, those that are going away included. */
export async function namespacesOf(platform: string): Promise<readonly string[]> {
  const found = await list('namespaces', '-l', `app.kubernetes.io/part-of=${platform}`);
  return found.map(({ metadata }) => metadata.name).sort();
}

/** Objects of a platform that live in no namespace, volumes of its claims included. */
export async function clusterScopedOf(platform: string): Promise<readonly LiveObject[]> {
  const names = await kubectl(['api-resources', '--namespaced=false', '--verbs=list', '-o', 'name']);
  const labelled = await list(names.trim().split('\n').join(','), '-l', `app.kubernetes.io/part-of=${platform}`);
  const volumes = await list('persistentvolumes');
  const claimed = volumes.filter((volume) =>
    String(at(volume, 'spec', 'claimRef', 'namespace')).startsWith(`${platform}-`),
  );
  return [...labelled, ...claimed];
}

/**
 * The objects that someone asked for, by identity, without what the cluster adds for itself: what two deployments of the same
 * platform have in common.
 *
 * @param secrets `values`: fingerprints stand for the values of Secrets; `keys`: their keys alone, for stacks that have different seeds
 */
export async function snapshotOf(
  platform: string,
  secrets: 'values' | 'keys' = 'values',
): Promise<Readonly<Record<string, unknown>>> {
  const namespaces = await namespacesOf(platform);
  const inside = (await Promise.all(namespaces.map(everythingIn))).flat();
  const outside = (await clusterScopedOf(platform)).filter(({ kind }) => kind !== 'PersistentVolume');
  const asked = [...inside, ...outside].filter(
    ({ kind, metadata }) =>
      !DERIVED.has(kind) && metadata.ownerReferences === undefined && metadata.name !== 'kube-root-ca.crt',
  );
  return Object.fromEntries(
    asked
      .map((object): [string, unknown] => [identityOf(object), normalized(object, secrets)])
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );
}

/** Annotations by which whoever deploys an object knows it again: Pulumi's Kubernetes provider, Argo CD, `kubectl rollout restart`. */
const DEPLOYERS = [
  /^pulumi\.com\//,
  /^argocd\.argoproj\.io\/(installation|tracking)-id$/,
  /^kubectl\.kubernetes\.io\/restartedAt$/,
];

/** {@link snapshotOf} without the marks of whoever deployed: what a platform is, whichever way it came. */
export async function sharedSnapshotOf(platform: string): Promise<Readonly<Record<string, unknown>>> {
  return unmarked(await snapshotOf(platform)) as Readonly<Record<string, unknown>>;
}

function unmarked(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(unmarked);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => !DEPLOYERS.some((mark) => mark.test(key)))
      .map(([key, inner]) => [key, unmarked(inner)]),
  );
}

/** Fields that differ between two objects that were made from the same manifest. */
const OWN_METADATA = new Set([
  'creationTimestamp',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
  'generation',
  'managedFields',
  'resourceVersion',
  'selfLink',
  'uid',
]);
const OWN_KEYS = new Set([
  'batch.kubernetes.io/controller-uid',
  'clusterIP',
  'clusterIPs',
  'controller-uid',
  'deployment.kubernetes.io/revision',
  'nodePort',
  'pv.kubernetes.io/bind-completed',
  'pv.kubernetes.io/bound-by-controller',
  'volume.beta.kubernetes.io/storage-provisioner',
  'volume.kubernetes.io/selected-node',
  'volume.kubernetes.io/storage-provisioner',
  'volumeName',
]);

function normalized(object: LiveObject, secrets: 'values' | 'keys'): unknown {
  const { metadata, data, ...rest } = object;
  const kept = Object.fromEntries(Object.entries(metadata).filter(([field]) => !OWN_METADATA.has(field)));
  return {
    ...(withoutOwn({ ...rest, metadata: kept, status: undefined }) as object),
    ...(data === undefined ? {} : { data: object.kind === 'Secret' ? fingerprints(data, secrets) : data }),
  };
}

function withoutOwn(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutOwn);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => !OWN_KEYS.has(key))
      .map(([key, inner]) => [key, withoutOwn(inner)]),
  );
}

function fingerprints(data: unknown, secrets: 'values' | 'keys'): Readonly<Record<string, string>> {
  if (typeof data !== 'object' || data === null) return {};
  return Object.fromEntries(
    Object.entries(data).map(([key, value]) => [
      key,
      secrets === 'keys' ? '' : createHash('sha256').update(String(value)).digest('hex').slice(0, 16),
    ]),
  );
}

/** What tells whether somebody has changed an object since: its identity, and how often its wishes were changed. */
export async function versionsOf(platform: string): Promise<Readonly<Record<string, string>>> {
  const objects = (await Promise.all((await namespacesOf(platform)).map(everythingIn))).flat();
  return Object.fromEntries(
    objects
      .filter(({ kind }) => !['Event', 'Lease', 'PodMetrics', 'EndpointSlice', 'Endpoints'].includes(kind))
      .map((object): [string, string] => {
        const { uid, generation, resourceVersion } = object.metadata;
        // Objects without a status have no generation; each of their versions is somebody's change.
        return [identityOf(object), `${uid} ${String(generation ?? (object.kind === 'Pod' ? '' : resourceVersion))}`];
      })
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );
}
