import { ApiObject } from 'cdk8s';
import { Construct } from 'constructs';
import { type Component, k8s, type SpaceNames } from '../platform';
import { ONYXIA_BINDING, ONYXIA_QUOTA } from '../tenancy';
import type { ServicesSettings } from './region-settings';

const RBAC = 'rbac.authorization.k8s.io';

export interface SpaceRightsProps {
  /** Name of the service account, in the component's namespace. */
  readonly accountName: string;
  /** `api` or `onboarding`. */
  readonly role: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly rules: readonly k8s.PolicyRule[];
  /** Why the rules are what they are, for who reviews them. @default - they need no reason */
  readonly reason?: string;
  readonly names: SpaceNames;
}

/**
 * What a program of Onyxia may do in the cluster: a ClusterRole in place of the chart's cluster-admin, and admission policies that keep
 * what it writes inside people's spaces. RBAC cannot say "namespaces whose name begins so"; the policies can.
 */
export class SpaceRights extends Construct {
  constructor(component: Component, id: string, props: SpaceRightsProps) {
    super(component, id);
    const { accountName, role, labels, rules, reason, names } = props;
    const name = `${component.platform.name}-${component.componentName}-${role}`;
    const clusterRole = new k8s.KubeClusterRole(this, 'role', {
      metadata: {
        name,
        labels: { ...labels },
        ...(reason === undefined ? {} : { annotations: { 'bouture.dev/suppress.no-rbac-escalation': reason } }),
      },
      rules: [...rules],
    });
    new k8s.KubeClusterRoleBinding(this, 'binding', {
      metadata: { name, labels: { ...labels } },
      roleRef: { apiGroup: RBAC, kind: 'ClusterRole', name: clusterRole.name },
      subjects: [{ kind: 'ServiceAccount', name: accountName, namespace: component.namespace.name }],
    });
    const account = `system:serviceaccount:${component.namespace.name}:${accountName}`;
    const prefixes = [names.userPrefix, names.projectPrefix];
    const within = (text: string): string => prefixes.map((prefix) => `${text}.startsWith('${prefix}')`).join(' || ');
    const spaces = prefixes.map((prefix) => `${prefix}*`).join(' and ');
    this.policy(`${name}-spaces`, labels, account, {
      resources: [resource('', ['namespaces', 'secrets', 'resourcequotas']), resource(RBAC, ['rolebindings'])],
      variables: [
        {
          name: 'space',
          expression: "request.resource.resource == 'namespaces' ? object.metadata.name : request.namespace",
        },
      ],
      validations: [
        { expression: within('variables.space'), message: `Onyxia writes in people's spaces alone: ${spaces}.` },
      ],
    });
    this.policy(`${name}-bindings`, labels, account, {
      resources: [resource(RBAC, ['rolebindings'])],
      validations: [
        {
          expression:
            `object.metadata.name == '${ONYXIA_BINDING}' && object.roleRef.kind == 'ClusterRole' && object.roleRef.name == 'admin' && ` +
            "object.subjects.all(subject, subject.kind == 'User' || subject.kind == 'Group')",
          message: `Onyxia binds people to the role admin, by the name ${ONYXIA_BINDING}, and nothing else.`,
        },
      ],
    });
  }

  private policy(name: string, labels: Readonly<Record<string, string>>, account: string, policy: Policy): void {
    new ApiObject(this, name, {
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind: 'ValidatingAdmissionPolicy',
      metadata: { name, labels: { ...labels } },
      spec: {
        failurePolicy: 'Fail',
        matchConstraints: { resourceRules: policy.resources },
        matchConditions: [{ name: 'by-this-account', expression: `request.userInfo.username == '${account}'` }],
        ...(policy.variables === undefined ? {} : { variables: policy.variables }),
        validations: policy.validations.map((validation) => ({ ...validation, reason: 'Forbidden' })),
      },
    });
    new ApiObject(this, `${name}-binding`, {
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind: 'ValidatingAdmissionPolicyBinding',
      metadata: { name, labels: { ...labels } },
      spec: { policyName: name, validationActions: ['Deny'] },
    });
  }
}

interface Policy {
  readonly resources: readonly unknown[];
  readonly variables?: readonly { readonly name: string; readonly expression: string }[];
  readonly validations: readonly { readonly expression: string; readonly message: string }[];
}

function resource(group: string, resources: readonly string[]): unknown {
  return { apiGroups: [group], apiVersions: ['v1'], operations: ['CREATE', 'UPDATE'], resources };
}

/**
 * What the API does with its own account, whatever mode people's services run in: it makes namespaces, binds their owners to the
 * ClusterRole `admin`, writes their quotas, and keeps a Secret for each service. Services themselves it starts as the person.
 */
export function apiRules(services: ServicesSettings): readonly k8s.PolicyRule[] {
  const makesNamespaces = services.namespaceCreation ?? true;
  return [
    {
      apiGroups: [''],
      resources: ['namespaces'],
      verbs: makesNamespaces ? ['get', 'list', 'create', 'patch'] : ['get', 'list'],
    },
    ...(makesNamespaces
      ? [
          { apiGroups: [RBAC], resources: ['rolebindings'], verbs: ['create'] },
          {
            apiGroups: [RBAC],
            resources: ['rolebindings'],
            resourceNames: [ONYXIA_BINDING],
            verbs: ['get', 'update', 'patch'],
          },
          { apiGroups: [RBAC], resources: ['clusterroles'], resourceNames: ['admin'], verbs: ['bind'] },
        ]
      : []),
    { apiGroups: [''], resources: ['resourcequotas'], verbs: ['create'] },
    {
      apiGroups: [''],
      resources: ['resourcequotas'],
      resourceNames: [ONYXIA_QUOTA],
      verbs: ['get', 'update', 'patch'],
    },
    { apiGroups: [''], resources: ['secrets'], verbs: ['get', 'list', 'create', 'update', 'patch'] },
    ...(services.authenticationMode === 'impersonate'
      ? [{ apiGroups: [''], resources: ['users'], verbs: ['impersonate'] }]
      : []),
  ];
}

/** What the program for first logins does. */
export const ONBOARDING_RULES: readonly k8s.PolicyRule[] = [
  { apiGroups: [''], resources: ['namespaces'], verbs: ['create', 'patch'] },
  { apiGroups: [''], resources: ['resourcequotas'], verbs: ['create'] },
  { apiGroups: [''], resources: ['resourcequotas'], resourceNames: [ONYXIA_QUOTA], verbs: ['get', 'update'] },
];
