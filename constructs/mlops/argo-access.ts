import { Construct } from 'constructs';
import { CLIENT_RULES, CONTROLLER_RULES, SERVER_RULES } from './argo-roles';
import { atStep, compare, type Component, k8s, type PlatformNamespace } from '../platform';
import type { ArgoPermission } from './argo-workflows-props';

const SOFTWARE = 'argo-workflows';
const ARGO = 'argoproj.io';
const READ = ['get', 'list', 'watch'];
/** Annotation of an account that names the Secret with its token, https://argo-workflows.readthedocs.io/en/latest/service-account-secrets/ */
const TOKEN_NAME = 'workflows.argoproj.io/service-account-token.name';
const RULE = 'workflows.argoproj.io/rbac-rule';
const PRECEDENCE = 'workflows.argoproj.io/rbac-rule-precedence';

/** What a step does: it tells its result. */
const EXECUTOR_RULES: readonly k8s.PolicyRule[] = [
  { apiGroups: [ARGO], resources: ['workflowtaskresults'], verbs: ['create', 'patch'] },
];

const PERMISSIONS: Readonly<Record<ArgoPermission, readonly k8s.PolicyRule[]>> = {
  run: [
    { apiGroups: [ARGO], resources: ['workflows'], verbs: [...READ, 'create', 'update', 'patch', 'delete'] },
    { apiGroups: [ARGO], resources: ['workflowtemplates', 'cronworkflows'], verbs: READ },
    { apiGroups: [''], resources: ['pods', 'pods/log'], verbs: READ },
  ],
  read: [
    { apiGroups: [ARGO], resources: ['workflows', 'workflowtemplates', 'cronworkflows'], verbs: READ },
    { apiGroups: [''], resources: ['pods', 'pods/log'], verbs: READ },
  ],
};

export interface ArgoAccessProps {
  readonly component: Component;
  readonly workflowNamespace: PlatformNamespace;
  /** Secrets of the installation that both programs read through the API: those of the database. */
  readonly databaseSecrets: readonly string[];
  /** Whether callers act as the server does. */
  readonly isServerMode: boolean;
  /** Who logs in, and what the Secret of the client is called. @default - nobody does */
  readonly sso?: { readonly clientSecretName: string; readonly groups: Readonly<Record<string, ArgoPermission>> };
}

/** The accounts of one Argo, and what each may do: nothing of the whole cluster. */
export class ArgoAccess extends Construct {
  readonly controller: string;
  readonly server: string;
  /** In the namespace of workflows. */
  readonly executor: string;

  constructor(
    scope: Construct,
    id: string,
    private readonly props: ArgoAccessProps,
  ) {
    super(scope, id);
    const { component, databaseSecrets, isServerMode, sso } = props;
    const { componentName: name, namespace } = component;
    const steps = props.workflowNamespace;
    [this.controller, this.server, this.executor] = [`${name}-controller`, `${name}-server`, `${name}-executor`];
    const own: readonly k8s.PolicyRule[] = [
      { apiGroups: [''], resources: ['configmaps'], verbs: READ },
      ...secretsRule(databaseSecrets),
    ];

    this.account(this.controller, namespace, 'controller');
    this.grant('controller', this.controller, namespace, own);
    this.grant('controller-workflows', this.controller, steps, [
      // Secrets of steps are mounted by the kubelet: the controller need not read them.
      ...CONTROLLER_RULES.filter(({ resources }) => resources?.includes('secrets') !== true),
      { apiGroups: [''], resources: ['events'], verbs: ['create', 'patch'] },
    ]);

    this.account(this.server, namespace, 'server');
    this.grant('server', this.server, namespace, [...own, ...sessionRules(sso?.clientSecretName)]);
    const asServer = isServerMode
      ? CLIENT_RULES.filter(({ resources }) => resources?.includes('secrets') !== true)
      : [];
    const tokens = Object.entries(sso?.groups ?? {}).map(([group, permission], index, all) =>
      this.group(group, permission, all.length - index),
    );
    this.grant('server-workflows', this.server, steps, [...SERVER_RULES, ...asServer, ...groupRules(tokens)]);

    this.accountWithToken(this.executor, 'executor');
    this.grant('executor', this.executor, steps, EXECUTOR_RULES, steps.name);
  }

  /** Lets an account do in the namespace of workflows what a permission says. */
  permit(id: string, permission: ArgoPermission, account: { readonly name: string; readonly namespace: string }): void {
    this.grant(id, account.name, this.props.workflowNamespace, PERMISSIONS[permission], account.namespace);
  }

  /** Argo gives whoever is in a group the account that asks for that group. @returns the Secret with its token */
  private group(group: string, permission: ArgoPermission, precedence: number): string {
    const { component, workflowNamespace } = this.props;
    const id = `group-${precedence}`;
    const name = `${component.componentName}-${id}`;
    this.permit(id, permission, { name, namespace: workflowNamespace.name });
    return this.accountWithToken(name, id, {
      [RULE]: `${JSON.stringify(group)} in groups`,
      [PRECEDENCE]: String(precedence),
    });
  }

  private account(name: string, namespace: PlatformNamespace, id: string, annotations?: Record<string, string>): void {
    new k8s.KubeServiceAccount(this, `${id}-account`, {
      metadata: { ...this.metadata(name, namespace), ...(annotations === undefined ? {} : { annotations }) },
      automountServiceAccountToken: false,
    });
  }

  /** An account in the namespace of workflows whose token stands in a Secret, which Kubernetes fills. @returns the Secret's name */
  private accountWithToken(name: string, id: string, annotations: Record<string, string> = {}): string {
    const { workflowNamespace } = this.props;
    const token = `${name}-token`;
    this.account(name, workflowNamespace, id, { ...annotations, [TOKEN_NAME]: token });
    const secret = new k8s.KubeSecret(this, `${id}-token`, {
      metadata: {
        ...this.metadata(token, workflowNamespace),
        annotations: { 'kubernetes.io/service-account.name': name },
      },
      type: 'kubernetes.io/service-account-token',
    });
    // Kubernetes deletes it where there is no account yet.
    atStep(secret, 1);
    return token;
  }

  /** @param home namespace of the account. @default - that of the installation */
  private grant(
    id: string,
    account: string,
    namespace: PlatformNamespace,
    rules: readonly k8s.PolicyRule[],
    home: string = this.props.component.namespace.name,
  ): void {
    const name = `${this.props.component.componentName}-${id}`;
    const metadata = this.metadata(name, namespace);
    new k8s.KubeRole(this, `${id}-role`, { metadata, rules: [...rules] });
    new k8s.KubeRoleBinding(this, `${id}-binding`, {
      metadata,
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name },
      subjects: [{ kind: 'ServiceAccount', name: account, namespace: home }],
    });
  }

  private metadata(name: string, namespace: PlatformNamespace): k8s.ObjectMeta {
    return { name, namespace: namespace.name, labels: this.props.component.labels(SOFTWARE, 'access') };
  }
}

function secretsRule(names: readonly string[]): readonly k8s.PolicyRule[] {
  if (names.length === 0) return [];
  return [
    {
      apiGroups: [''],
      resources: ['secrets'],
      resourceNames: [...new Set(names)].sort(compare),
      verbs: ['get'],
    },
  ];
}

/** Argo makes the Secret `sso` itself, and keeps there what it signs its sessions with. */
function sessionRules(clientSecretName: string | undefined): readonly k8s.PolicyRule[] {
  if (clientSecretName === undefined) return [];
  return [{ apiGroups: [''], resources: ['secrets'], verbs: ['create'] }, ...secretsRule(['sso', clientSecretName])];
}

/** What the server reads to act as the account of a group. */
function groupRules(tokens: readonly string[]): readonly k8s.PolicyRule[] {
  if (tokens.length === 0) return [];
  return [{ apiGroups: [''], resources: ['serviceaccounts'], verbs: READ }, ...secretsRule(tokens)];
}
