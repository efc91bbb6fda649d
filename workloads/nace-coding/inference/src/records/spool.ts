import { setImmediate } from 'node:timers/promises';
import type { SealedSegment, ShadowLine } from './segment.js';
import { discard, leftovers, Segment } from './segment.js';
import type { PredictionRecord } from './record.js';

/** The spool takes no more records: the object store has been away for too long, or the disk refuses. */
export class SpoolFullError extends Error {
  override readonly name = 'SpoolFullError';
}

export interface SpoolProps {
  readonly folder: string;
  readonly replica: string;
  readonly spoolBytes: number;
  readonly segmentBytes: number;
  /** Called when a file was closed. */
  readonly onSealed: (segment: SealedSegment) => void;
  /** Called when a file has reached its size, which grows until it is sealed, and when the disk has refused. */
  readonly onPressing: () => void;
}

interface Waiting {
  readonly day: string;
  readonly lines: Buffer;
  readonly resolve: (segment: Segment) => void;
  readonly reject: (error: Error) => void;
}

/**
 * Records on the disk, in files that hold one UTC day each. Records that arrive while the disk is busy are written together, and whoever
 * appended them goes on when the disk has them.
 */
export class Spool {
  private waiting: Waiting[] = [];
  private turn: Promise<void> = Promise.resolve();
  private busy = false;
  /** Files that grow, by day. */
  private readonly open = new Map<string, Segment>();
  private sequence = 0;
  private sealedBytes = 0;
  private waitingBytes = 0;
  private failure: Error | undefined;

  private constructor(private readonly props: SpoolProps) {}

  /** Takes over what an earlier process left. @throws Error when the folder cannot be used */
  static async open(props: SpoolProps): Promise<Spool> {
    const spool = new Spool(props);
    for (const segment of await leftovers(props.folder)) {
      spool.sealedBytes += segment.bytes;
      props.onSealed(segment);
    }
    return spool;
  }

  /** Bytes that wait to be brought to the object store. */
  get bytes(): number {
    let bytes = this.sealedBytes + this.waitingBytes;
    for (const segment of this.open.values()) bytes += segment.bytes;
    return bytes;
  }

  /** True when no more can be taken. */
  get full(): boolean {
    return this.bytes >= this.props.spoolBytes || this.failure !== undefined;
  }

  /**
   * Writes the records of one answer.
   *
   * @returns the file that holds them, when the disk has them
   * @throws SpoolFullError when they do not fit, or the disk refuses
   */
  async append(records: readonly PredictionRecord[]): Promise<Segment> {
    const day = records[0]?.at.slice(0, 10) ?? '';
    const lines = Buffer.from(records.map((record) => `${JSON.stringify(record)}\n`).join(''));
    return this.write(day, lines);
  }

  /** Writes what the version beside answered, into the file that holds the records, unless it has been closed. */
  async appendShadow(segment: Segment, lines: readonly ShadowLine[]): Promise<void> {
    const day = [...this.open].find(([, each]) => each === segment)?.[0];
    if (day === undefined) return;
    await this.write(day, Buffer.from(lines.map((line) => `${JSON.stringify(line)}\n`).join('')));
  }

  private async write(day: string, lines: Buffer): Promise<Segment> {
    if (this.bytes + lines.length > this.props.spoolBytes) {
      throw new SpoolFullError(
        `${this.bytes} bytes of records wait in ${this.props.folder}, the limit is ${this.props.spoolBytes}; is the object store away?`,
      );
    }
    this.waitingBytes += lines.length;
    return new Promise((resolve, reject) => {
      this.waiting.push({ day, lines, resolve, reject });
      if (!this.busy) {
        this.busy = true;
        void this.exclusively(async () => {
          // Who has come in the same turn of the event loop shares the first write, too.
          await setImmediate();
          await this.drain();
        });
      }
    });
  }

  private async exclusively<T>(work: () => Promise<T>): Promise<T> {
    const done = this.turn.then(work);
    this.turn = done.then(
      () => undefined,
      () => undefined,
    );
    return done;
  }

  private async drain(): Promise<void> {
    while (this.waiting.length > 0) {
      const day = this.waiting[0]?.day ?? '';
      const group = this.waiting.filter((each) => each.day === day);
      this.waiting = this.waiting.filter((each) => each.day !== day);
      const size = group.reduce((sum, { lines }) => sum + lines.length, 0);
      try {
        const segment = await this.segmentOf(day);
        await segment.append(Buffer.concat(group.map(({ lines }) => lines)));
        this.failure = undefined;
        this.waitingBytes -= size;
        for (const { resolve } of group) resolve(segment);
        if (segment.bytes >= this.props.segmentBytes) this.props.onPressing();
      } catch (error) {
        this.waitingBytes -= size;
        this.failure = refusal(error);
        for (const { reject } of group) reject(this.failure);
        await this.close(day);
        this.props.onPressing();
      }
    }
    this.busy = false;
  }

  private async segmentOf(day: string): Promise<Segment> {
    const open = this.open.get(day);
    if (open !== undefined) return open;
    const instant = new Date().toISOString().replace(/[-:.]/g, '');
    const name = `${instant}-${String(this.sequence++).padStart(6, '0')}.ndjson`;
    const segment = await Segment.create(this.props.folder, `date=${day}/${this.props.replica}/${name}`);
    this.open.set(day, segment);
    return segment;
  }

  private async close(day: string): Promise<void> {
    const segment = this.open.get(day);
    if (segment === undefined) return;
    this.open.delete(day);
    const sealed = { path: segment.path, key: segment.key, bytes: segment.bytes };
    // A file that cannot be cut is still read no further than its certain bytes.
    await segment.close().catch(() => undefined);
    if (sealed.bytes === 0) {
      await discard(sealed).catch(() => undefined);
      return;
    }
    this.sealedBytes += sealed.bytes;
    this.props.onSealed(sealed);
  }

  /** Tries the disk again after it refused. @throws SpoolFullError when it still does */
  async retry(): Promise<void> {
    if (this.failure === undefined) return;
    const failure = await this.exclusively(async () => probe(this.props.folder));
    this.failure = failure;
    if (failure !== undefined) throw failure;
  }

  /** Closes the files that are open, so that they can be brought to the object store. */
  async seal(): Promise<void> {
    await this.exclusively(async () => {
      for (const day of [...this.open.keys()]) await this.close(day);
    });
  }

  /** Forgets a file that has become an object. */
  async remove(segment: SealedSegment): Promise<void> {
    await discard(segment);
    this.sealedBytes -= segment.bytes;
  }
}

const refusal = (error: unknown): SpoolFullError =>
  new SpoolFullError(`the disk refuses records: ${error instanceof Error ? error.message : String(error)}`);

/** Tries to write. @returns what the disk says against it */
async function probe(folder: string): Promise<SpoolFullError | undefined> {
  try {
    const segment = await Segment.create(folder, `.probe-${process.pid}`);
    try {
      await segment.append(Buffer.from('\n'));
    } finally {
      await discard({ path: segment.path, key: segment.key, bytes: 0 });
      await segment.close();
    }
    return undefined;
  } catch (error) {
    return refusal(error);
  }
}
