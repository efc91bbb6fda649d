import { z } from 'zod';

/** `preprocess.json` of a model, as ../training/schemas/preprocess.schema.json defines it. */

const description = z.string().optional();
const printable = z.string().regex(/^[ -~]*$/);
const words = z.array(z.string().regex(/^[!-~]+$/)).min(1);

const stepSchema = z.discriminatedUnion('op', [
  z.strictObject({ op: z.literal('transliterate'), description, table: z.record(z.string(), printable) }),
  z.strictObject({ op: z.literal('lowercase'), description }),
  z.strictObject({
    op: z.literal('removePhrases'),
    description,
    phrases: z.array(z.string().regex(/^[!-~]+( [!-~]+)*$/)).min(1),
  }),
  z.strictObject({ op: z.literal('joinPrefix'), description, prefixes: z.array(z.string().regex(/^[a-z]+$/)).min(1) }),
  z.strictObject({ op: z.literal('keep'), description, characters: printable.min(1) }),
  z.strictObject({ op: z.literal('removeWords'), description, words }),
  z.strictObject({ op: z.literal('minimumLength'), description, characters: z.int().min(2) }),
  z.strictObject({ op: z.literal('uniqueWords'), description }),
  z.strictObject({ op: z.literal('stem'), description, algorithm: z.literal('french') }),
]);

export const preprocessSchema = z.strictObject({
  format: z.literal(1),
  version: z.string().regex(/^[0-9]+\.[0-9]+\.[0-9]+$/),
  steps: z
    .array(stepSchema)
    .min(1)
    .refine(([first]) => first?.op === 'transliterate', 'the first step is transliterate'),
  features: z.array(
    z.strictObject({
      token: z.string().regex(/^[A-Z]+$/),
      field: z.enum(['type', 'nature', 'surface', 'event', 'cj', 'permanence']),
    }),
  ),
});

export type PreprocessSpec = z.output<typeof preprocessSchema>;
export type Step = z.output<typeof stepSchema>;
