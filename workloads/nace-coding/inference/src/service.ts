import { randomUUID } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import type { Config } from './config.js';
import { code, type Coded } from './coding/coder.js';
import type { Metrics } from './metrics.js';
import type { Form } from './preprocess/preprocessor.js';
import { type Recorder, RecordingError } from './records/recorder.js';
import type { ModelSlot, ServedModel } from './registry/model-slot.js';
import { Problem } from './http/problem.js';

/** Descriptions between two of which other requests are answered. */
const SLICE = 100;

export interface ServiceProps {
  readonly config: Config;
  readonly replica: string;
  readonly slot: ModelSlot;
  readonly recorder: Recorder | undefined;
  readonly metrics: Metrics;
}

/** What was coded, and with which model. */
export interface Result {
  readonly request: string;
  readonly model: ServedModel;
  readonly coded: readonly Coded[];
}

/** What every route does: it codes descriptions with one model, and gives the answer when it is recorded. */
export class Service {
  private stopping = false;

  constructor(private readonly props: ServiceProps) {}

  get config(): Config {
    return this.props.config;
  }

  get metrics(): Metrics {
    return this.props.metrics;
  }

  /** Why no request should be sent here; undefined when it may. */
  get notReady(): string | undefined {
    if (this.stopping) return 'shutting down';
    if (this.props.slot.current === undefined) return 'no verified model';
    return this.props.recorder?.refuses === true ? 'records cannot be kept' : undefined;
  }

  /** Says to whoever asks that requests should go elsewhere. */
  stop(): void {
    this.stopping = true;
  }

  get isStopping(): boolean {
    return this.stopping;
  }

  /** The model that answers now. @throws Problem 503 when there is none */
  model(): ServedModel {
    const { current } = this.props.slot;
    if (current === undefined) throw new Problem(503, 'no verified model yet', 5);
    return current;
  }

  /** @throws Problem 413 for too many descriptions */
  checkRows(rows: number): void {
    const { rowsPerRequest } = this.props.config.limits;
    if (rows > rowsPerRequest) {
      throw new Problem(413, `${rows} descriptions given, at most ${rowsPerRequest} expected; send them in parts`);
    }
  }

  /** Codes forms with one model; nothing is recorded. @throws Problem 413 for too many, 503 when there is no model */
  async ask(forms: readonly Form[], count: number): Promise<Omit<Result, 'request'>> {
    this.checkRows(forms.length);
    const model = this.model();
    const { threshold } = this.props.config.confidence;
    const coded: Coded[] = [];
    for (const form of forms) {
      coded.push(code(form, model, threshold, count));
      if (coded.length % SLICE === 0) await setImmediate();
    }
    return { model, coded };
  }

  /**
   * Codes forms and records the answer.
   *
   * @param count how many codes the caller wants
   * @param check is called before anything is recorded, and throws when there will be no answer
   * @throws Problem 413 for too many forms, 503 when there is no model
   * @throws RecordingError when the answer cannot be recorded
   */
  async code(
    route: string,
    forms: readonly Form[],
    count: number,
    check: (coded: readonly Coded[]) => void = () => undefined,
  ): Promise<Result> {
    const { config, recorder, metrics, replica } = this.props;
    if (recorder?.refuses === true) throw new RecordingError('records of answers cannot be kept');
    const { model, coded } = await this.ask(forms, count);
    check(coded);
    const request = randomUUID();
    const { nomenclature } = model;
    const { name: modelName, version: modelVersion } = model.version;
    const { threshold } = config.confidence;
    const at = new Date().toISOString();
    await recorder?.record({ request, at, replica, route, modelName, modelVersion, nomenclature, threshold }, coded);
    metrics.count(coded);
    return { request, model, coded };
  }
}
