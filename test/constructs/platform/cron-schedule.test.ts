import { cronSchedule } from '../../../constructs';

describe('cronSchedule', () => {
  test.each(['0 2 * * *', '*/15 0-6,22-23 1 jan-mar SUN', '0 0 31 2 *', '0 0 ? * 1-5/2', '@daily'])(
    '"%s" is a schedule',
    (schedule) => {
      expect(cronSchedule('backup schedule', schedule)).toBe(schedule);
    },
  );

  test.each([
    ['', /1 fields/],
    ['0 2 * *', /has 4 fields/],
    ['0 0 2 * * *', /has 6 fields/],
    ['60 2 * * *', /"60" is no minute from 0 to 59/],
    ['0 24 * * *', /"24" is no hour from 0 to 23/],
    ['0 2 0 * *', /"0" is no day of the month/],
    ['0 2 * 13 *', /"13" is no month/],
    ['0 2 * * 7', /"7" is no day of the week from 0 to 6/],
    ['0 2 L * *', /"L" is no day of the month/],
    ['0 5-2 * * *', /"5-2" is no hour/],
    ['*/0 2 * * *', /is no minute/],
    ['0, 2 * * *', /"0," is no minute/],
    ['TZ=UTC 0 2 * * *', /has 6 fields/],
    ['@reboot', /has 1 fields/],
  ])('"%s" is refused', (schedule, problem) => {
    expect(() => cronSchedule('backup schedule', schedule)).toThrow(problem);
  });
});
