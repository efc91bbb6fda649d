import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, inject, it } from 'vitest';
import { FastText } from '../src/fasttext/fasttext.js';
import { ModelError } from '../src/fasttext/model-error.js';

const fixtures = inject('fixtures');
const json = <T>(name: string): T => JSON.parse(readFileSync(join(fixtures, name), 'utf8')) as T;
const texts = json<string[]>('texts.json');
const TOLERANCE = 2e-6;
const scratch = mkdtempSync(join(tmpdir(), 'fasttext-'));
afterAll(() => { rmSync(scratch, { recursive: true }); });

type Answers = readonly (readonly [string, number])[];

describe('the reader of models', () => {
  it.each(['ova', 'softmax', 'plain', 'short', 'negative', 'hierarchical'])(
    'gives what the Python library gives: %s',
    async (name) => {
      const expected = json<Answers[]>(`${name}.json`);
      const model = await FastText.load(join(fixtures, `${name}.bin`));
      expect(texts.length).toBeGreaterThan(3000);
      let furthest = 0;
      const wrong: unknown[] = [];
      texts.forEach((text, i) => {
        const given = model.predict(text, 5);
        const wanted = expected[i] ?? [];
        given.forEach(({ probability }, k) => { furthest = Math.max(furthest, Math.abs(probability - (wanted[k]?.[1] ?? 9))); });
        if (given.map(({ code }) => code).join() !== wanted.map(([code]) => code).join()) {
          wrong.push({ text: text.slice(0, 60), given, wanted });
        }
      });
      console.log(name, furthest, wrong.length);
      expect(wrong.slice(0, 3)).toEqual([]);
      expect(furthest).toBeLessThan(TOLERANCE);
    },
  );
});
