import { createHash } from 'node:crypto';
import { allowIn, ownBucketPolicy, type PolicyCondition, type S3Statement } from './minio-policy';
import type { ExpectedRole, PeopleFacts } from './people-role';
import type { PeopleStorageRole } from './people-storage';

/** A MinIO that somebody else runs, with a role policy for one of its OpenID providers. */
export interface MinioPeopleSystem {
  readonly kind: 'minio';
}

/** Claim with groups that conditions of MinIO's policies read, the only one of several values. */
const GROUPS_CLAIM = 'groups';

/**
 * The one role of a MinIO, which everyone with a token for the client assumes. Its policy tells people apart: the bucket's name holds
 * the person's, and a project's bucket is open where the token tells its group.
 *
 * @throws Error when tokens tell groups by another claim than the one that MinIO reads
 */
export function minioRole(facts: PeopleFacts): ExpectedRole {
  const { claims, names, durationSeconds, projects, platform } = facts;
  if (claims.groups !== GROUPS_CLAIM) {
    throw new Error(
      `tokens tell groups by the claim "${claims.groups}", and policies of MinIO read "${GROUPS_CLAIM}": name the claim so at the provider`,
    );
  }
  const own = ownBucketPolicy(names.userPrefix, claims.username, durationSeconds);
  return {
    name: `${platform}-people`,
    arn: minioRoleArn(facts),
    whose: 'everyone',
    permissionPolicy: {
      ...own,
      Statement: [...own.Statement, ...projects.flatMap((project) => ofProject(names.project(project), project))],
    },
  };
}

/** What Onyxia asks for: one role. MinIO reads no name of a session; the browser's library wants one beside a role. */
export function minioProfiles(facts: Pick<PeopleFacts, 'audience' | 'region' | 'platform'>): PeopleStorageRole[] {
  return [{ profileName: 'default', roleArn: minioRoleArn(facts), roleSessionName: facts.platform }];
}

/** MinIO names a role for the client's id alone (`LookupConfig` in internal/config/identity/openid/openid.go). */
function minioRoleArn({ audience, region }: Pick<PeopleFacts, 'audience' | 'region'>): string {
  return `arn:minio:iam:${region}::role/${createHash('sha1').update(audience).digest('base64url')}`;
}

function ofProject(bucket: string, project: string): S3Statement[] {
  const arn = `arn:aws:s3:::${bucket}`;
  const member: PolicyCondition = { 'ForAnyValue:StringEquals': { [`jwt:${GROUPS_CLAIM}`]: [project] } };
  return [
    ...allowIn(arn, 'readWrite', member),
    // MinIO lets whoever may delete objects delete versions too, unless that is denied.
    { Effect: 'Deny', Action: ['s3:DeleteObjectVersion'], Resource: [`${arn}/*`] },
  ];
}
