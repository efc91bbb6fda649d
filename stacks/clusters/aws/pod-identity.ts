import { type CustomResourceOptions, type Input, type Output, output } from '@pulumi/pulumi';
import { PodIdentityAssociation } from '@pulumi/aws/eks/podIdentityAssociation';
import { Role } from '@pulumi/aws/iam/role';
import { RolePolicy } from '@pulumi/aws/iam/rolePolicy';
import { RolePolicyAttachment } from '@pulumi/aws/iam/rolePolicyAttachment';
import type { WorkloadIdentity } from '../cluster';
import { type Policy, trustPods } from './policies';

/** Who gets a role, and what the role may. */
export interface PodRoleProps {
  readonly name: string;
  /** Name of the cluster, known before it is made. */
  readonly cluster: string;
  readonly namespace: string;
  readonly serviceAccount: string;
  readonly rolePrefix: string;
  /** @default - nothing of its own */
  readonly policy?: Input<Policy>;
  /** Policies that AWS keeps: their names. @default - none */
  readonly managed?: readonly string[];
}

/** The role of the Pods of one service account. */
export function podRole(props: PodRoleProps, options: CustomResourceOptions): Role {
  const { name, cluster, namespace, serviceAccount, rolePrefix, policy, managed = [] } = props;
  const role = new Role(
    name,
    {
      name: `${rolePrefix}${cluster}-${name}`,
      assumeRolePolicy: JSON.stringify(trustPods(cluster, namespace, serviceAccount)),
    },
    options,
  );
  if (policy !== undefined) {
    new RolePolicy(
      name,
      { role: role.name, policy: output(policy).apply((document) => JSON.stringify(document)) },
      options,
    );
  }
  for (const each of managed) attach(`${name}-${each}`, role, each, options);
  return role;
}

/** Gives a role a policy that AWS keeps. */
export function attach(name: string, role: Role, policy: string, options: CustomResourceOptions): RolePolicyAttachment {
  return new RolePolicyAttachment(
    name.replace(/[^A-Za-z0-9-]/g, '-'),
    { role: role.name, policyArn: `arn:aws:iam::aws:policy/${policy}` },
    options,
  );
}

/** Tells the cluster whose Pods get a role. */
export function associate(
  { name, namespace, serviceAccount }: Pick<PodRoleProps, 'name' | 'namespace' | 'serviceAccount'>,
  clusterName: Output<string>,
  role: Role,
  options: CustomResourceOptions,
): WorkloadIdentity & { readonly resource: PodIdentityAssociation } {
  const resource = new PodIdentityAssociation(
    name,
    { clusterName, namespace, serviceAccount, roleArn: role.arn },
    options,
  );
  return { namespace, serviceAccount, identity: role.arn, resource };
}
