import type { BucketProps } from './object-store';

interface LifecycleRule {
  readonly ID: string;
  readonly Status: 'Enabled';
  readonly Expiration?: { readonly Days: number } | { readonly ExpiredObjectDeleteMarker: true };
  readonly NoncurrentVersionExpiration?: { readonly NoncurrentDays: number };
}

/** A lifecycle configuration as `mc ilm rule import` reads it. */
export interface BucketLifecycle {
  readonly Rules: readonly LifecycleRule[];
}

/**
 * The lifecycle of a bucket; undefined where it keeps everything. Where old versions expire, so do the markers of deleted
 * objects that no version is left of.
 *
 * @param bucket its name, used in the error
 * @throws RangeError when a number of days is not a whole number of 1 or more
 * @throws Error when old versions are to expire in a bucket that keeps none
 */
export function bucketLifecycle(bucket: string, props: BucketProps): BucketLifecycle | undefined {
  const { expireAfterDays, expireNoncurrentAfterDays, versioning = false } = props;
  if (expireNoncurrentAfterDays !== undefined && !versioning) {
    throw new Error(
      `bucket "${bucket}": expireNoncurrentAfterDays needs versioning: true, for without it there are no older versions`,
    );
  }
  const rules: LifecycleRule[] = [];
  if (expireAfterDays !== undefined) {
    rules.push({ ID: 'expire', Status: 'Enabled', Expiration: { Days: days(bucket, expireAfterDays) } });
  }
  if (expireNoncurrentAfterDays !== undefined) {
    rules.push(
      {
        ID: 'expire-noncurrent',
        Status: 'Enabled',
        NoncurrentVersionExpiration: { NoncurrentDays: days(bucket, expireNoncurrentAfterDays) },
      },
      { ID: 'remove-delete-markers', Status: 'Enabled', Expiration: { ExpiredObjectDeleteMarker: true } },
    );
  }
  return rules.length === 0 ? undefined : { Rules: rules };
}

function days(bucket: string, value: number): number {
  if (!Number.isInteger(value) || value < 1) {
    throw new RangeError(`bucket "${bucket}": objects expire after a whole number of days, 1 or more, given ${value}`);
  }
  return value;
}
