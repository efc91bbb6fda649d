import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, join, relative, sep } from 'node:path';
import { load } from 'js-yaml';
import { type ChartFiles, type ChartMetadata, readPackage, type ReleasedChart } from '../../constructs';

/** Input that cannot be used: told without a stack trace, with exit code 2. */
export class CatalogInputError extends Error {}

/** Most that one file of a chart may hold, in bytes. */
const FILE_MAX = 16 * 1024 * 1024;

/**
 * The charts of a path: a package, a chart's folder, or a folder of packages and charts.
 *
 * @throws CatalogInputError when there is none
 */
export function readCharts(path: string): readonly ChartFiles[] {
  if (!existsSync(path)) throw new CatalogInputError(`${path}: there is no such file or folder`);
  if (!statSync(path).isDirectory()) return [readArchive(path)];
  if (existsSync(join(path, 'Chart.yaml'))) return [readFolder(path)];
  const names = readdirSync(path).sort();
  const charts = names.flatMap((name) => {
    const inner = join(path, name);
    if (name.endsWith('.tgz')) return [readArchive(inner)];
    return statSync(inner).isDirectory() && existsSync(join(inner, 'Chart.yaml')) ? [readFolder(inner)] : [];
  });
  if (charts.length === 0) {
    throw new CatalogInputError(`${path}: no chart in it: expected packages (*.tgz) or folders with a Chart.yaml`);
  }
  return charts;
}

function readArchive(file: string): ChartFiles {
  try {
    return readPackage(file, readFileSync(file));
  } catch (error) {
    throw new CatalogInputError(error instanceof Error ? error.message : String(error), { cause: error });
  }
}

function readFolder(folder: string): ChartFiles {
  const files = new Map<string, string>();
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const file = join(entry.parentPath, entry.name);
    if (statSync(file).size > FILE_MAX) throw new CatalogInputError(`${file}: larger than ${FILE_MAX} bytes`);
    files.set(relative(folder, file).split(sep).join('/'), readFileSync(file, 'utf8'));
  }
  return { source: folder, files };
}

/**
 * The packages that a folder of a catalog has.
 *
 * @throws CatalogInputError when one is no package of a chart
 */
export function readReleased(folder: string): readonly ReleasedChart[] {
  if (!existsSync(folder)) return [];
  if (!statSync(folder).isDirectory()) throw new CatalogInputError(`${folder} is a file: name a folder`);
  return readdirSync(folder)
    .filter((name) => name.endsWith('.tgz'))
    .sort()
    .map((name) => {
      const file = join(folder, name);
      const bytes = readFileSync(file);
      const metadata = metadataOf(readArchive(file));
      if (`${metadata.name}-${metadata.version}.tgz` !== basename(file)) {
        throw new CatalogInputError(`${file}: holds ${metadata.name} ${metadata.version}: give the file its own name`);
      }
      return { metadata, bytes };
    });
}

/** The metadata of a chart. @throws CatalogInputError when it has no name or no version */
export function metadataOf({ source, files }: ChartFiles): ChartMetadata {
  const data = yamlMap(source, files.get('Chart.yaml') ?? '');
  if (typeof data['name'] !== 'string' || typeof data['version'] !== 'string') {
    throw new CatalogInputError(`${source}: Chart.yaml: expected a name and a version`);
  }
  return data as unknown as ChartMetadata;
}

/** A YAML map. @throws CatalogInputError when the text is none */
export function yamlMap(source: string, text: string): Readonly<Record<string, unknown>> {
  let data: unknown;
  try {
    data = load(text);
  } catch (error) {
    throw new CatalogInputError(`${source}: not YAML: ${error instanceof Error ? error.message : ''}`, {
      cause: error,
    });
  }
  if (typeof data !== 'object' || data === null || Array.isArray(data))
    throw new CatalogInputError(`${source}: expected a map`);
  return data as Readonly<Record<string, unknown>>;
}
