import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type ChartFiles, digestOf, indexYaml, packageName, readPackage, type ReleasedChart } from '../../constructs';
import { CatalogInputError, metadataOf, yamlMap } from './folder';

/** A catalog that was copied. */
export interface Mirrored {
  readonly files: ReadonlyMap<string, Uint8Array>;
  readonly packages: readonly ChartFiles[];
  /** What could not be copied as it should be. */
  readonly problems: readonly string[];
}

/** Longest answer that is waited for, in milliseconds. */
const PATIENCE = 60_000;
/** Largest file that is taken, in bytes. */
const SIZE_MAX = 64 * 1024 * 1024;

interface Entry {
  readonly name: string;
  readonly version: string;
  readonly url: string;
  readonly digest: string | undefined;
}

/**
 * Copies the packages of a catalog, whose digests must be those of its index.
 *
 * @param source a folder, or an address, `https://...`
 * @param charts names of charts. Empty for all
 * @throws CatalogInputError when the source is no catalog, or has no chart of a name
 */
export async function mirrorCatalog(source: string, charts: readonly string[]): Promise<Mirrored> {
  const read = reader(source);
  const index = yamlMap(`${source}: index.yaml`, Buffer.from(await read('index.yaml')).toString('utf8'));
  const entries = entriesOf(source, index, charts);
  const released: ReleasedChart[] = [];
  const packages: ChartFiles[] = [];
  const problems: string[] = [];
  for (const { name, version, url, digest } of entries) {
    try {
      const bytes = await read(url);
      const given = digestOf(bytes);
      if (digest !== undefined && digest.replace(/^sha256:/, '') !== given) {
        problems.push(`${url}: digest ${given}, and the index says ${digest}: it was changed after its release`);
        continue;
      }
      const files = readPackage(url, bytes);
      const metadata = metadataOf(files);
      if (metadata.name !== name || metadata.version !== version) {
        problems.push(`${url}: holds ${metadata.name} ${metadata.version}, and the index says ${name} ${version}`);
        continue;
      }
      released.push({ metadata, bytes });
      packages.push(files);
    } catch (error) {
      problems.push(`${url}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  const files = new Map<string, Uint8Array>(released.map(({ metadata, bytes }) => [packageName(metadata), bytes]));
  return { files: files.set('index.yaml', Buffer.from(indexYaml(released))), packages, problems };
}

function entriesOf(
  source: string,
  index: Readonly<Record<string, unknown>>,
  charts: readonly string[],
): readonly Entry[] {
  const { entries } = index;
  if (typeof entries !== 'object' || entries === null)
    throw new CatalogInputError(`${source}: index.yaml has no entries`);
  const all = Object.entries(entries as Record<string, unknown>);
  const missing = charts.filter((chart) => !all.some(([name]) => name === chart));
  if (missing.length > 0) {
    throw new CatalogInputError(
      `${source}: no chart ${missing.join(', ')}: there are ${all
        .map(([name]) => name)
        .sort()
        .join(', ')}`,
    );
  }
  return all
    .filter(([name]) => charts.length === 0 || charts.includes(name))
    .flatMap(([name, versions]) =>
      Array.isArray(versions) ? versions.map((version) => entryOf(source, name, version)) : [],
    );
}

function entryOf(source: string, name: string, data: unknown): Entry {
  const { version, urls, digest } = data as { version?: unknown; urls?: unknown; digest?: unknown };
  const [url] = Array.isArray(urls) ? (urls as unknown[]) : [];
  if (
    typeof version !== 'string' ||
    typeof url !== 'string' ||
    !/^[A-Za-z0-9][A-Za-z0-9._+-]*$/.test(version) ||
    !/^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(name)
  ) {
    throw new CatalogInputError(`${source}: index.yaml: ${name}: expected a version and urls`);
  }
  return { name, version, url, digest: typeof digest === 'string' ? digest : undefined };
}

/** Reads the files of a catalog by the name that its index has for them. */
function reader(source: string): (name: string) => Promise<Uint8Array> {
  if (/^https?:/.test(source)) {
    const base = new URL(source.endsWith('/') ? source : `${source}/`);
    return (name) => fetched(new URL(name, base));
  }
  if (!existsSync(join(source, 'index.yaml'))) {
    throw new CatalogInputError(`${source}: no catalog: expected a folder with index.yaml, or its address`);
  }
  return (name) => {
    if (/^https?:/.test(name)) return fetched(new URL(name));
    if (name.includes('..') || name.startsWith('/')) return Promise.reject(new Error('lies outside of the catalog'));
    return Promise.resolve(readFileSync(join(source, name)));
  };
}

async function fetched(url: URL): Promise<Uint8Array> {
  if (url.protocol !== 'https:' && url.hostname !== 'localhost' && url.hostname !== '127.0.0.1') {
    throw new CatalogInputError(`${url.href}: charts are programs that people run: expected https://`);
  }
  const answer = await fetch(url, { signal: AbortSignal.timeout(PATIENCE) });
  if (!answer.ok) throw new Error(`the server answers ${answer.status}`);
  const bytes = new Uint8Array(await answer.arrayBuffer());
  if (bytes.length > SIZE_MAX) throw new Error(`larger than ${SIZE_MAX} bytes`);
  return bytes;
}
