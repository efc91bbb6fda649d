import type { Construct } from 'constructs';
import type { MlflowServer } from '../mlops';
import { Component, type IIdentityProvider, k8s, Layer, lazily } from '../platform';
import { openMlflow, projectPolicy } from './mlflow-hole';
import { OWNER_LABEL, SPACE_SELECTOR } from './space-label';
import type { SpaceQuotaProps } from './space-quota';
import type { UserSpaces } from './user-spaces';

/** Where a project has a place of its own: a store of buckets, a store of secrets, the region of Onyxia. */
export interface IProjectHome<T = unknown> {
  /** @param name of the project, without a prefix */
  addProject(name: string): T;
}

export interface PeopleProjectProps {
  /** What holds in every space: names, network, limits. */
  readonly spaces: UserSpaces;
  /** Who knows the members. */
  readonly identityProvider: IIdentityProvider;
  /** What this project may have; what is left out is as for every project. @default - the quota of projects */
  readonly quota?: SpaceQuotaProps;
}

const WHY_NO_PODS = 'The Pods are those that people start here later.';
const WHY_ADMIN =
  'Members own their space: the role is bound in this one namespace, and TenantPolicies guards the rest.';

/**
 * A group of people who work together: the group of the identity provider, a namespace of which its members are the administrators,
 * and a place of the same name wherever `joins` is called.
 *
 * @throws Error when the id is none that a project may have
 *
 * @example
 * import { type IIdentityProvider, PeopleProject, UserSpaces } from 'bouture';
 * declare const realm: IIdentityProvider;
 * const spaces = new UserSpaces(platform, 'spaces');
 * const census = new PeopleProject(platform, 'census', { spaces, identityProvider: realm });
 */
export class PeopleProject extends Component {
  /** Name of the group. */
  readonly group: string;

  /** @param id name of the project and of its group; its namespace is what `spaces.names` makes of it */
  constructor(scope: Construct, id: string, props: PeopleProjectProps) {
    const { spaces } = props;
    super(
      scope,
      id,
      Layer.NAMESPACES,
      {},
      {
        name: spaces.names.project(id),
        podSecurity: spaces.podSecurity,
        podSecurityVersion: spaces.podSecurityVersion,
        quota: spaces.quotaOfProject(id, props.quota).hard,
        containerDefaults: spaces.containerDefaults,
        labels: { ...SPACE_SELECTOR, [OWNER_LABEL]: id },
      },
    );
    this.group = id;
    props.identityProvider.addGroup(id);
    for (const { name } of spaces.network.holes) {
      const hole = () => spaces.network.holes.find((one) => one.name === name)?.spec ?? {};
      projectPolicy(
        this,
        name,
        Object.fromEntries(Object.keys(hole()).map((key) => [key, lazily(() => hole()[key])])),
        name === 'allow-within' ? { 'bouture.dev/suppress.holes-lead-somewhere': WHY_NO_PODS } : {},
      );
    }
    new k8s.KubeRoleBinding(this, 'members', {
      metadata: {
        name: 'members',
        namespace: this.namespace.name,
        labels: this.labels('project', 'members'),
        annotations: { 'bouture.dev/suppress.no-admin-binding': WHY_ADMIN },
      },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'admin' },
      subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'Group', name: `${spaces.subjects.groupPrefix}${id}` }],
    });
  }

  /** Gives the project a place of its own name there, and gives that back. */
  joins<T>(home: IProjectHome<T>): T {
    return home.addProject(this.group);
  }

  /** Lets the project's Pods find and reach an MLflow, with an account of the project's own. */
  useMlflow(mlflow: MlflowServer): void {
    openMlflow(this, mlflow);
  }
}
