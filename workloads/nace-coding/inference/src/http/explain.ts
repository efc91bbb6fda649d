import { z } from 'zod';
import { fieldOf, type FieldName, fieldSchemas, NO_FIELDS, refuse, textOf } from './forms.js';
import type { Detail } from './problem.js';
import { type Route, route } from './route.js';

const MOST_CODES = 20;

const explain = route({
  method: 'POST',
  path: '/explain',
  summary: 'What each word adds to the score of a code; not recorded',
  query: z.object({}),
  body: z.strictObject({
    text: z.string(),
    ...fieldSchemas,
    codes: z
      .array(z.string())
      .min(1)
      .max(MOST_CODES)
      .optional()
      .describe('codes to explain; the best ones unless given'),
    count: z.int().min(1).max(MOST_CODES).default(1).describe('how many of the best codes are explained'),
  }),
  response: z.object({
    text_clean: z.string(),
    explanations: z.array(
      z.object({
        code: z.string(),
        label: z.string(),
        probability: z.number().nullable().describe('null for a code that is not among the best'),
        score: z.number().describe('before the loss: the sum of the words and of end'),
        words: z.array(z.object({ word: z.string(), contribution: z.number() })),
        end: z.number().describe('part of the end of the line, which is in every text'),
      }),
    ),
  }),
  handle: async (service, { body }) => {
    const details: Detail[] = [];
    const form = {
      text: textOf(body.text, ['body', 'text'], service.config.limits.charactersPerLabel, details),
      ...NO_FIELDS,
    };
    for (const name of Object.keys(fieldSchemas) as FieldName[]) {
      form[name] = fieldOf(name, body[name], ['body', name], details);
    }
    const { coded, model } = await service.ask([form], body.count);
    const predictions = coded[0]?.predictions ?? [];
    const clean = coded[0]?.clean ?? '';
    (body.codes ?? []).forEach((code, i) => {
      if (!model.labels.has(code)) {
        details.push({
          loc: ['body', 'codes', i],
          msg: `no code of the model: ${code.slice(0, 50)}`,
          type: 'value_error',
        });
      }
    });
    refuse(422, details);
    const codes = clean === '' ? [] : (body.codes ?? predictions.slice(0, body.count).map(({ code }) => code));
    const explanations = codes.flatMap((code) => {
      const explanation = model.model.explain(clean, code);
      if (explanation === undefined) return [];
      const probability = predictions.find((each) => each.code === code)?.probability ?? null;
      return [{ ...explanation, label: model.labels.get(code)?.label ?? '', probability }];
    });
    return { body: { text_clean: clean, explanations } };
  },
});

export const explanations: readonly Route[] = [explain];
