import { ApiObject } from 'cdk8s';
import type { Construct } from 'constructs';
import { type ForeignPods, k8s, type PlatformNamespace, type SecretRef } from '../platform';

/** Path of the authentication method that takes tokens of service accounts. */
export const WORKLOAD_PATH = 'kubernetes';

export interface VaultWorkloadsProps {
  /** Where the servers ask whether a token is right: the cluster's API server. */
  readonly apiServer: {
    /** Its addresses behind the Service `kubernetes`, in CIDR notation: `kubectl get endpointslices kubernetes` shows them. */
    readonly cidrs: readonly string[];
    /** Port behind the Service. @default 6443 */
    readonly port?: number;
  };
  /**
   * What `aud` of their tokens must say: a token for the API server opens nothing here, and one for here opens nothing there. A Pod asks for
   * one by a projected volume, `serviceAccountToken: { audience: vault, path: token }`.
   *
   * @default 'vault'
   */
  readonly audience?: string;
}

/** A program of the cluster that logs in with its service account. */
export interface VaultWorkload {
  /** Name of the role that it logs in as: a DNS label. */
  readonly name: string;
  readonly namespace: string;
  readonly serviceAccount: string;
  /** Project whose directory it reads. */
  readonly project: string;
  /** Whether it may also write there. @default false */
  readonly write?: boolean;
}

export interface ExternalSecretStoreProps {
  /** Where the SecretStore stands. */
  readonly namespace: PlatformNamespace;
  /** Project whose directory is read. */
  readonly project: string;
  /** The Pods of the External Secrets operator, which call the store. */
  readonly operator: ForeignPods;
}

/** @throws Error when it is empty, or holds blanks: any token would do then, or none */
export function workloadAudience({ audience = 'vault' }: Partial<VaultWorkloadsProps> = {}): string {
  if (/^\S+$/.test(audience)) return audience;
  throw new Error(`workloads.audience "${audience}": expected a text without blanks, such as "vault"`);
}

/** The role of a workload, as the store's interface takes it. */
export function workloadRole(
  { namespace, serviceAccount }: VaultWorkload,
  policy: string,
  { audience, tokenSeconds }: { readonly audience: string; readonly tokenSeconds: number },
): string {
  return JSON.stringify({
    bound_service_account_names: [serviceAccount],
    bound_service_account_namespaces: [namespace],
    audience,
    alias_name_source: 'serviceaccount_uid',
    token_policies: [policy],
    token_ttl: tokenSeconds,
    token_max_ttl: tokenSeconds,
    token_explicit_max_ttl: 0,
    token_period: 0,
    token_num_uses: 0,
    token_bound_cidrs: [],
    token_no_default_policy: false,
    token_type: 'service',
  });
}

/** The objects through which External Secrets reaches a store, in the namespace of its consumers. */
export function externalSecretStore(
  scope: Construct,
  props: {
    readonly name: string;
    readonly namespace: string;
    readonly serviceAccount: string;
    readonly role: string;
    readonly server: string;
    readonly mount: string;
    /** Whom the tokens of the service account are for. */
    readonly audience: string;
    readonly labels: Readonly<Record<string, string>>;
    readonly certificateAuthority?: SecretRef;
  },
): void {
  const { name, namespace, serviceAccount, role, server, mount, audience, labels, certificateAuthority: ca } = props;
  new k8s.KubeServiceAccount(scope, 'account', {
    metadata: { name: serviceAccount, namespace, labels: { ...labels } },
    automountServiceAccountToken: false,
  });
  new ApiObject(scope, 'store', {
    apiVersion: 'external-secrets.io/v1',
    kind: 'SecretStore',
    metadata: { name, namespace, labels: { ...labels } },
    spec: {
      provider: {
        vault: {
          server,
          path: mount,
          version: 'v2',
          ...(ca === undefined ? {} : { caProvider: { type: 'Secret', name: ca.name, key: ca.key } }),
          auth: {
            kubernetes: {
              mountPath: WORKLOAD_PATH,
              role,
              serviceAccountRef: { name: serviceAccount, audiences: [audience] },
            },
          },
        },
      },
    },
  });
}

/** Lets the servers ask the API server whether tokens of service accounts are right, with a token of their own that lives an hour. */
export function tokenReview(
  scope: Construct,
  props: { readonly name: string; readonly namespace: string; readonly labels: Readonly<Record<string, string>> },
): { readonly volume: k8s.Volume; readonly mount: k8s.VolumeMount } {
  const { name, namespace, labels } = props;
  new k8s.KubeServiceAccount(scope, 'account', {
    metadata: { name, namespace, labels: { ...labels } },
    automountServiceAccountToken: false,
  });
  new k8s.KubeClusterRoleBinding(scope, 'token-review', {
    metadata: { name: `${namespace}-token-review`, labels: { ...labels } },
    // nothing but TokenReview and SubjectAccessReview
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'system:auth-delegator' },
    subjects: [{ kind: 'ServiceAccount', name, namespace }],
  });
  return {
    volume: {
      name: 'account',
      projected: {
        defaultMode: 0o440,
        sources: [
          { serviceAccountToken: { path: 'token', expirationSeconds: 3600 } },
          { configMap: { name: 'kube-root-ca.crt', items: [{ key: 'ca.crt', path: 'ca.crt' }] } },
        ],
      },
    },
    mount: { name: 'account', mountPath: '/var/run/secrets/kubernetes.io/serviceaccount', readOnly: true },
  };
}
