import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { digestOf } from '../../../tools/cluster/image-layout';
import {
  allImages,
  type BuiltImage,
  groundOf,
  imageKey,
  registryReference,
  systemImages,
} from '../../../tools/cluster/image-manifest';
import { inOrder } from '../../../tools/cluster/images';
import { recipeOfProgram } from '../../../tools/cluster/program-manifest';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'images-'));
});
afterEach(() => {
  rmSync(root, { recursive: true });
});

function image(name: string, dockerfile: string, programs: readonly string[] = []): BuiltImage {
  const folder = join(root, name);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'Dockerfile'), dockerfile);
  return { name, repository: `bouture/${name}`, tag: '1', licence: 'MIT', source: 'here', folder, programs };
}

describe('images that stand on each other', () => {
  test('are built from the ground up, each once', () => {
    const base = image('base', 'FROM scratch\n');
    const tools = image('tools', 'FROM localhost/bouture/base:1 AS build\nFROM scratch\n');
    const app = image('app', 'FROM localhost/bouture/tools:1\nFROM localhost/bouture/base:1\n');
    const all = [app, tools, base];
    expect(groundOf(app, all)).toEqual([tools, base]);
    expect(inOrder([app, tools], all)).toEqual([base, tools, app]);
  });

  test('get a new key when the ground changes', () => {
    const base = image('base', 'FROM scratch\n');
    const app = image('app', 'FROM localhost/bouture/base:1\n');
    const before = imageKey(app, [base, app]);
    writeFileSync(join(base.folder, 'Dockerfile'), 'FROM scratch\nUSER 1\n');
    expect(imageKey(app, [base, app])).not.toBe(before);
  });
});

describe('the key of an image', () => {
  test('changes with its folder, its labels and its programs, and not with where it lies', () => {
    const app = image('app', 'FROM scratch\n');
    const key = imageKey(app, [app]);
    const moved = join(root, 'moved');
    cpSync(app.folder, moved, { recursive: true });
    expect(imageKey({ ...app, folder: moved }, [app])).toBe(key);
    expect(imageKey({ ...app, tag: '2' }, [app])).not.toBe(key);
    expect(imageKey({ ...app, programs: ['kubectl'] }, [app])).not.toBe(key);
    writeFileSync(join(app.folder, 'more'), '');
    expect(imageKey(app, [app])).not.toBe(key);
  });
});

describe('the images of this repository', () => {
  test('name only programs that a recipe makes', () => {
    for (const { programs } of allImages()) {
      expect(() => programs.map(recipeOfProgram)).not.toThrow();
    }
  });

  test('are found by the node in the registry beside it', () => {
    const coredns = systemImages().find(({ name }) => name === 'coredns');
    expect(coredns && registryReference(coredns)).toBe('localhost:5001/bouture/coredns:v1.13.1');
  });
});

test('the digest of a built image is that of the one manifest of its layout', () => {
  writeFileSync(
    join(root, 'index.json'),
    JSON.stringify({ schemaVersion: 2, manifests: [{ digest: 'sha256:ab', size: 1 }] }),
  );
  expect(digestOf(root)).toBe('sha256:ab');
});
