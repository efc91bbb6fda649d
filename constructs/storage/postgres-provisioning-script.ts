import { compare } from '../platform';
import { SUPERUSER } from './postgres-server-files';

/** What a server must hold besides data: plain names, checked by whoever asked for them. */
export interface ProvisioningPlan {
  /** Comment that marks the roles which this plan governs. */
  readonly mark: string;
  /** Roles that own databases. */
  readonly owners: readonly string[];
  /** Databases with their owners. */
  readonly databases: readonly { readonly name: string; readonly owner: string }[];
  /** Roles that read everything in the databases named. */
  readonly readers: readonly { readonly name: string; readonly databases: readonly string[] }[];
  /** Role that reads what the server tells of itself, and no table. @default - none */
  readonly watcher?: string;
}

/**
 * Runs `provision.sql` and sets every role's password. psql computes the SCRAM verifier itself: the password stands in no
 * argument, in no statement, and so in no log.
 *
 * Reads `PROVISIONING`, the folder of `provision.sql`; `ROLE_PASSWORDS`, a folder with one file a role; and libpq's variables for
 * the superuser.
 */
const POSTGRES_PROVISIONING_SCRIPT = String.raw`#!/bin/sh
set -eu
export PGOPTIONS='-c log_statement=none -c log_min_duration_statement=-1 -c client_min_messages=warning'

waited=0
until pg_isready -q; do
  [ "$waited" -lt 120 ] || { echo "no answer from $PGHOST:$PGPORT for $waited s" >&2; exit 1; }
  sleep 2
  waited=$((waited + 2))
done

psql -X -q -v ON_ERROR_STOP=1 -f "$PROVISIONING/provision.sql"

for file in "$ROLE_PASSWORDS"/*; do
  [ -e "$file" ] || continue
  role=$(basename "$file")
  password=$(cat "$file")
  [ -n "$password" ] || { echo "the password of role $role is empty" >&2; exit 1; }
  messages=$(printf '%s\n%s\n' "$password" "$password" |
    psql -X -q -v ON_ERROR_STOP=1 -c "\\password $role" 2>&1) || {
    echo "cannot set the password of role $role: $messages" >&2
    exit 1
  }
  echo "role $role: password set"
done
echo 'roles and databases are as wanted'
`;

/**
 * The script for an account. Who is no superuser cannot say what is logged, and is refused the connection where it tries; what a log of the cloud may then
 * hold is the verifier of a password, never the password.
 */
export function provisioningScript(isSuperuser: boolean): string {
  const unlogged = '-c log_statement=none -c log_min_duration_statement=-1 ';
  return isSuperuser ? POSTGRES_PROVISIONING_SCRIPT : POSTGRES_PROVISIONING_SCRIPT.replace(unlogged, '');
}

/**
 * The statements that bring a server to a plan, whatever it holds: nothing is ever dropped. A governed role that the plan no longer has
 * can log in no more, and nobody but its owner and its readers can connect to a database.
 *
 * @param isSuperuser whether they run as a superuser. Who is none may neither give nor take what only superusers have, must be a member of a role
 *   to give it a database, and leaves databases of others alone, such as `rdsadmin`
 */
export function provisioningSql(plan: ProvisioningPlan, isSuperuser: boolean): string {
  const roles = [
    ...plan.owners.map((name) => [literal(name), 'false']),
    ...plan.readers.map(({ name }) => [literal(name), 'true']),
    ...(plan.watcher === undefined ? [] : [[literal(plan.watcher), 'false']]),
  ];
  const databases = plan.databases.map(({ name, owner }) => [literal(name), literal(owner)]);
  const reads = [
    ...plan.readers.flatMap(({ name, databases: read }) => read.map((db) => [literal(name), literal(db)])),
    ...(plan.watcher === undefined ? [] : [[literal(plan.watcher), literal(SUPERUSER)]]),
  ];
  return `CREATE TEMPORARY TABLE wanted_role (name name PRIMARY KEY, reader boolean NOT NULL);
CREATE TEMPORARY TABLE wanted_database (name name PRIMARY KEY, owner name NOT NULL);
CREATE TEMPORARY TABLE wanted_read (role name, database name, PRIMARY KEY (role, database));
${insert('wanted_role', roles)}${insert('wanted_database', databases)}${insert('wanted_read', reads)}\\set mark ${literal(plan.mark)}
${isSuperuser ? STATEMENTS : asAdministrator(STATEMENTS)}${plan.watcher === undefined ? '' : watcherStatements(plan.watcher)}`;
}

/**
 * What the watcher may do beyond what every role may: see every session, setting and size (`pg_monitor`,
 * https://www.postgresql.org/docs/15/predefined-roles.html). A question that hangs is given up, and however often it is asked, it takes few of
 * the connections that others need.
 */
function watcherStatements(name: string): string {
  return `
-- The watcher reads what the server tells of itself, from a database that has no tables.
GRANT pg_monitor TO ${name};
ALTER ROLE ${name} CONNECTION LIMIT 5;
ALTER ROLE ${name} SET default_transaction_read_only = on;
ALTER ROLE ${name} SET statement_timeout = '10s';
`;
}

const STATEMENTS = String.raw`
-- Roles: what they may do on the server, and the mark that says who governs them.
SELECT format('CREATE ROLE %I', name) FROM wanted_role WHERE name NOT IN (SELECT rolname FROM pg_roles) \gexec
SELECT format('ALTER ROLE %I LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS', name) FROM wanted_role \gexec
SELECT format('COMMENT ON ROLE %I IS %L', name, :'mark') FROM wanted_role \gexec
CREATE TEMPORARY VIEW governed AS
  SELECT oid, rolname AS name, rolcanlogin FROM pg_roles WHERE shobj_description(oid, 'pg_authid') = :'mark';
SELECT format('ALTER ROLE %I NOLOGIN', name) FROM governed
  WHERE rolcanlogin AND name NOT IN (SELECT name FROM wanted_role) \gexec

-- Readers read every table of the databases that they may connect to, also tables yet to come.
SELECT format('GRANT pg_read_all_data TO %I', name) FROM wanted_role WHERE reader \gexec
SELECT format('ALTER ROLE %I SET default_transaction_read_only = on', name) FROM wanted_role WHERE reader \gexec
SELECT format('REVOKE pg_read_all_data FROM %I', name) FROM governed
  WHERE pg_has_role(oid, 'pg_read_all_data', 'MEMBER') AND name NOT IN (SELECT name FROM wanted_role WHERE reader) \gexec
SELECT format('ALTER ROLE %I RESET default_transaction_read_only', name) FROM wanted_role WHERE NOT reader \gexec

-- Databases and who may connect to them.
SELECT format('CREATE DATABASE %I OWNER %I', name, owner) FROM wanted_database
  WHERE name NOT IN (SELECT datname FROM pg_database) \gexec
SELECT format('ALTER DATABASE %I OWNER TO %I', name, owner) FROM wanted_database
  JOIN pg_database ON datname = name WHERE pg_get_userbyid(datdba) <> owner \gexec
SELECT format('REVOKE ALL ON DATABASE %I FROM PUBLIC', datname) FROM pg_database WHERE datallowconn \gexec
SELECT format('REVOKE ALL ON DATABASE %I FROM %I', datname, name)
  FROM pg_database CROSS JOIN aclexplode(datacl) AS entry JOIN governed ON governed.oid = entry.grantee
  WHERE governed.oid <> datdba AND (name, datname) NOT IN (SELECT role, database FROM wanted_read)
  GROUP BY datname, name \gexec
SELECT format('GRANT CONNECT ON DATABASE %I TO %I', database, role) FROM wanted_read \gexec
`;

/** The statements for an administrator who is no superuser: each of these pieces is one that PostgreSQL refuses such a one. */
function asAdministrator(statements: string): string {
  const pieces: readonly (readonly [string, string])[] = [
    ['LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS', 'LOGIN NOCREATEDB NOCREATEROLE'],
    [
      '-- Databases and who may connect to them.\n',
      '-- Databases and who may connect to them.\n' +
        String.raw`SELECT format('GRANT %I TO CURRENT_USER', name) FROM wanted_role WHERE NOT pg_has_role(name, 'MEMBER') \gexec` +
        '\n',
    ],
    ['FROM pg_database WHERE datallowconn', "FROM pg_database WHERE datallowconn AND pg_has_role(datdba, 'MEMBER')"],
    ['WHERE governed.oid <> datdba AND', "WHERE governed.oid <> datdba AND pg_has_role(datdba, 'MEMBER') AND"],
  ];
  return pieces.reduce((text, [from, to]) => {
    if (!text.includes(from)) throw new Error(`the statements have no "${from}" any more`);
    return text.replace(from, to);
  }, statements);
}

function insert(table: string, rows: readonly (readonly string[])[]): string {
  if (rows.length === 0) return '';
  const values = rows.map((row) => `(${row.join(', ')})`).sort(compare);
  return `INSERT INTO ${table} VALUES ${values.join(', ')};\n`;
}

function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
