/** A DNS label of RFC 1123: what Kubernetes accepts for namespaces and most object names. */
const DNS_LABEL = /^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/;

/** The longest DNS label, in characters (RFC 1123). */
export const DNS_LABEL_MAX = 63;

/**
 * Checks that a name is a DNS label of RFC 1123.
 *
 * @param what what the name is for, used in the error
 * @returns the name
 * @throws Error that tells the name and the rule
 */
export function dnsLabel(what: string, name: string): string {
  if (name.length > DNS_LABEL_MAX) {
    throw new Error(
      `${what} "${name}" has ${name.length} characters; a DNS label has at most ${DNS_LABEL_MAX}: shorten it`,
    );
  }
  if (!DNS_LABEL.test(name)) {
    throw new Error(`${what} "${name}" is not a DNS label: use a-z, 0-9 and inner dashes`);
  }
  return name;
}

/** Order by code units: the same on every machine, whatever its locale. */
export function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
