import { createHash } from 'node:crypto';
import { gzipSync } from 'fflate';
import { createTar } from 'nanotar';
import type { Chart } from './chart';

/** Longest path in an archive that every reader of tar understands. */
const PATH_MAX = 100;

/**
 * A chart as Helm installs it: a compressed archive that is the same to the byte on every machine. Entries are sorted and belong to nobody,
 * times are zero, and the compression is this library's, for that of Node.js differs between processors.
 *
 * @throws Error when a path is longer than an archive can hold
 */
export function packageChart({ metadata, files }: Chart): Uint8Array {
  const entries = [...files].map(([path, text]) => ({ name: `${metadata.name}/${path}`, data: text }));
  const long = entries.find(({ name }) => Buffer.byteLength(name) >= PATH_MAX);
  if (long !== undefined)
    throw new Error(`"${long.name}" is too long for an archive: ${PATH_MAX - 1} characters at most`);
  const attrs = { mode: '644', uid: 0, gid: 0, mtime: 0, user: '', group: '' };
  // Chart.yaml first: readers that look for it need not unpack the rest.
  const first = entries.filter(({ name }) => name.endsWith('/Chart.yaml'));
  const others = entries.filter(({ name }) => !name.endsWith('/Chart.yaml'));
  return gzipSync(createTar([...first, ...others], { attrs }), { level: 9, mtime: 0 });
}

/** The digest by which an index names a package. */
export function digestOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
