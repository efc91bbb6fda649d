import { compare } from '../platform';

/** What a user may do in one bucket, or below a folder of it. */
export type BucketPermission = 'read' | 'readWrite' | 'put';

/** What a user may do, and where. */
export interface BucketGrant {
  readonly bucket: string;
  /** Folder below which the permission holds, without slash at either end. @default - the whole bucket */
  readonly folder?: string;
  readonly permission: BucketPermission;
}

/** When a statement holds: values by key, by operator. */
export type PolicyCondition = Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;

/** One statement of a policy document of S3. */
export interface S3Statement {
  readonly Effect: 'Allow' | 'Deny';
  readonly Action: readonly string[];
  /** @default - what the policy is attached to */
  readonly Resource?: readonly string[];
  /** @default - it always holds */
  readonly Condition?: PolicyCondition;
}

/** A policy document of S3. */
export interface S3Policy {
  readonly Version: '2012-10-17';
  readonly Statement: readonly S3Statement[];
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
  put: {
    bucket: ['s3:GetBucketLocation'],
    object: ['s3:AbortMultipartUpload', 's3:ListMultipartUploadParts', 's3:PutObject'],
  },
};

/** Actions on a bucket that tell names of objects, of a folder where the request names one. */
const LISTING = ['s3:ListBucket', 's3:ListBucketVersions'];
/** The names of uploads that have not ended: MinIO refuses a policy that would allow it for one folder. */
const LISTING_UPLOADS = 's3:ListBucketMultipartUploads';

/**
 * MinIO lets everyone make further access keys for themselves who is not denied it. Such a key never ends, so it would outlive the rotation
 * of a password, the credentials of a login, and the login itself.
 */
const NO_FURTHER_KEYS: S3Statement = {
  Effect: 'Deny',
  Action: ['admin:CreateServiceAccount', 'admin:UpdateServiceAccount'],
};

/**
 * The policy of a user who may work in some buckets, or below some of their folders, and see no other. Buckets are named exactly: `arn:aws:s3:::data` and
 * `arn:aws:s3:::data/*`, never a pattern that `data2` would match. Writing lets delete an object but not a version of it, so that a
 * versioned bucket keeps what its users delete; MinIO lets whoever may delete objects delete versions too, unless that is denied.
 *
 * @param grants what the user may do in buckets
 * @param isWatcher the user may read metrics, which tell sizes and counts and no object
 */
export function userPolicy(grants: readonly BucketGrant[], isWatcher = false): S3Policy {
  const sorted = [...grants].sort((a, b) => compare(a.bucket, b.bucket) || compare(a.folder ?? '', b.folder ?? ''));
  return {
    Version: '2012-10-17',
    Statement: [
      ...sorted.flatMap((grant): S3Statement[] => [
        ...(grant.folder === undefined
          ? allowIn(`arn:aws:s3:::${grant.bucket}`, grant.permission)
          : allowBelow(grant.bucket, grant.folder, grant.permission)),
        ...(grant.permission === 'readWrite' ? [keepVersions(grant)] : []),
      ]),
      ...(isWatcher ? [{ Effect: 'Allow' as const, Action: ['admin:Prometheus'] }] : []),
      NO_FURTHER_KEYS,
    ],
  };
}

/** What keeps versions of objects from whoever may delete the objects. */
export function keepVersions({ bucket, folder }: Pick<BucketGrant, 'bucket' | 'folder'>): S3Statement {
  const objects = folder === undefined ? '*' : `${folder}/*`;
  return { Effect: 'Deny', Action: ['s3:DeleteObjectVersion'], Resource: [`arn:aws:s3:::${bucket}/${objects}`] };
}

/** What lets somebody work below a folder: `logs` never means `logs2`, and whoever lists must ask for the folder. */
export function allowBelow(bucket: string, folder: string, permission: BucketPermission): S3Statement[] {
  const arn = `arn:aws:s3:::${bucket}`;
  const { bucket: actions, object } = ACTIONS[permission];
  const listing = actions.filter((action) => LISTING.includes(action));
  const plain = actions.filter((action) => !LISTING.includes(action) && action !== LISTING_UPLOADS);
  return [
    { Effect: 'Allow', Action: plain, Resource: [arn] },
    ...(listing.length === 0
      ? []
      : [
          {
            Effect: 'Allow' as const,
            Action: listing,
            Resource: [arn],
            Condition: { StringLike: { 's3:prefix': [`${folder}/*`] } },
          },
        ]),
    { Effect: 'Allow', Action: object, Resource: [`${arn}/${folder}/*`] },
  ];
}

/**
 * What lets somebody work in one bucket.
 *
 * @param bucket its ARN, which may hold what the store puts in for a person
 * @param condition when it holds; always, where there is none
 */
export function allowIn(bucket: string, permission: BucketPermission, condition?: PolicyCondition): S3Statement[] {
  const when = condition === undefined ? {} : { Condition: condition };
  return [
    { Effect: 'Allow', Action: ACTIONS[permission].bucket, Resource: [bucket], ...when },
    { Effect: 'Allow', Action: ACTIONS[permission].object, Resource: [`${bucket}/*`], ...when },
  ];
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
      NO_FURTHER_KEYS,
    ],
  };
}
