import { bytesOf } from './byte-quantity';
import { type PostgresConfiguration, renderPostgresConfiguration } from './postgres-configuration';
import { POSTGRES_START_SCRIPT } from './postgres-start-script';

/** Port of the server, as registered with IANA. */
export const POSTGRES_PORT = 5432;

/** User and group `postgres` of the official image for Debian, and of `images/postgres`. */
export const POSTGRES_UID = 999;

/** The superuser: whoever has its password may do everything. */
export const SUPERUSER = 'postgres';

/** Where things stand in the server's container. */
export const SERVER_PATHS = {
  /** The volume; the data folder inside it can be renamed and have a mode of its own. */
  volume: '/var/lib/postgresql/data',
  data: '/var/lib/postgresql/data/pgdata',
  /** The scripts and the configuration. */
  configuration: '/etc/bouture-postgres',
  socket: '/var/run/postgresql',
  superuser: '/run/secrets/superuser',
  tls: '/run/secrets/tls',
} as const;

export interface PostgresServerFilesProps {
  readonly tls: boolean;
  /** Memory limit of the container, a Kubernetes quantity. */
  readonly memoryLimit: string;
  readonly configuration: PostgresConfiguration;
}

/** What the server and its start read, by file name. */
export function postgresServerFiles(props: PostgresServerFilesProps): Record<string, string> {
  return {
    'start.sh': POSTGRES_START_SCRIPT,
    'postgresql.conf': renderPostgresConfiguration({
      ...defaults(props.memoryLimit),
      ...props.configuration,
      ...fixed(props.tls),
    }),
    'pg_hba.conf': accessRules(props.tls),
  };
}

/**
 * What an operator may change. A quarter of the memory for the server's own cache is where the manual begins
 * (https://www.postgresql.org/docs/15/runtime-config-resource.html); the planner is told of the kernel's cache beside it.
 */
function defaults(memoryLimit: string): PostgresConfiguration {
  const megabytes = bytesOf('memory limit', memoryLimit) / 2 ** 20;
  return {
    shared_buffers: `${Math.max(16, Math.floor(megabytes / 4))}MB`,
    effective_cache_size: `${Math.max(16, Math.floor(megabytes / 2))}MB`,
    log_line_prefix: '%m [%p] %q%u@%d ',
    log_timezone: 'UTC',
    TimeZone: 'UTC',
  };
}

/** What the rest of the construct relies on. */
function fixed(tls: boolean): Record<string, string | number | boolean> {
  return {
    listen_addresses: '*',
    port: POSTGRES_PORT,
    unix_socket_directories: SERVER_PATHS.socket,
    hba_file: `${SERVER_PATHS.configuration}/pg_hba.conf`,
    password_encryption: 'scram-sha-256',
    logging_collector: false,
    ssl: tls,
    ...(tls
      ? {
          ssl_cert_file: `${SERVER_PATHS.tls}/tls.crt`,
          ssl_key_file: `${SERVER_PATHS.tls}/tls.key`,
          ssl_min_protocol_version: 'TLSv1.2',
        }
      : {}),
  };
}

/** The socket is the container's own: its user is the superuser. Everyone else proves a password, and never by MD5 or in clear. */
function accessRules(tls: boolean): string {
  const remote = tls ? 'hostssl' : 'host';
  return `local all ${SUPERUSER} peer\n${remote} all all all scram-sha-256\n`;
}
