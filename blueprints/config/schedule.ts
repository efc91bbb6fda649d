import type { z } from 'zod';
import { scalar, type Verdict } from './scalar';

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const DAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];

interface Field {
  readonly name: string;
  readonly minimum: number;
  readonly maximum: number;
  readonly words: readonly string[];
}

/** The five fields of a CronJob's schedule, as https://pkg.go.dev/github.com/robfig/cron/v3 reads them. */
const FIELDS: readonly Field[] = [
  { name: 'minute', minimum: 0, maximum: 59, words: [] },
  { name: 'hour', minimum: 0, maximum: 23, words: [] },
  { name: 'day of the month', minimum: 1, maximum: 31, words: [] },
  { name: 'month', minimum: 1, maximum: 12, words: MONTHS },
  { name: 'day of the week', minimum: 0, maximum: 6, words: DAYS },
];

function judgeSchedule(text: string): Verdict | undefined {
  if (/^@(hourly|daily|midnight|weekly|monthly|yearly|annually)$/.test(text)) return undefined;
  if (text.startsWith('@')) return { message: `"${text}" is no schedule` };
  if (/^(TZ|CRON_TZ)=/.test(text)) return { message: 'a schedule has no time zone: it is in UTC' };
  const parts = text.trim().split(/\s+/);
  if (parts.length !== FIELDS.length) {
    return {
      message: `a schedule has 5 fields (${FIELDS.map((field) => field.name).join(', ')}), this one has ${text.trim() === '' ? 0 : parts.length}`,
    };
  }
  for (const [index, field] of FIELDS.entries()) {
    const part = parts[index] ?? '';
    if (!part.split(',').every((range) => isRange(range, field))) {
      return {
        message: `"${part}" is no ${field.name}: ${field.minimum} to ${field.maximum}, *, lists, ranges and steps`,
      };
    }
  }
  return undefined;
}

function isRange(text: string, field: Field): boolean {
  const match = /^(\*|\?|[a-z0-9]+)(?:-([a-z0-9]+))?(?:\/(\d{1,2}))?$/i.exec(text);
  if (match?.[1] === undefined || (match[3] !== undefined && Number(match[3]) === 0)) return false;
  if (match[1] === '*' || match[1] === '?') return match[2] === undefined;
  const from = numberOf(match[1], field);
  const to = match[2] === undefined ? from : numberOf(match[2], field);
  return from !== undefined && to !== undefined && from >= field.minimum && to <= field.maximum && from <= to;
}

function numberOf(text: string, field: Field): number | undefined {
  if (/^\d{1,2}$/.test(text)) return Number(text);
  const index = field.words.indexOf(text.toLowerCase());
  return index < 0 ? undefined : index + field.minimum;
}

/** When a CronJob runs, in UTC: `0 3 * * *`. */
export function schedule(): z.ZodString {
  return scalar('a schedule in UTC such as "0 3 * * *" (every day at 3)', judgeSchedule, { examples: ['0 3 * * *'] });
}
