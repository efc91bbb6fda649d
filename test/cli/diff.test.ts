import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run as diff } from '../../cli/commands/diff';
import { run as synth } from '../../cli/commands/synth';
import { fieldChanges } from '../../cli/diff/fields';
import { objectChanges } from '../../cli/diff/objects';
import { describeChanges } from '../../cli/diff/report';
import type { KubernetesManifest } from '../../constructs';
import { capture } from './capture';

const CONFIG = join(__dirname, '../../blueprints/minimal/config.yaml');

const told = (before: object, after: object) =>
  describeChanges([{ change: 'changed', object: 'A b', file: 'f', fields: fieldChanges(before, after) }])
    .split('\n')
    .slice(1, -1);

describe('the fields of two objects', () => {
  test('are compared by key, deep down', () => {
    expect(told({ a: { b: 1, c: 2 }, d: 'x' }, { a: { b: 1, c: 3 }, e: [1] })).toEqual([
      '    a.c: 2 -> 3',
      '  - d: x',
      '  + e: [1]',
    ]);
  });

  test('are the same where only the order of keys differs', () => {
    expect(told({ a: 1, b: { c: 2, d: 3 } }, { b: { d: 3, c: 2 }, a: 1 })).toEqual([]);
  });

  test('tell the items of a list by their names', () => {
    const before = {
      env: [
        { name: 'A', value: '1' },
        { name: 'B', value: '2' },
      ],
    };
    const after = {
      env: [
        { name: 'NEW', value: '0' },
        { name: 'A', value: '1' },
        { name: 'B', value: '3' },
      ],
    };
    expect(told(before, after)).toEqual(['    env[B].value: 2 -> 3', '  + env[NEW]: {"name":"NEW","value":"0"}']);
  });

  test('tell ports by their numbers, and items without a key by their places', () => {
    const ports = (protocol: string) => ({ ports: [{ port: 1 }, { port: 2, protocol }] });
    expect(told(ports('TCP'), ports('UDP'))).toEqual(['    ports[2].protocol: TCP -> UDP']);
    expect(told({ to: [{ a: {} }, { a: 1 }] }, { to: [{ a: {} }, { a: 2 }] })).toEqual(['    to[1].a: 1 -> 2']);
  });

  test('include the order of a list', () => {
    const list = (...names: string[]) => ({ initContainers: names.map((name) => ({ name })) });
    expect(told(list('a', 'b'), list('b', 'a'))).toEqual(['    initContainers: order [a] [b] -> order [b] [a]']);
  });

  test('show which argument comes or goes', () => {
    expect(told({ args: ['--a', '--b'] }, { args: ['--new', '--a', '--c'] })).toEqual([
      '    args:',
      '      + "--new"',
      '      - "--b"',
      '      + "--c"',
    ]);
  });

  test('show which line of a file comes or goes', () => {
    const before = { data: { 'app.conf': 'one\ntwo\nthree\n' } };
    const after = { data: { 'app.conf': 'one\n2\nthree\n' } };
    expect(told(before, after)).toEqual(['    data["app.conf"]:', '      - two', '      + 2']);
  });

  test.each([
    [{ env: [{ name: 'DB_PASSWORD', value: 'canary1' }] }, { env: [{ name: 'DB_PASSWORD', value: 'canary2' }] }],
    [{}, { data: { token: 'canary3' } }],
    [{ url: 'http://a' }, { url: 'https://user:canary4@b' }],
    [{ f: 'a = 1\npassword = canary5\n' }, { f: 'a = 2\npassword = canary6\n' }],
    [{ args: ['--a'] }, { args: ['--a', 'https://user:canary7@b'] }],
    [{}, { nested: { deep: [{ url: 'https://user:canary8@b' }] } }],
  ])('never show what looks like a secret (%#)', (before, after) => {
    const text = told(before, after).join('\n');
    expect(text).toContain('(secret)');
    expect(text).not.toContain('canary');
    expect(JSON.stringify(fieldChanges(before, after))).not.toContain('canary');
  });

  test('show a reference to a secret', () => {
    const env = (key: string) => ({ env: [{ name: 'PASSWORD', valueFrom: { secretKeyRef: { name: 'a', key } } }] });
    expect(told(env('x'), env('y'))).toEqual(['    env[PASSWORD].valueFrom.secretKeyRef.key: x -> y']);
  });
});

describe('the objects of two folders', () => {
  const object = (kind: string, name: string, data: object = {}): KubernetesManifest => ({
    apiVersion: 'v1',
    kind,
    metadata: { name, namespace: 'ns' },
    ...data,
  });
  const placed = (manifest: KubernetesManifest, file = 'a.k8s.yaml') => ({ file, manifest });

  test('come, go and stay', () => {
    const before = [placed(object('Service', 'gone')), placed(object('Service', 'same'))];
    const after = [placed(object('Service', 'same')), placed(object('Service', 'new'))];
    expect(objectChanges(before, after).map(({ change, object: what }) => [change, what])).toEqual([
      ['removed', 'Service ns/gone'],
      ['added', 'Service ns/new'],
    ]);
  });

  test('are the same in another file, and with another hash of their content in the name', () => {
    const moved = objectChanges([placed(object('Service', 'a'), 'x')], [placed(object('Service', 'a'), 'y')]);
    expect(moved).toEqual([{ change: 'moved', object: 'Service ns/a', file: 'y', was: 'x', fields: [] }]);
    const renamed = objectChanges(
      [placed(object('ConfigMap', 'a-0123456789', { data: { k: '1' } }))],
      [placed(object('ConfigMap', 'a-abcdefabcd', { data: { k: '2' } }))],
    );
    expect(renamed).toEqual([
      {
        change: 'renamed',
        object: 'ConfigMap ns/a-abcdefabcd',
        file: 'a.k8s.yaml',
        was: 'a-0123456789',
        fields: [{ path: 'data.k', change: 'changed', from: '1', to: '2' }],
      },
    ]);
  });
});

describe('bouture diff', () => {
  let folder: string;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'bouture-diff-'));
    await capture(synth, [CONFIG], { out: join(folder, 'fresh') });
  });
  afterAll(() => {
    rmSync(folder, { recursive: true });
  });

  const edited = (name: string, edit: (text: string) => string) => {
    const out = join(folder, name);
    cpSync(join(folder, 'fresh'), out, { recursive: true });
    const file = join(out, 'minimal/30-platform/mlflow.k8s.yaml');
    writeFileSync(file, edit(readFileSync(file, 'utf8')));
    return out;
  };

  test('says that nothing changes', async () => {
    const { code, out } = await capture(diff, [CONFIG], { out: join(folder, 'fresh'), exitCode: true });
    expect({ code, out }).toEqual({ code: 0, out: `${join(folder, 'fresh/minimal')}: no changes\n` });
  });

  test('names object, file and field, and exits 1 only when asked', async () => {
    const out = edited('edited', (text) => text.replace(/replicas: 1/, 'replicas: 7'));
    const result = await capture(diff, [CONFIG], { out });
    expect(result.code).toBe(0);
    expect(result.out).toContain(
      '~ Deployment bouture-mlflow/mlflow  (30-platform/mlflow.k8s.yaml)\n    spec.replicas: 7 -> 1\n',
    );
    expect(result.out).toMatch(/: 1 changed\n$/);
    expect((await capture(diff, [CONFIG], { out, exitCode: true })).code).toBe(1);
  });

  test('tells a change of form alone', async () => {
    const out = edited('form', (text) => `# a comment\n${text}`);
    const { code, out: written } = await capture(diff, [CONFIG], { out, exitCode: true });
    expect(code).toBe(1);
    expect(written).toContain('no object changes, only the form of the files');
  });

  test('lists every object against an empty folder, as JSON too', async () => {
    const { out } = await capture(diff, [CONFIG], { out: join(folder, 'none'), json: true });
    const { changes } = JSON.parse(out) as { changes: { change: string; object: string }[] };
    expect(new Set(changes.map(({ change }) => change))).toEqual(new Set(['added', 'changed']));
    expect(changes.find(({ object }) => object === 'Deployment bouture-mlflow/mlflow')?.change).toBe('added');
    expect(changes.find(({ object }) => object === 'Secrets')?.change).toBe('changed');
  });

  test('exits 2 on a bad configuration', async () => {
    const bad = join(folder, 'bad.yaml');
    writeFileSync(bad, 'apiVersion: bouture.dev/v1\nblueprint: minimal\nname: Bad Name\n');
    const { code, err } = await capture(diff, [bad], { out: join(folder, 'fresh') });
    expect(code).toBe(2);
    expect(err).toContain('bad.yaml');
  });

  test('fails with the name of a file that is no YAML', async () => {
    const out = edited('broken', () => 'a: [');
    await expect(capture(diff, [CONFIG], { out })).rejects.toThrow(/30-platform\/mlflow\.k8s\.yaml/);
  });
});
