import type { IIdentityProvider, IOidcClient, SpaceNames } from '../platform';
import { bucketName } from './bucket-name';
import { ownBucketPolicy, type S3Policy, userPolicy } from './minio-policy';
import type { PeopleStorage, PeopleStorageRole } from './people-storage';

/** Policy of everyone who logs in. No project can have a name with an underscore. */
const OWN_BUCKET = 'own_bucket';
/** Claim that lists the policies of a person, MinIO's default. */
export const POLICIES_CLAIM = 'policy';
/** Audience of the tokens that a MinIO takes. */
export const AUDIENCE = 'minio';
/** Longest and shortest life that MinIO gives to credentials (`GetDefaultExpiration` in internal/config/identity/openid). */
const DURATION = { least: 900, most: 604_800 } as const;

export interface MinioPeopleProps {
  /** How buckets are named. */
  readonly names: SpaceNames;
  /** Address for browsers and for services of people, `https://s3.example.org`: what `exposeApiVia` gave. */
  readonly url: string;
  /** Id of the client that asks for tokens. @default 'onyxia-minio' */
  readonly clientId?: string;
  /**
   * The longest life of credentials, in seconds, 900 to 604800: how long somebody who left a project may still reach its bucket, and how
   * long a job may run without new ones.
   *
   * @default 86400, a day
   */
  readonly durationSeconds?: number;
}

/** What a store does for its people. */
export interface PeopleStore {
  readonly region: string;
  readonly forcePathStyle: boolean;
  addPeoplePolicy(name: string, policy: S3Policy): void;
  addBucket(name: string): unknown;
  allowOrigin(origin: string): void;
}

/** A MinIO that takes tokens of people, see `MinioTenant.federate`. */
export class MinioPeople implements PeopleStorage {
  readonly client: IOidcClient;
  readonly url: string;
  readonly stsUrl: string;
  readonly region: string;
  readonly forcePathStyle: boolean;
  readonly durationSeconds: number;
  readonly names: SpaceNames;
  /** MinIO finds a person's policies in the token, so there is one role without a name. */
  readonly roles: readonly PeopleStorageRole[] = [{ profileName: 'default', roleArn: '', roleSessionName: '' }];
  private readonly projects = new Set<string>();

  /** @throws RangeError when the life of credentials is out of range */
  constructor(
    private readonly store: PeopleStore,
    identityProvider: IIdentityProvider,
    { names, url, clientId = 'onyxia-minio', durationSeconds = 86_400 }: MinioPeopleProps,
  ) {
    if (!Number.isInteger(durationSeconds) || durationSeconds < DURATION.least || durationSeconds > DURATION.most) {
      throw new RangeError(
        `credentials of people live ${DURATION.least} to ${DURATION.most} whole seconds, given ${durationSeconds}`,
      );
    }
    this.names = names;
    this.url = url;
    this.stsUrl = url;
    this.region = store.region;
    this.forcePathStyle = store.forcePathStyle;
    this.durationSeconds = durationSeconds;
    this.client = identityProvider.addPublicClient(clientId, { audience: AUDIENCE, permissionsClaim: POLICIES_CLAIM });
    this.client.grantEveryone(OWN_BUCKET);
    store.addPeoplePolicy(
      OWN_BUCKET,
      ownBucketPolicy(names.userPrefix, identityProvider.claims.username, durationSeconds),
    );
  }

  allowOrigin(origin: string): void {
    this.store.allowOrigin(origin);
  }

  /** @throws Error when the project has its bucket already, or when the name is none that a project may have */
  addProject(name: string): void {
    const bucket = bucketName(this.names.project(name));
    if (this.projects.has(name)) throw new Error(`project "${name}" has its bucket "${bucket}" already`);
    this.projects.add(name);
    this.store.addBucket(bucket);
    this.store.addPeoplePolicy(bucket, userPolicy([{ bucket, permission: 'readWrite' }]));
    this.client.grantGroup(name, bucket);
  }
}
