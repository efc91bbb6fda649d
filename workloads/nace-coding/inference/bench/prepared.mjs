/** What both sides of the benchmark have in common: a model, and the Python with the packages of the stack of the paper. */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, URL } from 'node:url';
import { Preprocessor } from '../dist/preprocess/preprocessor.js';

const HERE = fileURLToPath(new URL('.', import.meta.url));
const CACHE = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'bouture');
const SPEC = process.env['PREPROCESS'] ?? join(HERE, '../../training/preprocess.json');

/** The stack of the paper. */
export const STACK = join(HERE, 'python/stack.py');

const keyOf = (...files) => {
  const hash = createHash('sha256');
  for (const file of files) hash.update(readFileSync(file));
  return hash.digest('hex').slice(0, 16);
};

/** The Python with the packages of the stack. */
export function python() {
  const requirements = join(HERE, 'python/requirements.txt');
  const folder = join(CACHE, 'venvs', `inference-bench-${keyOf(requirements)}`);
  if (!existsSync(join(folder, 'done'))) {
    execFileSync('python3', ['-m', 'venv', folder]);
    const options = ['--quiet', '--disable-pip-version-check', '--require-hashes', '-r', requirements];
    execFileSync(join(folder, 'bin/python'), ['-m', 'pip', 'install', ...options], { stdio: 'inherit' });
    writeFileSync(join(folder, 'done'), '');
  }
  return join(folder, 'bin/python');
}

/**
 * The model of both, with what the service needs to verify it, made once.
 *
 * @returns its folder, the phrases, and the same as the model reads them
 */
export function prepared() {
  const folder = model();
  const read = (name) => JSON.parse(readFileSync(join(folder, name), 'utf8'));
  return { folder, queries: read('queries.json'), texts: read('texts.json') };
}

function model() {
  const folder = join(CACHE, 'inference-fixtures', `bench-${keyOf(STACK, SPEC)}`);
  if (existsSync(folder)) return folder;
  const unfinished = `${folder}.making`;
  rmSync(unfinished, { recursive: true, force: true });
  execFileSync(python(), [STACK, 'train', SPEC, unfinished], { stdio: 'inherit' });
  const serving = join(unfinished, 'serving');
  const read = (name) => JSON.parse(readFileSync(join(unfinished, name), 'utf8'));
  const preprocessor = new Preprocessor(read('serving/preprocess.json'));
  const texts = read('texts.json');
  const answers = read('answers.json');
  // The golden lines are those that both prepare alike: the stack is not bound to the specification.
  const golden = read('queries.json').flatMap((text, i) => {
    const fields = { type: null, nature: null, surface: null, event: null, cj: null, permanence: null };
    const same = preprocessor.read({ text, ...fields }) === texts[i] && texts[i] !== '';
    return same ? [JSON.stringify({ query: { text }, text: texts[i], predictions: answers[i] })] : [];
  });
  writeFileSync(join(serving, 'golden.jsonl'), `${golden.join('\n')}\n`);
  const sum = (name) =>
    createHash('sha256')
      .update(readFileSync(join(serving, name)))
      .digest('hex');
  writeFileSync(
    join(serving, 'SHA256SUMS'),
    readdirSync(serving)
      .map((name) => `${sum(name)}  ${name}\n`)
      .join(''),
  );
  renameSync(unfinished, folder);
  return folder;
}
