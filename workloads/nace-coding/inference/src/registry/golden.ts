import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { setImmediate } from 'node:timers/promises';
import { z } from 'zod';
import type { FastText, Prediction } from '../fasttext/fasttext.js';
import { ModelError } from '../fasttext/model-error.js';
import type { Preprocessor } from '../preprocess/preprocessor.js';

/** How far a probability may be from that of the Python library. */
const TOLERANCE = 2e-6;
const FEWEST_LINES = 1000;
/** Lines between two of which requests are answered. */
const SLICE = 100;

const field = z.string().nullable().default(null);
const lineSchema = z.object({
  query: z.object({
    text: z.string().nullish(),
    type: field,
    nature: field,
    surface: field,
    event: field,
    cj: field,
    permanence: field,
  }),
  text: z.string(),
  predictions: z.array(z.tuple([z.string(), z.number()])).max(5),
});

/** What reads a description, and what codes it. */
export interface Reader {
  readonly preprocessor: Preprocessor;
  readonly model: FastText;
}

/**
 * Reads the golden lines with this preprocessing and this reader of the model.
 *
 * @throws ModelError with the first line of which text, codes or probabilities differ, and when there are fewer than 1,000
 */
export async function checkGolden(path: string, { preprocessor, model }: Reader): Promise<void> {
  let number = 0;
  for await (const line of createInterface({ input: createReadStream(path), crlfDelay: Infinity })) {
    number++;
    const where = `${path}:${number}`;
    const { query, text, predictions } = parsed(line, where);
    const read = preprocessor.read({ ...query, text: query.text ?? '' });
    if (read !== text) {
      throw new ModelError(
        `${where}: the text is "${read}", expected "${text}"; training and service prepare differently`,
      );
    }
    // A description of which no word is left is never shown to the model.
    if (read !== '') checkPredictions(model.predict(read, 5), predictions, `${where}: "${text}"`);
    if (number % SLICE === 0) await setImmediate();
  }
  if (number < FEWEST_LINES) {
    throw new ModelError(
      `${path}: ${number} lines, at least ${FEWEST_LINES} expected; register the model with ../training`,
    );
  }
}

/** @throws ModelError when a code differs, or a probability by more than the tolerance */
function checkPredictions(
  given: readonly Prediction[],
  expected: readonly (readonly [string, number])[],
  where: string,
): void {
  const same = given.every(({ code, probability }, rank) => {
    const [wanted, value = NaN] = expected[rank] ?? [];
    return wanted === code && Math.abs(probability - value) <= TOLERANCE;
  });
  if (same && given.length === expected.length) return;
  throw new ModelError(
    `${where} gives ${JSON.stringify(given)}, expected ${JSON.stringify(expected)} within ${TOLERANCE}; ` +
      'the file of the model is not the one that made the golden lines',
  );
}

function parsed(line: string, where: string): z.output<typeof lineSchema> {
  let content: unknown;
  try {
    content = JSON.parse(line);
  } catch (error) {
    throw new ModelError(`${where}: no JSON: ${String(error)}`);
  }
  const result = lineSchema.safeParse(content);
  if (!result.success) throw new ModelError(`${where}: ${z.prettifyError(result.error)}`);
  return result.data;
}
