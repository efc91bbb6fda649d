import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { identify, isAlive, startTimeOf } from '../../../tools/cluster/process-identity';

/** A line as the kernel writes it: number, name, state, then the other fields. */
function stat(name: string, state: string): string {
  return `77 (${name}) ${state} 1 77 77 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 1 0 123456 9 9`;
}

function self() {
  const found = identify(process.pid);
  if (found === undefined) throw new Error('this process does not find itself');
  return found;
}

describe('the identity of a process', () => {
  test('has the start time whatever the name holds', () => {
    expect(startTimeOf(stat('etcd', 'S'))).toBe('123456');
    expect(startTimeOf(stat('a) R 1 (b', 'S'))).toBe('123456');
  });

  test('is none for a zombie', () => {
    expect(startTimeOf(stat('etcd', 'Z'))).toBeUndefined();
  });

  test('is alive while the process runs, and not when it has ended', async () => {
    const child = spawn('sleep', ['60']);
    const identity = identify(child.pid ?? 0);
    expect(identity).toBeDefined();
    if (identity === undefined) return;
    expect(isAlive(identity)).toBe(true);
    child.kill();
    await once(child, 'exit');
    expect(isAlive(identity)).toBe(false);
  });

  test('is not that of another process that was given the same number', () => {
    expect(isAlive(self())).toBe(true);
    expect(isAlive({ ...self(), startTime: '1' })).toBe(false);
  });

  test('does not outlive a boot of the machine', () => {
    expect(isAlive({ ...self(), bootId: '00000000-0000-0000-0000-000000000000' })).toBe(false);
  });
});
