import { createHash } from 'node:crypto';
import { copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** What fixtures.py does to a phrase. */
export const PREPROCESS = {
  format: 1,
  version: '1.0.0',
  steps: [
    { op: 'transliterate', table: {} },
    { op: 'lowercase' },
    { op: 'keep', characters: 'abcdefghijklmnopqrstuvwxyz' },
  ],
  features: [],
};

/** Writes the sums of every other file of a folder. */
export function writeSums(folder: string): void {
  const sums = readdirSync(folder)
    .filter((name) => name !== 'SHA256SUMS')
    .map(
      (name) =>
        `${createHash('sha256')
          .update(readFileSync(join(folder, name)))
          .digest('hex')}  ${name}\n`,
    );
  writeFileSync(join(folder, 'SHA256SUMS'), sums.join(''));
}

/** Makes the folder `artifacts/serving/` of one of the two versions that fixtures.py trains. */
export function writeBundle(fixtures: string, version: 1 | 2, folder: string): string {
  mkdirSync(folder, { recursive: true });
  copyFileSync(join(fixtures, `version-${version}.bin`), join(folder, 'model.bin'));
  copyFileSync(join(fixtures, `version-${version}.golden.jsonl`), join(folder, 'golden.jsonl'));
  copyFileSync(join(fixtures, 'labels.json'), join(folder, 'labels.json'));
  writeFileSync(join(folder, 'preprocess.json'), JSON.stringify(PREPROCESS));
  writeFileSync(join(folder, 'model.json'), JSON.stringify({ format: 1, parameters: { dim: 50 } }));
  writeSums(folder);
  return folder;
}
