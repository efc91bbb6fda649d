/** Labels a second of the service's own reader, without HTTP, by the time of the processor: `node bench/speed.mjs FOLDER`, as JSON. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { FastText } from '../dist/fasttext/fasttext.js';

const ROUNDS = 6;

const [folder = '.'] = process.argv.slice(2);
const fasttext = await FastText.load(join(folder, 'serving/model.bin'));
const texts = JSON.parse(readFileSync(join(folder, 'texts.json'), 'utf8'));
let best = 0;
for (let round = 0; round < ROUNDS; round++) {
  const before = process.cpuUsage();
  for (const text of texts) fasttext.predict(text, 5);
  const { user, system } = process.cpuUsage(before);
  best = Math.max(best, texts.length / ((user + system) / 1e6));
}
process.stdout.write(`${JSON.stringify({ oneByOne: best })}\n`);
