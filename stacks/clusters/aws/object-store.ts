import type { CustomResourceOptions, Input, Output } from '@pulumi/pulumi';
import { AccessKey } from '@pulumi/aws/iam/accessKey';
import { User } from '@pulumi/aws/iam/user';
import { UserPolicy } from '@pulumi/aws/iam/userPolicy';
import type { Key } from '@pulumi/aws/kms/key';
import { Bucket } from '@pulumi/aws/s3/bucket';
import { BucketCorsConfiguration } from '@pulumi/aws/s3/bucketCorsConfiguration';
import { BucketLifecycleConfiguration } from '@pulumi/aws/s3/bucketLifecycleConfiguration';
import { BucketOwnershipControls } from '@pulumi/aws/s3/bucketOwnershipControls';
import { BucketPolicy } from '@pulumi/aws/s3/bucketPolicy';
import { BucketPublicAccessBlock } from '@pulumi/aws/s3/bucketPublicAccessBlock';
import { BucketServerSideEncryptionConfiguration } from '@pulumi/aws/s3/bucketServerSideEncryptionConfiguration';
import { BucketVersioning } from '@pulumi/aws/s3/bucketVersioning';
import {
  type AwsSettings,
  awsProgramPolicy,
  type CloudBucket,
  type CloudCors,
  type CloudNeeds,
} from '../../../constructs';
import type { ClusterObjectStore } from '../cluster';
import { bucketPolicy } from './policies';

/** Days after which the pieces of an upload that was never finished are deleted. */
const UNFINISHED_DAYS = 7;

/** The buckets of a platform, and the keys that its programs open them with. */
export interface S3Parts extends ClusterObjectStore {
  /** Keys of programs, by id of their deploy-time value. */
  readonly values: Readonly<Record<string, Output<string>>>;
}

/** Makes the buckets, closed to the public and encrypted, and a user with a pair of keys for each program. */
export function makeObjectStore(
  needs: CloudNeeds,
  settings: AwsSettings,
  key: Key,
  options: CustomResourceOptions,
): S3Parts {
  const buckets = needs.buckets.map((bucket) => {
    const made = makeBucket(bucket, key.arn, needs.people?.cors, options);
    return [bucket.name, made.bucket] as const;
  });
  const values = needs.programs.flatMap(({ name, grants, accessKeyId, secretAccessKey }) => {
    const user = new User(
      `program-${name}`,
      { name: `${needs.platform}-${name}`, path: `/${needs.platform}/`, forceDestroy: true },
      options,
    );
    new UserPolicy(
      `program-${name}`,
      { user: user.name, policy: JSON.stringify(awsProgramPolicy(grants, settings.account)) },
      options,
    );
    const keys = new AccessKey(`program-${name}`, { user: user.name }, options);
    return [
      [accessKeyId.id, keys.id],
      [secretAccessKey.id, keys.secret],
    ] as const;
  });
  return { buckets: Object.fromEntries(buckets), values: Object.fromEntries(values) };
}

function makeBucket(
  { name, versioning, expireAfterDays, expireNoncurrentAfterDays, isForPeople }: CloudBucket,
  keyArn: Input<string>,
  cors: CloudCors | undefined,
  options: CustomResourceOptions,
): Bucket {
  const made = new Bucket(name, { bucket: name }, { ...options, protect: true, retainOnDelete: true });
  const bucket = made.bucket;
  const ownership = new BucketOwnershipControls(
    name,
    { bucket, rule: { objectOwnership: 'BucketOwnerEnforced' } },
    options,
  );
  const closed = new BucketPublicAccessBlock(
    name,
    { bucket, blockPublicAcls: true, blockPublicPolicy: true, ignorePublicAcls: true, restrictPublicBuckets: true },
    options,
  );
  new BucketPolicy(
    name,
    { bucket, policy: JSON.stringify(bucketPolicy(name)) },
    { ...options, dependsOn: [ownership, closed] },
  );
  new BucketServerSideEncryptionConfiguration(
    name,
    {
      bucket,
      rules: [
        {
          applyServerSideEncryptionByDefault: { sseAlgorithm: 'aws:kms', kmsMasterKeyId: keyArn },
          bucketKeyEnabled: true,
        },
      ],
    },
    options,
  );
  new BucketVersioning(
    name,
    { bucket, versioningConfiguration: { status: versioning ? 'Enabled' : 'Suspended' } },
    options,
  );
  new BucketLifecycleConfiguration(
    name,
    {
      bucket,
      rules: [
        {
          id: 'bouture',
          status: 'Enabled',
          filter: { prefix: '' },
          abortIncompleteMultipartUpload: { daysAfterInitiation: UNFINISHED_DAYS },
          ...(expireAfterDays === undefined ? {} : { expiration: { days: expireAfterDays } }),
          ...(expireNoncurrentAfterDays === undefined
            ? {}
            : { noncurrentVersionExpiration: { noncurrentDays: expireNoncurrentAfterDays } }),
        },
      ],
    },
    options,
  );
  if (isForPeople && cors !== undefined && cors.allowedOrigins.length > 0) {
    new BucketCorsConfiguration(
      name,
      {
        bucket,
        corsRules: [
          {
            allowedOrigins: [...cors.allowedOrigins],
            allowedMethods: [...cors.allowedMethods],
            allowedHeaders: [...cors.allowedHeaders],
            exposeHeaders: [...cors.exposeHeaders],
            maxAgeSeconds: cors.maxAgeSeconds,
          },
        ],
      },
      options,
    );
  }
  return made;
}
