import type { BucketPermission } from './minio-policy';
import type { MinioUser } from './minio-users';
import type { BucketAccess, BucketConsumer, IBucket, IObjectStore } from './object-store';

/** A bucket that a MinioTenant makes. */
export class MinioBucket implements IBucket {
  /** @param grant how the store makes a consumer's user */
  constructor(
    readonly objectStore: IObjectStore,
    readonly name: string,
    private readonly grant: (consumer: BucketConsumer, permission: BucketPermission, folder?: string) => BucketAccess,
  ) {}

  grantReadWrite(consumer: BucketConsumer, folder?: string): BucketAccess {
    return this.grant(consumer, 'readWrite', folder);
  }

  grantRead(consumer: BucketConsumer, folder?: string): BucketAccess {
    return this.grant(consumer, 'read', folder);
  }

  grantPut(consumer: BucketConsumer, folder: string): BucketAccess {
    return this.grant(consumer, 'put', folder);
  }

  /** Lets a user that is none of the platform's workloads list, read, write and delete. Opens no network. */
  grantReadWriteToUser(user: MinioUser): void {
    user.allow(this.name, 'readWrite');
  }

  /** Lets a user that is none of the platform's workloads list and read. Opens no network. */
  grantReadToUser(user: MinioUser): void {
    user.allow(this.name, 'read');
  }
}
