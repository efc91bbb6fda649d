/** What runs a store of somebody else. */
type StoreKind = 'aws' | 'ceph' | 'minio';

/**
 * How long credentials live, in seconds. The bound is worth as much as the store holds people to it, who may ask for any life. AWS and Ceph
 * do by the longest session of a role, an hour at least and twelve at most
 * (https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateRole.html, `rgw_sts_max_session_duration`); MinIO by a policy.
 */
const LIVES: Readonly<Record<StoreKind, { readonly least: number; readonly most: number }>> = {
  aws: { least: 3600, most: 43_200 },
  ceph: { least: 3600, most: 43_200 },
  minio: { least: 900, most: 604_800 },
};

/**
 * What is wrong with a life of credentials at a store.
 *
 * @returns the reason, undefined where it is right
 */
export function wrongLife(kind: StoreKind, seconds: number): string | undefined {
  const { least, most } = LIVES[kind];
  if (Number.isInteger(seconds) && seconds >= least && seconds <= most) return undefined;
  return `a store of the kind ${kind} holds credentials to a life of ${least} to ${most} whole seconds, given ${seconds}`;
}
