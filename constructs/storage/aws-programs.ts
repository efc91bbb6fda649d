import type { CloudGrant } from '../platform';
import { allowBelow, allowIn, keepVersions, type S3Policy, type S3Statement } from './minio-policy';

/**
 * The policy of a program's user at Amazon S3: its own buckets and folders, and no other. Buckets are named exactly, and only those of the
 * account count: somebody else's may have any name. Writing lets delete an object but not a version of it.
 *
 * @param grants at least one
 * @param account number of the account
 *
 * @example
 * import { awsProgramPolicy } from 'bouture';
 * awsProgramPolicy([{ bucket: 'office-123456789012-mlflow', permission: 'readWrite' }], '123456789012');
 */
export function awsProgramPolicy(grants: readonly CloudGrant[], account: string): S3Policy {
  const own = { StringEquals: { 'aws:ResourceAccount': account } };
  return {
    Version: '2012-10-17',
    Statement: grants.flatMap(({ bucket, folder, permission }): S3Statement[] => [
      ...(folder === undefined
        ? allowIn(`arn:aws:s3:::${bucket}`, permission, own)
        : allowBelow(bucket, folder, permission).map((statement) => ({
            ...statement,
            Condition: { ...statement.Condition, ...own },
          }))),
      ...(permission === 'readWrite' ? [keepVersions({ bucket, ...(folder === undefined ? {} : { folder }) })] : []),
    ]),
  };
}
