import type { SpaceNames, TokenClaims } from '../platform';
import type { S3Policy, S3Statement } from './minio-policy';

/** A policy document that says who may assume a role. */
export interface TrustPolicy {
  readonly Version: '2012-10-17';
  /** One alone: Ceph lets nobody in unless the conditions of every statement hold (`Policy::eval_conditions` in src/rgw/rgw_iam_policy.cc). */
  readonly Statement: readonly [S3Statement & { readonly Principal: { readonly Federated: string } }];
}

/** What policies say of tokens and buckets: all that a store of somebody else must agree on with the platform. */
export interface PeopleFacts {
  /** Name of the platform. */
  readonly platform: string;
  /** What `iss` of the tokens says. */
  readonly issuer: string;
  /** Id of the client that tokens are for. */
  readonly clientId: string;
  /** What `aud` of the tokens holds. */
  readonly audience: string;
  readonly claims: TokenClaims;
  readonly names: SpaceNames;
  /** Region that clients sign for. */
  readonly region: string;
  /** The longest life of credentials, in seconds. */
  readonly durationSeconds: number;
  /** Names of the projects, sorted. */
  readonly projects: readonly string[];
}

/** A role that whoever runs a store makes there; at MinIO, a policy. */
export interface ExpectedRole {
  /** Name that it has there. */
  readonly name: string;
  /** What tokens are exchanged for: `arn:aws:iam::123456789012:role/projet-census`. */
  readonly arn: string;
  /** Who may assume it: `everyone`, `members of group census`. */
  readonly whose: string;
  /** Says who may assume it. @default - whoever has a token for the client */
  readonly trustPolicy?: TrustPolicy;
  /** Says what whoever has assumed it may do. */
  readonly permissionPolicy: S3Policy;
  /** The longest session of the role, in seconds. @default - the policy says it */
  readonly maxSessionSeconds?: number;
}

/** The issuer as policies name it: without its scheme. @throws Error when it is no https:// address */
export function providerName(issuer: string): string {
  const scheme = 'https://';
  if (!issuer.startsWith(scheme)) {
    throw new Error(`issuer "${issuer}" is plain text, and a store of somebody else trusts none but https://`);
  }
  return issuer.slice(scheme.length);
}

/** The longest name of a role, for AWS and Ceph alike. */
const ROLE_NAME_MAX = 64;

/** @throws Error when the name is none that a role may have */
export function roleName(name: string): string {
  if (/^[A-Za-z0-9_+=,.@-]+$/.test(name) && name.length <= ROLE_NAME_MAX) return name;
  throw new Error(
    `role "${name}": expected at most ${ROLE_NAME_MAX} letters, digits and any of _+=,.@-: shorten rolePrefix, or the project's name`,
  );
}
