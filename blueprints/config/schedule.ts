import type { z } from 'zod';
import { cronSchedule } from '../../constructs/platform/cron-schedule';
import { refusal } from './names';
import { scalar } from './scalar';

/** When a CronJob runs, in UTC: `0 3 * * *`. */
export function schedule(): z.ZodString {
  return scalar(
    'a schedule in UTC such as "0 3 * * *" (every day at 3)',
    (text) => {
      if (/^(TZ|CRON_TZ)=/.test(text)) return { message: 'a schedule has no time zone: it is in UTC' };
      const message = refusal(() => cronSchedule('schedule', text));
      return message === undefined ? undefined : { message: message.replace(/^schedule ".*?":? /s, 'the schedule ') };
    },
    { examples: ['0 3 * * *'] },
  );
}
