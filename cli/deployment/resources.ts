import type { KubernetesManifest, Synthesis } from '../../constructs';

/** One object of the cluster, as people speak of it. */
export interface ObjectName {
  readonly kind: string;
  /** API group; empty for the core group. */
  readonly group: string;
  /** @default - it lives in no namespace */
  readonly namespace?: string;
  readonly name: string;
}

/** The object that a manifest describes. */
export function objectName({ apiVersion, kind, metadata }: KubernetesManifest): ObjectName {
  const { namespace, name } = metadata;
  return { kind, group: groupOf(apiVersion), name, ...(namespace === undefined ? {} : { namespace }) };
}

/** `apps` of `apps/v1`, empty for `v1`. */
export function groupOf(apiVersion: string): string {
  return apiVersion.includes('/') ? apiVersion.slice(0, apiVersion.indexOf('/')) : '';
}

/** The object that a Pulumi resource stands for; undefined for components, providers and the like. */
export function objectOfUrn(urn: string): ObjectName | undefined {
  const [, , types = '', ...rest] = urn.split('::');
  const match = /^kubernetes:(.+)\/[^/]+:([^:/]+)$/.exec(types.slice(types.lastIndexOf('$') + 1));
  const [, group = '', kind = ''] = match ?? [];
  if (match === null) return undefined;
  const path = rest.join('::');
  const slash = path.indexOf('/');
  return {
    kind,
    group: group === 'core' ? '' : group,
    ...(slash < 0 ? { name: path } : { namespace: path.slice(0, slash), name: path.slice(slash + 1) }),
  };
}

/** `Deployment demo-mlflow/mlflow`. */
export function describeObject({ kind, namespace, name }: ObjectName): string {
  return `${kind} ${namespace === undefined ? name : `${namespace}/${name}`}`;
}

/** One text for each object, equal for equal objects, whatever version of the API names them. */
export function keyOf({ kind, group, namespace, name }: ObjectName): string {
  return `${group}/${kind}/${namespace ?? ''}/${name}`;
}

/** The part of the platform that each object belongs to, by the key of the object: the first construct of its path. */
export function partsOf(synthesis: Synthesis): ReadonlyMap<string, string> {
  const first = (path: string): string => path.split('/')[0] ?? path;
  return new Map([
    ...synthesis.objects.map(({ manifest, path }): [string, string] => [keyOf(objectName(manifest)), first(path)]),
    ...synthesis.secrets.map(({ namespace, name, path }): [string, string] => [
      keyOf({ kind: 'Secret', group: '', namespace, name }),
      first(path),
    ]),
  ]);
}
