/** The longest identifier of PostgreSQL, in bytes (NAMEDATALEN - 1, https://www.postgresql.org/docs/15/limits.html). */
const IDENTIFIER_MAX = 63;

const IDENTIFIER = /^[a-z]([a-z0-9_]*[a-z0-9])?$/;

/** Names that PostgreSQL keeps for itself: its own databases, its superuser here, and what SQL reads as no role at all. */
const TAKEN = new Set(['postgres', 'template0', 'template1', 'public', 'none', 'bouture_restore']);

/**
 * Checks the name of a database or of a role.
 *
 * @param what what the name is for, used in the error
 * @returns the name
 * @throws Error that tells the name and the rule
 */
export function databaseIdentifier(what: string, name: string): string {
  if (name.length > IDENTIFIER_MAX) {
    throw new Error(`${what} "${name}" has ${name.length} characters; PostgreSQL allows ${IDENTIFIER_MAX}: shorten it`);
  }
  if (!IDENTIFIER.test(name)) {
    throw new Error(
      `${what} "${name}": use a-z, 0-9 and underscore, beginning with a letter and ending with a letter or a digit`,
    );
  }
  if (TAKEN.has(name) || name.startsWith('pg_')) {
    throw new Error(`${what} "${name}" is a name that PostgreSQL keeps for itself: choose another`);
  }
  return name;
}
