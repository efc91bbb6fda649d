import { isClusterScoped } from '../platform/rules/objects/cluster-scoped';

/** A kind of object in a namespace, as Argo CD and RBAC name it. */
export interface NamespacedKind {
  /** API group, empty for the core group. */
  readonly group: string;
  /** `Deployment` */
  readonly kind: string;
  /** The resource in the API's paths and in RBAC: `deployments`. */
  readonly resource: string;
}

/** Kinds that projects may name by themselves. */
const KNOWN = {
  ConfigMap: { group: '', resource: 'configmaps' },
  PersistentVolumeClaim: { group: '', resource: 'persistentvolumeclaims' },
  Service: { group: '', resource: 'services' },
  ServiceAccount: { group: '', resource: 'serviceaccounts' },
  DaemonSet: { group: 'apps', resource: 'daemonsets' },
  Deployment: { group: 'apps', resource: 'deployments' },
  StatefulSet: { group: 'apps', resource: 'statefulsets' },
  CronWorkflow: { group: 'argoproj.io', resource: 'cronworkflows' },
  WorkflowTemplate: { group: 'argoproj.io', resource: 'workflowtemplates' },
  HorizontalPodAutoscaler: { group: 'autoscaling', resource: 'horizontalpodautoscalers' },
  CronJob: { group: 'batch', resource: 'cronjobs' },
  Job: { group: 'batch', resource: 'jobs' },
  Certificate: { group: 'cert-manager.io', resource: 'certificates' },
  ExternalSecret: { group: 'external-secrets.io', resource: 'externalsecrets' },
  BackendTLSPolicy: { group: 'gateway.networking.k8s.io', resource: 'backendtlspolicies' },
  HTTPRoute: { group: 'gateway.networking.k8s.io', resource: 'httproutes' },
  ScaledObject: { group: 'keda.sh', resource: 'scaledobjects' },
  PrometheusRule: { group: 'monitoring.coreos.com', resource: 'prometheusrules' },
  ServiceMonitor: { group: 'monitoring.coreos.com', resource: 'servicemonitors' },
  Ingress: { group: 'networking.k8s.io', resource: 'ingresses' },
  NetworkPolicy: { group: 'networking.k8s.io', resource: 'networkpolicies' },
  PodDisruptionBudget: { group: 'policy', resource: 'poddisruptionbudgets' },
} as const satisfies Readonly<Record<string, Omit<NamespacedKind, 'kind'>>>;

/** Name of a kind that the library knows. */
export type KnownKind = keyof typeof KNOWN;

/**
 * What workloads consist of. What bounds them is not among it: roles, accounts, NetworkPolicies, quotas and Secrets are the platform's, so
 * that a commit to the configuration repository changes what runs, and never what it may do.
 */
export const WORKLOAD_KINDS: readonly KnownKind[] = [
  ...(['ConfigMap', 'PersistentVolumeClaim', 'Service', 'Deployment', 'StatefulSet', 'CronWorkflow'] as const),
  ...(['WorkflowTemplate', 'HorizontalPodAutoscaler', 'CronJob', 'Job', 'Certificate', 'HTTPRoute'] as const),
  ...(['Ingress', 'PodDisruptionBudget'] as const),
];

/**
 * A kind by its name, or one that the library does not know.
 *
 * @throws Error when it holds a star, or belongs to the whole cluster
 */
export function namespacedKind(project: string, given: KnownKind | NamespacedKind): NamespacedKind {
  const kind: NamespacedKind = typeof given === 'string' ? { kind: given, ...KNOWN[given] } : given;
  const name = `${kind.group === '' ? '' : `${kind.group}/`}${kind.kind}`;
  if ([kind.group, kind.kind, kind.resource].some((text) => text.includes('*'))) {
    throw new Error(`project "${project}": kind "${name}" (${kind.resource}) holds a star: name each kind`);
  }
  if (isClusterScoped(kind.group, kind.kind)) {
    throw new Error(
      `project "${project}": kind "${name}" belongs to the whole cluster, where this Argo CD has no rights: deploy it with the platform`,
    );
  }
  return kind;
}
