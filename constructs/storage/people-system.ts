import type { PublicClientProps } from '../platform';
import {
  AWS_PERMISSIONS_CLAIM,
  AWS_USERNAME_TAG,
  awsPartition,
  awsPermission,
  type AwsPeopleSystem,
  awsProfiles,
  awsProviderArn,
  awsRoles,
} from './aws-people';
import {
  type CephPeopleSystem,
  cephPersonRole,
  cephProfiles,
  cephProjectRoles,
  cephProviderArn,
  SOMEBODY,
} from './ceph-people';
import { type MinioPeopleSystem, minioProfiles, minioRole } from './minio-role';
import type { ExpectedRole, PeopleFacts } from './people-role';
import type { PeopleStorageRole } from './people-storage';

/** What runs a store of somebody else, as far as tokens and roles go. */
export type PeopleSystem = AwsPeopleSystem | CephPeopleSystem | MinioPeopleSystem;

/**
 * The roles that whoever runs the store makes, with their policies. At Ceph the first stands for all people: `USERNAME` is the name of one.
 *
 * @param system what runs the store
 * @param facts what tokens say, and how buckets are named
 * @throws Error when tokens or names are such that the store could not tell people apart
 *
 * @example
 * import { SpaceNames, peopleRolePolicies } from 'bouture';
 * const [everyone] = peopleRolePolicies(
 *   { kind: 'aws', account: '123456789012' },
 *   {
 *     platform: 'office',
 *     issuer: 'https://auth.example.org/realms/datalab',
 *     clientId: 'onyxia-s3',
 *     audience: 'onyxia-s3',
 *     claims: { username: 'preferred_username', groups: 'groups', roles: 'roles' },
 *     names: new SpaceNames({ userPrefix: 'office-user-', projectPrefix: 'office-project-' }),
 *     region: 'eu-west-3',
 *     durationSeconds: 43_200,
 *     projects: ['census'],
 *   },
 * );
 */
export function peopleRolePolicies(system: PeopleSystem, facts: PeopleFacts): readonly ExpectedRole[] {
  switch (system.kind) {
    case 'aws':
      return awsRoles(system, facts);
    case 'ceph':
      return [cephPersonRole(system, facts, SOMEBODY), ...cephProjectRoles(system, facts)];
    case 'minio':
      return [minioRole(facts)];
  }
}

/** What Onyxia asks the store for. */
export function peopleProfiles(
  system: PeopleSystem,
  facts: Omit<PeopleFacts, 'projects'>,
): readonly PeopleStorageRole[] {
  switch (system.kind) {
    case 'aws':
      return awsProfiles(system, facts);
    case 'ceph':
      return cephProfiles(system, facts);
    case 'minio':
      return minioProfiles(facts);
  }
}

/** What tokens for the store tell beyond the claims that every token has. */
export function tokenNeeds(system: PeopleSystem): PublicClientProps {
  return system.kind === 'aws' ? { permissionsClaim: AWS_PERMISSIONS_CLAIM, usernameTag: AWS_USERNAME_TAG } : {};
}

/** The permission that selects a project's role. @returns undefined where the groups claim selects it */
export function projectPermission(
  system: PeopleSystem,
  facts: Pick<PeopleFacts, 'names'>,
  project: string,
): string | undefined {
  return system.kind === 'aws' ? awsPermission(facts, project) : undefined;
}

/** The ARN by which the store knows the identity provider. @returns undefined at MinIO, which gives it none */
export function providerArn(system: PeopleSystem, issuer: string): string | undefined {
  switch (system.kind) {
    case 'aws':
      return awsProviderArn(system, issuer);
    case 'ceph':
      return cephProviderArn(system, issuer);
    case 'minio':
      return undefined;
  }
}

/** Where AssumeRoleWithWebIdentity is answered. @throws Error at a partition of AWS whose addresses nobody here knows */
export function stsUrlOf(system: PeopleSystem, storeUrl: string, region: string): string {
  if (system.kind !== 'aws') return storeUrl;
  const partition = awsPartition(system);
  if (partition === 'aws') return `https://sts.${region}.amazonaws.com`;
  throw new Error(`partition "${partition}" has addresses of its own: give stsUrl`);
}
