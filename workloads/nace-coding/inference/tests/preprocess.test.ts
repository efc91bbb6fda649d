import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { type Form, Preprocessor } from '../src/preprocess/preprocessor.js';
import { preprocessSchema } from '../src/preprocess/spec.js';

const training = process.env['TRAINING_FOLDER'] ?? fileURLToPath(new URL('../../training', import.meta.url));
const json = (path: string): unknown => JSON.parse(readFileSync(`${training}/${path}`, 'utf8'));
const NO_FIELDS = { type: null, nature: null, surface: null, event: null, cj: null, permanence: null };

describe('what training and service must agree on', () => {
  it.each([
    ['preprocess.json', 'conformance/full.jsonl'],
    ['conformance/course.json', 'conformance/course.jsonl'],
    ['conformance/features.json', 'conformance/features.jsonl'],
  ])('%s gives the texts of %s', (spec, golden) => {
    const preprocessor = new Preprocessor(preprocessSchema.parse(json(spec)));
    const lines = readFileSync(`${training}/${golden}`, 'utf8').trimEnd().split('\n');
    expect(lines.length).toBeGreaterThan(100);
    const wrong = lines
      .map(
        (line) => JSON.parse(line) as { query: Partial<Omit<Form, 'text'>> & { text?: string | null }; text: string },
      )
      .map(({ query, text }) => ({
        query,
        text,
        given: preprocessor.read({ ...NO_FIELDS, ...query, text: query.text ?? '' }),
      }))
      .filter(({ text, given }) => text !== given);
    expect(wrong).toEqual([]);
  });
});
