import { compare, dnsLabel, type HttpService } from '../platform';
import { wholeNumber } from '../platform/whole-number';
import type { CatalogDocument, CatalogSettings } from './catalog-document';
import { claimMatcher } from './restrictions';
import { SecretValues } from './secret-values';

/** What catalogs need to know of the platform. */
export interface CatalogSurroundings {
  readonly platformName: string;
  readonly clusterDomain: string;
  readonly isProduction: boolean;
}

/** Where a repository answers. */
export interface CatalogAddress {
  readonly url: string;
  /** 1 to 65535. */
  readonly port: number;
  /** The Service of the platform that answers. @default - hosts outside */
  readonly service?: HttpService;
}

/**
 * The catalogs that the API serves, in the order given.
 *
 * @throws Error when an id is no DNS label or is given twice, when an address is none, when a number is out of its range, when a catalog is
 * shown nowhere, or when a restriction is no regular expression
 */
export function catalogDocuments(
  catalogs: readonly CatalogSettings[],
  surroundings: CatalogSurroundings,
  secrets: SecretValues,
): readonly CatalogDocument[] {
  const ids = catalogs.map(({ id }) => dnsLabel('catalog', id)).sort(compare);
  const twice = ids.find((id, index) => id === ids[index + 1]);
  if (twice !== undefined) throw new Error(`catalog "${twice}" is given twice: give one of them another id`);
  return catalogs.map((catalog) => catalogDocument(catalog, surroundings, secrets));
}

function catalogDocument(
  catalog: CatalogSettings,
  surroundings: CatalogSurroundings,
  secrets: SecretValues,
): CatalogDocument {
  const { id, name, credentials, restrictions, versions = 'latest', timeoutMinutes = 10 } = catalog;
  const newest = typeof versions === 'string' ? undefined : versions.newest;
  if (newest !== undefined) wholeNumber(`catalog "${id}": versions.newest`, newest, 1);
  wholeNumber(`catalog "${id}": timeoutMinutes`, timeoutMinutes, 1, 120);
  if (catalog.visible?.user === false && !catalog.visible.project) {
    throw new Error(`catalog "${id}": visible to users or to projects: nobody would see it`);
  }
  for (const { claim, matches } of restrictions ?? []) {
    if (claim !== '' && claimMatcher(matches) !== undefined) continue;
    throw new Error(
      `catalog "${id}": restriction of "${claim}" to "${matches}": expected a claim and a regular expression that Java and JavaScript read, without "\${"`,
    );
  }
  const { url, service } = catalogAddress(catalog, surroundings.clusterDomain);
  if (service === undefined && url.startsWith('http:') && (surroundings.isProduction || credentials !== undefined)) {
    throw new Error(`catalog "${id}": ${url} is plain text, and charts are programs that people run: use https`);
  }
  return {
    id,
    name,
    description: catalog.description ?? name,
    maintainer: catalog.maintainer ?? surroundings.platformName,
    location: url,
    status: catalog.status ?? 'PROD',
    type: 'helm',
    ...optional('highlightedCharts', catalog.highlightedCharts),
    ...optional('excludedCharts', catalog.excludedCharts),
    ...optional('includeKeywords', catalog.includeKeywords),
    ...optional('excludeKeywords', catalog.excludeKeywords),
    ...optional('includeAnnotations', catalog.includeAnnotations),
    ...optional('excludeAnnotations', catalog.excludeAnnotations),
    visible: catalog.visible ?? { user: true, project: true },
    allowSharing: catalog.allowSharing ?? true,
    ...optional(
      'restrictions',
      restrictions?.map(({ claim, matches }) => ({ userAttribute: { key: claim, matches } })),
    ),
    multipleServicesMode: typeof versions === 'string' ? versions : 'maxNumber',
    ...optional('maxNumberOfVersions', newest),
    timeout: `${timeoutMinutes}m`,
    ...(credentials === undefined
      ? {}
      : {
          username: credentials.username,
          password: secrets.placeholder({
            variable: `SECRET_CATALOG_${id.toUpperCase().replaceAll('-', '_')}`,
            ref: credentials.password,
          }),
        }),
  };
}

function optional<K extends string, V>(key: K, value: V | undefined): { readonly [P in K]?: V } {
  return (value === undefined ? {} : { [key]: value }) as { readonly [P in K]?: V };
}

/** Where a catalog's repository answers. @throws Error when the address is no URL of a repository */
export function catalogAddress({ id, location }: CatalogSettings, clusterDomain: string): CatalogAddress {
  if (typeof location !== 'string') {
    const { service, path = '' } = location;
    if (path !== '' && !/^(\/[A-Za-z0-9._~-]+)+$/.test(path)) {
      throw new Error(`catalog "${id}": path "${path}" is none: expected "/charts", with a slash first and none last`);
    }
    const scheme = service.tls === true ? 'https' : 'http';
    const host = `${service.name}.${service.namespace}.svc.${clusterDomain}`;
    return { url: `${scheme}://${host}:${service.port}${path}`, port: service.containerPort, service };
  }
  if (/^oci:/i.test(location)) {
    throw new Error(
      `catalog "${id}": the API reads no OCI registry: give a repository with an index.yaml, https://...`,
    );
  }
  const url = URL.canParse(location) ? new URL(location) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol)) {
    throw new Error(
      `catalog "${id}": "${withoutUser(location)}" is no address of a repository: expected https://charts.example.org/path`,
    );
  }
  if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '') {
    throw new Error(
      `catalog "${id}": "${withoutUser(location)}" holds a user, a query or a fragment: give credentials apart`,
    );
  }
  const port = url.port === '' ? (url.protocol === 'https:' ? 443 : 80) : Number(url.port);
  return { url: url.href.replace(/\/+$/, ''), port };
}

/** What stands before an `@` could be a password, and what follows a `?` a token. */
function withoutUser(text: string): string {
  return text.replace(/^([a-z0-9+.-]*:\/\/)?[^/]*@/i, '$1***@').replace(/[?#].*$/s, '');
}
