import { z } from 'zod';
import { bytesOf } from '../../constructs/storage/byte-quantity';
import { facets, scalar, type Verdict } from './scalar';

const BYTES = /^(\d{1,9}(?:\.\d{1,3})?)(k|M|G|T|P|Ki|Mi|Gi|Ti|Pi)$/;
const CPU = /^(?:(\d{1,7})m|(\d{1,4}(?:\.\d{1,3})?))$/;

/** Bytes of a quantity such as `512Mi`. @default - undefined when it is none */
export function bytes(text: string): number | undefined {
  if (!BYTES.test(text)) return undefined;
  try {
    return bytesOf('quantity', text);
  } catch {
    return undefined;
  }
}

/** Thousandths of a CPU of a quantity such as `250m` or `1.5`. @default - undefined when it is none */
export function milliCpu(text: string): number | undefined {
  const match = CPU.exec(text);
  if (match === null) return undefined;
  const value = match[1] !== undefined ? Number(match[1]) : Math.round(Number(match[2]) * 1000);
  return value > 0 ? value : undefined;
}

function judgeBytes(text: string, minimum: number, minimumText: string): Verdict | undefined {
  const value = bytes(text);
  if (value !== undefined) {
    return value < minimum ? { message: `too small: at least ${minimumText} is needed` } : undefined;
  }
  if (text === '') return { message: 'the quantity is empty' };
  if (/^-/.test(text)) return { message: 'a quantity is positive' };
  const number = /^\d+(\.\d+)?/.exec(text)?.[0];
  if (number === undefined) return { message: 'no quantity' };
  if (Number(number) === 0) return { message: 'a quantity is more than zero' };
  const rest = text.slice(number.length);
  if (rest === '') return { message: `${number} without a unit would be bytes`, suggestion: inRange(`${number}Mi`) };
  if (rest === 'm') return { message: `${text} is thousandths of a byte`, suggestion: inRange(`${number}Mi`) };
  const unit = /^\s*([kKmMgGtTpP])i?[bB]?$/.exec(rest)?.[1];
  if (/^[kMGTP]i?$/.test(rest)) return { message: 'more digits than can be counted exactly' };
  if (unit !== undefined) {
    return {
      message: `"${rest.trim()}" is no unit of Kubernetes`,
      suggestion: inRange(`${number}${unit.toUpperCase()}i`),
    };
  }
  return { message: 'no quantity' };
}

function inRange(text: string): string | undefined {
  return bytes(text) === undefined ? undefined : text;
}

function judgeCpu(text: string): Verdict | undefined {
  if (milliCpu(text) !== undefined) return undefined;
  if (/^-/.test(text)) return { message: 'a quantity is positive' };
  if (/^[0.]+m?$/.test(text)) return { message: 'a quantity is more than zero' };
  const cores = /^(\d+(?:\.\d+)?) ?(?:cpus?|cores?|vcpus?)$/i.exec(text)?.[1];
  if (cores !== undefined) return { message: 'a number of CPUs has no unit', suggestion: cores };
  const milli = /^(\d+\.\d+)m$/.exec(text)?.[1];
  if (milli !== undefined)
    return {
      message: 'a CPU divides into whole thousandths',
      suggestion: `${Math.max(1, Math.round(Number(milli)))}m`,
    };
  if (/(Ki|Mi|Gi|Ti|k|M|G|T)$/.test(text)) return { message: `"${text}" is an amount of memory, not of CPU` };
  return { message: 'no quantity of CPU' };
}

/** An amount of CPU: `250m`, `1.5`. */
export function cpu(): z.ZodString {
  return scalar('an amount of CPU in quotes, such as "250m" or "1.5"', judgeCpu, {
    pattern: CPU.source,
    examples: ['250m', '1'],
  });
}

/** An amount of memory: `512Mi`. At least 4Mi: the container runtime itself needs that to start a process. */
export function memory(): z.ZodString {
  return scalar('an amount of memory such as 512Mi or 2Gi', (text) => judgeBytes(text, 4 * 2 ** 20, '4Mi'), {
    pattern: BYTES.source,
    examples: ['512Mi', '2Gi'],
  });
}

/** The size of a volume, of a bucket or of a quota: `10Gi`. At least 1Mi. */
export function storageSize(): z.ZodString {
  return scalar('a size such as 10Gi', (text) => judgeBytes(text, 2 ** 20, '1Mi'), {
    pattern: BYTES.source,
    examples: ['10Gi'],
  });
}

/** A request and a limit of one kind. */
function requestAndLimit(what: string, amount: () => z.ZodString, measure: (text: string) => number | undefined) {
  return z
    .strictObject({
      request: amount().describe(`${what} that is kept for it.`),
      limit: amount().describe(`${what} that it may use at most.`),
    })
    .check(({ value, issues }) => {
      if (issues.length > 0) return;
      if ((measure(value.request) ?? 0) <= (measure(value.limit) ?? 0)) return;
      const message = `the request ${value.request} is more than the limit ${value.limit}`;
      issues.push({ code: 'custom', input: value.request, path: ['request'], message });
    })
    .register(facets, { expected: 'request and limit' })
    .describe(`${what}.`);
}

/** What each container of a component asks for and may use. @param standard what it gets when nothing is said, for people */
export function resources(standard: string) {
  return z
    .strictObject({
      cpu: requestAndLimit('CPU', cpu, milliCpu),
      memory: requestAndLimit('Memory', memory, bytes),
      ephemeralStorage: requestAndLimit('Local disk for logs and scratch files', storageSize, bytes).exactOptional(),
    })
    .register(facets, { expected: 'cpu and memory, each with request and limit' })
    .describe(`What each of its Pods asks for and may use. Default: ${standard}.`);
}
