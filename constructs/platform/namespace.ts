import { Construct } from 'constructs';
import { k8s } from './kubernetes';
import { MANAGED_BY } from './labels';
import { dnsLabel } from './names';
import { Platform } from './platform';

/** A level of the Pod Security Standards. */
export type PodSecurityLevel = 'privileged' | 'baseline' | 'restricted';

export interface PlatformNamespaceProps {
  /** A DNS label. */
  readonly name: string;
  /** Level that the API server enforces. @default 'restricted' */
  readonly podSecurity?: PodSecurityLevel;
  /** Level that it warns of and audits. @default 'restricted' */
  readonly podSecurityWarning?: PodSecurityLevel;
  /** Version of the standards that all levels follow: `v1.34`. @default 'latest', that of the API server */
  readonly podSecurityVersion?: string;
  /**
   * Hard limits of the namespace's ResourceQuota, in the API's own keys and quantities.
   * @default - 50 Pods, 50 Jobs, 100 Secrets, 100 ConfigMaps, no node port, no load balancer
   */
  readonly quota?: Readonly<Record<string, string>>;
  /**
   * What a container that states nothing gets.
   * @default - requests 50m CPU, 64Mi memory; limits 1 CPU, 512Mi memory, 1Gi of local disk
   */
  readonly containerDefaults?: {
    readonly requests: Readonly<Record<string, string>>;
    readonly limits: Readonly<Record<string, string>>;
  };
  /** Further labels. @default - none */
  readonly labels?: Readonly<Record<string, string>>;
  /** Of the Namespace: reasons for what rules forbid. @default - none */
  readonly annotations?: Readonly<Record<string, string>>;
}

const DEFAULT_QUOTA: Readonly<Record<string, string>> = {
  pods: '50',
  'count/jobs.batch': '50',
  'count/secrets': '100',
  'count/configmaps': '100',
  'services.nodeports': '0',
  'services.loadbalancers': '0',
};

const DEFAULT_CONTAINER = {
  requests: { cpu: '50m', memory: '64Mi', 'ephemeral-storage': '64Mi' },
  limits: { cpu: '1', memory: '512Mi', 'ephemeral-storage': '1Gi' },
};

/**
 * A namespace that is closed until something opens it: Pod Security labels, NetworkPolicies that deny all traffic but DNS, a
 * ResourceQuota and a LimitRange. Its default service account mounts no token.
 *
 * @throws Error when the name is not a DNS label
 */
export class PlatformNamespace extends Construct {
  readonly name: string;

  constructor(scope: Construct, id: string, props: PlatformNamespaceProps) {
    super(scope, id);
    const platform = Platform.of(this);
    this.name = dnsLabel('namespace', props.name);
    const labels = { 'app.kubernetes.io/part-of': platform.name, 'app.kubernetes.io/managed-by': MANAGED_BY };
    const enforce = props.podSecurity ?? 'restricted';
    const warn = props.podSecurityWarning ?? 'restricted';
    new k8s.KubeNamespace(this, 'namespace', {
      metadata: {
        name: this.name,
        labels: {
          ...labels,
          ...props.labels,
          ...podSecurityLabels(enforce, warn, props.podSecurityVersion),
        },
        ...(props.annotations === undefined ? {} : { annotations: { ...props.annotations } }),
      },
    });
    const metadata = (name: string) => ({ name, namespace: this.name, labels });
    new k8s.KubeNetworkPolicy(this, 'default-deny', {
      metadata: metadata('default-deny'),
      spec: { podSelector: {}, policyTypes: ['Ingress', 'Egress'] },
    });
    new k8s.KubeNetworkPolicy(this, 'allow-dns', {
      metadata: metadata('allow-dns'),
      spec: {
        podSelector: {},
        policyTypes: ['Egress'],
        egress: [
          {
            to: [
              {
                namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': platform.dns.namespace } },
                podSelector: { matchLabels: { ...platform.dns.podLabels } },
              },
            ],
            ports: [
              { port: k8s.IntOrString.fromNumber(53), protocol: 'UDP' },
              { port: k8s.IntOrString.fromNumber(53), protocol: 'TCP' },
            ],
          },
        ],
      },
    });
    new k8s.KubeResourceQuota(this, 'quota', {
      metadata: metadata('platform'),
      spec: { hard: quantities({ ...DEFAULT_QUOTA, ...props.quota }) },
    });
    const container = props.containerDefaults ?? DEFAULT_CONTAINER;
    new k8s.KubeLimitRange(this, 'limits', {
      metadata: metadata('platform'),
      spec: {
        limits: [
          { type: 'Container', defaultRequest: quantities(container.requests), default: quantities(container.limits) },
        ],
      },
    });
    new k8s.KubeServiceAccount(this, 'default-account', {
      metadata: metadata('default'),
      automountServiceAccountToken: false,
    });
  }
}

/** Labels by which the API server holds the Pods of a namespace to the Pod Security Standards. @param version @default 'latest' */
export function podSecurityLabels(
  enforce: PodSecurityLevel,
  warn: PodSecurityLevel,
  version?: string,
): Record<string, string> {
  return {
    'pod-security.kubernetes.io/enforce': enforce,
    'pod-security.kubernetes.io/enforce-version': version ?? 'latest',
    'pod-security.kubernetes.io/warn': warn,
    'pod-security.kubernetes.io/audit': warn,
    ...(version === undefined
      ? {}
      : { 'pod-security.kubernetes.io/warn-version': version, 'pod-security.kubernetes.io/audit-version': version }),
  };
}

/** Kubernetes quantities as the API types want them. */
export function quantities(values: Readonly<Record<string, string>>): Record<string, k8s.Quantity> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, k8s.Quantity.fromString(value)]));
}
