/**
 * The service beside the stack of the paper, on the same cores with the same model: `npm run bench [-- FILE]` prints ratios as JSON.
 * Both are measured in turn, in one run; a ratio above 1 is in favour of the service, except for memory and start, where it is below 1.
 */
import { execFileSync, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath, URL } from 'node:url';
import autocannon from 'autocannon';
import { FastText } from '../dist/fasttext/fasttext.js';
import { Preprocessor } from '../dist/preprocess/preprocessor.js';

const HERE = fileURLToPath(new URL('.', import.meta.url));
const CACHE = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'bouture');
const SPEC = process.env['PREPROCESS'] ?? join(HERE, '../../training/preprocess.json');
const SECONDS = Number(process.env['BENCH_SECONDS'] ?? 8);
const ROUNDS = Number(process.env['BENCH_ROUNDS'] ?? 2);
const CONNECTIONS = 8;
const BATCH = 1000;
const PORTS = { ours: 24200, management: 24201, stack: 24202 };
/** The server gets one core, who asks the other. */
const SERVER_CORE = '0';
const NO_NEIGHBOUR = 'http://127.0.0.1:24999';

const keyOf = (...files) => {
  const hash = createHash('sha256');
  for (const file of files) hash.update(readFileSync(file));
  return hash.digest('hex').slice(0, 16);
};

/** The Python with the packages of the stack. */
function python() {
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

const stack = join(HERE, 'python/stack.py');

/** The model of both, with what the service needs to verify it. */
function model() {
  const folder = join(CACHE, 'inference-fixtures', `bench-${keyOf(stack, SPEC)}`);
  if (existsSync(folder)) return folder;
  const unfinished = `${folder}.making`;
  rmSync(unfinished, { recursive: true, force: true });
  execFileSync(python(), [stack, 'train', SPEC, unfinished], { stdio: 'inherit' });
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

const prepared = model();
const queries = JSON.parse(readFileSync(join(prepared, 'queries.json'), 'utf8'));
const texts = JSON.parse(readFileSync(join(prepared, 'texts.json'), 'utf8'));

/** Labels a second of one core, without HTTP: by the time of the processor, so that neighbours do not count. */
async function inProcess() {
  const fasttext = await FastText.load(join(prepared, 'serving/model.bin'));
  const rates = [];
  for (let round = 0; round < 6; round++) {
    const before = process.cpuUsage();
    for (const text of texts) fasttext.predict(text, 5);
    const { user, system } = process.cpuUsage(before);
    rates.push(texts.length / ((user + system) / 1e6));
  }
  const library = JSON.parse(execFileSync(python(), [stack, 'speed', prepared], { encoding: 'utf8' }));
  const service = Math.max(...rates);
  return { service, library, ratio: service / Math.max(library.oneByOne, library.list) };
}

/** A server on its core, from its start to its first answer. */
async function start(command, args, env, url) {
  const began = performance.now();
  const child = spawn('taskset', ['-c', SERVER_CORE, command, ...args], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const agent = await import('node:http');
  const answers = () =>
    new Promise((resolve) => {
      agent
        .get(url, (answer) => {
          answer.resume();
          resolve(answer.statusCode === 200);
        })
        .on('error', () => resolve(false));
    });
  while (!(await answers())) {
    if (child.exitCode !== null) throw new Error(`${command} ended with ${child.exitCode}`);
    await pause(20);
  }
  const readyMs = performance.now() - began;
  const memory = () => Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))?.[1]) / 1024;
  const stop = async () => {
    child.kill('SIGKILL');
    await new Promise((resolve) => child.once('exit', resolve));
  };
  return { readyMs, memory, stop };
}

const scratch = mkdtempSync(join(tmpdir(), 'bench-'));
const first = `/predict?prob_min=0&text_feature=${encodeURIComponent(queries[0])}`;

function ours() {
  const cache = join(scratch, 'cache');
  const key = createHash('sha256').update(`${NO_NEIGHBOUR}\nbench`).digest('hex').slice(0, 16);
  const slot = join(cache, `main-${key}`);
  mkdirSync(slot, { recursive: true });
  execFileSync('cp', ['-r', join(prepared, 'serving'), join(slot, '1')]);
  writeFileSync(join(slot, 'last.json'), JSON.stringify({ name: 'bench', version: '1', ready: true, status: 'READY' }));
  const secret = { env: 'BENCH_SECRET' };
  const store = { endpoint: NO_NEIGHBOUR, bucket: 'bench', accessKeyId: secret, secretAccessKey: secret };
  const config = {
    server: { host: '127.0.0.1', port: PORTS.ours, managementPort: PORTS.management },
    registry: { url: NO_NEIGHBOUR, model: 'bench', select: { alias: 'champion' }, reloadSeconds: 3600 },
    cacheFolder: cache,
    confidence: { index: 'margin', threshold: 0.8 },
    limits: { requestsPerSecond: 1e6, concurrentRequests: 1000 },
    authentication: { kind: 'none' },
    records: { store, spoolFolder: join(scratch, 'spool'), flushSeconds: 3600, spoolBytes: 8e9, segmentBytes: 8e9 },
    logLevel: 'error',
  };
  const file = join(scratch, 'config.json');
  writeFileSync(file, JSON.stringify(config));
  const env = { CONFIG_FILE: file, BENCH_SECRET: 'secret', NODE_ENV: 'production' };
  const url = `http://127.0.0.1:${PORTS.ours}`;
  return { url, start: () => start(process.execPath, [join(HERE, '../dist/main.js')], env, `${url}${first}`) };
}

function papers() {
  const url = `http://127.0.0.1:${PORTS.stack}`;
  const args = [stack, 'serve', prepared, String(PORTS.stack)];
  const env = { MLFLOW_DISABLE_TELEMETRY: 'true' };
  return { url, start: () => start(python(), args, env, `${url}${first}`) };
}

async function load(url, requests, connections) {
  const {
    requests: rate,
    latency,
    errors,
    non2xx,
  } = await autocannon({ url, connections, duration: SECONDS, requests });
  if (errors > 0 || non2xx > 0) throw new Error(`${url}: ${errors} errors, ${non2xx} answers that are none`);
  return { perSecond: rate.average, p50Ms: latency.p50, p99Ms: latency.p99 };
}

const single = queries
  .slice(0, 500)
  .map((text) => ({ path: `/predict?prob_min=0&text_feature=${encodeURIComponent(text)}` }));
const batch = [0, 1].map((part) => ({
  method: 'POST',
  path: '/predict-batch?prob_min=0',
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({ text_description: queries.slice(part * BATCH, (part + 1) * BATCH) }),
}));

async function measured(server) {
  const { readyMs, memory, stop } = await server.start();
  try {
    const singles = await load(server.url, single, CONNECTIONS);
    const batches = await load(server.url, batch, 2);
    return { readyMs, single: singles, batchLabelsPerSecond: batches.perSecond * BATCH, memoryMiB: memory() };
  } finally {
    await stop();
  }
}

const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
const processor = await inProcess();
const rounds = [];
const servers = { ours: ours(), papers: papers() };
for (let round = 0; round < ROUNDS; round++) {
  rounds.push({ service: await measured(servers.ours), stack: await measured(servers.papers) });
}
rmSync(scratch, { recursive: true, force: true });
const ratio = (value) => median(rounds.map(({ service, stack: other }) => value(service) / value(other)));
const results = {
  inProcess: processor,
  rounds,
  ratios: {
    labelsInProcess: processor.ratio,
    requestsPerSecond: ratio(({ single: { perSecond } }) => perSecond),
    p99: ratio(({ single: { p99Ms } }) => p99Ms),
    batchLabelsPerSecond: ratio(({ batchLabelsPerSecond }) => batchLabelsPerSecond),
    startToReady: ratio(({ readyMs }) => readyMs),
    memory: ratio(({ memoryMiB }) => memoryMiB),
  },
};
const text = JSON.stringify(results, null, 2);
if (process.argv[2] !== undefined) writeFileSync(process.argv[2], `${text}\n`);
process.stdout.write(`${text}\n`);
