import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run, waitFor } from '../../../tools/cluster/commands';
import { shellLines } from '../../../tools/cluster/environment';
import { exclusively } from '../../../tools/cluster/lock';
import { belongsTo } from '../../../tools/cluster/owner';
import { reachableResolvers } from '../../../tools/cluster/node';
import { duration, plainProgress } from '../../../tools/cluster/progress';

describe('a command that fails', () => {
  test('is reported with what it said last', async () => {
    await expect(run('sh', ['-c', 'echo out; echo no such device >&2; exit 4'])).rejects.toThrow(
      /exit code 4:\n[^]*no such device/,
    );
  });

  test('that is not there is reported by its name', async () => {
    await expect(run('no-such-program', [])).rejects.toThrow('cannot run no-such-program');
  });

  test('that was killed is told apart from one that failed', async () => {
    await expect(run('sh', ['-c', 'kill -KILL $$'])).rejects.toThrow('exit code 137');
  });

  test('reads its input', async () => {
    expect(await run('cat', [], { input: 'hello' })).toBe('hello');
  });
});

test('waiting ends with the name of what did not come', async () => {
  const never = waitFor('the moon', () => Promise.resolve(false), { timeoutSeconds: 0.05, everyMilliseconds: 10 });
  await expect(never).rejects.toThrow('gave up waiting for the moon');
});

describe('variables for a shell', () => {
  test('survive quotes and blanks', async () => {
    const value = `a 'quoted' "thing" $HOME`;
    const printed = await run('sh', ['-c', `${shellLines({ VALUE: value })}printf %s "$VALUE"`]);
    expect(printed).toBe(value);
  });
});

describe('resolvers for Pods', () => {
  test('are those of the host but the ones on its loopback address', () => {
    expect(reachableResolvers('search a\nnameserver 127.0.0.53\nnameserver 192.0.2.1\nnameserver ::1\n')).toEqual([
      '192.0.2.1',
    ]);
  });
});

describe('two commands on one cluster', () => {
  let root: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'lock-'));
  });
  afterEach(() => {
    rmSync(root, { recursive: true });
  });

  test('do not work at the same time', async () => {
    const state = join(root, 'cluster');
    await exclusively(state, async () => {
      await expect(exclusively(state, () => Promise.resolve())).rejects.toThrow(/another "bouture cluster" command/);
    });
    await expect(exclusively(state, () => Promise.resolve('free again'))).resolves.toBe('free again');
  });

  test('wait for each other when they are told to', async () => {
    const state = join(root, 'cluster');
    const order: string[] = [];
    const first = exclusively(state, async () => {
      await new Promise((resolve) => setTimeout(resolve, 100));
      order.push('first');
    });
    await exclusively(
      state,
      () => Promise.resolve(order.push('second')),
      (holder) => order.push(`waiting for ${holder}`),
    );
    await first;
    expect(order).toEqual([`waiting for ${process.pid}`, 'first', 'second']);
  });

  test('are not held up by one that was killed', async () => {
    const state = join(root, 'cluster');
    writeFileSync(`${state}.lock`, JSON.stringify({ pid: 1, startTime: '0', bootId: 'an earlier one' }));
    await expect(exclusively(state, () => Promise.resolve('mine'))).resolves.toBe('mine');
    writeFileSync(`${state}.lock`, '');
    await expect(exclusively(state, () => Promise.resolve('mine'))).resolves.toBe('mine');
  });

  test('leave no lock behind, not even when they fail', async () => {
    const state = join(root, 'cluster');
    await expect(exclusively(state, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(() => readFileSync(`${state}.lock`)).toThrow();
  });
});

describe('progress', () => {
  test('says what was done and how long it took', async () => {
    const lines: string[] = [];
    const progress = plainProgress((line) => lines.push(line));
    expect(await progress.step('first', () => Promise.resolve(7))).toBe(7);
    await expect(progress.step('second', () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(lines).toEqual([
      expect.stringMatching(/ok {2}first \(0\.0 s\)/),
      expect.stringMatching(/second: failed after/),
    ]);
  });

  test.each([
    [300, '0.3 s'],
    [42_000, '42 s'],
    [425_000, '7 min 5 s'],
  ])('%d milliseconds are %s', (milliseconds, text) => {
    expect(duration(milliseconds)).toBe(text);
  });
});

test('a process belongs to the cluster whose folder is on its command line, and no other program does', () => {
  const state = '/srv/a/.bouture/cluster';
  expect(belongsTo(state, ['/cache/kubelet', `--config=${state}/kubelet.yaml`])).toBe(true);
  expect(belongsTo(state, ['/cache/kubelet', '--config=/srv/ab/.bouture/cluster/kubelet.yaml'])).toBe(false);
  expect(belongsTo(state, ['tail', '-f', `${state}/log/kubelet.log`])).toBe(false);
});
