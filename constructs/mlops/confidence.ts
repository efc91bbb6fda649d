/** The functions of a model's probabilities that tell how sure it is. */
export const CONFIDENCE_INDICES = ['margin'] as const;

/** `margin`: the probability of the best code less that of the second, at most 1. */
export type ConfidenceIndex = (typeof CONFIDENCE_INDICES)[number];

export interface ConfidenceProps {
  readonly index: ConfidenceIndex;
  /** From 0, where everything is coded automatically, to 1. */
  readonly threshold: number;
}

/**
 * How sure a model must be for its answer to count without a person: one value that the service decides by, that stands in its records, and
 * that the dashboard and the trigger of retraining reckon with. Each of them receives this object; none has a default of its own.
 *
 * @throws Error when the index is none, or the threshold is no number from 0 to 1
 *
 * @example
 * import { Confidence } from 'bouture';
 * const confidence = new Confidence({ index: 'margin', threshold: 0.8 });
 */
export class Confidence {
  readonly index: ConfidenceIndex;
  readonly threshold: number;

  constructor({ index, threshold }: ConfidenceProps) {
    if (!CONFIDENCE_INDICES.includes(index)) {
      throw new Error(`confidence index "${index}" is unknown: expected ${CONFIDENCE_INDICES.join(' or ')}`);
    }
    if (!Number.isFinite(threshold) || threshold < 0 || threshold > 1) {
      throw new RangeError(`confidence threshold is a number from 0 to 1, given ${threshold}`);
    }
    this.index = index;
    this.threshold = threshold;
  }

  /** As it stands in the configuration of programs: index first. */
  toJSON(): ConfidenceProps {
    return { index: this.index, threshold: this.threshold };
  }
}
