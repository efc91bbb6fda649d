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

describe('what .dockerignore lists', () => {
  const image = { Dockerfile: 'FROM scratch', 'src/main.ts': 'a', 'src/tests/kept.ts': 'b' };
  const rules = '# what only developers need\nnode_modules\ntests\n**/__pycache__\n./*.log\n!keep.log\n';
  const left = {
    'node_modules/a/index.js': 'x',
    'tests/a.test.ts': 'x',
    'src/deep/__pycache__/a.pyc': 'x',
    'error.log': 'x',
  };

  test('does not change the key', () => {
    const bare = folder('bare', { ...image, '.dockerignore': rules });
    const full = folder('full', { ...image, '.dockerignore': rules, ...left });
    expect(filesBelow(full)).toEqual(['.dockerignore', 'Dockerfile', 'src/main.ts', 'src/tests/kept.ts']);
    expect(buildKey(full, 1)).toBe(buildKey(bare, 1));
  });

  test('starts at the folder, and can be taken in again', () => {
    const full = folder('full', { ...image, '.dockerignore': rules, 'src/error.log': 'x', 'keep.log': 'x' });
    expect(filesBelow(full)).toEqual(expect.arrayContaining(['keep.log', 'src/error.log', 'src/tests/kept.ts']));
  });

  test('never leaves out what tells how to build', () => {
    const listed = { '.dockerignore': 'Dockerfile\n.dockerignore\n*\n' };
    expect(filesBelow(folder('all', { ...image, ...listed }))).toEqual(['.dockerignore', 'Dockerfile']);
  });

  test('counts again when it is no longer listed', () => {
    const before = buildKey(folder('before', { ...image, ...left, '.dockerignore': rules }), 1);
    const listed = rules.replace('tests\n', '');
    expect(buildKey(folder('after', { ...image, ...left, '.dockerignore': listed }), 1)).not.toBe(before);
  });
});

test('a folder that is not there has no files', () => {
  expect(filesBelow('/nowhere/at/all')).toEqual([]);
});
