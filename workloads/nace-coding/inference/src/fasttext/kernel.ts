import { readFileSync } from 'node:fs';
import { ModelError } from './model-error.js';

/** What kernel/kernel.ts exports; addresses are bytes of the memory. */
interface KernelFunctions {
  addRows(vector: number, dim: number, matrix: number, ids: number, count: number): void;
  scale(vector: number, dim: number, factor: number): void;
  multiply(blocks: number, count: number, dim: number, vector: number, out: number): void;
  wordNgrams(
    hashes: number,
    from: number,
    to: number,
    count: number,
    length: number,
    bucket: bigint,
    first: number,
    ids: number,
  ): number;
}

const PAGE_BYTES = 65536;
const LARGEST_BYTES = 2 ** 32;
/** Rows that are added at once. */
const ID_CAPACITY = 16384;
const BLOCK_ROWS = 32;

const compiled = new WebAssembly.Module(readFileSync(new URL('../../dist/kernel.wasm', import.meta.url)));

/** Sizes of a model. */
export interface Shape {
  readonly dim: number;
  readonly inputRows: number;
  readonly outputRows: number;
}

/**
 * The two matrices of a model and the loops over them, in the memory of one WebAssembly instance. One prediction after the other: rows are
 * added to the hidden vector, then it is averaged and multiplied.
 */
export class Kernel {
  /** Bytes of the input matrix, to be filled from the file. */
  readonly input: Uint8Array;
  /** Products of the last {@link multiply}, one for each row of the output matrix. */
  readonly products: Float32Array;
  private readonly functions: KernelFunctions;
  private readonly ids: Uint32Array;
  private readonly hashes: Int32Array;
  private readonly hidden: Float32Array;
  private readonly blocks: Float32Array;
  private readonly blockCount: number;
  private readonly rowsOfInput: Float32Array;
  private pending = 0;
  private added = 0;

  /** @throws ModelError when the matrices do not fit into the memory of an instance */
  constructor(readonly shape: Shape) {
    const { dim, inputRows, outputRows } = shape;
    this.blockCount = Math.ceil(outputRows / BLOCK_ROWS);
    let end = 0;
    const reserve = (numbers: number) => {
      const start = end;
      end = Math.ceil((end + numbers * 4) / 64) * 64;
      return start;
    };
    const ids = reserve(ID_CAPACITY);
    const hashes = reserve(ID_CAPACITY);
    const hidden = reserve(dim);
    const products = reserve(this.blockCount * BLOCK_ROWS);
    const blocks = reserve(this.blockCount * BLOCK_ROWS * dim);
    const input = reserve(inputRows * dim);
    if (end > LARGEST_BYTES) {
      throw new ModelError(
        `the model needs ${Math.ceil(end / 2 ** 20)} MiB, and 4096 can be served: lower its bucket or its dim`,
      );
    }
    const memory = new WebAssembly.Memory({ initial: Math.ceil(end / PAGE_BYTES) });
    const instance = new WebAssembly.Instance(compiled, { env: { memory } });
    this.functions = instance.exports as unknown as KernelFunctions;
    this.ids = new Uint32Array(memory.buffer, ids, ID_CAPACITY);
    this.hashes = new Int32Array(memory.buffer, hashes, ID_CAPACITY);
    this.hidden = new Float32Array(memory.buffer, hidden, dim);
    this.products = new Float32Array(memory.buffer, products, outputRows);
    this.blocks = new Float32Array(memory.buffer, blocks, this.blockCount * BLOCK_ROWS * dim);
    this.rowsOfInput = new Float32Array(memory.buffer, input, inputRows * dim);
    this.input = new Uint8Array(memory.buffer, input, inputRows * dim * 4);
  }

  /** Brings the output matrix, row by row, into the order in which it is multiplied. */
  setOutput(rows: Float32Array): void {
    const { dim, outputRows } = this.shape;
    for (let row = 0; row < outputRows; row++) {
      const block = Math.floor(row / BLOCK_ROWS) * BLOCK_ROWS * dim + (row % BLOCK_ROWS);
      for (let column = 0; column < dim; column++) {
        this.blocks[block + column * BLOCK_ROWS] = rows[row * dim + column] ?? 0;
      }
    }
  }

  /** Begins another text. */
  clear(): void {
    this.hidden.fill(0);
    this.pending = 0;
    this.added = 0;
  }

  /** Adds rows of the input matrix. */
  add(rows: Uint32Array): void {
    const { ids } = this;
    for (const row of rows) {
      if (this.pending === ID_CAPACITY) this.flush();
      ids[this.pending++] = row;
    }
  }

  /** Adds the rows of runs of words. `first` is the row of the first bucket. */
  addNgrams(words: readonly { readonly hash: number }[], length: number, bucket: number, first: number): void {
    const window = ID_CAPACITY / 2;
    const runsPerWord = length - 1;
    const buckets = BigInt(bucket);
    for (let base = 0; base < words.length; base += window) {
      const count = Math.min(words.length - base, window + runsPerWord);
      for (let i = 0; i < count; i++) this.hashes[i] = words[base + i]?.hash ?? 0;
      const begins = Math.min(window, count);
      const step = Math.max(1, Math.floor(ID_CAPACITY / runsPerWord));
      for (let from = 0; from < begins; from += step) {
        const to = Math.min(begins, from + step);
        if (this.pending + (to - from) * runsPerWord > ID_CAPACITY) this.flush();
        const ids = this.ids.byteOffset + this.pending * 4;
        this.pending += this.functions.wordNgrams(this.hashes.byteOffset, from, to, count, length, buckets, first, ids);
      }
    }
  }

  private flush(): void {
    this.functions.addRows(
      this.hidden.byteOffset,
      this.shape.dim,
      this.input.byteOffset,
      this.ids.byteOffset,
      this.pending,
    );
    this.added += this.pending;
    this.pending = 0;
  }

  /** How many rows have been added. */
  get rows(): number {
    return this.added + this.pending;
  }

  /** Multiplies the mean of what was added with every row of the output matrix. */
  multiply(): Float32Array {
    this.flush();
    this.functions.scale(this.hidden.byteOffset, this.shape.dim, 1 / this.added);
    this.functions.multiply(
      this.blocks.byteOffset,
      this.blockCount,
      this.shape.dim,
      this.hidden.byteOffset,
      this.products.byteOffset,
    );
    return this.products;
  }

  /** Product of a row of the input matrix with a row of the output matrix. */
  product(inputRow: number, outputRow: number): number {
    const { dim } = this.shape;
    const block = Math.floor(outputRow / BLOCK_ROWS) * BLOCK_ROWS * dim + (outputRow % BLOCK_ROWS);
    let sum = 0;
    for (let column = 0; column < dim; column++) {
      sum += (this.rowsOfInput[inputRow * dim + column] ?? 0) * (this.blocks[block + column * BLOCK_ROWS] ?? 0);
    }
    return sum;
  }

  /** Rows of runs of words, each with the place of its first word and its length in words. */
  ngramsOf(words: readonly { readonly hash: number }[], length: number, bucket: number, first: number): Ngram[] {
    const ngrams: Ngram[] = [];
    for (let from = 0; from < words.length; from++) {
      const count = Math.min(words.length - from, length);
      for (let i = 0; i < count; i++) this.hashes[i] = words[from + i]?.hash ?? 0;
      const { hashes, ids } = this;
      const written = this.functions.wordNgrams(
        hashes.byteOffset,
        0,
        1,
        count,
        length,
        BigInt(bucket),
        first,
        ids.byteOffset,
      );
      for (let i = 0; i < written; i++) ngrams.push({ row: ids[i] ?? 0, from, words: i + 2 });
    }
    return ngrams;
  }
}

/** A run of words that has a row of its own. */
export interface Ngram {
  readonly row: number;
  readonly from: number;
  readonly words: number;
}
