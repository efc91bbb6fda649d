import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { Coded } from './coding/coder.js';
import type { ModelVersion } from './registry/mlflow.js';

const SECONDS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10];
const ROWS = [1, 2, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10000];
const TENTHS = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99, 1];

/** What Prometheus reads; `/metrics` on the management port. */
export class Metrics {
  readonly registry = new Registry();
  private readonly served = new Map<string, { slot: string; model: string; version: string }>();
  private readonly registers = [this.registry];

  readonly latency = new Histogram({
    name: 'nace_request_duration_seconds',
    help: 'How long answers took, by route and status',
    labelNames: ['route', 'status'] as const,
    buckets: SECONDS,
    registers: this.registers,
  });
  readonly inFlight = new Gauge({
    name: 'nace_requests_in_flight',
    help: 'Requests that are being answered',
    registers: this.registers,
  });
  private readonly batchSize = new Histogram({
    name: 'nace_request_descriptions',
    help: 'Descriptions in a request',
    buckets: ROWS,
    registers: this.registers,
  });
  private readonly confidence = new Histogram({
    name: 'nace_confidence',
    help: 'Value of the confidence index of what the model coded',
    buckets: TENTHS,
    registers: this.registers,
  });
  private readonly coded = new Counter({
    name: 'nace_coded_total',
    help: 'Descriptions by decision',
    labelNames: ['decision'] as const,
    registers: this.registers,
  });
  private readonly empty = new Counter({
    name: 'nace_empty_total',
    help: 'Descriptions of which no word was left',
    registers: this.registers,
  });
  private readonly modelInfo = new Gauge({
    name: 'nace_model_info',
    help: 'The versions that serve: 1 for each',
    labelNames: ['slot', 'model', 'version'] as const,
    registers: this.registers,
  });
  private readonly modelLoaded = new Gauge({
    name: 'nace_model_loaded_timestamp_seconds',
    help: 'When the version that serves was loaded',
    labelNames: ['slot'] as const,
    registers: this.registers,
  });
  readonly modelFailures = new Counter({
    name: 'nace_model_failures_total',
    help: 'Turns in which the registry was away, or a version was refused',
    labelNames: ['slot', 'kind'] as const,
    registers: this.registers,
  });
  readonly recorded = new Counter({
    name: 'nace_records_total',
    help: 'Records that were kept',
    registers: this.registers,
  });
  readonly dropped = new Counter({
    name: 'nace_records_dropped_total',
    help: 'Records that could not be kept',
    registers: this.registers,
  });
  readonly uploadedBytes = new Counter({
    name: 'nace_records_uploaded_bytes_total',
    help: 'Bytes of records that the object store has taken',
    registers: this.registers,
  });
  readonly uploadFailures = new Counter({
    name: 'nace_records_upload_failures_total',
    help: 'Turns in which the object store did not take records',
    registers: this.registers,
  });
  readonly shadowSkipped = new Counter({
    name: 'nace_shadow_skipped_total',
    help: 'Descriptions that the version beside was not asked about',
    registers: this.registers,
  });

  /** @param threshold of the confidence index, which dashboards read from here */
  constructor(threshold: number, waitingBytes: () => number) {
    collectDefaultMetrics({ register: this.registry });
    const registers = this.registers;
    new Gauge({ name: 'nace_confidence_threshold', help: 'What reaches it is coded automatically', registers }).set(
      threshold,
    );
    new Gauge({
      name: 'nace_records_waiting_bytes',
      help: 'Bytes of records that wait on the disk',
      registers,
      collect() {
        this.set(waitingBytes());
      },
    });
    for (const decision of ['auto', 'manual']) this.coded.inc({ decision }, 0);
  }

  /** Counts the descriptions of an answer. */
  count(coded: readonly Coded[]): void {
    this.batchSize.observe(coded.length);
    let auto = 0;
    let empty = 0;
    for (const { decision, reason, confidence } of coded) {
      if (decision === 'auto') auto++;
      if (reason === 'empty') empty++;
      else this.confidence.observe(confidence);
    }
    if (auto > 0) this.coded.inc({ decision: 'auto' }, auto);
    if (auto < coded.length) this.coded.inc({ decision: 'manual' }, coded.length - auto);
    if (empty > 0) this.empty.inc(empty);
  }

  /** Says which version serves in a slot. */
  serves(slot: 'main' | 'shadow', { name, version }: ModelVersion): void {
    const before = this.served.get(slot);
    if (before !== undefined) this.modelInfo.remove(before);
    const labels = { slot, model: name, version };
    this.served.set(slot, labels);
    this.modelInfo.set(labels, 1);
    this.modelLoaded.set({ slot }, Date.now() / 1000);
  }

  /** Says that no version serves in a slot. */
  servesNone(slot: 'main' | 'shadow'): void {
    const before = this.served.get(slot);
    if (before === undefined) return;
    this.modelInfo.remove(before);
    this.modelLoaded.remove({ slot });
    this.served.delete(slot);
  }
}
