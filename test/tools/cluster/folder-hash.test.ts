import { chmodSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildKey, filesBelow } from '../../../tools/cluster/folder-hash';

let root: string;

function folder(name: string, files: Readonly<Record<string, string>>): string {
  const path = join(root, name);
  for (const [file, content] of Object.entries(files)) {
    mkdirSync(join(path, file, '..'), { recursive: true });
    writeFileSync(join(path, file), content);
  }
  return path;
}

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'folder-hash-'));
});
afterEach(() => {
  rmSync(root, { recursive: true });
});

describe('the key of a build', () => {
  const files = { Dockerfile: 'FROM scratch', 'inside/a.txt': 'a' };

  test('is the same wherever the folder lies', () => {
    expect(buildKey(folder('one', files), 1)).toBe(buildKey(folder('two', files), 1));
  });

  test('is another when a content, a path or an executable bit changes', () => {
    const before = folder('one', files);
    const key = buildKey(before, 1);
    expect(buildKey(folder('two', { ...files, Dockerfile: 'FROM other' }), 1)).not.toBe(key);
    expect(buildKey(folder('three', { ...files, more: '' }), 1)).not.toBe(key);
    const renamed = folder('four', files);
    renameSync(join(renamed, 'Dockerfile'), join(renamed, 'dockerfile'));
    expect(buildKey(renamed, 1)).not.toBe(key);
    chmodSync(join(before, 'Dockerfile'), 0o755);
    expect(buildKey(before, 1)).not.toBe(key);
  });

  test('is another when a fact changes', () => {
    const path = folder('one', files);
    expect(buildKey(path, { version: '1' })).not.toBe(buildKey(path, { version: '2' }));
  });

  test('does not confuse a file with its neighbour', () => {
    expect(buildKey(folder('one', { a: 'x', b: 'y' }), 1)).not.toBe(buildKey(folder('two', { a: 'y', b: 'x' }), 1));
  });
});

test('a folder that is not there has no files', () => {
  expect(filesBelow('/nowhere/at/all')).toEqual([]);
});
