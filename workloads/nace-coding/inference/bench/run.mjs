/**
 * The service beside the stack of the paper, on the same core with the same model: `npm run bench [-- FILE]` prints ratios as JSON. The two are
 * measured in turn, A B A B; each ratio is of one pair, and the median of the pairs counts. A ratio is the service by the stack: above 1 it is
 * in favour of the service, except for p99, start and memory, where it is below 1.
 */
/* global fetch */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, URL } from 'node:url';
import { ask } from './load.mjs';
import { prepared, python, STACK } from './prepared.mjs';
import { bindClient, CORES, HEADERS, ours, papers } from './servers.mjs';

const SPEED = fileURLToPath(new URL('speed.mjs', import.meta.url));
const SECONDS = Number(process.env['BENCH_SECONDS'] ?? 8);
const PAIRS = Number(process.env['BENCH_PAIRS'] ?? 5);
const BATCH = 1000;
const SINGLES = { connections: 8, warmUp: 2000, phrases: 500 };
const BATCHES = { connections: 2, warmUp: 10, bodies: 4 };
/** Phrases that both must code alike, and the share of them. */
const COMPARED = 60;
const ALIKE = 0.9;

const path = (text) => `/predict?prob_min=0&text_feature=${encodeURIComponent(text)}`;

function requestsOf(queries) {
  const batch = (part) => ({
    method: 'POST',
    path: '/predict-batch?prob_min=0',
    headers: { ...HEADERS, 'content-type': 'application/json' },
    body: JSON.stringify({ text_description: queries.slice(part * BATCH, (part + 1) * BATCH) }),
  });
  return {
    singles: queries.slice(0, SINGLES.phrases).map((text) => ({ path: path(text) })),
    batches: Array.from({ length: BATCHES.bodies }, (_, part) => batch(part)),
  };
}

/** The best codes of some phrases. */
async function codesOf(url, queries) {
  const codes = [];
  for (const text of queries.filter((_, i) => i % Math.floor(queries.length / COMPARED) === 0)) {
    const answer = await (await fetch(`${url}${path(text)}`, { headers: HEADERS })).json();
    codes.push(answer['1']?.code ?? 'none');
  }
  return codes;
}

/** One server, from its start to its end. Memory is read after the same requests, whatever the server does in the time that follows. */
async function measured(server, { singles, batches }, queries) {
  const { readyMs, memory, processor, stop } = await server.start();
  /** Some load, with what each answer took of the processor: what does not depend on neighbours of the machine. */
  const timed = async (load) => {
    const before = processor();
    const asked = await ask(server.url, { ...load, seconds: SECONDS });
    return { ...asked, processorMsEach: ((processor() - before) * 1000) / asked.answers };
  };
  try {
    const codes = await codesOf(server.url, queries);
    await ask(server.url, { requests: singles, connections: SINGLES.connections, amount: SINGLES.warmUp });
    await ask(server.url, { requests: batches, connections: BATCHES.connections, amount: BATCHES.warmUp });
    const { nowMiB } = memory();
    // Compilers go on for a while.
    await ask(server.url, { requests: singles, connections: SINGLES.connections, seconds: SECONDS / 2 });
    const single = await timed({ requests: singles, connections: SINGLES.connections });
    const batch = await timed({ requests: batches, connections: BATCHES.connections });
    const labelsPerSecond = batch.perSecond * BATCH;
    return {
      codes,
      readyMs,
      memoryMiB: nowMiB,
      peakMiB: memory().peakMiB,
      single,
      batch: { ...batch, labelsPerSecond },
    };
  } finally {
    await stop();
  }
}

/** @throws Error when the two do not do the same work */
function compare(one, other) {
  const same = one.filter((code, i) => code === other[i]).length;
  if (same < ALIKE * one.length) throw new Error(`only ${same} of ${one.length} phrases get the same code from both`);
  return same / one.length;
}

const onServerCore = (command, ...args) =>
  JSON.parse(execFileSync('taskset', ['--cpu-list', CORES.server, command, ...args], { encoding: 'utf8' }));

/** The reader of the service beside the library, without HTTP. The library may take its labels one by one or as a list. */
function inProcess(folder) {
  const service = onServerCore(process.execPath, SPEED, folder).oneByOne;
  const library = onServerCore(python(), STACK, 'speed', folder);
  return { service, library, ratio: service / Math.max(library.oneByOne, library.list) };
}

async function http(folder, queries) {
  const scratch = mkdtempSync(join(tmpdir(), 'bench-'));
  const requests = requestsOf(queries);
  const servers = { service: ours(folder, path(queries[0]), scratch), stack: papers(folder, path(queries[0])) };
  const pairs = [];
  try {
    for (let pair = 0; pair < PAIRS; pair++) {
      const { codes, ...service } = await measured(servers.service, requests, queries);
      const { codes: others, ...stack } = await measured(servers.stack, requests, queries);
      pairs.push({ alike: compare(codes, others), service, stack });
    }
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
  return pairs;
}

function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  return (sorted[Math.ceil(middle) - 1] + sorted[Math.floor(middle)]) / 2;
}

bindClient();
const { folder, queries } = prepared();
const processes = Array.from({ length: PAIRS }, () => inProcess(folder));
const pairs = await http(folder, queries);
const ratio = (value) => median(pairs.map(({ service, stack }) => value(service) / value(stack)));
const results = {
  size: { pairs: PAIRS, secondsEach: SECONDS, phrases: queries.length },
  inProcess: processes,
  pairs,
  ratios: {
    labelsInProcess: median(processes.map((each) => each.ratio)),
    requestsPerSecond: ratio(({ single }) => single.perSecond),
    p99: ratio(({ single }) => single.p99Ms),
    batchLabelsPerSecond: ratio(({ batch }) => batch.labelsPerSecond),
    startToReady: ratio(({ readyMs }) => readyMs),
    memory: ratio(({ memoryMiB }) => memoryMiB),
    peakMemory: ratio(({ peakMiB }) => peakMiB),
  },
};
const text = JSON.stringify(results, null, 2);
if (process.argv[2] !== undefined) writeFileSync(process.argv[2], `${text}\n`);
process.stdout.write(`${text}\n`);
