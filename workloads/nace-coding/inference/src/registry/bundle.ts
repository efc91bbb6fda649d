import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { FastText } from '../fasttext/fasttext.js';
import { ModelError } from '../fasttext/model-error.js';
import { Preprocessor } from '../preprocess/preprocessor.js';
import { preprocessSchema } from '../preprocess/spec.js';
import { checkGolden, type Reader } from './golden.js';

/** The folder `artifacts/serving/` of a version, as ../../README.md of the case describes it. */

export const SUMS = 'SHA256SUMS';
const FILES = ['model.bin', 'preprocess.json', 'labels.json', 'golden.jsonl', 'model.json'] as const;

const labelsSchema = z.object({
  nomenclature: z.string().min(1),
  labels: z.record(z.string(), z.object({ label: z.string(), levels: z.array(z.string()).min(1) })),
});

/** A code of the nomenclature: its text, and what it belongs to, from the section down. */
export type Label = z.output<typeof labelsSchema>['labels'][string];

/** A model that has been verified. */
export interface Bundle extends Reader {
  readonly nomenclature: string;
  readonly labels: ReadonlyMap<string, Label>;
}

/**
 * Names and sums of a `SHA256SUMS`.
 *
 * @throws ModelError when a line is none of `sha256sum`, or a file of the bundle is not listed
 */
export function parseSums(text: string, source: string): ReadonlyMap<string, string> {
  const lines = text.split('\n').filter((line) => line !== '');
  const sums = new Map(
    lines.map((line) => {
      const [, sum, name] = /^([0-9a-f]{64}) [ *](?:\.\/)?([A-Za-z0-9._-]+)$/.exec(line) ?? [];
      if (sum === undefined || name === undefined || name.startsWith('.')) {
        throw new ModelError(`${source}: "${line.slice(0, 100)}" is no line of sha256sum; register the model again`);
      }
      return [name, sum] as const;
    }),
  );
  const missing = FILES.filter((name) => !sums.has(name));
  if (missing.length > 0) {
    throw new ModelError(`${source}: ${missing.join(', ')} not listed; register the model with ../training`);
  }
  return sums;
}

async function sha256Of(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) hash.update(chunk as Buffer);
  return hash.digest('hex');
}

async function json<T>(path: string, schema: z.ZodType<T>): Promise<T> {
  let content: unknown;
  try {
    content = JSON.parse(await readFile(path, 'utf8'));
  } catch (error) {
    throw new ModelError(`${path}: no JSON: ${String(error)}`);
  }
  const parsed = schema.safeParse(content);
  if (!parsed.success) throw new ModelError(`${path}: ${z.prettifyError(parsed.error)}`);
  return parsed.data;
}

/** Checks every sum of a folder. @throws ModelError with every file that differs */
export async function checkSums(folder: string): Promise<void> {
  const path = join(folder, SUMS);
  const sums = parseSums(await readFile(path, 'utf8'), path);
  const wrong: string[] = [];
  for (const [name, sum] of sums) {
    const given = await sha256Of(join(folder, name)).catch(() => 'no such file');
    if (given !== sum) wrong.push(`${name}: ${given}, expected ${sum}`);
  }
  if (wrong.length > 0) throw new ModelError(`${path}: ${wrong.join('; ')}; fetch the model again`);
}

/**
 * Checks the sums, reads every file, and asks the model what the golden lines ask.
 *
 * @throws ModelError when anything differs
 */
export async function loadBundle(folder: string): Promise<Bundle> {
  await checkSums(folder);
  const spec = await json(join(folder, 'preprocess.json'), preprocessSchema);
  const { nomenclature, labels } = await json(join(folder, 'labels.json'), labelsSchema);
  await json(join(folder, 'model.json'), z.looseObject({ format: z.literal(1) }));
  const model = await FastText.load(join(folder, 'model.bin'));
  const bundle = { model, preprocessor: new Preprocessor(spec), nomenclature, labels: new Map(Object.entries(labels)) };
  const unknown = model.codes.filter((code) => !bundle.labels.has(code));
  if (unknown.length > 0) {
    throw new ModelError(
      `${join(folder, 'labels.json')}: codes of the model without a label: ${unknown.slice(0, 10).join(', ')}`,
    );
  }
  await checkGolden(join(folder, 'golden.jsonl'), bundle);
  return bundle;
}
