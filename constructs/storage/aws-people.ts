import { allowIn, type PolicyCondition } from './minio-policy';
import { type ExpectedRole, type PeopleFacts, providerName, roleName, type TrustPolicy } from './people-role';
import type { PeopleStorageRole } from './people-storage';

/** Amazon S3, or a store that reads IAM policies exactly as it does. */
export interface AwsPeopleSystem {
  readonly kind: 'aws';
  /** Number of the account that the buckets and roles are in: 12 digits. */
  readonly account: string;
  /** `aws-cn`, `aws-eusc` and others where the account is no ordinary one. @default 'aws' */
  readonly partition?: string;
  /** What names of roles begin with, by the rules of the account. @default '' */
  readonly rolePrefix?: string;
}

/**
 * Claim whose values select a project's role. AWS reads of a provider's tokens `aud`, `sub` and `amr` in a trust policy, and a list in
 * `amr` alone (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html#condition-keys-wif): any other
 * claim is as if it were not there. Mozilla's federation selects its roles in the same way (mozilla-iam/mozilla-aws-cli).
 */
export const AWS_PERMISSIONS_CLAIM = 'amr';

/**
 * Tag with a person's name. AWS puts it into `${aws:PrincipalTag/...}` of a role's policy, and takes it from the claim
 * `https://aws.amazon.com/tags` (https://docs.aws.amazon.com/IAM/latest/UserGuide/id_session-tags.html#id_session-tags_adding-assume-role-idp).
 */
export const AWS_USERNAME_TAG = 'username';

/** @throws Error when the account is none, or a name of a role too long */
export function awsRoles(system: AwsPeopleSystem, facts: PeopleFacts): readonly ExpectedRole[] {
  const { names, projects, durationSeconds: maxSessionSeconds } = facts;
  // Other people's buckets may have any name: what is put into a bucket of another account, its owner reads.
  const own: PolicyCondition = { StringEquals: { 'aws:ResourceAccount': account(system) } };
  const bucket = (name: string): string => `arn:${awsPartition(system)}:s3:::${name}`;
  const role = (name: string, whose: string, resource: string, condition: PolicyCondition): ExpectedRole => ({
    name: roleName(name),
    arn: roleArn(system, name),
    whose,
    trustPolicy: trust(system, facts, condition),
    permissionPolicy: { Version: '2012-10-17', Statement: allowIn(bucket(resource), 'readWrite', own) },
    maxSessionSeconds,
  });
  const everyone = role(
    peopleRoleName(system, facts),
    'everyone',
    `${names.userPrefix}\${aws:PrincipalTag/${AWS_USERNAME_TAG}}`,
    {
      StringLike: { [`aws:RequestTag/${AWS_USERNAME_TAG}`]: '?*' },
      // A name with a slash would lead into a folder of somebody else's bucket.
      StringNotLike: { [`aws:RequestTag/${AWS_USERNAME_TAG}`]: '*/*' },
    },
  );
  return [
    everyone,
    ...projects.map((project) =>
      role(projectRoleName(system, names.project(project)), `members of group ${project}`, names.project(project), {
        'ForAnyValue:StringEquals': {
          [`${providerName(facts.issuer)}:${AWS_PERMISSIONS_CLAIM}`]: [awsPermission(facts, project)],
        },
      }),
    ),
  ];
}

/** The permission of the members of a project, which the claim tells. */
export function awsPermission({ names }: Pick<PeopleFacts, 'names'>, project: string): string {
  return names.project(project);
}

/** What Onyxia asks for: everyone's role, and one for each group. Sessions are named for the space, so that the account's log tells whose they are. */
export function awsProfiles(system: AwsPeopleSystem, facts: Omit<PeopleFacts, 'projects'>): PeopleStorageRole[] {
  const { names, claims } = facts;
  return [
    {
      profileName: 'default',
      roleArn: roleArn(system, peopleRoleName(system, facts)),
      roleSessionName: `${names.userPrefix}$1`,
      claimName: claims.username,
    },
    {
      profileName: `${names.projectPrefix}$1`,
      roleArn: roleArn(system, projectRoleName(system, `${names.projectPrefix}$1`)),
      roleSessionName: `${names.projectPrefix}$1`,
      claimName: claims.groups,
    },
  ];
}

/** The ARN of the identity provider, which the account must know. */
export function awsProviderArn(system: AwsPeopleSystem, issuer: string): string {
  return `arn:${awsPartition(system)}:iam::${account(system)}:oidc-provider/${providerName(issuer)}`;
}

function trust(
  system: AwsPeopleSystem,
  { issuer, clientId, audience }: PeopleFacts,
  condition: PolicyCondition,
): TrustPolicy {
  return {
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Allow',
        Principal: { Federated: awsProviderArn(system, issuer) },
        Action: ['sts:AssumeRoleWithWebIdentity', 'sts:TagSession'],
        Condition: {
          ...condition,
          // AWS takes `azp`, the client's id, for the audience where a token has it.
          StringEquals: { [`${providerName(issuer)}:aud`]: [...new Set([audience, clientId])] },
          'ForAllValues:StringEquals': { 'aws:TagKeys': [AWS_USERNAME_TAG] },
        },
      },
    ],
  };
}

function peopleRoleName({ rolePrefix = '' }: AwsPeopleSystem, { platform }: Pick<PeopleFacts, 'platform'>): string {
  return `${rolePrefix}${platform}-people`;
}

function projectRoleName({ rolePrefix = '' }: AwsPeopleSystem, bucket: string): string {
  return `${rolePrefix}${bucket}`;
}

function roleArn(system: AwsPeopleSystem, name: string): string {
  return `arn:${awsPartition(system)}:iam::${account(system)}:role/${name}`;
}

/** @throws Error when it is none that AWS could have */
export function awsPartition({ partition: name = 'aws' }: AwsPeopleSystem): string {
  if (/^aws(-[a-z]+)*$/.test(name)) return name;
  throw new Error(`partition "${name}": expected aws, aws-cn, aws-us-gov or another that begins with aws`);
}

function account({ account: number }: AwsPeopleSystem): string {
  if (/^\d{12}$/.test(number)) return number;
  throw new Error(`account "${number}": expected the 12 digits of an account of AWS`);
}
