import type { ApiObject } from 'cdk8s';
import { wholeNumber } from './whole-number';

/**
 * The floors of a deployment, from the ground up. An object is applied once everything on the floors below it is ready.
 * The numbers name the folders under `charts-out/<blueprint>/`.
 */
export enum Layer {
  /** CustomResourceDefinitions. */
  CRDS = 0,
  /** Namespaces, policies, quotas, accounts, roles and Secrets. */
  NAMESPACES = 10,
  /** What keeps state: object store, databases. */
  FOUNDATIONS = 20,
  /** What the platform offers: MLflow, Onyxia, identity. */
  PLATFORM = 30,
  /** What runs on the platform. */
  WORKLOADS = 40,
}

const FOLDER: Readonly<Record<Layer, string>> = {
  [Layer.CRDS]: '00-crds',
  [Layer.NAMESPACES]: '10-namespaces',
  [Layer.FOUNDATIONS]: '20-foundations',
  [Layer.PLATFORM]: '30-platform',
  [Layer.WORKLOADS]: '40-workloads',
};

/** The folder of a layer, for example `20-foundations`. */
export function layerFolder(layer: Layer): string {
  return FOLDER[layer];
}

/** Kinds that always stand on the second floor, whichever component makes them: others cannot start without them. */
const GROUND_KINDS = new Set([
  'ClusterRole',
  'ClusterRoleBinding',
  'LimitRange',
  'Namespace',
  'NetworkPolicy',
  'PriorityClass',
  'ResourceQuota',
  'Role',
  'RoleBinding',
  'Secret',
  'ServiceAccount',
  'ValidatingAdmissionPolicy',
  'ValidatingAdmissionPolicyBinding',
]);

/** The layer of an object of `kind` that a component of `layer` makes. */
export function layerOfKind(kind: string, layer: Layer): Layer {
  if (kind === 'CustomResourceDefinition') return Layer.CRDS;
  return GROUND_KINDS.has(kind) ? Layer.NAMESPACES : layer;
}

const steps = new WeakMap<ApiObject, number>();

/**
 * Places an object at a step inside its layer: step 1 is applied once step 0 of the same layer is ready. A database's
 * StatefulSet is at step 0, the Job that creates its roles at step 1.
 *
 * @param object the object to place
 * @param step 0 to 9
 * @throws RangeError when the step is not a whole number from 0 to 9
 */
export function atStep<T extends ApiObject>(object: T, step: number): T {
  steps.set(object, wholeNumber('a step inside a layer', step, 0, 9));
  return object;
}

/** The step of an object inside its layer. @default 0 */
export function stepOf(object: ApiObject): number {
  return steps.get(object) ?? 0;
}
