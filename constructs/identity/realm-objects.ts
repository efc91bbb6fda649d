/** A value of an object that Keycloak's administration API reads. */
export type RealmValue = string | number | boolean | readonly RealmValue[] | { readonly [key: string]: RealmValue };

/** An object in the terms of Keycloak's administration API, https://www.keycloak.org/docs-api/26.4.0/rest-api/index.html. */
export type RealmObject = Readonly<Record<string, RealmValue>>;

/** An object that is told from its neighbours by its name. */
export type Mapper = RealmObject & { readonly name: string };

/** Stands for a secret: the script reads it from a file below the Pod's folder of secrets. */
export function secretFile(path: string): string {
  return `\${file:${path}}`;
}

/**
 * Checks an address of the web.
 *
 * @param what whose address it is, for the error
 * @throws Error when it is no address with https://, or holds a user, a query's fragment or a wildcard
 */
export function webAddress(what: string, text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol !== 'https:' || url.username !== '' || url.hash !== '' || /[*\s]/.test(text)) {
    throw new Error(`${what}: "${text}" is not an address with https://, without user, fragment and wildcard`);
  }
  return url;
}
