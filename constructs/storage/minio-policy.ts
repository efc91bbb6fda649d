import { compare } from '../platform';

/** What a user may do in one bucket. */
export type BucketPermission = 'read' | 'readWrite';

interface Statement {
  readonly Effect: 'Allow' | 'Deny';
  readonly Action: readonly string[];
  readonly Resource?: readonly string[];
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

/** A policy document of S3. */
export interface S3Policy {
  readonly Version: '2012-10-17';
  readonly Statement: readonly Statement[];
}

const ACTIONS: Readonly<
  Record<BucketPermission, { readonly bucket: readonly string[]; readonly object: readonly string[] }>
> = {
  read: {
    bucket: ['s3:GetBucketLocation', 's3:GetBucketVersioning', 's3:ListBucket', 's3:ListBucketVersions'],
    object: ['s3:GetObject', 's3:GetObjectTagging', 's3:GetObjectVersion'],
  },
  readWrite: {
    bucket: [
      's3:GetBucketLocation',
      's3:GetBucketVersioning',
      's3:ListBucket',
      's3:ListBucketMultipartUploads',
      's3:ListBucketVersions',
    ],
    object: [
      's3:AbortMultipartUpload',
      's3:DeleteObject',
      's3:GetObject',
      's3:GetObjectTagging',
      's3:GetObjectVersion',
      's3:ListMultipartUploadParts',
      's3:PutObject',
      's3:PutObjectTagging',
    ],
  },
};

/**
 * The policy of a user who may work in some buckets and see no other. Buckets are named exactly: `arn:aws:s3:::data` and
 * `arn:aws:s3:::data/*`, never a pattern that `data2` would match. Writing lets delete an object but not a version of it, so that a
 * versioned bucket keeps what its users delete; MinIO lets whoever may delete objects delete versions too, unless that is denied.
 *
 * @param permissions what the user may do, by bucket; at least one
 */
export function userPolicy(permissions: ReadonlyMap<string, BucketPermission>): S3Policy {
  const buckets = [...permissions].sort(([a], [b]) => compare(a, b));
  return {
    Version: '2012-10-17',
    Statement: buckets.flatMap(([bucket, permission]): Statement[] => [
      { Effect: 'Allow', Action: ACTIONS[permission].bucket, Resource: [`arn:aws:s3:::${bucket}`] },
      { Effect: 'Allow', Action: ACTIONS[permission].object, Resource: [`arn:aws:s3:::${bucket}/*`] },
      ...(permission === 'readWrite' ? [keepVersions(bucket)] : []),
    ]),
  };
}

function keepVersions(bucket: string): Statement {
  return { Effect: 'Deny', Action: ['s3:DeleteObjectVersion'], Resource: [`arn:aws:s3:::${bucket}/*`] };
}

/**
 * The policy of everyone who logs in: a bucket of one's own, made by oneself, and credentials that end. MinIO puts the user's name into
 * `${jwt:...}`, so that the bucket is named exactly: user `al` does not reach the bucket of `alpha`.
 *
 * @param prefix what the bucket's name begins with
 * @param usernameClaim claim of the token that holds the user's name
 * @param durationSeconds the longest life of credentials; who asks for a longer one is refused
 */
export function ownBucketPolicy(prefix: string, usernameClaim: string, durationSeconds: number): S3Policy {
  const bucket = `arn:aws:s3:::${prefix}\${jwt:${usernameClaim}}`;
  return {
    Version: '2012-10-17',
    Statement: [
      { Effect: 'Allow', Action: ['s3:CreateBucket', ...ACTIONS.readWrite.bucket], Resource: [bucket] },
      { Effect: 'Allow', Action: ACTIONS.readWrite.object, Resource: [`${bucket}/*`] },
      {
        Effect: 'Deny',
        Action: ['sts:AssumeRoleWithWebIdentity'],
        Condition: { NumericGreaterThan: { 'sts:DurationSeconds': String(durationSeconds) } },
      },
    ],
  };
}
