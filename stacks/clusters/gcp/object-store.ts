import type { CustomResourceOptions, Output } from '@pulumi/pulumi';
import type { CryptoKey } from '@pulumi/gcp/kms/cryptoKey';
import { Account } from '@pulumi/gcp/serviceaccount/account';
import { Bucket } from '@pulumi/gcp/storage/bucket';
import { BucketIAMMember } from '@pulumi/gcp/storage/bucketIAMMember';
import { HmacKey } from '@pulumi/gcp/storage/hmacKey';
import { type CloudGrant, type CloudNeeds, contentHash, type GcpSettings } from '../../../constructs';
import type { ClusterObjectStore } from '../cluster';

/** What each permission is at Google (https://cloud.google.com/storage/docs/access-control/iam-roles). */
const ROLES: Readonly<Record<CloudGrant['permission'], string>> = {
  read: 'roles/storage.objectViewer',
  readWrite: 'roles/storage.objectUser',
  put: 'roles/storage.objectCreator',
};

/** Clients of S3 ask for a bucket's place and versioning before they begin. */
const BUCKET_ROLE = 'roles/storage.legacyBucketReader';

/** The buckets of a platform, and the keys that its programs open them with. */
export interface GcsParts extends ClusterObjectStore {
  /** Keys of programs, by id of their deploy-time value. */
  readonly values: Readonly<Record<string, Output<string>>>;
}

/**
 * Makes the buckets, closed to the public and encrypted, and for each program an account with a pair of keys for the S3 interface of Google
 * (https://cloud.google.com/storage/docs/authentication/hmackeys).
 */
export function makeObjectStore(
  { buckets, programs, platform }: CloudNeeds,
  { region, project }: GcpSettings,
  key: CryptoKey,
  options: CustomResourceOptions,
): GcsParts {
  const made = buckets.map(({ name, versioning, expireAfterDays, expireNoncurrentAfterDays }) => {
    const bucket = new Bucket(
      name,
      {
        name,
        location: region.toUpperCase(),
        uniformBucketLevelAccess: true,
        publicAccessPrevention: 'enforced',
        versioning: { enabled: versioning },
        encryption: { defaultKmsKeyName: key.id },
        forceDestroy: false,
        lifecycleRules: [
          ...(expireAfterDays === undefined
            ? []
            : [{ action: { type: 'Delete' }, condition: { age: expireAfterDays, withState: 'LIVE' } }]),
          ...(expireNoncurrentAfterDays === undefined
            ? []
            : [{ action: { type: 'Delete' }, condition: { daysSinceNoncurrentTime: expireNoncurrentAfterDays } }]),
        ],
      },
      { ...options, protect: true, retainOnDelete: true },
    );
    return [name, bucket.name] as const;
  });
  const names = new Map(made);
  const values = programs.flatMap(({ name, grants, accessKeyId, secretAccessKey }) => {
    const account = new Account(
      `program-${name}`,
      { accountId: accountId(platform, name), displayName: `${name} of ${platform}` },
      options,
    );
    const member = account.email.apply((email) => `serviceAccount:${email}`);
    for (const { bucket, folder, permission } of grants) {
      const place = names.get(bucket) ?? bucket;
      const id = [name, bucket, folder ?? 'all', permission].join('-').replaceAll('/', '-');
      // A condition names folders; that a program may list the whole bucket cannot be said otherwise.
      const condition =
        folder === undefined
          ? {}
          : {
              condition: {
                title: `below ${folder}`,
                expression: `resource.name.startsWith("projects/_/buckets/${bucket}/objects/${folder}/")`,
              },
            };
      new BucketIAMMember(id, { bucket: place, role: ROLES[permission], member, ...condition }, options);
      new BucketIAMMember(`${id}-bucket`, { bucket: place, role: BUCKET_ROLE, member }, options);
    }
    const keys = new HmacKey(`program-${name}`, { project, serviceAccountEmail: account.email }, options);
    return [
      [accessKeyId.id, keys.accessId],
      [secretAccessKey.id, keys.secret],
    ] as const;
  });
  return { buckets: Object.fromEntries(made), values: Object.fromEntries(values) };
}

/** Characters of an account's id at Google, of which the last ones tell it from others of the same beginning. */
const ACCOUNT_ID = { beginning: 21, mark: 8 } as const;

/** The id of a program's account: what it is, and a mark that no other has. */
function accountId(platform: string, program: string): string {
  const mark = contentHash(`${platform}/${program}`).slice(0, ACCOUNT_ID.mark);
  return `${program.slice(0, ACCOUNT_ID.beginning).replace(/-$/, '')}-${mark}`;
}
