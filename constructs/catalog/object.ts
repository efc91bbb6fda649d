import { k8s } from '../platform';
import { type Expression, expression, nodeOfInput } from './expression';
import { type Conditional, fitted, release, text } from './functions';
import type { Part, Template, TemplateMap } from './template';

/** The kinds of the Kubernetes API that charts of a catalog make, with what the API calls them. */
const KINDS = {
  ConfigMap: k8s.KubeConfigMap.GVK,
  CronJob: k8s.KubeCronJob.GVK,
  Deployment: k8s.KubeDeployment.GVK,
  Ingress: k8s.KubeIngress.GVK,
  Job: k8s.KubeJob.GVK,
  NetworkPolicy: k8s.KubeNetworkPolicy.GVK,
  PersistentVolumeClaim: k8s.KubePersistentVolumeClaim.GVK,
  Pod: k8s.KubePod.GVK,
  Role: k8s.KubeRole.GVK,
  RoleBinding: k8s.KubeRoleBinding.GVK,
  Secret: k8s.KubeSecret.GVK,
  Service: k8s.KubeService.GVK,
  ServiceAccount: k8s.KubeServiceAccount.GVK,
  StatefulSet: k8s.KubeStatefulSet.GVK,
} as const;

/** The fields of each kind. */
interface Fields {
  readonly ConfigMap: k8s.KubeConfigMapProps;
  readonly CronJob: k8s.KubeCronJobProps;
  readonly Deployment: k8s.KubeDeploymentProps;
  readonly Ingress: k8s.KubeIngressProps;
  readonly Job: k8s.KubeJobProps;
  readonly NetworkPolicy: k8s.KubeNetworkPolicyProps;
  readonly PersistentVolumeClaim: k8s.KubePersistentVolumeClaimProps;
  readonly Pod: k8s.KubePodProps;
  readonly Role: k8s.KubeRoleProps;
  readonly RoleBinding: k8s.KubeRoleBindingProps;
  readonly Secret: k8s.KubeSecretProps;
  readonly Service: k8s.KubeServiceProps;
  readonly ServiceAccount: k8s.KubeServiceAccountProps;
  readonly StatefulSet: k8s.KubeStatefulSetProps;
}

/** A kind that charts of a catalog make. */
export type ObjectKind = keyof typeof KINDS;

/** Annotations and further labels; namespace and the chart's labels are given by the builder, and so is the name where the software fixes none. */
export interface ObjectMetadata {
  /**
   * The name by which the software itself looks for the object. One installation in a namespace can have it: Helm refuses a second one.
   *
   * @default - that of the release, with the id behind it
   */
  readonly name?: string;
  /** @default - none */
  readonly annotations?: Template<Readonly<Record<string, string>>>;
  /** @default - the chart's labels */
  readonly labels?: Readonly<Record<string, Part<string>>>;
}

/** A name that every kind of object may have: a DNS label. */
const FIXED_NAME = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;

/** Longest id of an object, in characters: with a release's name of 53, less a digit of a StatefulSet's, it is a DNS label still. */
const ID_MAX = 10;

/**
 * Name of the release as names of objects begin with it: 52 characters at most, because the Pods of a StatefulSet carry its name with eleven
 * more in a label.
 */
export const BASE_NAME: Expression<string> = fitted(release.name, 52);

const OBJECT = Symbol.for('bouture.catalog.object');

/** An object of a chart, some of whose values are known at launch only. */
export class ObjectTemplate {
  /** True for instances of this class, also across copies of the library. */
  static isObjectTemplate(x: unknown): x is ObjectTemplate {
    return typeof x === 'object' && x !== null && OBJECT in x;
  }

  readonly [OBJECT] = true;
  /** Name in the cluster: that of the release, with the id behind it, unless the software fixes one. */
  readonly name: Expression<string>;

  constructor(
    readonly apiVersion: string,
    readonly kind: string,
    readonly id: string,
    readonly metadata: ObjectMetadata,
    readonly fields: Readonly<Record<string, unknown>>,
  ) {
    if (id !== '' && (id.length > ID_MAX || !/^[a-z0-9]+(-[a-z0-9]+)*$/.test(id))) {
      throw new Error(
        `id "${id}" of a ${kind}: expected at most ${ID_MAX} of a-z, 0-9 and inner dashes, for the name of the release stands before it`,
      );
    }
    if (metadata.name !== undefined && !FIXED_NAME.test(metadata.name)) {
      throw new Error(
        `name "${metadata.name}" of a ${kind}: expected a DNS label, at most 63 of a-z, 0-9 and inner dashes`,
      );
    }
    this.name = metadata.name === undefined ? objectName(id) : expression(nodeOfInput(metadata.name));
  }
}

/** An object that is always there, or under a condition. */
export type Objects = ObjectTemplate | Conditional<ObjectTemplate>;

/** The name that the object of an id has, for those who refer to it. @param id empty for the main one */
export function objectName(id: string): Expression<string> {
  return id === '' ? BASE_NAME : text`${BASE_NAME}-${id}`;
}

/**
 * A typed object of the Kubernetes API. Its name, its namespace and the recommended labels are the builder's.
 *
 * @param id tells objects of a kind apart, and ends the name: at most ten characters, stable for ever. Empty for the main one
 * @throws Error when the id or a fixed name breaks the rules
 *
 * @example
 * import { object, release } from 'bouture';
 * const config = object('ConfigMap', 'config', { data: { owner: release.name } });
 */
export function object<K extends ObjectKind>(
  kind: K,
  id: string,
  fields: TemplateMap<Omit<Fields[K], 'metadata'>>,
  metadata: ObjectMetadata = {},
): ObjectTemplate {
  const { apiVersion } = KINDS[kind];
  return new ObjectTemplate(apiVersion, kind, id, metadata, fields);
}

/**
 * An object of a kind that an operator of the platform brings: Argo CD's, CloudNativePG's. Its fields are not checked here.
 *
 * @param id as for `object`
 */
export function customObject(
  apiVersion: string,
  kind: string,
  id: string,
  fields: Readonly<Record<string, unknown>>,
  metadata: ObjectMetadata = {},
): ObjectTemplate {
  return new ObjectTemplate(apiVersion, kind, id, metadata, fields);
}
