import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { packageRoot } from '../../../tools/cluster/paths';
import { findWorkloads } from '../../../tools/workloads/folders';
import { FULL_LEVEL_FILES, leftOut } from '../../../tools/workloads/full-level';
import { testWorkload } from '../../../tools/workloads/run';

let root: string;

function put(files: Readonly<Record<string, string>>): void {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), content);
  }
}

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'workloads-'));
});
afterEach(() => {
  rmSync(root, { recursive: true });
});

describe('the programs of workloads/', () => {
  test('are the folders with tests, in order, by what pins their dependencies', () => {
    put({
      'case/README.md': '',
      'case/training/tests/test_a.py': '',
      'case/training/requirements.txt': '',
      'case/training/requirements-test.txt': '',
      'case/inference/tests/a.test.ts': '',
      'case/inference/package-lock.json': '{}',
      'case/data/readme.md': '',
    });
    expect(findWorkloads(root).map(({ name, language }) => [name, language])).toEqual([
      ['case/inference', 'node'],
      ['case/training', 'python'],
    ]);
  });

  test('are all named that have tests and nothing that pins what they need', () => {
    put({
      'case/a/tests/t.py': '',
      'case/a/requirements.txt': '',
      'case/b/tests/t.ts': '',
      'case/b/package.json': '{}',
    });
    expect(() => findWorkloads(root)).toThrow(/case\/a: has tests[^]*case\/b: has tests/);
  });

  test('are missed when there is none', () => {
    put({ 'case/README.md': '' });
    expect(() => findWorkloads(root)).toThrow('no folder of');
  });
});

test('the tests of a program of Node.js run in its folder, and fail when they fail', async () => {
  const lock = { name: 'a', lockfileVersion: 3, packages: { '': { name: 'a' } } };
  const script = `test "$(basename "$PWD")" = a && test -f verdict`;
  put({
    'case/a/tests/t': '',
    'case/a/package.json': JSON.stringify({ name: 'a', scripts: { test: script } }),
    'case/a/package-lock.json': JSON.stringify(lock),
  });
  const [workload] = findWorkloads(root);
  if (workload === undefined) throw new Error('not found');
  expect((await testWorkload(workload)).code).toBe(1);
  put({ 'case/a/verdict': '' });
  expect((await testWorkload(workload)).code).toBe(0);
}, 120_000);

test('what runs at the full level only is there, and is left out at no other', () => {
  for (const [name, files] of Object.entries(FULL_LEVEL_FILES)) {
    for (const file of files)
      expect([file, existsSync(join(packageRoot(), 'workloads', name, file))]).toEqual([file, true]);
    expect(leftOut(name, undefined)).toEqual(files);
    expect(leftOut(name, 'full')).toEqual([]);
  }
});
