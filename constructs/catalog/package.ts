import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { deflateSync } from 'fflate';
import { createTar } from 'nanotar';
import type { Chart } from './chart';

/** Longest path in an archive that every reader of tar understands. */
const PATH_MAX = 100;
/** Bytes of a block of an archive: a header, or a part of a file. */
const BLOCK = 512;
/** The file that tells the version of a chart. It comes first: readers that look for it need not unpack the rest. */
const VERSIONED = 'Chart.yaml';
/** How hard to look for repetitions, as Helm does, and in how much memory: both decide the bytes. */
const COMPRESSION = { level: 6, mem: 2 } as const;
/** How a file of gzip begins (RFC 1952): no time, no name, no system. */
const GZIP_HEADER = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];
/** Most bytes of a stored block (RFC 1951). */
const STORED_MAX = 65_535;

/** A file of an archive. */
interface Entry {
  readonly path: string;
  readonly name: string;
  readonly data: string;
}

/** The end of an archive, as it is and compressed. */
interface Rest {
  readonly plain: Uint8Array;
  readonly compressed: Uint8Array;
}

/**
 * Packs charts as Helm installs them: compressed archives that are the same to the byte on every machine. Entries are in order and belong
 * to nobody, times are zero, and the compression is this library's, for that of Node.js differs between processors.
 *
 * Versions of a chart that differ in nothing but `Chart.yaml` are compressed once: that file is stored, and the compressed blocks behind it
 * refer to nothing before them. So the bytes of a package do not depend on what else is packed.
 */
export class ChartPacker {
  private readonly rests = new Map<string, Rest>();

  /** @throws Error when a path is longer than an archive can hold */
  pack({ metadata, files }: Chart): Uint8Array {
    const entries = [...files].map(([path, data]) => ({ path, name: `${metadata.name}/${path}`, data }));
    const long = entries.find(({ name }) => Buffer.byteLength(name) >= PATH_MAX);
    if (long !== undefined)
      throw new Error(`"${long.name}" is too long for an archive: ${PATH_MAX - 1} characters at most`);
    const first = withoutEnd(entries.filter(({ path }) => path === VERSIONED));
    const rest = this.rest(entries.filter(({ path }) => path !== VERSIONED));
    const end = Buffer.alloc(8);
    end.writeUInt32LE(crc32(rest.plain, crc32(first)), 0);
    end.writeUInt32LE(first.length + rest.plain.length, 4);
    return Uint8Array.from(Buffer.concat([Buffer.from(GZIP_HEADER), ...stored(first), rest.compressed, end]));
  }

  private rest(entries: readonly Entry[]): Rest {
    const key = entries.map(({ name, data }) => `${name}\0${data}`).join('\0');
    const before = this.rests.get(key);
    if (before !== undefined) return before;
    const plain = archive(entries);
    const made = { plain, compressed: deflateSync(plain, COMPRESSION) };
    this.rests.set(key, made);
    return made;
  }
}

/**
 * A chart as Helm installs it, by itself: the same bytes as in a catalog.
 *
 * @throws Error when a path is longer than an archive can hold
 */
export function packageChart(chart: Chart): Uint8Array {
  return new ChartPacker().pack(chart);
}

function archive(entries: readonly Entry[]): Uint8Array {
  const attrs = { mode: '644', uid: 0, gid: 0, mtime: 0, user: '', group: '' };
  return createTar(
    entries.map(({ name, data }) => ({ name, data })),
    { attrs },
  );
}

/** An archive that another one follows. */
function withoutEnd(entries: readonly Entry[]): Uint8Array {
  const blocks = entries.map(({ data }) => 1 + Math.ceil(Buffer.byteLength(data) / BLOCK));
  return archive(entries).subarray(0, BLOCK * blocks.reduce((sum, count) => sum + count, 0));
}

/** Blocks of a compressed stream that hold bytes as they are, and that others follow (RFC 1951, 3.2.4). */
function stored(bytes: Uint8Array): readonly Uint8Array[] {
  return Array.from({ length: Math.ceil(bytes.length / STORED_MAX) }, (_, index) => {
    const part = bytes.subarray(index * STORED_MAX, (index + 1) * STORED_MAX);
    const head = Buffer.alloc(5);
    head.writeUInt16LE(part.length, 1);
    head.writeUInt16LE(part.length ^ STORED_MAX, 3);
    return Buffer.concat([head, part]);
  });
}

/** The digest by which an index names a package. */
export function digestOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
