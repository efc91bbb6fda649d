import type { Expression } from '../expression';
import { fallback } from '../functions';
import { BASE_NAME } from '../object';
import { value } from '../schema';

/** The name of the database that a service has for itself in the PostgreSQL of the namespace. @param software as people call it */
export function databaseName(software: string) {
  return value.text({
    default: '',
    title: {
      en: 'Database in the PostgreSQL of your namespace',
      fr: 'Base dans le PostgreSQL de votre espace',
    },
    description: {
      en: `Named after the service when empty. Name the one of an earlier ${software} to go on with it.`,
      fr: `Du nom du service si vide. Nommez celle d’un ${software} antérieur pour continuer avec elle.`,
    },
    pattern: '^([a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?)?$',
  });
}

/** That name, or the one of a service whose person chose none. */
export function databaseOf(name: Expression<string>): Expression<string> {
  return fallback(name, BASE_NAME);
}

/**
 * The names of the database that a server of databases makes for its person, and of the user who owns it.
 *
 * @param user what the user is called unless the person says otherwise
 * @param pattern what the software takes for either name
 */
export function accountNames({ user, pattern }: { readonly user: string; readonly pattern: string }) {
  return {
    name: value.text({
      default: 'defaultdb',
      title: { en: 'Name of the database', fr: 'Nom de la base' },
      pattern,
    }),
    user: value.text({
      default: user,
      title: { en: 'Name of its user', fr: 'Nom de son utilisateur' },
      pattern,
    }),
  };
}
