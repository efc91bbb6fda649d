import { env, envFromSecret, type k8s } from '../platform';
import type { DatabaseAccess } from './database';

/** The bundle of public authorities on Debian and its children, which the images of `images/` come from. */
export const SYSTEM_AUTHORITIES = '/etc/ssl/certs/ca-certificates.crt';

/**
 * The environment variables from which libpq, and so psycopg, psql and most drivers, read a connection
 * (https://www.postgresql.org/docs/15/libpq-envars.html). The password never stands in an argument or in a URL.
 *
 * @param access what `grantConnect` gave
 * @param certificateAuthorityFile where the container mounts `access.certificateAuthority`. @default - the system's authorities, where
 *   the certificate is to be verified
 * @throws Error when the server has an authority of its own and no file is named for it
 */
export function libpqEnvironment(access: DatabaseAccess, certificateAuthorityFile?: string): k8s.EnvVar[] {
  const { certificateAuthority, tlsMode } = access;
  if (certificateAuthority !== undefined && certificateAuthorityFile === undefined) {
    throw new Error(
      `database "${access.database}" at ${access.host} has a certificate authority of its own: mount key ` +
        `"${certificateAuthority.key}" of Secret "${certificateAuthority.name}" and name the file`,
    );
  }
  const verified = tlsMode === 'verify-ca' || tlsMode === 'verify-full';
  const authorities = certificateAuthorityFile ?? (verified ? SYSTEM_AUTHORITIES : undefined);
  return [
    env('PGHOST', access.host),
    env('PGPORT', String(access.port)),
    env('PGDATABASE', access.database),
    env('PGUSER', access.user),
    envFromSecret('PGPASSWORD', access.password),
    env('PGSSLMODE', tlsMode),
    ...(authorities === undefined ? [] : [env('PGSSLROOTCERT', authorities)]),
  ];
}
