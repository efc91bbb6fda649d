import { rcompare, valid } from 'semver';
import { compare } from '../platform';
import { chartOf, type ChartMetadata } from './chart';
import type { CatalogLanguage } from './localized';
import { ChartPacker, digestOf } from './package';
import type { CatalogService } from './service';
import { yamlDocument } from './yaml';

/** When a package came into being, as the index must say; the same for all, because the index is a function of its packages. */
const CREATED = '2000-01-01T00:00:00Z';

/** A version of a chart that is released already: it stays as it is. */
export interface ReleasedChart {
  readonly metadata: ChartMetadata;
  readonly bytes: Uint8Array;
}

/** In which language a catalog is built, and what it goes on offering. */
export interface CatalogOptions {
  /** Language of titles and descriptions: Onyxia shows a chart in one. @default 'en' */
  readonly language?: CatalogLanguage;
  /** Versions that are released already, which the catalog goes on offering. @default - none */
  readonly released?: readonly ReleasedChart[];
}

/** A chart repository in memory: its files by name, sorted. */
export interface Catalog {
  readonly files: ReadonlyMap<string, Uint8Array>;
  /** The newest charts, by package name. */
  readonly charts: readonly ChartMetadata[];
}

/**
 * A chart repository: a package for each service, `index.yaml`, and the versions that were released before. The same services give the same
 * bytes on every machine.
 *
 * @throws Error when two services have the same name and version, or when a released version would change
 *
 * @example
 * import { buildCatalog, type CatalogService } from 'bouture';
 * declare const services: readonly CatalogService[];
 * const { files } = buildCatalog(services, { language: 'fr' });
 */
export function buildCatalog(services: readonly CatalogService[], options: CatalogOptions = {}): Catalog {
  const { language = 'en', released = [] } = options;
  const packages = new Map<string, ReleasedChart>(released.map((chart) => [packageName(chart.metadata), chart]));
  const packer = new ChartPacker();
  const made = services.map((service) => {
    const chart = chartOf(service, language);
    return { metadata: chart.metadata, bytes: packer.pack(chart) };
  });
  const names = made.map(({ metadata }) => packageName(metadata));
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw new Error(`two services make ${twice}: give one of them another name or version`);
  for (const chart of made) {
    const name = packageName(chart.metadata);
    const before = packages.get(name);
    if (before !== undefined && digestOf(before.bytes) !== digestOf(chart.bytes)) {
      throw new Error(
        `${name} is released with other content: what has been released never changes, so raise the version of "${chart.metadata.name}"`,
      );
    }
    packages.set(name, chart);
  }
  const sorted = [...packages].sort(([a], [b]) => compare(a, b));
  return {
    files: new Map<string, Uint8Array>([
      ...sorted.map(([name, { bytes }]) => [name, bytes] as const),
      ['index.yaml', Buffer.from(indexYaml(sorted.map(([, chart]) => chart)))],
    ]),
    charts: made.map(({ metadata }) => metadata),
  };
}

/** `jupyter-1.0.0.tgz` */
export function packageName({ name, version }: Pick<ChartMetadata, 'name' | 'version'>): string {
  return `${name}-${version}.tgz`;
}

/** The index of a repository: versions of each chart, newest first. */
export function indexYaml(charts: readonly ReleasedChart[]): string {
  const names = [...new Set(charts.map(({ metadata }) => metadata.name))].sort(compare);
  const entries = names.map((name) => [
    name,
    charts
      .filter(({ metadata }) => metadata.name === name)
      .sort((a, b) => byVersion(a.metadata.version, b.metadata.version))
      .map(({ metadata, bytes }) => ({
        ...metadata,
        created: CREATED,
        digest: digestOf(bytes),
        urls: [packageName(metadata)],
      })),
  ]);
  return yamlDocument({ apiVersion: 'v1', entries: Object.fromEntries(entries) as unknown, generated: CREATED });
}

function byVersion(a: string, b: string): number {
  return valid(a) === null || valid(b) === null ? compare(a, b) : rcompare(a, b) || compare(a, b);
}
