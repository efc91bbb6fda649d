import { DNS_LABEL_MAX, dnsLabel, type Platform } from '../platform';

/** The longest host name, in characters (RFC 1035). */
const HOST_MAX = 253;

/**
 * Checks the domain that hosts stand under.
 *
 * @returns the domain
 * @throws Error when it is no domain name of at least two labels: an address, a URL, a wildcard, upper case
 */
export function dnsDomain(what: string, domain: string): string {
  const labels = domain.split('.');
  const isLabel = (label: string) => /^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/.test(label) && label.length <= DNS_LABEL_MAX;
  if (labels.length < 2 || !labels.every(isLabel) || /^\d+$/.test(labels.at(-1) ?? '')) {
    throw new Error(
      `${what} "${domain}" is not a domain name: expected "data.example.org", in lower case, without scheme, port or wildcard`,
    );
  }
  return domain;
}

const claims = new WeakMap<Platform, Map<string, string>>();

/**
 * Takes a host of the platform for one service.
 *
 * @param owner who takes it, for the error
 * @returns `<subdomain>.<domain>`
 * @throws Error when the subdomain is no DNS label, when the host is too long, or when it is taken
 */
export function claimHost(platform: Platform, subdomain: string, domain: string, owner: string): string {
  const host = `${dnsLabel('subdomain', subdomain)}.${domain}`;
  if (host.length > HOST_MAX) {
    throw new Error(`host "${host}" has ${host.length} characters: a host name has at most ${HOST_MAX}`);
  }
  const taken = claims.get(platform) ?? new Map<string, string>();
  claims.set(platform, taken);
  const other = taken.get(host);
  if (other !== undefined) {
    throw new Error(`host "${host}" is taken by ${other}: give ${owner} another subdomain`);
  }
  taken.set(host, owner);
  return host;
}
