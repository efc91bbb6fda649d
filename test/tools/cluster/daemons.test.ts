import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Daemons, type DaemonSpec, fingerprintOf } from '../../../tools/cluster/daemons';
import { identify } from '../../../tools/cluster/process-identity';

let state: string;
let daemons: Daemons;

const sleeper = (seconds = '600', more: Partial<DaemonSpec> = {}): DaemonSpec => ({
  name: 'sleeper',
  command: '/bin/sleep',
  args: [seconds],
  ready: () => Promise.resolve(true),
  ...more,
});

beforeEach(() => {
  state = mkdtempSync(join(tmpdir(), 'daemons-'));
  daemons = new Daemons(state);
});
afterEach(async () => {
  await daemons.kill('sleeper');
  rmSync(state, { recursive: true });
});

describe('a long-lived process', () => {
  test('is started once, and found again by another command', async () => {
    expect(await daemons.ensure(sleeper())).toBe(true);
    const first = daemons.find('sleeper');
    const later = new Daemons(state);
    expect(await later.ensure(sleeper())).toBe(false);
    expect(later.find('sleeper')).toEqual(first);
  });

  test('is replaced when its command changes', async () => {
    await daemons.ensure(sleeper('600'));
    const first = daemons.find('sleeper');
    expect(await daemons.ensure(sleeper('700'))).toBe(true);
    expect(daemons.find('sleeper')).not.toEqual(first);
  });

  test('is replaced when a file that it read at its start changes', async () => {
    const file = join(state, 'conf');
    writeFileSync(file, 'a');
    await daemons.ensure(sleeper('600', { configuration: [file] }));
    writeFileSync(file, 'b');
    expect(await daemons.ensure(sleeper('600', { configuration: [file] }))).toBe(true);
  });

  test('is started again after it was killed', async () => {
    await daemons.ensure(sleeper());
    await daemons.kill('sleeper');
    expect(daemons.isRunning('sleeper')).toBe(false);
    expect(await daemons.ensure(sleeper())).toBe(true);
  });

  test('is never taken for another one that got its number', async () => {
    await daemons.ensure(sleeper());
    const file = join(state, 'processes/sleeper.json');
    const record = readFileSync(file, 'utf8');
    await daemons.kill('sleeper');
    const stranger = spawn('sleep', ['600']);
    try {
      writeFileSync(file, record.replace(/"pid":\d+/, `"pid":${stranger.pid ?? 0}`));
      expect(daemons.isRunning('sleeper')).toBe(false);
      await daemons.stop('sleeper', 0);
      expect(identify(stranger.pid ?? 0)).toBeDefined();
    } finally {
      stranger.kill();
    }
  });

  test('that ends at once fails with the end of its log', async () => {
    const failing = sleeper('1', {
      command: '/bin/sh',
      args: ['-c', 'echo the disk is full; exit 3'],
      ready: () => Promise.resolve(false),
    });
    await expect(daemons.ensure(failing)).rejects.toThrow(/sleeper ended at once:\nthe disk is full/);
  });

  test('that is never ready fails after its time', async () => {
    const mute = sleeper('600', { ready: () => Promise.resolve(false), timeoutSeconds: 0.2 });
    await expect(daemons.ensure(mute)).rejects.toThrow('sleeper is not ready after 0.2 s');
  });

  test('whose program is missing fails with its path', async () => {
    await expect(daemons.ensure(sleeper('1', { command: '/nowhere/sleep' }))).rejects.toThrow('/nowhere/sleep');
  });

  test('survives a torn record', async () => {
    await daemons.ensure(sleeper());
    await daemons.kill('sleeper');
    writeFileSync(join(state, 'processes/sleeper.json'), '{"pid": 1');
    expect(daemons.isRunning('sleeper')).toBe(false);
    expect(await daemons.ensure(sleeper())).toBe(true);
  });
});

test('a fingerprint tells arguments apart', () => {
  expect(fingerprintOf({ command: 'a', args: ['b c'] })).not.toBe(fingerprintOf({ command: 'a', args: ['b', 'c'] }));
});
