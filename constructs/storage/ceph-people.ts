import { allowIn } from './minio-policy';
import { type ExpectedRole, type PeopleFacts, providerName, roleName, type TrustPolicy } from './people-role';
import type { PeopleStorageRole } from './people-storage';

/** Ceph's object gateway (RGW). */
export interface CephPeopleSystem {
  readonly kind: 'ceph';
  /** Tenant or account that the buckets and roles are in. @default - the gateway's own, which has no name */
  readonly account?: string;
}

/** Stands for a person's name in what is shown of the role that each person has. */
export const SOMEBODY = 'USERNAME';

/**
 * The role of one person. Ceph puts nothing into a bucket's name but the whole text `${aws:username}` (`Statement::eval` in
 * src/rgw/rgw_iam_policy.cc), so that one role for everyone could not be held to a bucket by exact name: each person has a role of their
 * own, as in Onyxia's own example for Ceph.
 */
export function cephPersonRole(system: CephPeopleSystem, facts: PeopleFacts, username: string): ExpectedRole {
  const space = username === SOMEBODY ? `${facts.names.userPrefix}${SOMEBODY}` : facts.names.user(username);
  return role(system, facts, space, `person ${username}`, [facts.claims.username, username]);
}

/** The role of each project. Ceph reads every claim in a trust policy (https://docs.ceph.com/en/latest/radosgw/STS/). */
export function cephProjectRoles(system: CephPeopleSystem, facts: PeopleFacts): readonly ExpectedRole[] {
  return facts.projects.map((project) =>
    role(system, facts, facts.names.project(project), `members of group ${project}`, [facts.claims.groups, project]),
  );
}

/** What Onyxia asks for: a role for each name, and one for each group. */
export function cephProfiles(system: CephPeopleSystem, facts: Omit<PeopleFacts, 'projects'>): PeopleStorageRole[] {
  const { names, claims } = facts;
  const profile = (profileName: string, space: string, claimName: string): PeopleStorageRole => ({
    profileName,
    roleArn: arn(system, `role/${space}`),
    roleSessionName: space,
    claimName,
  });
  return [
    profile('default', `${names.userPrefix}$1`, claims.username),
    profile(`${names.projectPrefix}$1`, `${names.projectPrefix}$1`, claims.groups),
  ];
}

/** The ARN of the identity provider, which the gateway must know. */
export function cephProviderArn(system: CephPeopleSystem, issuer: string): string {
  return arn(system, `oidc-provider/${providerName(issuer)}`);
}

/** A role has the name of the bucket that it opens. @param claim and the value of it that tells who may assume the role */
function role(
  system: CephPeopleSystem,
  facts: PeopleFacts,
  space: string,
  whose: string,
  [claim, value]: readonly [string, string],
): ExpectedRole {
  const provider = providerName(facts.issuer);
  const trustPolicy: TrustPolicy = {
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Allow',
        Principal: { Federated: cephProviderArn(system, facts.issuer) },
        Action: ['sts:AssumeRoleWithWebIdentity'],
        // `app_id` is what Ceph calls `aud`. Of a claim with several values one is enough.
        Condition: { StringEquals: { [`${provider}:app_id`]: facts.audience, [`${provider}:${claim}`]: value } },
      },
    ],
  };
  return {
    name: roleName(space),
    arn: arn(system, `role/${space}`),
    whose,
    trustPolicy,
    permissionPolicy: { Version: '2012-10-17', Statement: allowIn(`arn:aws:s3:::${space}`, 'readWrite') },
    maxSessionSeconds: facts.durationSeconds,
  };
}

function arn({ account = '' }: CephPeopleSystem, what: string): string {
  if (!/^[A-Za-z0-9_]*$/.test(account)) {
    throw new Error(
      `account "${account}": expected the letters, digits and underscores of a tenant or account of Ceph`,
    );
  }
  return `arn:aws:iam::${account}:${what}`;
}
