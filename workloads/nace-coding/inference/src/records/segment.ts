import { constants, type FileHandle, mkdir, open, readdir, readFile, rm, truncate } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';
import type { PredictionRecord } from './record.js';

const SUFFIX = '.ndjson';
/** A new file, each write to which returns when the disk has it, as after `fdatasync`. */
const DURABLE = constants.O_CREAT | constants.O_EXCL | constants.O_WRONLY | constants.O_DSYNC;
/** A file is made as long again as it is, at least and at most by so many bytes. */
const AHEAD_BYTES = { least: 16 * 1024, most: 256 * 1024 };

/** What a version beside the first has answered, written after the record to which it belongs. */
export interface ShadowLine {
  readonly shadow_of: string;
  readonly shadow_version: string;
  readonly shadow_predictions: PredictionRecord['predictions'];
  readonly shadow_confidence: number;
  readonly shadow_nomenclature: string;
}

/** Makes a new name durable. */
async function syncFolder(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/**
 * A file of the spool. Its path below the spool is the key of the object that it becomes, so whoever finds it after a crash brings it to the
 * same place.
 */
export class Segment {
  /** @param key path of the object, without the prefix of the store */
  static async create(spool: string, key: string): Promise<Segment> {
    const path = join(spool, key);
    await mkdir(dirname(path), { recursive: true });
    const handle = await open(path, DURABLE);
    for (let folder = dirname(path); folder.length >= spool.length; folder = dirname(folder)) await syncFolder(folder);
    return new Segment(path, key, handle);
  }

  /** Bytes that are on the disk for certain. */
  bytes = 0;
  /** Where the zeros end that the disk has, so that a write before them need not change the length of the file: that halves its time. */
  private reserved = 0;
  /** When the first record came, by the clock of the process in milliseconds. */
  readonly since = performance.now();

  private constructor(
    readonly path: string,
    readonly key: string,
    private readonly handle: FileHandle,
  ) {}

  /** Appends whole lines, and returns when the disk has them. */
  async append(lines: Buffer): Promise<void> {
    if (this.bytes + lines.length > this.reserved) await this.reserve(lines.length);
    for (let written = 0; written < lines.length;) {
      written += (await this.handle.write(lines, written, lines.length - written, this.bytes + written)).bytesWritten;
    }
    this.bytes += lines.length;
  }

  /** Few records need none, and a disk without room for zeros may have room for the lines. */
  private async reserve(next: number): Promise<void> {
    const zeros = Math.min(this.bytes, AHEAD_BYTES.most);
    if (zeros < AHEAD_BYTES.least) return;
    const from = Math.max(this.reserved, this.bytes);
    const until = this.bytes + next + zeros;
    const room = Buffer.alloc(until - from);
    this.reserved = await this.handle.write(room, 0, room.length, from).then(
      ({ bytesWritten }) => from + bytesWritten,
      () => Number.POSITIVE_INFINITY,
    );
  }

  /** Ends the file. Zeros, and what an append that failed may have left, are cut off behind its last certain byte. */
  async close(): Promise<void> {
    try {
      await this.handle.truncate(this.bytes);
    } finally {
      await this.handle.close();
    }
  }
}

/** A file of the spool to which nothing is added any more. */
export interface SealedSegment {
  readonly path: string;
  readonly key: string;
  readonly bytes: number;
}

/** Files that an earlier process left, without what stands behind the last line that the disk has whole; nobody was answered for that. */
export async function leftovers(spool: string): Promise<SealedSegment[]> {
  await mkdir(spool, { recursive: true });
  const names = await readdir(spool, { recursive: true });
  const found: SealedSegment[] = [];
  for (const name of names.filter((each) => each.endsWith(SUFFIX)).sort()) {
    const path = join(spool, name);
    const content = await readFile(path);
    const zero = content.indexOf(0);
    const bytes = content.lastIndexOf(0x0a, zero < 0 ? undefined : zero) + 1;
    if (bytes < content.length) await truncate(path, bytes);
    if (bytes === 0) await rm(path);
    else found.push({ path, key: relative(spool, path).split(sep).join('/'), bytes });
  }
  return found;
}

/** The object of a file: each record, with what the version beside it answered. The same file always gives the same bytes. */
export async function objectOf({ path, bytes }: SealedSegment): Promise<Buffer> {
  const lines = (await readFile(path)).subarray(0, bytes).toString().split('\n').slice(0, -1);
  const shadows = new Map<string, ShadowLine>();
  const records: string[] = [];
  for (const line of lines) {
    if (!line.startsWith('{"shadow_of":')) records.push(line);
    else {
      const shadow = JSON.parse(line) as ShadowLine;
      shadows.set(shadow.shadow_of, shadow);
    }
  }
  if (shadows.size === 0) return Buffer.from(records.map((line) => `${line}\n`).join(''));
  const merged = records.map((line) => {
    const record = JSON.parse(line) as PredictionRecord;
    const shadow = shadows.get(record.id);
    if (shadow === undefined) return line;
    const { shadow_version, shadow_predictions, shadow_confidence, shadow_nomenclature } = shadow;
    return JSON.stringify({ ...record, shadow_version, shadow_predictions, shadow_confidence, shadow_nomenclature });
  });
  return Buffer.from(merged.map((line) => `${line}\n`).join(''));
}

/** Removes a file that has become an object; the folders of its day stay. */
export async function discard({ path }: SealedSegment): Promise<void> {
  await rm(path, { force: true });
}
