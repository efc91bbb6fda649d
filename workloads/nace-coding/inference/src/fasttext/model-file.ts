import type { BinaryReader } from './binary-reader.js';
import type { Kernel, Shape } from './kernel.js';
import { hierarchicalLoss, type Loss, sigmoidLoss, softmaxLoss } from './losses.js';
import { ModelError } from './model-error.js';

const MAGIC = 793712314;
const VERSION = 12;
const SUPERVISED = 3;
const LABEL = 1;
const LOSSES = ['hs', 'ns', 'softmax', 'ova'] as const;
type LossName = (typeof LOSSES)[number];

/** What stands before the input matrix. */
export interface Header {
  readonly shape: Shape;
  readonly minn: number;
  readonly maxn: number;
  readonly bucket: number;
  readonly wordNgrams: number;
  readonly lossName: LossName;
  readonly loss: Loss;
  readonly words: readonly string[];
  readonly labels: readonly string[];
  /** Reads what follows the input matrix. */
  readOutput(reader: BinaryReader, kernel: Kernel): Promise<void>;
}

/** Reads the file up to the numbers of the input matrix. @throws ModelError when it is no model that can be served */
export async function readHeader(reader: BinaryReader): Promise<Header> {
  const { path } = reader;
  const magic = await reader.int32();
  if (magic !== MAGIC) {
    throw new ModelError(
      `${path}: begins with ${magic}, a fastText model with ${MAGIC}; give the file of save_model()`,
    );
  }
  const version = await reader.int32();
  if (version !== VERSION) {
    throw new ModelError(
      `${path}: a model of file version ${version}, ${VERSION} is served; save it with fastText 0.9`,
    );
  }
  const args = await readArgs(reader);
  const { words, labels, counts } = await readDictionary(reader);
  if ((await reader.byte()) !== 0) {
    throw new ModelError(`${path}: a quantised model; save the model before quantize()`);
  }
  const { rows: inputRows, columns } = await readShape(reader);
  const expected = words.length + args.bucket;
  if (columns !== args.dim || inputRows !== expected) {
    throw new ModelError(
      `${path}: an input matrix of ${inputRows} by ${columns}, expected ${expected} by ${args.dim}; the file is damaged`,
    );
  }
  const shape = { dim: args.dim, inputRows, outputRows: labels.length };
  const needed = inputRows * args.dim * 4;
  if (reader.remaining < needed) {
    throw new ModelError(
      `${path}: the file has ${reader.remaining} bytes where ${needed} are expected; fetch it again`,
    );
  }
  return {
    ...args,
    shape,
    words,
    labels,
    loss: lossOf(args.lossName, counts),
    readOutput: (rest, kernel) => readOutput(rest, kernel, shape),
  };
}

function lossOf(name: LossName, counts: readonly number[]): Loss {
  switch (name) {
    case 'ova':
    case 'ns':
      return sigmoidLoss;
    case 'softmax':
      return softmaxLoss;
    case 'hs':
      return hierarchicalLoss(counts);
  }
}

async function readArgs(reader: BinaryReader) {
  const numbers: Record<string, number> = {};
  const names = ['dim', 'ws', 'epoch', 'minCount', 'neg', 'wordNgrams', 'loss', 'model', 'bucket', 'minn', 'maxn'];
  for (const name of [...names, 'lrUpdateRate']) numbers[name] = await reader.int32();
  await reader.double();
  const { dim = 0, wordNgrams = 0, loss = 0, model = 0, bucket = -1, minn = 0, maxn = 0 } = numbers;
  if (model !== SUPERVISED) {
    throw new ModelError(
      `${reader.path}: model kind ${model}, expected ${SUPERVISED}; train it with train_supervised()`,
    );
  }
  const lossName = LOSSES[loss - 1];
  if (lossName === undefined || dim < 1 || dim > 10_000 || bucket < 0 || wordNgrams < 1) {
    throw new ModelError(
      `${reader.path}: loss ${loss}, dim ${dim}, bucket ${bucket}, wordNgrams ${wordNgrams} are no settings of a model; ` +
        'the file is damaged',
    );
  }
  return { dim, wordNgrams, lossName, bucket, minn, maxn };
}

async function readDictionary(reader: BinaryReader) {
  const size = await reader.int32();
  const wordCount = await reader.int32();
  const labelCount = await reader.int32();
  await reader.int64();
  const pruned = await reader.int64();
  if (size !== wordCount + labelCount || labelCount < 1 || wordCount < 0 || size > reader.remaining) {
    throw new ModelError(
      `${reader.path}: ${size} entries of ${wordCount} words and ${labelCount} labels; the file is damaged`,
    );
  }
  if (pruned >= 0) throw new ModelError(`${reader.path}: a pruned dictionary; save the model before quantize()`);
  const words: string[] = [];
  const labels: string[] = [];
  const counts: number[] = [];
  for (let i = 0; i < size; i++) {
    const { text, rest } = await reader.entry(9);
    if ((rest.readUInt8(8) === LABEL) !== i >= wordCount) {
      throw new ModelError(
        `${reader.path}: entry ${i} "${text}" is of another kind than its place; the file is damaged`,
      );
    }
    if (i < wordCount) words.push(text);
    else {
      labels.push(text);
      counts.push(Number(rest.readBigInt64LE(0)));
    }
  }
  return { words, labels, counts };
}

async function readShape(reader: BinaryReader) {
  return { rows: await reader.int64(), columns: await reader.int64() };
}

async function readOutput(reader: BinaryReader, kernel: Kernel, { dim, outputRows }: Shape): Promise<void> {
  const { path } = reader;
  if ((await reader.byte()) !== 0) throw new ModelError(`${path}: a quantised output; save it without qout`);
  const { rows, columns } = await readShape(reader);
  if (rows !== outputRows || columns !== dim) {
    throw new ModelError(
      `${path}: an output matrix of ${rows} by ${columns}, expected ${outputRows} by ${dim}; the file is damaged`,
    );
  }
  const output = new Float32Array(rows * columns);
  await reader.bytes(new Uint8Array(output.buffer));
  if (reader.remaining > 0) throw new ModelError(`${path}: ${reader.remaining} bytes follow the model; fetch it again`);
  kernel.setOutput(output);
}
