import { setImmediate } from 'node:timers/promises';
import type { Logger } from 'pino';
import { type Coded, margin, RECORDED_CODES } from '../coding/coder.js';
import type { ServedModel } from '../registry/model-slot.js';
import { type PredictionRecord, recorded } from './record.js';
import type { ShadowLine } from './segment.js';

/** Rows between two of which requests are answered. */
const SLICE = 20;

interface Job {
  readonly coded: readonly Coded[];
  readonly records: readonly PredictionRecord[];
  readonly write: (lines: readonly ShadowLine[]) => Promise<void>;
}

export interface ShadowProps {
  readonly model: () => ServedModel | undefined;
  readonly queueRows: number;
  readonly log: Logger;
  readonly onSkipped: (rows: number) => void;
}

/** Asks a version beside the first after the answer was made; what it says is only recorded. */
export class Shadow {
  private rows = 0;
  private asked = Promise.resolve();
  private written: Promise<unknown> = Promise.resolve();

  constructor(private readonly props: ShadowProps) {}

  /** Puts the descriptions of an answer into the queue. When it is full, their records stay without the other version. */
  ask(coded: readonly Coded[], records: readonly PredictionRecord[], write: Job['write']): void {
    if (this.props.model() === undefined) return;
    if (this.rows + coded.length > this.props.queueRows) {
      this.props.onSkipped(coded.length);
      return;
    }
    this.rows += coded.length;
    this.asked = this.asked.then(async () => this.answer({ coded, records, write }));
  }

  /** Returns when everything that was asked before has been written. */
  async idle(): Promise<void> {
    await this.asked;
    await this.written;
  }

  private async answer({ coded, records, write }: Job): Promise<void> {
    await setImmediate();
    const model = this.props.model();
    const lines: ShadowLine[] = [];
    for (const [row, { form }] of coded.entries()) {
      if (model === undefined) break;
      const clean = model.preprocessor.read(form);
      const predictions = clean === '' ? [] : model.model.predict(clean, RECORDED_CODES);
      lines.push({
        shadow_of: records[row]?.id ?? '',
        shadow_version: model.version.version,
        shadow_predictions: recorded(predictions),
        shadow_confidence: margin(predictions),
        shadow_nomenclature: model.nomenclature,
      });
      if (row % SLICE === SLICE - 1) await setImmediate();
    }
    this.rows -= coded.length;
    // Lines of several answers share one write of the disk.
    const writing = write(lines).catch((error: unknown) => {
      this.props.log.warn({ err: error }, 'what the version beside answered is not recorded');
    });
    this.written = Promise.all([this.written, writing]);
  }
}
