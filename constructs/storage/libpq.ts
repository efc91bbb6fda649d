import { env, envFromSecret, type k8s } from '../platform';
import type { DatabaseAccess } from './database';

/**
 * The environment variables from which libpq, and so psycopg, psql and most drivers, read a connection
 * (https://www.postgresql.org/docs/15/libpq-envars.html). The password never stands in an argument or in a URL.
 *
 * @param access what `grantConnect` gave
 * @param certificateAuthorityFile where the container mounts `access.certificateAuthority`. @default - none
 * @throws Error when the server has an authority of its own and no file is named for it
 */
export function libpqEnvironment(access: DatabaseAccess, certificateAuthorityFile?: string): k8s.EnvVar[] {
  if (access.certificateAuthority !== undefined && certificateAuthorityFile === undefined) {
    throw new Error(
      `database "${access.database}" at ${access.host} has a certificate authority of its own: mount key ` +
        `"${access.certificateAuthority.key}" of Secret "${access.certificateAuthority.name}" and name the file`,
    );
  }
  return [
    env('PGHOST', access.host),
    env('PGPORT', String(access.port)),
    env('PGDATABASE', access.database),
    env('PGUSER', access.user),
    envFromSecret('PGPASSWORD', access.password),
    env('PGSSLMODE', access.tlsMode),
    ...(certificateAuthorityFile === undefined ? [] : [env('PGSSLROOTCERT', certificateAuthorityFile)]),
  ];
}
