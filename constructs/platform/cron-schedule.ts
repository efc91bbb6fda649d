/** The five fields of a schedule with their bounds, https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/. */
const FIELDS: readonly {
  readonly name: string;
  readonly min: number;
  readonly max: number;
  readonly words?: readonly string[];
}[] = [
  { name: 'minute', min: 0, max: 59 },
  { name: 'hour', min: 0, max: 23 },
  { name: 'day of the month', min: 1, max: 31 },
  {
    name: 'month',
    min: 1,
    max: 12,
    words: ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'],
  },
  { name: 'day of the week', min: 0, max: 6, words: ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] },
];

const MACROS = new Set(['@hourly', '@daily', '@midnight', '@weekly', '@monthly', '@yearly', '@annually']);

/**
 * Checks the schedule of a CronJob, by the grammar of the parser that Kubernetes uses (`ParseStandard` of robfig/cron 3), which is
 * narrower than that of most cron libraries: five fields, no seconds, no `L` or `#`, Sunday only as 0.
 *
 * @param what what the schedule is for, used in the error
 * @returns the schedule
 * @throws Error that tells the field and its bounds
 */
export function cronSchedule(what: string, schedule: string): string {
  if (MACROS.has(schedule)) return schedule;
  const fields = schedule.trim().split(/\s+/);
  if (fields.length !== FIELDS.length) {
    throw new Error(
      `${what} "${schedule}" has ${fields.length} fields: expected five, such as "0 2 * * *" for each day at 02:00`,
    );
  }
  FIELDS.forEach((field, index) => {
    const given = fields[index] ?? '';
    for (const part of given.split(',')) {
      if (!isPart(part, field)) {
        throw new Error(`${what} "${schedule}": "${given}" is no ${field.name} from ${field.min} to ${field.max}`);
      }
    }
  });
  return schedule;
}

/** One of the parts between commas: any, a number, a word or a range, each perhaps with a step. */
function isPart(part: string, { min, max, words }: (typeof FIELDS)[number]): boolean {
  const groups = /^(?:[*?]|(?<first>\w+)(?:-(?<last>\w+))?)(?:\/(?<step>\d+))?$/.exec(part)?.groups;
  if (groups === undefined) return false;
  const number = (text: string): number => {
    const word = words?.indexOf(text.toLowerCase()) ?? -1;
    if (word >= 0) return word + min;
    return /^\d+$/.test(text) ? Number(text) : NaN;
  };
  const first = groups['first'] === undefined ? min : number(groups['first']);
  const last = groups['last'] === undefined ? first : number(groups['last']);
  return first >= min && last <= max && first <= last && Number(groups['step'] ?? 1) > 0;
}
