import * as pulumi from '@pulumi/pulumi';
import type { KubernetesManifest } from '../constructs';
import { WORKLOAD_KINDS } from './readiness/workload';

/** Who owns the fields that we apply. One name for all runs: what an interrupted run applied, the next one owns as well. */
export const FIELD_MANAGER = 'bouture';

/**
 * What the Kubernetes provider is told about every object, and nobody else reads. Without the first, each creation would apply fields under
 * a name of its own, and a field that a later version drops would stay, owned by a run that was interrupted. Without the second, an update
 * would stop where somebody has edited a field by hand.
 */
const PROVIDER_ANNOTATIONS: Readonly<Record<string, string>> = {
  'pulumi.com/patchFieldManager': FIELD_MANAGER,
  'pulumi.com/patchForce': 'true',
};

/**
 * Kinds that the provider must not wait for. What a Service, a claim or an Ingress waits for may come in a later wave: the Pods behind it, the first
 * Pod that uses it, a controller; and a claim that is bound already is taken for one that never will be.
 */
const NOT_WAITED_FOR = new Set(['Service', 'PersistentVolumeClaim', 'Ingress']);

/** The name of a resource in its stack: `namespace/name`, or `name` where there is no namespace. It never depends on constructs. */
export function resourceName({ namespace, name }: KubernetesManifest['metadata']): string {
  return namespace === undefined ? name : `${namespace}/${name}`;
}

/** The type of a resource: `kubernetes:apps/v1:Deployment`, `kubernetes:core/v1:ConfigMap`. */
export function resourceType(apiVersion: string, kind: string): string {
  return `kubernetes:${apiVersion === 'v1' ? 'core/v1' : apiVersion}:${kind}`;
}

/** A manifest with what the Kubernetes provider must be told about it. */
export function withProviderAnnotations(manifest: KubernetesManifest): KubernetesManifest {
  const { metadata, kind } = manifest;
  const annotations: Record<string, string> = { ...metadata.annotations, ...PROVIDER_ANNOTATIONS };
  if (NOT_WAITED_FOR.has(kind)) annotations['pulumi.com/skipAwait'] = 'true';
  // Workloads are waited for by readiness/gate.ts. To skip the provider's waiting would also skip it when they are deleted, so it gets a
  // condition that is true at once.
  if (WORKLOAD_KINDS.has(kind)) annotations['pulumi.com/waitFor'] = 'jsonpath={.metadata.name}';
  return { ...manifest, metadata: { ...metadata, annotations } };
}

/**
 * One API object as a Pulumi resource of its own, of a built-in kind or of one that a CustomResourceDefinition adds. Its properties are the
 * whole object; any value in it may be a Pulumi Output.
 */
export class KubernetesObject extends pulumi.CustomResource {}
