import { z } from 'zod';
import type { Coded } from '../coding/coder.js';
import type { ServedModel } from '../registry/model-slot.js';
import { Problem } from './problem.js';

/** What the generations of routes that Insee has published answer for one description. */

export const echoSchema = z.strictObject({ code: z.string(), probabilite: z.number(), libelle: z.string() });

const decisionSchema = z.strictObject({
  codification: z.enum(['auto', 'manual']),
  reason: z.enum(['below-threshold', 'empty']).nullable(),
  index: z.literal('margin'),
  threshold: z.number(),
});

export const itemSchema = z
  .object({ IC: z.number().max(1), decision: decisionSchema.optional(), MLversion: z.string().optional() })
  .catchall(echoSchema)
  .describe('codes by their rank, from "1", and the confidence index IC; without a rank when no word was left');

export const optionsShape = {
  nb_echos_max: z.int().min(1).max(1000).default(5).describe('the most codes of a description'),
  prob_min: z.number().min(0).max(1).default(0.01).describe('codes are given while their probability is more'),
  with_decision: z.boolean().default(false).describe('adds what is done with the description, and why'),
};

export type Options = z.output<z.ZodObject<typeof optionsShape>>;

/** Codes of a description that are given: the leading ones whose probability is more than the least asked for. */
function echoes({ predictions }: Coded, { nb_echos_max, prob_min }: Options) {
  const asked = predictions.slice(0, nb_echos_max);
  const end = asked.findIndex(({ probability }) => probability <= prob_min);
  return end < 0 ? asked : asked.slice(0, end);
}

/** @throws Problem 400 when a description that the model has coded would be answered without a code */
export function checkEchoes(coded: readonly Coded[], options: Options): void {
  const without = coded.flatMap((each, row) =>
    each.predictions.length > 0 && echoes(each, options).length === 0 ? [row] : [],
  );
  if (without.length === 0) return;
  const rows = coded.length === 1 ? '' : ` (descriptions ${without.slice(0, 20).join(', ')})`;
  throw new Problem(400, `prob_min ${options.prob_min} is higher than the highest probability${rows}; lower it`);
}

/** The answer for one description. */
export function itemOf(coded: Coded, options: Options, model: ServedModel, threshold: number): Record<string, unknown> {
  const item: Record<string, unknown> = {};
  echoes(coded, options).forEach(({ code, probability }, rank) => {
    item[String(rank + 1)] = { code, probabilite: probability, libelle: model.labels.get(code)?.label ?? '' };
  });
  item['IC'] = coded.confidence;
  if (options.with_decision) {
    item['decision'] = { codification: coded.decision, reason: coded.reason, index: 'margin', threshold };
  }
  return item;
}
