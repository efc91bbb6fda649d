import type { CustomResourceOptions, Output, Resource } from '@pulumi/pulumi';
import { IdentityProviderConfig } from '@pulumi/aws/eks/identityProviderConfig';
import { OpenIdConnectProvider } from '@pulumi/aws/iam/openIdConnectProvider';
import { Role } from '@pulumi/aws/iam/role';
import { RolePolicy } from '@pulumi/aws/iam/rolePolicy';
import type { CloudNeeds } from '../../../constructs';

/** What people's names and groups begin with in the cluster, so that nobody of them is taken for one of AWS. */
const PREFIX = 'oidc:';

/**
 * Lets people in: AWS exchanges their tokens for credentials of roles, and the API of the cluster knows them by their names and groups. Made
 * once the platform answers, for AWS reads the keys of its identity provider.
 */
export function admitPeople(
  { people, users }: CloudNeeds,
  clusterName: Output<string>,
  platform: readonly Resource[],
  options: CustomResourceOptions,
): void {
  const later = { ...options, dependsOn: [...platform] };
  if (people !== undefined) {
    const provider = new OpenIdConnectProvider(
      'people',
      { url: people.issuer, clientIdLists: [...people.audiences] },
      later,
    );
    for (const { name, trustPolicy, permissionPolicy, maxSessionSeconds } of people.roles) {
      const role = new Role(
        `people-${name}`,
        { name, assumeRolePolicy: JSON.stringify(trustPolicy), maxSessionDuration: maxSessionSeconds },
        { ...options, dependsOn: [provider] },
      );
      new RolePolicy(`people-${name}`, { role: role.name, policy: JSON.stringify(permissionPolicy) }, options);
    }
  }
  if (users !== undefined) {
    new IdentityProviderConfig(
      'users',
      {
        clusterName,
        oidc: {
          identityProviderConfigName: 'platform',
          issuerUrl: users.issuer,
          clientId: users.audience,
          usernameClaim: users.usernameClaim,
          usernamePrefix: PREFIX,
          groupsClaim: users.groupsClaim,
          groupsPrefix: PREFIX,
        },
      },
      later,
    );
  }
}
