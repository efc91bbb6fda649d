import { spawnSync } from 'node:child_process';
import { hostname } from 'node:os';
import { describeLocks, isStale, locksIn, type StackLock } from '../../../cli/deployment/locks';

const MESSAGE = `error: the stack is currently locked by 2 lock(s). Either wait for the other process(es) to end or delete the lock file with \`pulumi cancel\`.
  file:///work/.pulumi/locks/organization/bouture/dev/1.json: created by ada@host-1 (pid 4711) at 2026-11-22T15:00:00Z
  file:///work/.pulumi/locks/organization/bouture/dev/2.json: created by grace.h@host-2 (pid 12) at 2026-11-22T15:01:00Z`;

const LOCK: StackLock = { user: 'ada', host: hostname(), pid: 4711, since: '2026-11-22T15:00:00Z' };

describe('the locks of a stack', () => {
  test('are read from what Pulumi says', () => {
    expect(locksIn(MESSAGE)).toEqual([
      { user: 'ada', host: 'host-1', pid: 4711, since: '2026-11-22T15:00:00Z' },
      { user: 'grace.h', host: 'host-2', pid: 12, since: '2026-11-22T15:01:00Z' },
    ]);
    expect(locksIn('error: no such stack')).toEqual([]);
  });

  test('are stale when their process has died on this machine', () => {
    expect(isStale(LOCK, () => false)).toBe(true);
    expect(isStale(LOCK, () => true)).toBe(false);
  });

  test('are never stale on another machine, where nobody can look', () => {
    expect(isStale({ ...LOCK, host: `not-${hostname()}` }, () => false)).toBe(false);
  });

  test('are stale when their number has been given to another program', () => {
    expect(isStale({ ...LOCK, pid: process.pid })).toBe(true); // This is node, not Pulumi.
  });

  test('are stale when nobody has their number', () => {
    const { pid } = spawnSync('true');
    expect(isStale({ ...LOCK, pid })).toBe(true);
  });

  test('are told with who holds them, and what to do', () => {
    expect(describeLocks('dev', [LOCK])).toBe(
      `stack dev is being changed by process 4711 of ada@${hostname()} since 2026-11-22T15:00:00Z: wait until it has ended. ` +
        'If no such process exists, `pulumi cancel --stack dev` takes the lock away.',
    );
  });
});
