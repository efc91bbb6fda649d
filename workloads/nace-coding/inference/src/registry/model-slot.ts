import type { Logger } from 'pino';
import type { Selection } from '../config.js';
import { type Bundle, loadBundle } from './bundle.js';
import { ModelError } from '../fasttext/model-error.js';
import { type MlflowClient, type ModelVersion, NoVersionError } from './mlflow.js';
import type { ModelCache } from './model-cache.js';

/** After how many turns a refused version is tried again. */
const TURNS_OF_A_REFUSAL = 10;

/** A verified version that answers. */
export interface ServedModel extends Bundle {
  readonly version: ModelVersion;
  readonly metrics: Readonly<Record<string, number>>;
}

export interface ModelSlotProps {
  readonly model: string;
  readonly selection: Selection;
  readonly reloadSeconds: number;
  /** Whether the registry may have no such version, which then answers no more. Else what served before goes on. */
  readonly mayBeEmpty: boolean;
  readonly registry: MlflowClient;
  readonly cache: ModelCache;
  readonly log: Logger;
  /** Called after each change of the version that serves. */
  readonly onLoaded: (model: ServedModel) => void;
  /** Called when the registry has no such version any more. */
  readonly onEmptied: () => void;
  /** Called when the registry is away, and when a version is refused. */
  readonly onFailure: (kind: 'registry' | 'refused') => void;
}

/**
 * Holds the version that a selection points at, and follows it. A request keeps the model that it began with, so a change drops none. What
 * cannot be verified is refused, and what served before goes on.
 */
export class ModelSlot {
  private served: ServedModel | undefined;
  private timer: NodeJS.Timeout | undefined;
  private turn = Promise.resolve();
  private stopped = false;
  private empty = false;
  private refusal: { readonly version: string; turns: number } | undefined;

  constructor(private readonly props: ModelSlotProps) {}

  /** The model that answers, undefined before the first is verified. */
  get current(): ServedModel | undefined {
    return this.served;
  }

  /** Loads the selected version, or what served last when the registry is away, and follows the selection from then on. */
  async start(): Promise<void> {
    this.turn = this.refresh();
    await this.turn;
    this.schedule();
  }

  async stop(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.timer);
    await this.turn;
  }

  private schedule(): void {
    if (this.stopped) return;
    // The first version is awaited by people: it is asked for more often.
    const isAwaited = this.served === undefined && !this.empty;
    const seconds = isAwaited ? Math.min(2, this.props.reloadSeconds) : this.props.reloadSeconds;
    this.timer = setTimeout(() => {
      this.turn = this.refresh().finally(() => {
        this.schedule();
      });
    }, seconds * 1000);
  }

  private async refresh(): Promise<void> {
    const { registry, model, selection, log } = this.props;
    let wanted: ModelVersion;
    try {
      wanted = await registry.resolve(model, selection);
    } catch (error) {
      if (this.props.mayBeEmpty && error instanceof NoVersionError) {
        await this.clear();
        return;
      }
      this.props.onFailure('registry');
      log.warn({ err: error }, 'the registry does not say which version to serve');
      if (this.served === undefined) await this.resume();
      return;
    }
    if (wanted.version === this.served?.version.version) return;
    if (!wanted.ready) {
      log.warn({ version: wanted.version, status: wanted.status }, 'the selected version is not ready');
      return;
    }
    if (this.refusal?.version === wanted.version && this.refusal.turns-- > 0) return;
    await this.change(wanted);
  }

  private async change(wanted: ModelVersion): Promise<void> {
    const { cache, registry, log } = this.props;
    try {
      const folder = await cache.fetch(wanted);
      const bundle = await loadBundle(folder).catch(async (error: unknown) => {
        await cache.forget(wanted.version);
        throw error;
      });
      await cache.remember(wanted);
      this.serve({ ...bundle, version: wanted, metrics: await registry.metrics(wanted) });
    } catch (error) {
      const refused = error instanceof ModelError;
      if (refused) this.refusal = { version: wanted.version, turns: TURNS_OF_A_REFUSAL };
      this.props.onFailure(refused ? 'refused' : 'registry');
      const serving = this.served?.version.version ?? 'none';
      log.error(
        { err: error, version: wanted.version, serving },
        'the version cannot be served; what served before goes on',
      );
    }
  }

  private async clear(): Promise<void> {
    if (this.empty) return;
    await this.props.cache.forgetLast();
    this.empty = true;
    this.served = undefined;
    this.props.log.info('no version is selected');
    this.props.onEmptied();
  }

  /** Serves from the disk. */
  private async resume(): Promise<void> {
    const { cache, log } = this.props;
    try {
      const last = await cache.last();
      if (last === undefined) return;
      this.serve({ ...(await loadBundle(last.folder)), version: last.version, metrics: {} });
    } catch (error) {
      log.error({ err: error }, 'the version that served last cannot be served from the disk');
    }
  }

  private serve(model: ServedModel): void {
    const before = this.served?.version.version ?? 'none';
    this.served = model;
    this.empty = false;
    this.refusal = undefined;
    this.props.log.info({ model: model.version.name, version: model.version.version, before }, 'the model serves');
    this.props.onLoaded(model);
  }
}
