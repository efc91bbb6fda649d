import type { Conflict } from '../config/check';
import type { Sections } from '../sections/platform';

/** Whether the world comes in without TLS. */
function isPlain({ exposure }: Sections): boolean {
  const { ingress, gateway } = exposure ?? {};
  return (
    (ingress !== undefined && ingress.tls === undefined) ||
    (gateway?.className !== undefined && gateway.tls === undefined) ||
    gateway?.existing?.isEncrypted === false
  );
}

/** A store of somebody else trusts no issuer without TLS; MinIO does not look. */
export function* issuerIsTrusted(config: Sections): Iterable<Conflict> {
  const people = config.objectStore?.external?.people;
  if (people === undefined || people.minio !== undefined || config.identity?.keycloak === undefined) return;
  if (!isPlain(config)) return;
  yield {
    path: ['objectStore', 'external', 'people'],
    reads: [['exposure'], ['identity']],
    message: 'the exposure is plain HTTP, and the store trusts no issuer without TLS',
    expected: 'exposure with tls, or no people',
  };
}

/** A provider of somebody else sends nobody back to a page without TLS. */
export function* redirectsAreEncrypted(config: Sections): Iterable<Conflict> {
  const hasPages = config.onyxia !== undefined || config.coding !== undefined;
  if (config.identity?.external === undefined || !hasPages || !isPlain(config)) return;
  yield {
    path: ['identity', 'external'],
    reads: [['exposure'], ['onyxia'], ['coding']],
    message: 'the exposure is plain HTTP, and people who log in there come back to pages with https:// alone',
    expected: 'exposure with tls, or identity.keycloak',
  };
}
