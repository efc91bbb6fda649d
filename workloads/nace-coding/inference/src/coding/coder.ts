import type { Prediction } from '../fasttext/fasttext.js';
import type { Form } from '../preprocess/preprocessor.js';
import type { ServedModel } from '../registry/model-slot.js';

/** How many codes a record keeps. */
export const RECORDED_CODES = 5;

export type Decision = 'auto' | 'manual';
export type Reason = 'below-threshold' | 'empty';

/** A description that was coded. */
export interface Coded {
  readonly form: Form;
  /** What the model read; empty when no word was left. */
  readonly clean: string;
  /** The best first; none when no model was asked. At least {@link RECORDED_CODES} of them. */
  readonly predictions: readonly Prediction[];
  /** Value of the index `margin`. */
  readonly confidence: number;
  readonly decision: Decision;
  readonly reason: Reason | null;
}

/** The index `margin`: how far the best code is before the second, at most 1. A model with one code is sure of it. */
export function margin(predictions: readonly Prediction[]): number {
  const [first, second] = predictions;
  if (first === undefined) return 0;
  return Math.min(1, first.probability - (second?.probability ?? 0));
}

/**
 * Codes one description. When no word of it is left it goes to a person, and no model is asked: the model would answer from the end of the
 * line alone, often with full confidence.
 *
 * @param count how many codes the caller wants
 */
export function code(form: Form, { model, preprocessor }: ServedModel, threshold: number, count: number): Coded {
  const clean = preprocessor.read(form);
  const predictions = clean === '' ? [] : model.predict(clean, Math.max(count, RECORDED_CODES));
  if (predictions.length === 0) {
    return { form, clean, predictions, confidence: 0, decision: 'manual', reason: 'empty' };
  }
  const confidence = margin(predictions);
  const auto = confidence >= threshold;
  return {
    form,
    clean,
    predictions,
    confidence,
    decision: auto ? 'auto' : 'manual',
    reason: auto ? null : 'below-threshold',
  };
}
