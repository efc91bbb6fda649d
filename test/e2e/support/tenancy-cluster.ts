import { Construct } from 'constructs';
import {
  ArgoCustomResources,
  type IIdentityProvider,
  k8s,
  PeopleProject,
  type Platform,
  PlatformAccount,
  PlatformNamespace,
  TenantPolicies,
  UserSpaces,
} from '../../../constructs';
import { at } from '../../support/objects';
import { testPlatform } from '../../support/platform';
import type { ApiAnswer, LocalApiServer } from './local-api-server';
import { type Outcome, OWN } from './tenancy-attempts';

/** Groups that are known, whoever knows them. */
class Groups extends Construct {
  readonly groups: string[] = [];
  addGroup(name: string): void {
    this.groups.push(name);
  }
}

/** What the platform of the test consists of. */
export interface TenancyParts {
  readonly platform: Platform;
  readonly onyxia: k8s.KubeServiceAccount;
  readonly spaces: UserSpaces;
}

/** The platform of the test: guards, policies and one declared project. */
export function declareTenancy(egress: 'closed' | 'internet' = 'closed'): TenancyParts {
  const platform = testPlatform();
  const namespace = new PlatformNamespace(platform, 'onyxia-namespace', { name: 'demo-onyxia' });
  const onyxia = new k8s.KubeServiceAccount(platform, 'onyxia-account', {
    metadata: { name: 'onyxia', namespace: namespace.name },
    automountServiceAccountToken: false,
  });
  const products = ['argo-workflows', 'argo-cd'] as const;
  const further = { ...ArgoCustomResources.quota(products), 'count/workflows.argoproj.io': '20' };
  const spaces = new UserSpaces(platform, 'spaces', { egress, userQuota: { configMaps: 20, jobs: 5, further } });
  new ArgoCustomResources(platform, 'argo', { spaces, products });
  new TenantPolicies(platform, 'tenant-policies', {
    spaces,
    exposure: {
      domain: 'lab.example.org',
      ingressClassName: 'people',
      gateways: [{ gatewayNamespace: 'gateways', gatewayName: 'people' }],
    },
    onyxia: PlatformAccount.serviceAccount(onyxia),
    tolerations: ['nvidia.com/gpu'],
    registries: ['registry.example.org'],
    privateRegistries: ['registry.example.org/private'],
  });
  const identityProvider = new Groups(platform, 'groups') as unknown as IIdentityProvider;
  new PeopleProject(platform, 'g1', { spaces, identityProvider });
  return { platform, onyxia, spaces };
}

const definition = (group: string, version: string, scope: 'Namespaced' | 'Cluster', kind: string) => ({
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: {
    name: `${kind.toLowerCase()}s.${group}`,
    annotations: { 'api-approved.kubernetes.io': 'unapproved, a test' },
  },
  spec: {
    group,
    scope,
    names: { plural: `${kind.toLowerCase()}s`, singular: kind.toLowerCase(), kind, listKind: `${kind}List` },
    versions: [
      {
        name: version,
        served: true,
        storage: true,
        schema: { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } },
      },
    ],
  },
});

const group = 'rbac.authorization.k8s.io';
const clusterRole = (name: string, rules: readonly object[], labels: object = {}) => ({
  apiVersion: `${group}/v1`,
  kind: 'ClusterRole',
  metadata: { name, labels },
  rules,
});
/** What makes a person or a group the administrator of a namespace. */
export const member = (namespace: string, kind: string, name: string) => ({
  apiVersion: `${group}/v1`,
  kind: 'RoleBinding',
  metadata: { name: 'full_control_namespace', namespace },
  roleRef: { apiGroup: group, kind: 'ClusterRole', name: 'admin' },
  subjects: [{ apiGroup: group, kind, name }],
});
/** A Namespace. */
export const namespaceOf = (name: string, labels: object = {}) => ({
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: { name, labels },
});

/** The rights on Argo's kinds that are quick to give: all of them, to everybody who has a space. */
export const BARE_ARGO_ROLE = 'argo';

/** What there would be without this library: namespaces with an owner and a binding, as Onyxia makes them, and its account. */
export function bareCluster(onyxia: k8s.KubeServiceAccount): readonly object[] {
  const namespace = onyxia.metadata.namespace ?? '';
  return [
    definition('gateway.networking.k8s.io', 'v1', 'Namespaced', 'HTTPRoute'),
    definition('argoproj.io', 'v1alpha1', 'Cluster', 'ClusterWorkflowTemplate'),
    namespaceOf(namespace),
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: onyxia.name, namespace } },
    // what Onyxia's code calls, and no more
    clusterRole('onyxia', [
      { apiGroups: [''], resources: ['namespaces'], verbs: ['get', 'list', 'create', 'update', 'patch'] },
      { apiGroups: [''], resources: ['resourcequotas'], verbs: ['get', 'create', 'update'] },
      { apiGroups: [group], resources: ['rolebindings'], verbs: ['get', 'create', 'update', 'patch'] },
      { apiGroups: [group], resources: ['clusterroles'], resourceNames: ['admin'], verbs: ['bind'] },
      // in the mode in which it passes on the name of a person
      { apiGroups: [''], resources: ['users'], verbs: ['impersonate'] },
    ]),
    {
      apiVersion: `${group}/v1`,
      kind: 'ClusterRoleBinding',
      metadata: { name: 'onyxia' },
      roleRef: { apiGroup: group, kind: 'ClusterRole', name: 'onyxia' },
      subjects: [{ kind: 'ServiceAccount', name: onyxia.name, namespace }],
    },
    clusterRole(
      'routes',
      [{ apiGroups: ['gateway.networking.k8s.io'], resources: ['httproutes'], verbs: ['create'] }],
      { 'rbac.authorization.k8s.io/aggregate-to-admin': 'true' },
    ),
    clusterRole(
      BARE_ARGO_ROLE,
      [{ apiGroups: ['argoproj.io'], resources: ['*'], verbs: ['*'] }],
      Object.fromEntries(
        ['admin', 'edit', 'view'].map((role) => [`rbac.authorization.k8s.io/aggregate-to-${role}`, 'true']),
      ),
    ),
    namespaceOf('argo'),
    ...['alpha', 'beta'].flatMap((user) => [
      // the label by which Kubernetes itself allows devices to be claimed as their administrator
      namespaceOf(`user-${user}`, { onyxia_owner: user, 'resource.kubernetes.io/admin-access': 'true' }),
      member(`user-${user}`, 'User', `oidc:${user}`),
    ]),
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'editor', namespace: OWN } },
    {
      apiVersion: `${group}/v1`,
      kind: 'RoleBinding',
      metadata: { name: 'editor', namespace: OWN },
      roleRef: { apiGroup: group, kind: 'ClusterRole', name: 'edit' },
      subjects: [{ kind: 'ServiceAccount', name: 'editor', namespace: OWN }],
    },
    namespaceOf('projet-g1', { onyxia_owner: 'g1' }),
    // a guard as an office would write it by hand
    {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'NetworkPolicy',
      metadata: { name: 'default-deny', namespace: OWN, labels: { 'app.kubernetes.io/managed-by': 'bouture' } },
      spec: { podSelector: {}, policyTypes: ['Ingress', 'Egress'], egress: [{}] },
    },
    { apiVersion: 'scheduling.k8s.io/v1', kind: 'PriorityClass', metadata: { name: 'urgent' }, value: 1000 },
    { apiVersion: 'node.k8s.io/v1', kind: 'RuntimeClass', metadata: { name: 'kata' }, handler: 'kata' },
  ];
}

/** Applies objects as an administrator, kinds and namespaces first. */
export async function applyTo(cluster: LocalApiServer, list: readonly object[]): Promise<void> {
  const rank = (one: object) => ['CustomResourceDefinition', 'Namespace'].indexOf(String(at(one, 'kind')));
  const ordered = [...list].sort((a, b) => rank(b) - rank(a));
  await cluster.kubectl(['apply', '--server-side', '--force-conflicts', '--filename', '-'], {
    apiVersion: 'v1',
    kind: 'List',
    items: ordered,
  });
}

/** Who refused, in one word; the whole message where nobody expected it. */
export function outcomeOf({ status, body }: ApiAnswer): Outcome {
  const said = body['message'];
  const message = typeof said === 'string' ? said : '';
  if (status >= 200 && status < 300) return 'allowed';
  const missing = /with binding 'demo-([a-z-]+)' denied request: failed to configure binding/.exec(message)?.[1];
  if (missing !== undefined) return missing;
  const policy = /ValidatingAdmissionPolicy 'demo-([a-z-]+)'/.exec(message)?.[1];
  if (policy !== undefined) return policy;
  if (message.includes('exceeded quota')) return 'quota';
  if (message.includes('violates PodSecurity')) return 'Pod Security';
  if (message.includes('error looking up service account')) return 'invalid';
  if (status === 403 && /cannot |attempting to grant/.test(message)) return 'RBAC';
  if (status === 404) return 'absent';
  if (status === 422) return 'invalid';
  return `${status} ${message}`;
}
