import { BinaryReader } from './binary-reader.js';
import type { Ranked } from './best.js';
import { Dictionary, END_OF_LINE, type WordRows } from './dictionary.js';
import { Kernel } from './kernel.js';
import type { Loss } from './losses.js';
import { readHeader, type Header } from './model-file.js';

const REMEMBERED_WORDS = 50_000;

/** A label and the probability that the library gives it, which can exceed 1 by 1e-5. */
export interface Prediction {
  readonly code: string;
  readonly probability: number;
}

/** What each word adds to the score of a code, before the loss: their sum and `end` are the score. */
export interface Explanation {
  readonly code: string;
  readonly score: number;
  readonly words: readonly { readonly word: string; readonly contribution: number }[];
  /** Part of the end of the line, which is in every text. */
  readonly end: number;
}

/** A supervised fastText model, read from the file of the C++ library; its predictions are equal to those of the library. */
export class FastText {
  /**
   * Reads a model. Between two parts of the file other work goes on.
   *
   * @throws ModelError when the file is none, is damaged, or is of a kind that is not served
   */
  static async load(path: string): Promise<FastText> {
    const reader = await BinaryReader.open(path);
    try {
      const header = await readHeader(reader);
      const kernel = new Kernel(header.shape);
      await reader.bytes(kernel.input);
      await header.readOutput(reader, kernel);
      return new FastText(header, kernel);
    } finally {
      await reader.close();
    }
  }

  /** Every code that the model can give. */
  readonly codes: readonly string[];
  private readonly dictionary: Dictionary;
  private readonly loss: Loss;
  private readonly places: ReadonlyMap<string, number>;

  private constructor(
    private readonly header: Header,
    private readonly kernel: Kernel,
  ) {
    const { words, labels, minn, maxn, bucket } = header;
    this.codes = labels.map((label) => label.replace(/^__label__/, ''));
    this.places = new Map(this.codes.map((code, place) => [code, place]));
    this.dictionary = new Dictionary({ words, labels, minn, maxn, bucket, remembered: REMEMBERED_WORDS });
    this.loss = header.loss;
  }

  /**
   * The best codes of a text, the best first. A line end in the text is a space.
   *
   * @returns nothing when the text has no row in the model at all
   */
  predict(text: string, count: number): Prediction[] {
    const { kernel } = this;
    if (!this.add(this.dictionary.line(text))) return [];
    const ranked = this.loss(kernel.multiply(), Math.max(1, Math.min(count, this.codes.length)));
    return ranked.map(({ label, score }: Ranked) => ({
      code: this.codes[label] ?? '',
      probability: Math.fround(Math.exp(score)),
    }));
  }

  private add(words: readonly WordRows[]): boolean {
    const { kernel } = this;
    const { wordNgrams, bucket, words: known } = this.header;
    kernel.clear();
    for (const word of words) kernel.add(word.rows);
    if (wordNgrams > 1 && bucket > 0) kernel.addNgrams(words, wordNgrams, bucket, known.length);
    return kernel.rows > 0;
  }

  /**
   * The part of each word in the score of a code. The score is linear in the rows of a text: each row belongs to one word, or to a run of
   * words, which share it equally. With `hs` a code has no row of its own, and nothing can be explained.
   *
   * @returns undefined for a code that the model does not give, and with `hs`
   */
  explain(text: string, code: string): Explanation | undefined {
    const place = this.places.get(code);
    if (place === undefined || this.header.lossName === 'hs') return undefined;
    const { kernel } = this;
    const { wordNgrams, bucket, words: known } = this.header;
    const words = this.dictionary.line(text);
    const ngrams = wordNgrams > 1 && bucket > 0 ? kernel.ngramsOf(words, wordNgrams, bucket, known.length) : [];
    const rows = words.reduce((sum, word) => sum + word.rows.length, ngrams.length);
    if (rows === 0) return undefined;
    const parts = words.map((word) => word.rows.reduce((sum, row) => sum + kernel.product(row, place), 0) / rows);
    for (const { row, from, words: length } of ngrams) {
      const share = kernel.product(row, place) / rows / length;
      for (let i = from; i < from + length; i++) parts[i] = (parts[i] ?? 0) + share;
    }
    const last = words.at(-1)?.word === END_OF_LINE ? words.length - 1 : words.length;
    return {
      code,
      score: parts.reduce((sum, part) => sum + part, 0),
      words: words.slice(0, last).map(({ word }, i) => ({ word, contribution: parts[i] ?? 0 })),
      end: parts[last] ?? 0,
    };
  }
}
