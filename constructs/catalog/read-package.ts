import { gunzipSync } from 'node:zlib';
import { type ParsedTarFileItem, parseTar, type ParseTarOptions } from 'nanotar';

/** A chart as files, from a package or from a folder. */
export interface ChartFiles {
  /** Where it was read, for messages. */
  readonly source: string;
  /** Text of each file by its path below the chart's folder; files of sub-charts are below `charts/`. */
  readonly files: ReadonlyMap<string, string>;
}

/** Most that a package may hold unpacked, in bytes: charts are text, and an archive may be made to burst whoever opens it. */
const UNPACKED_MAX = 64 * 1024 * 1024;

/**
 * The files of a packaged chart.
 *
 * @throws Error when the bytes are no package of a chart, or are too many
 */
export function readPackage(source: string, bytes: Uint8Array): ChartFiles {
  const entries = unpacked(source, bytes);
  const files = new Map<string, string>();
  for (const { name, type, text } of entries) {
    const slash = name.indexOf('/');
    if (type === 'file' && slash > 0 && !name.includes('..')) files.set(name.slice(slash + 1), text);
  }
  if (!files.has('Chart.yaml'))
    throw new Error(`${source}: no chart: expected an archive with <chart>/Chart.yaml in it`);
  return { source, files };
}

function unpacked(source: string, bytes: Uint8Array): readonly ParsedTarFileItem[] {
  try {
    // A copy of its own: the reader takes the whole memory that an array lies in for the archive.
    const archive = Uint8Array.from(gunzipSync(bytes, { maxOutputLength: UNPACKED_MAX }));
    return parseTar<never, ParseTarOptions, ParsedTarFileItem>(archive);
  } catch (error) {
    throw new Error(
      `${source}: no package of a chart: expected a compressed archive of at most ${UNPACKED_MAX / 1024 / 1024} MiB (${error instanceof Error ? error.message : String(error)})`,
      { cause: error },
    );
  }
}
