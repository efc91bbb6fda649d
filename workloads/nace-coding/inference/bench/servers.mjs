/** The two services, each on one core with the same model, from its start to its end. */
import { Buffer } from 'node:buffer';
import { execFileSync, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath, URL } from 'node:url';
import { python, STACK } from './prepared.mjs';

const HERE = fileURLToPath(new URL('.', import.meta.url));
const PORTS = { ours: 24200, management: 24201, stack: 24202 };
/** The server gets one core, who asks the other. */
export const CORES = { server: '0', client: '1' };
const NO_NEIGHBOUR = 'http://127.0.0.1:24999';
/** How long a start may take. */
const PATIENCE_MS = 120_000;

/** Binds this process, with all its threads, to the core of who asks. */
export function bindClient() {
  execFileSync('taskset', ['--all-tasks', '--cpu-list', '--pid', CORES.client, String(process.pid)], {
    stdio: 'ignore',
  });
}

/** The service asks for them, the stack takes them. */
export const HEADERS = { authorization: `Basic ${Buffer.from('secret:secret').toString('base64')}` };

/** Status of an answer, 0 when there is none. */
const statusOf = (url) =>
  new Promise((resolve) => {
    http
      .get(url, { agent: false, headers: HEADERS }, (answer) => {
        answer.resume();
        answer.on('end', () => resolve(answer.statusCode ?? 0));
      })
      .on('error', () => resolve(0));
  });

/** A process and those that it has started. */
function family(pid) {
  const children = readdirSync(`/proc/${pid}/task`).flatMap((task) =>
    readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8').trim().split(' ').filter(Boolean),
  );
  return [pid, ...children.flatMap((child) => family(child))];
}

const kibibytes = (file, name) =>
  Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(readFileSync(file, 'utf8'))?.[1]);

/** Memory of a process and those that it has started: what they have now, with shared pages by shares, and the most that they ever had. */
function memoryOf(pid) {
  const processes = family(pid);
  const sum = (value) => processes.reduce((sofar, each) => sofar + value(each), 0) / 1024;
  return {
    nowMiB: sum((each) => kibibytes(`/proc/${each}/smaps_rollup`, 'Pss')),
    peakMiB: sum((each) => kibibytes(`/proc/${each}/status`, 'VmHWM')),
  };
}

/** Seconds of the processor that a process and those that it has started have used; the kernel counts hundredths. */
function processorOf(pid) {
  const used = (each) => {
    const [user, system] = readFileSync(`/proc/${each}/stat`, 'utf8').split(') ')[1].split(' ').slice(11, 13);
    return (Number(user) + Number(system)) / 100;
  };
  return family(pid).reduce((sum, each) => sum + used(each), 0);
}

/** Starts a server on its core, and waits for its first answer. */
async function start(command, args, env, url) {
  const began = performance.now();
  const child = spawn('taskset', ['--cpu-list', CORES.server, command, ...args], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  while ((await statusOf(url)) !== 200) {
    if (child.exitCode !== null) throw new Error(`${command} ended with ${child.exitCode}`);
    if (performance.now() - began > PATIENCE_MS) throw new Error(`${command} gives no answer at ${url}`);
    await pause(10);
  }
  const readyMs = performance.now() - began;
  const stop = async () => {
    child.kill('SIGKILL');
    if (child.exitCode === null && child.signalCode === null)
      await new Promise((resolve) => child.once('exit', resolve));
  };
  return { readyMs, memory: () => memoryOf(child.pid), processor: () => processorOf(child.pid), stop };
}

/** The service as it is deployed, but for limits that a benchmark would meet. Records are kept, on the disk. */
export function ours(model, first, scratch) {
  const cache = join(scratch, 'cache');
  const key = createHash('sha256').update(`${NO_NEIGHBOUR}\nbench`).digest('hex').slice(0, 16);
  const slot = join(cache, `main-${key}`);
  mkdirSync(slot, { recursive: true });
  execFileSync('cp', ['-r', join(model, 'serving'), join(slot, '1')]);
  writeFileSync(join(slot, 'last.json'), JSON.stringify({ name: 'bench', version: '1', ready: true, status: 'READY' }));
  const secret = { env: 'BENCH_SECRET' };
  const store = { endpoint: NO_NEIGHBOUR, bucket: 'bench', accessKeyId: secret, secretAccessKey: secret };
  const env = { CONFIG_FILE: join(scratch, 'config.json'), BENCH_SECRET: 'secret', NODE_ENV: 'production' };
  const url = `http://127.0.0.1:${PORTS.ours}`;
  let starts = 0;
  const startAnew = async () => {
    // No start finds the records of the one before.
    const spoolFolder = join(scratch, `spool-${starts++}`);
    const config = {
      server: { host: '127.0.0.1', port: PORTS.ours, managementPort: PORTS.management },
      registry: { url: NO_NEIGHBOUR, model: 'bench', select: { alias: 'champion' }, reloadSeconds: 3600 },
      cacheFolder: cache,
      confidence: { index: 'margin', threshold: 0.8 },
      limits: { requestsPerSecond: 1e6, concurrentRequests: 1000 },
      authentication: { kind: 'basic', users: [{ username: secret, password: secret }] },
      records: { store, spoolFolder, flushSeconds: 3600, spoolBytes: 8e9, segmentBytes: 8e9 },
      logLevel: 'error',
    };
    writeFileSync(env.CONFIG_FILE, JSON.stringify(config));
    const server = await start(process.execPath, [join(HERE, '../dist/main.js')], env, `${url}${first}`);
    const stop = async () => {
      await server.stop();
      rmSync(spoolFolder, { recursive: true, force: true });
    };
    return { ...server, stop };
  };
  return { url, start: startAnew };
}

/** FastAPI, MLflow and the fastText library. */
export function papers(model, first) {
  const url = `http://127.0.0.1:${PORTS.stack}`;
  const args = [STACK, 'serve', model, String(PORTS.stack)];
  const env = { MLFLOW_DISABLE_TELEMETRY: 'true' };
  return { url, start: () => start(python(), args, env, `${url}${first}`) };
}
