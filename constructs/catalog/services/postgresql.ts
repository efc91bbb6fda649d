import type { ImageReference } from '../../platform';
import { choose, isSet, kept, release, text } from '../functions';
import { BASE_NAME, object, objectName } from '../object';
import { parts } from '../parts';
import { discoverable } from '../parts/discovery';
import { readingOf } from '../parts/password';
import { value } from '../schema';
import { type CatalogService, defineService } from '../service';
import { helmTest, workload } from '../workload';
import { DATABASE_ICON } from './icons';
import { accountNames } from './own-database';

/** Port of PostgreSQL. */
const PORT = 5432;
/** User of the image. */
const UID = 999;
const FILES = '/etc/bouture/postgresql';
const SECRET = '/run/secrets/postgresql';

/** Id of the Secret that holds the password, and by which other services find this one. */
const DISCOVERY = 'discovery';

/**
 * Makes the database when there is none, beside its place and then renamed, so that a kill half-way leaves nothing that looks like one; sets
 * the password at each start, so that a new one in the Secret holds after a restart; then becomes the server.
 */
const START_SCRIPT = `#!/bin/sh
set -eu
umask 077
rm -f "$PGDATA/postmaster.pid"
if [ ! -s "$PGDATA/PG_VERSION" ]; then
  echo "start: making a database in $PGDATA" >&2
  rm -rf "$PGDATA.new"
  initdb --pgdata="$PGDATA.new" --username="$PGUSER" --pwfile=${SECRET}/password --auth=scram-sha-256 --encoding=UTF8 \\
    --locale=C.UTF-8 --data-checksums --no-instructions >&2
  mv "$PGDATA.new" "$PGDATA"
fi
chmod 0700 "$PGDATA"
# On the socket alone, which only this container has: nobody comes in before the password is set.
pg_ctl -D "$PGDATA" -s -w start -o \\
  "-c listen_addresses='' -c config_file=${FILES}/postgresql.conf -c hba_file=${FILES}/local.conf" >&2
PGOPTIONS='-c log_statement=none -c log_min_error_statement=panic' \\
  psql -X -q -v ON_ERROR_STOP=1 -d postgres -f ${FILES}/start.sql >&2
pg_ctl -D "$PGDATA" -s -w stop -m fast >&2
exec postgres -D "$PGDATA" -c config_file=${FILES}/postgresql.conf -c hba_file=${FILES}/pg_hba.conf
`;

/** The password stands in no argument of a program and in no log. */
const START_SQL = `\\set password \`cat ${SECRET}/password\`
\\getenv user PGUSER
\\getenv database DATABASE
SET password_encryption = 'scram-sha-256';
SELECT format('ALTER ROLE %I PASSWORD %L', :'user', :'password') \\gexec
SELECT format('CREATE DATABASE %I OWNER %I', :'database', :'user')
WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = :'database') \\gexec
`;

export interface PostgresqlProps {
  /** Version of the chart. @default '1.0.0' */
  readonly version?: string;
  /** An image with PostgreSQL's programs on its PATH and user 999, such as `images/postgres`. */
  readonly image: ImageReference;
}

/**
 * PostgreSQL for one person or project, without an Ingress: other services of the namespace find it, with its password, through its
 * discovery Secret. The password is random unless given, and upgrades keep it.
 *
 * @example
 * import { buildCatalog, postgresqlService } from 'bouture';
 * const catalog = buildCatalog([postgresqlService({ image: images.get('postgres') })]);
 */
export function postgresqlService({ version = '1.0.0', image }: PostgresqlProps): CatalogService {
  return defineService({
    name: 'postgresql',
    version,
    appVersion: image.version,
    description: {
      en: 'PostgreSQL, a relational database that your other services find by themselves.',
      fr: 'PostgreSQL, une base de données relationnelle que vos autres services trouvent d’eux-mêmes.',
    },
    icon: DATABASE_ICON,
    home: 'https://www.postgresql.org',
    keywords: ['database', 'sql', 'postgresql'],
    sources: [image.source],
    parts: [
      parts.image({ choices: [image] }),
      parts.resources({
        cpu: { request: 100, limit: 2000, max: 8000 },
        memory: { request: 1, limit: 4, max: 32 },
        scratch: 1,
      }),
      parts.persistence({ mountPath: '/var/lib/postgresql' }),
      parts.nodeSelector(),
      parts.tolerations(),
      parts.startupProbe(),
      parts.networkPolicy(),
      parts.autosuspend(),
    ],
    values: {
      database: value.group(
        { title: { en: 'Database', fr: 'Base de données' } },
        {
          ...accountNames({ user: 'postgres', pattern: '^[a-z_][a-z0-9_]{0,62}$' }),
          password: value.text({
            default: '',
            title: { en: 'Password', fr: 'Mot de passe' },
            description: { en: 'Random when empty.', fr: 'Aléatoire si vide.' },
            render: 'password',
            pattern: '^[^\\s\\\\]*$',
          }),
          maxConnections: value.whole({
            default: 100,
            minimum: 10,
            title: { en: 'Connections at a time', fr: 'Connexions simultanées' },
          }),
        },
      ),
    },
    render: ({ values, parts: shared, chart, language }) => {
      const { database } = values;
      const password = { name: objectName(DISCOVERY), key: 'postgres-password' };
      const host = text`${BASE_NAME}.${release.namespace}`;
      return {
        objects: [
          ...workload({
            chart,
            parts: shared,
            uid: UID,
            terminationGracePeriodSeconds: 120,
            container: {
              command: ['sh', `${FILES}/start.sh`],
              env: [
                { name: 'PGDATA', value: '/var/lib/postgresql/data' },
                { name: 'PGHOST', value: '/run/postgresql' },
                { name: 'PGUSER', value: database.user },
                { name: 'DATABASE', value: database.name },
              ],
              // The signal TERM would mean: wait until every client has gone.
              preStop: ['pg_ctl', 'stop', '-D', '/var/lib/postgresql/data', '-m', 'fast', '-w'],
              ports: { postgresql: PORT },
              probe: { exec: { command: ['pg_isready', '-q', '-h', '127.0.0.1'] } },
              mounts: [
                { name: 'files', mountPath: FILES, readOnly: true },
                { name: 'password', mountPath: SECRET, readOnly: true },
                { name: 'socket', mountPath: '/run/postgresql' },
                { name: 'shm', mountPath: '/dev/shm' },
              ],
            },
            volumes: [
              { name: 'files', configMap: { name: objectName('files') } },
              {
                name: 'password',
                secret: {
                  secretName: password.name,
                  defaultMode: 0o440,
                  items: [{ key: password.key, path: 'password' }],
                },
              },
              { name: 'socket', emptyDir: {} },
              { name: 'shm', emptyDir: { medium: 'Memory' } },
            ],
          }),
          object('ConfigMap', 'files', {
            data: {
              'start.sh': START_SCRIPT,
              'start.sql': START_SQL,
              'postgresql.conf': text`listen_addresses = '*'\nunix_socket_directories = '/run/postgresql'\nmax_connections = ${database.maxConnections}\npassword_encryption = scram-sha-256\nlog_destination = stderr\nlogging_collector = off\n`,
              'pg_hba.conf': 'local all all scram-sha-256\nhost all all all scram-sha-256\n',
              'local.conf': 'local all all trust\n',
            },
          }),
          discoverable('postgres', {
            'postgres-service': BASE_NAME,
            'postgres-port': String(PORT),
            'postgres-database': database.name,
            'postgres-username': database.user,
            'postgres-password': choose<string>(
              isSet(database.password),
              database.password,
              kept(password.name, password.key),
            ),
          }),
          helmTest({
            chart,
            image: values.service.image.version,
            uid: UID,
            env: [
              { name: 'PGHOST', value: host },
              { name: 'PGUSER', value: database.user },
              { name: 'PGDATABASE', value: database.name },
              { name: 'PGPASSWORD', valueFrom: { secretKeyRef: password } },
            ],
            command: ['psql', '-X', '-v', 'ON_ERROR_STOP=1', '-c', 'SELECT 1'],
          }),
        ],
        notes: [
          language === 'fr' ? '## Votre base de données' : '## Your database',
          '',
          text`- ${language === 'fr' ? 'hôte' : 'host'}: \`${host}\`, port ${PORT}`,
          text`- ${language === 'fr' ? 'base' : 'database'}: \`${database.name}\`, ${language === 'fr' ? 'utilisateur' : 'user'}: \`${database.user}\``,
          text`- ${language === 'fr' ? 'mot de passe' : 'password'}: ${readingOf(password)}`,
        ],
      };
    },
  });
}
