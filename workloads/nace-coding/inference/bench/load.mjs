/** Requests from one process, on a core that no server has. */
import { performance } from 'node:perf_hooks';
import autocannon from 'autocannon';
import { HEADERS } from './servers.mjs';

const TIMEOUT_SECONDS = 60;

const quantile = (sorted, share) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))];

/**
 * Asks for so many seconds, or so many requests, by so many connections, each of which sends its next request when it has its answer.
 *
 * @param load `{requests, connections}` and `{seconds}` or `{amount}`
 * @throws Error when a single answer is not a success
 */
export async function ask(url, { requests, connections, seconds, amount }) {
  const durations = [];
  const processor = process.cpuUsage();
  const began = performance.now();
  let last = began;
  const result = await new Promise((resolve, reject) => {
    const limit = amount === undefined ? { duration: seconds } : { amount };
    const options = { url, connections, requests, headers: HEADERS, timeout: TIMEOUT_SECONDS, ...limit };
    autocannon(options, (error, outcome) => (error ? reject(error) : resolve(outcome))).on(
      'response',
      (_client, _status, _bytes, milliseconds) => {
        durations.push(milliseconds);
        last = performance.now();
      },
    );
  });
  const { errors, timeouts, non2xx } = result;
  if (errors + timeouts + non2xx > 0 || durations.length === 0) {
    const byStatus = JSON.stringify(result.statusCodeStats);
    throw new Error(`${url}: ${errors} errors, ${timeouts} timeouts, answers by status ${byStatus}; none may fail`);
  }
  const { user, system } = process.cpuUsage(processor);
  const elapsed = last - began;
  durations.sort((a, b) => a - b);
  return {
    answers: durations.length,
    perSecond: (durations.length / elapsed) * 1000,
    p50Ms: quantile(durations, 0.5),
    p99Ms: quantile(durations, 0.99),
    /** 1 when the asking process, not the server, was the limit. */
    clientBusy: (user + system) / 1000 / elapsed,
  };
}
