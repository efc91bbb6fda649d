import type { Logger } from 'pino';
import type { RecordsConfig } from '../config.js';
import type { Coded } from '../coding/coder.js';
import { type Mask, maskOf } from './masking.js';
import { ObjectStore } from './object-store.js';
import { type Answer, recordOf } from './record.js';
import { objectOf, type SealedSegment, type Segment } from './segment.js';
import type { Shadow } from './shadow.js';
import { Spool, SpoolFullError } from './spool.js';

const LONGEST_PAUSE_SECONDS = 60;
/** How long an answer waits for the object store before it is refused. */
const STORE_WAIT_MS = 30_000;

/** The records of an answer could not be kept, so it must not be given. */
export class RecordingError extends Error {
  override readonly name = 'RecordingError';
}

export interface RecorderEvents {
  recorded(count: number): void;
  dropped(count: number): void;
  uploaded(bytes: number): void;
  uploadFailed(): void;
}

export interface RecorderProps {
  readonly config: RecordsConfig;
  readonly replica: string;
  readonly shadow: Shadow | undefined;
  readonly log: Logger;
  readonly events: RecorderEvents;
}

/** Keeps the records of answers: on the disk first, and from there as objects in the store. */
export class Recorder {
  private readonly sealed: SealedSegment[] = [];
  private readonly awaited = new Map<string, (() => void)[]>();
  private timer: NodeJS.Timeout | undefined;
  private turn: Promise<boolean> | undefined;
  private failures = 0;
  private stopped = false;

  private constructor(
    private readonly props: RecorderProps,
    private readonly mask: Mask,
    private readonly store: ObjectStore,
    private readonly spool: Spool,
  ) {}

  /** Opens the spool, and begins to bring what an earlier process left. @throws Error when folder or secrets cannot be used */
  static async open(props: RecorderProps): Promise<Recorder> {
    const { config, replica } = props;
    const started: { recorder?: Recorder } = {};
    const early: SealedSegment[] = [];
    const spool = await Spool.open({
      folder: config.spoolFolder,
      replica,
      spoolBytes: config.spoolBytes,
      segmentBytes: config.segmentBytes,
      onSealed: (segment) => (started.recorder?.sealed ?? early).push(segment),
      onPressing: () => void started.recorder?.flush(),
    });
    const recorder = new Recorder(props, maskOf(config.masking), new ObjectStore(config.store), spool);
    recorder.sealed.push(...early);
    started.recorder = recorder;
    void recorder.flush();
    return recorder;
  }

  /** Bytes that wait on the disk. */
  get waitingBytes(): number {
    return this.spool.bytes;
  }

  /** True when requests must be refused because their records could not be kept. */
  get refuses(): boolean {
    return this.props.config.whenFull === 'refuse' && this.spool.full;
  }

  /**
   * Keeps the records of an answer, which may be given when this returns.
   *
   * @throws RecordingError when they cannot be kept
   */
  async record(answer: Answer, coded: readonly Coded[]): Promise<void> {
    if (coded.length === 0) return;
    const records = coded.map((each, row) => recordOf(answer, row, each, this.mask));
    let segment: Segment;
    try {
      segment = await this.spool.append(records);
    } catch (error) {
      if (!(error instanceof SpoolFullError)) throw error;
      if (this.props.config.whenFull === 'refuse') throw new RecordingError(error.message);
      this.props.events.dropped(records.length);
      return;
    }
    this.props.shadow?.ask(coded, records, async (lines) => this.spool.appendShadow(segment, lines));
    if (this.props.config.durability === 'object-store') await this.stored(segment);
    this.props.events.recorded(records.length);
  }

  private async stored({ key }: Segment): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const arrived = new Promise<void>((resolve) => {
      this.awaited.set(key, [...(this.awaited.get(key) ?? []), resolve]);
    });
    const tooLong = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        reject(new RecordingError('the object store did not take the records in time'));
      }, STORE_WAIT_MS);
    });
    void this.flush();
    await Promise.race([arrived, tooLong]).finally(() => {
      clearTimeout(timer);
    });
  }

  /** Closes what is open and brings everything to the object store. @returns false when something remains on the disk */
  async flush(): Promise<boolean> {
    // Who comes while a turn runs waits for the next one, which takes everything that has come until then.
    if (this.turn !== undefined) await this.turn;
    this.turn ??= this.bring().finally(() => {
      this.turn = undefined;
      this.schedule();
    });
    return this.turn;
  }

  private schedule(): void {
    clearTimeout(this.timer);
    if (this.stopped) return;
    const { flushSeconds } = this.props.config;
    const pause = Math.min(2 ** this.failures, LONGEST_PAUSE_SECONDS, Math.max(flushSeconds, 1));
    const seconds = this.failures === 0 ? flushSeconds : pause;
    this.timer = setTimeout(() => void this.flush(), this.awaited.size > 0 && this.failures === 0 ? 0 : seconds * 1000);
  }

  private async bring(): Promise<boolean> {
    const { log, events, shadow } = this.props;
    try {
      await shadow?.idle();
      await this.spool.retry();
      await this.spool.seal();
      for (let next = this.sealed[0]; next !== undefined; next = this.sealed[0]) {
        const body = await objectOf(next);
        if (body.length > 0) await this.store.put(next.key, body);
        await this.spool.remove(next);
        this.sealed.shift();
        events.uploaded(body.length);
        for (const arrived of this.awaited.get(next.key) ?? []) arrived();
        this.awaited.delete(next.key);
      }
      this.failures = 0;
      return true;
    } catch (error) {
      this.failures++;
      events.uploadFailed();
      log.error({ err: error, waiting: this.spool.bytes }, 'records stay on the disk');
      return false;
    }
  }

  /** Brings everything to the object store for the last time. @returns false when something remains for the next start */
  async close(): Promise<boolean> {
    this.stopped = true;
    clearTimeout(this.timer);
    return this.flush();
  }
}
