import type { IConstruct } from 'constructs';
import type { IConnectable, SecretRef } from '../platform';

/** Where an S3 interface answers. */
export interface ObjectStoreEndpoint {
  /** `http://minio.platform-minio.svc.cluster.local:9000` */
  readonly url: string;
  /** Host without scheme or port. */
  readonly host: string;
  /** 1 to 65535. */
  readonly port: number;
  readonly tls: boolean;
  /** Region that clients sign for: `us-east-1` where the store has none. */
  readonly region: string;
  /** Address buckets as `host/bucket` rather than `bucket.host`. */
  readonly forcePathStyle: boolean;
  /** Certificate authority, PEM, that clients must trust. @default - the system's authorities */
  readonly certificateAuthority?: SecretRef;
}

/** What a consumer needs in order to use a bucket. The Secret stands in the consumer's own namespace. */
export interface BucketAccess {
  readonly endpoint: ObjectStoreEndpoint;
  /** Name of the bucket. */
  readonly bucket: string;
  readonly accessKeyId: SecretRef;
  readonly secretAccessKey: SecretRef;
}

export interface BucketProps {
  /** Keep every version of an object. @default false */
  readonly versioning?: boolean;
  /** Hard limit, a Kubernetes quantity such as `100Gi`. @default - none */
  readonly quota?: string;
  /** Days after which objects are deleted. @default - never */
  readonly expireAfterDays?: number;
  /** Days after which versions that are no longer current are deleted. @default - never */
  readonly expireNoncurrentAfterDays?: number;
}

/**
 * Keys of the Secret `<consumer>-s3`, which holds a consumer's credentials in the consumer's namespace, whether a store makes it or
 * it exists already.
 */
export const CREDENTIAL_KEYS = { accessKeyId: 'accessKeyId', secretAccessKey: 'secretAccessKey' } as const;

/** Name of the Secret that holds a consumer's credentials. */
export function credentialsSecretName(consumerName: string): string {
  return `${consumerName}-s3`;
}

/** Whoever reads or writes a bucket: its Pods, and a name for its user. */
export interface BucketConsumer extends IConnectable {
  /** Name of the user that the store makes for it, and, with `-s3` added, of the Secret: a DNS label. */
  readonly consumerName: string;
}

/** One bucket of an object store. */
export interface IBucket {
  readonly name: string;
  readonly objectStore: IObjectStore;
  /**
   * Makes credentials that may list, read, write and delete in this bucket, and opens the network to the store.
   *
   * @param folder below which they may, without slash at either end. @default - the whole bucket
   */
  grantReadWrite(consumer: BucketConsumer, folder?: string): BucketAccess;
  /**
   * Makes credentials that may list and read, and opens the network to the store.
   *
   * @param folder below which they may, without slash at either end. @default - the whole bucket
   */
  grantRead(consumer: BucketConsumer, folder?: string): BucketAccess;
  /**
   * Makes credentials that may put objects below a folder and do nothing else: neither read nor list nor delete. S3 has no right to make
   * objects without the right to replace them: who must not lose the first keeps versions.
   *
   * @param folder without slash at either end
   */
  grantPut(consumer: BucketConsumer, folder: string): BucketAccess;
}

/** Parts of a folder's name that S3, policies and shells all read alike: no wildcard, no variable, no space. */
const FOLDER = /^[A-Za-z0-9_.-]+(\/[A-Za-z0-9_.-]+)*$/;

/**
 * Checks the name of a folder of a bucket.
 *
 * @returns the folder
 * @throws Error when it is empty, has a slash at an end, or holds what a policy would read as a pattern
 */
export function bucketFolder(what: string, folder: string): string {
  if (!FOLDER.test(folder) || folder.split('/').some((part) => part === '.' || part === '..')) {
    throw new Error(
      `${what} "${folder}" is not a folder of a bucket: expected "monitoring/logs", letters, digits, dots, dashes and underscores ` +
        'between slashes, and no slash at either end',
    );
  }
  return folder;
}

/** S3 object storage, whoever runs it. */
export interface IObjectStore extends IConstruct {
  readonly endpoint: ObjectStoreEndpoint;
  /**
   * A bucket of this store: made where the store is ours, expected to exist where it is not.
   *
   * @param name bucket name by the rules of S3: 3 to 63 of a-z, 0-9, dots and dashes
   * @throws Error when the name breaks the rules or is asked for twice
   */
  addBucket(name: string, props?: BucketProps): IBucket;
}
