import type { IOidcClient, SpaceNames } from '../platform';

/** How a token of a person becomes credentials of one role, as Onyxia's `data.S3.sts.role` has it. */
export interface PeopleStorageRole {
  /** Name that the person sees. */
  readonly profileName: string;
  /** Empty where the store takes the role from the token itself, as MinIO does. */
  readonly roleArn: string;
  /** Empty where there is no role. */
  readonly roleSessionName: string;
  /** Claim whose values select the role: one profile for each value that matches. @default - everyone has it */
  readonly claimName?: string;
  /** Regular expression of those values; its groups are `$1`, `$2` in the three texts above. @default - every value */
  readonly includedClaimPattern?: string;
}

/** Object storage for people: each has a bucket, each project has one, and a token of the identity provider gets credentials for them. */
export interface PeopleStorage {
  /** Address for browsers and services: `https://minio.example.org`. */
  readonly url: string;
  /** Region that clients sign for. */
  readonly region: string;
  readonly forcePathStyle: boolean;
  /** Where AssumeRoleWithWebIdentity is answered. */
  readonly stsUrl: string;
  /** Client whose access tokens it takes. */
  readonly client: IOidcClient;
  /** The longest life of credentials, in seconds: how long somebody who left a project may still reach its bucket. */
  readonly durationSeconds: number;
  /** At least one that everyone has. */
  readonly roles: readonly PeopleStorageRole[];
  /** Names of buckets: `names.user(username)` and `names.project(name)`. */
  readonly names: SpaceNames;
  /** Lets pages of an origin call the store. @param origin `https://datalab.example.org` */
  allowOrigin(origin: string): void;
  /** A project's bucket, for the members of the group of that name. */
  addProject(name: string): void;
}
