import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { BusyError, exclusively } from '../../../cli/deployment/exclusive';
import { identify } from '../../../tools/cluster/process-identity';
import { temporaryFolder } from '../../support/temporary';

const FOLDER = temporaryFolder();

describe('work on a stack', () => {
  test('is done by one command at a time', async () => {
    const file = join(FOLDER, 'one.lock');
    await exclusively(file, async () => {
      await expect(exclusively(file, () => Promise.resolve('second'))).rejects.toThrow(BusyError);
      await expect(exclusively(file, () => Promise.resolve('second'))).rejects.toThrow(`(process ${process.pid})`);
    });
    await expect(exclusively(file, () => Promise.resolve('next'))).resolves.toBe('next');
  });

  test('leaves no lock when it fails', async () => {
    const file = join(FOLDER, 'failing.lock');
    await expect(exclusively(file, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(existsSync(file)).toBe(false);
  });

  test.each([
    ['was killed', JSON.stringify({ ...identify(process.pid), pid: 4_000_000 })],
    ['has a number that another process got since', JSON.stringify({ ...identify(process.pid), startTime: '1' })],
    ['ran before the machine was started anew', JSON.stringify({ ...identify(process.pid), bootId: 'another' })],
    ['was killed while it wrote', '{"pid":'],
  ])('takes over from a command that %s', async (_, content) => {
    const file = join(FOLDER, 'stale.lock');
    writeFileSync(file, content);
    await expect(exclusively(file, () => Promise.resolve('done'))).resolves.toBe('done');
  });
});
