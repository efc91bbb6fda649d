import type { k8s, KubernetesManifest } from './kubernetes';

/** Fields whose name cdk8s spells in another way than the API does. */
export const API_NAMES = {
  clientIp: 'clientIP',
  clusterIp: 'clusterIP',
  datasetUuid: 'datasetUUID',
  diskUri: 'diskURI',
  downwardApi: 'downwardAPI',
  externalId: 'externalID',
  hostIp: 'hostIP',
  hostIpc: 'hostIPC',
  hostPid: 'hostPID',
  insecureSkipTlsVerify: 'insecureSkipTLSVerify',
  loadBalancerIp: 'loadBalancerIP',
  nodeId: 'nodeID',
  nonResourceUrLs: 'nonResourceURLs',
  openApiv3Schema: 'openAPIV3Schema',
  pdId: 'pdID',
  podCidr: 'podCIDR',
  podCidRs: 'podCIDRs',
  providerId: 'providerID',
  ref: '$ref',
  scaleIo: 'scaleIO',
  schema: '$schema',
  setHostnameAsFqdn: 'setHostnameAsFQDN',
  storagePolicyId: 'storagePolicyID',
  targetCpuUtilizationPercentage: 'targetCPUUtilizationPercentage',
  targetWwNs: 'targetWWNs',
  volumeId: 'volumeID',
  xKubernetesEmbeddedResource: 'x-kubernetes-embedded-resource',
  xKubernetesIntOrString: 'x-kubernetes-int-or-string',
  xKubernetesListMapKeys: 'x-kubernetes-list-map-keys',
  xKubernetesListType: 'x-kubernetes-list-type',
  xKubernetesMapType: 'x-kubernetes-map-type',
  xKubernetesPreserveUnknownFields: 'x-kubernetes-preserve-unknown-fields',
  xKubernetesValidations: 'x-kubernetes-validations',
} as const;

type ApiName<Key> = Key extends keyof typeof API_NAMES ? (typeof API_NAMES)[Key] : Key;

/**
 * What a part of an object becomes: the fields as the API spells them, each of which can be left out. `null` removes a field. In a list of things
 * with names, such as containers, variables and volumes, the thing of that name is changed, and one that is not there is added; any other list is
 * replaced.
 */
export type Patch<T> = T extends k8s.Quantity | k8s.IntOrString
  ? string | number
  : T extends Date
    ? string
    : T extends string
      ? `${T}`
      : T extends readonly (infer Item)[]
        ? readonly Patch<Item>[]
        : T extends object
          ? { readonly [Key in keyof T as ApiName<Key>]?: Patch<T[Key]> | null }
          : T;

/** The kinds that are checked by the compiler, with what they consist of. */
export interface OverridableKinds {
  readonly ClusterRole: k8s.KubeClusterRoleProps;
  readonly ClusterRoleBinding: k8s.KubeClusterRoleBindingProps;
  readonly ConfigMap: k8s.KubeConfigMapProps;
  readonly CronJob: k8s.KubeCronJobProps;
  readonly DaemonSet: k8s.KubeDaemonSetProps;
  readonly Deployment: k8s.KubeDeploymentProps;
  readonly HorizontalPodAutoscaler: k8s.KubeHorizontalPodAutoscalerV2Props;
  readonly Ingress: k8s.KubeIngressProps;
  readonly Job: k8s.KubeJobProps;
  readonly LimitRange: k8s.KubeLimitRangeProps;
  readonly Namespace: k8s.KubeNamespaceProps;
  readonly NetworkPolicy: k8s.KubeNetworkPolicyProps;
  readonly PersistentVolumeClaim: k8s.KubePersistentVolumeClaimProps;
  readonly PodDisruptionBudget: k8s.KubePodDisruptionBudgetProps;
  readonly ResourceQuota: k8s.KubeResourceQuotaProps;
  readonly Role: k8s.KubeRoleProps;
  readonly RoleBinding: k8s.KubeRoleBindingProps;
  readonly Service: k8s.KubeServiceProps;
  readonly ServiceAccount: k8s.KubeServiceAccountProps;
  readonly StatefulSet: k8s.KubeStatefulSetProps;
}

/** Which object of a platform is meant. */
export interface ObjectTarget<Kind extends string = string> {
  readonly kind: Kind;
  /** As in the rendered manifest. A hash of the content at its end may be left out: it is another one after an upgrade. */
  readonly name: string;
  /** @default - the object belongs to the whole cluster */
  readonly namespace?: string;
  /** Where several groups have a kind of this name. @default - any */
  readonly apiVersion?: string;
}

/** A change of one rendered object: from `override`. */
export interface ObjectOverride {
  readonly target: ObjectTarget;
  readonly patch: Readonly<Record<string, unknown>>;
}

/**
 * Changes a rendered object where no prop and no setting does. Whoever makes the object goes on making it: an override stands beside the library and
 * survives its upgrades, and synthesis fails when there is no such object any more. The result is held to the rules as all objects are.
 *
 * @param target which object
 * @param patch its fields, as the API spells them
 *
 * @example
 * import { override } from 'bouture';
 * platform.override(
 *   override({ kind: 'Deployment', namespace: 'office-mlflow', name: 'mlflow' }, { spec: { template: { spec: { nodeSelector: { disk: 'ssd' } } } } }),
 * );
 */
export function override<Kind extends keyof OverridableKinds>(
  target: ObjectTarget<Kind>,
  patch: Patch<Omit<OverridableKinds[Kind], 'kind' | 'apiVersion'>>,
): ObjectOverride;
/**
 * The same for kinds of other APIs, which the compiler does not know.
 *
 * @param target which object, with the version of its API
 * @param patch its fields, as the API spells them
 */
export function override(
  target: ObjectTarget & { readonly apiVersion: string },
  patch: Readonly<Record<string, unknown>>,
): ObjectOverride;
/** Both of the above. */
export function override(target: ObjectTarget, patch: object): ObjectOverride {
  return { target, patch: { ...patch } };
}

/** Overrides that cannot be: nothing of that name is rendered, or the result would be another object. */
export class OverrideError extends Error {
  override readonly name = 'OverrideError';

  /** @param problems what is wrong, one a line */
  constructor(readonly problems: readonly string[]) {
    super(problems.join('\n'));
  }
}

/** `Deployment office-mlflow/mlflow`: an object in messages. */
export function describeTarget({ kind, namespace, name }: ObjectTarget): string {
  return `${kind} ${namespace === undefined ? '' : `${namespace}/`}${name}`;
}

/** The target that a manifest is. */
export function targetOf({ kind, metadata: { name, namespace } }: KubernetesManifest): ObjectTarget {
  return { kind, name, ...(namespace === undefined ? {} : { namespace }) };
}
