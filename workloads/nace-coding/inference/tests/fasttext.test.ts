import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, inject, it } from 'vitest';
import { FastText } from '../src/fasttext/fasttext.js';
import { ModelError } from '../src/fasttext/model-error.js';

const fixtures = inject('fixtures');
const json = (name: string): unknown => JSON.parse(readFileSync(join(fixtures, name), 'utf8'));
const texts = json('texts.json') as string[];
const TOLERANCE = 2e-6;
const scratch = mkdtempSync(join(tmpdir(), 'fasttext-'));
afterAll(() => {
  rmSync(scratch, { recursive: true });
});

type Answers = readonly (readonly [string, number])[];

/** A model with other bytes at a place. */
function damaged(at: number, bytes: Buffer): string {
  const content = readFileSync(join(fixtures, 'plain.bin'));
  bytes.copy(content, at);
  const path = join(scratch, `damaged-${at}.bin`);
  writeFileSync(path, content);
  return path;
}

const int32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32LE(value);
  return bytes;
};

describe('the reader of models', () => {
  it.each(['ova', 'softmax', 'plain', 'short', 'negative', 'hierarchical'])(
    'gives what the Python library gives, in the same order: %s',
    async (name) => {
      const expected = json(`${name}.json`) as Answers[];
      const model = await FastText.load(join(fixtures, `${name}.bin`));
      expect(texts.length).toBeGreaterThan(3000);
      let furthest = 0;
      const wrong: unknown[] = [];
      texts.forEach((text, i) => {
        const given = model.predict(text, 5);
        const wanted = expected[i] ?? [];
        given.forEach(({ probability }, rank) => {
          furthest = Math.max(furthest, Math.abs(probability - (wanted[rank]?.[1] ?? Infinity)));
        });
        if (given.map(({ code }) => code).join() !== wanted.map(([code]) => code).join()) {
          wrong.push({ text: text.slice(0, 60), given, wanted });
        }
      });
      expect(wrong.slice(0, 3)).toEqual([]);
      expect(furthest).toBeLessThan(TOLERANCE);
    },
  );

  it('takes a line end for a space', async () => {
    const model = await FastText.load(join(fixtures, 'softmax.bin'));
    expect(model.predict('culture\ndu riz', 5)).toEqual(model.predict('culture du riz', 5));
  });

  it('gives every code when more are asked for', async () => {
    const model = await FastText.load(join(fixtures, 'softmax.bin'));
    const all = model.predict('culture du riz', 10_000);
    expect(all).toHaveLength(model.codes.length);
    expect(all.reduce((sum, { probability }) => sum + probability, 0)).toBeCloseTo(1 + all.length * 1e-5, 4);
  });

  it('explains a score by the rows of each word', async () => {
    const model = await FastText.load(join(fixtures, 'softmax.bin'));
    const [first, second] = model.predict('culture du riz', 2);
    const score = (code = '') => model.explain('culture du riz', code)?.score ?? NaN;
    const proportion = ((first?.probability ?? 0) - 1e-5) / ((second?.probability ?? 0) - 1e-5);
    expect(score(first?.code) - score(second?.code)).toBeCloseTo(Math.log(proportion), 4);
    expect(model.explain('culture', '9999X')).toBeUndefined();
    expect((await FastText.load(join(fixtures, 'hierarchical.bin'))).explain('culture', '0112Z')).toBeUndefined();
  });
});

describe('what is no model', () => {
  const refused = async (path: string) => {
    const error: unknown = await FastText.load(path).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(ModelError);
    return (error as ModelError).message;
  };
  const cut = (bytes: number) => {
    const path = join(scratch, `cut-${bytes}.bin`);
    writeFileSync(path, readFileSync(join(fixtures, 'plain.bin')).subarray(0, bytes));
    return path;
  };

  it.each([
    ['another file', () => damaged(0, int32(7)), 'a fastText model with 793712314'],
    ['another version', () => damaged(4, int32(11)), 'file version 11, 12 is served'],
    ['an unsupervised model', () => damaged(8 + 7 * 4, int32(1)), 'train it with train_supervised()'],
    ['an unknown loss', () => damaged(8 + 6 * 4, int32(9)), 'loss 9'],
    ['a wrong size', () => damaged(8, int32(17)), 'the file is damaged'],
    ['a file without its end', () => cut(readFileSync(join(fixtures, 'plain.bin')).length - 5), 'fetch it again'],
    ['a file that ends in the dictionary', () => cut(500), 'damaged'],
    ['a quantised model', () => join(fixtures, 'quantised.ftz'), 'save the model before quantize()'],
  ])('%s is refused', async (_, make, expected) => {
    expect(await refused(make())).toContain(expected);
  });

  it('refuses what follows the model', async () => {
    const path = join(scratch, 'longer.bin');
    writeFileSync(path, Buffer.concat([readFileSync(join(fixtures, 'plain.bin')), Buffer.from('x')]));
    expect(await refused(path)).toContain('1 bytes follow the model');
  });
});
