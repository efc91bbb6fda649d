import { z } from 'zod';
import type { Prediction } from '../fasttext/fasttext.js';
import { type Coded, RECORDED_CODES } from '../coding/coder.js';
import type { Mask } from './masking.js';

const prediction = z.strictObject({ code: z.string().min(1), probability: z.number().min(0) });
const field = z.string().nullable();

/** One line of the records; `schemas/record.schema.json` is made from it. */
export const recordSchema = z
  .strictObject({
    schema: z.literal(1),
    id: z.string().min(1).describe('identifier of the request and the row in it, unique for ever'),
    request: z.string().min(1),
    row: z.int().min(0).describe('place of the description in its request'),
    at: z.iso.datetime({ precision: 3 }).describe('when it was answered, UTC'),
    replica: z.string().min(1),
    route: z.string().min(1),
    model_name: z.string(),
    model_version: z.string(),
    nomenclature: z.string().min(1).describe('what the codes are of, as labels.json of the model says'),
    text: z.string().describe('the description as it came, or its masked form'),
    text_clean: z.string().describe('what the model read, or its masked form'),
    type: field,
    nature: field,
    surface: field,
    event: field,
    cj: field,
    permanence: field,
    predictions: z.array(prediction).max(RECORDED_CODES).describe('the best first; none when no model was asked'),
    confidence: z.number().max(1).min(-1),
    index: z.literal('margin'),
    threshold: z.number().min(0).max(1),
    decision: z.enum(['auto', 'manual']),
    reason: z.enum(['below-threshold', 'empty']).nullable(),
    shadow_version: z.string().nullable(),
    shadow_predictions: z.array(prediction).max(RECORDED_CODES).nullable(),
    shadow_confidence: z.number().max(1).min(-1).nullable(),
    shadow_nomenclature: z.string().min(1).nullable().describe('what the codes of that version are of'),
  })
  .describe('A description that was coded, and how');

export type PredictionRecord = z.output<typeof recordSchema>;

/** What the records of one answer have in common. */
export interface Answer {
  readonly request: string;
  /** UTC, with milliseconds. */
  readonly at: string;
  readonly replica: string;
  readonly route: string;
  readonly modelName: string;
  readonly modelVersion: string;
  readonly nomenclature: string;
  readonly threshold: number;
}

/** The predictions of a record. */
export function recorded(predictions: readonly Prediction[]): PredictionRecord['predictions'] {
  return predictions.slice(0, RECORDED_CODES).map(({ code, probability }) => ({ code, probability }));
}

/** The record of a description, without the version that runs beside it. */
export function recordOf(answer: Answer, row: number, coded: Coded, mask: Mask): PredictionRecord {
  const { form, predictions, confidence, decision, reason } = coded;
  return {
    schema: 1,
    id: `${answer.request}-${row}`,
    request: answer.request,
    row,
    at: answer.at,
    replica: answer.replica,
    route: answer.route,
    model_name: answer.modelName,
    model_version: answer.modelVersion,
    nomenclature: answer.nomenclature,
    text: mask.text(form.text),
    text_clean: mask.words(coded.clean),
    type: form.type,
    nature: form.nature,
    surface: form.surface,
    event: form.event,
    cj: form.cj,
    permanence: form.permanence,
    predictions: recorded(predictions),
    confidence,
    index: 'margin',
    threshold: answer.threshold,
    decision,
    reason,
    shadow_version: null,
    shadow_predictions: null,
    shadow_confidence: null,
    shadow_nomenclature: null,
  };
}
