import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { loadConfig } from '../../blueprints/load';
import { run } from '../../cli/commands/init';
import { synthesize } from '../../constructs';
import { capture } from './capture';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'bouture-init-'));
});
afterEach(() => {
  rmSync(root, { recursive: true });
});

const read = (folder: string, file: string) => readFileSync(join(folder, file), 'utf8');
const json = (folder: string, file: string) => JSON.parse(read(folder, file)) as Record<string, Record<string, string>>;
const files = (folder: string) =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort();

test('makes a folder with one configuration, a program, a README and a check', async () => {
  const folder = join(root, 'my-office');
  const { code, out } = await capture(run, [folder]);
  expect(code).toBe(0);
  expect(files(folder)).toEqual([
    '.github/workflows/check.yaml',
    '.gitignore',
    'Pulumi.yaml',
    'README.md',
    'cdk8s.yaml',
    'config.yaml',
    'main.ts',
    'package.json',
    'tsconfig.json',
  ]);
  expect(out).toContain(`created  ${join(folder, 'config.yaml')}\n`);
  for (const file of files(folder)) expect(read(folder, file)).not.toMatch(/\$\{|undefined|\[object/);
});

test('the configuration is valid as it stands, under the folder’s name', async () => {
  const folder = join(root, 'My Office_2026');
  await capture(run, [folder]);
  const loaded = loadConfig(join(folder, 'config.yaml'));
  expect(loaded.config.name).toBe('my-office-2026');
  const names = synthesize(loaded.compose()).objects.flatMap(({ manifest }) => manifest.metadata.namespace ?? []);
  expect(names.every((name) => name.startsWith('my-office-2026-'))).toBe(true);
  expect(read(folder, 'config.yaml')).toMatch(
    /^# yaml-language-server: \$schema=node_modules\/bouture\/schemas\/minimal.schema.json\n/,
  );
});

test.each([
  ['2026', 'office'],
  ['---', 'office'],
  ['an-office-whose-name-is-far-too-long-for-a-prefix', 'an-office-whose-name-is-far-to'],
  ['trailing-', 'trailing'],
])('a folder named %s makes an installation named %s', async (folder, name) => {
  await capture(run, [join(root, folder)]);
  expect(loadConfig(join(root, folder, 'config.yaml')).config.name).toBe(name);
});

test('depends on this library, at the versions that it is tested with', async () => {
  await capture(run, [join(root, 'a')]);
  const own = json(join(__dirname, '../..'), 'package.json');
  const { dependencies, devDependencies } = json(join(root, 'a'), 'package.json');
  expect(dependencies).toHaveProperty('bouture', expect.stringMatching(/^\^\d+\.\d+\.\d+$/));
  for (const [name, version] of Object.entries({ ...dependencies, ...devDependencies })) {
    if (name !== 'bouture') expect([name, version]).toEqual([name, own['devDependencies']?.[name]]);
  }
  const peers = Object.keys(own['peerDependencies'] ?? {}).filter((name) => name !== '@pulumi/policy');
  expect(Object.keys(dependencies ?? {})).toEqual(expect.arrayContaining(peers));
});

test('pins the actions of its check by commit', async () => {
  await capture(run, [join(root, 'a')]);
  const workflow = read(join(root, 'a'), '.github/workflows/check.yaml');
  const uses = [...workflow.matchAll(/uses: (\S+)/g)].map(([, action]) => action);
  expect(uses.length).toBeGreaterThan(0);
  for (const action of uses) expect(action).toMatch(/^[\w/-]+@[0-9a-f]{40}$/);
  expect(parse(workflow)).toHaveProperty('permissions', { contents: 'read' });
});

test('makes a folder that exists and is empty, or only a repository', async () => {
  mkdirSync(join(root, 'clone/.git'), { recursive: true });
  expect((await capture(run, [join(root, 'clone')])).code).toBe(0);
});

test.each<[string, (path: string) => void, RegExp]>([
  [
    'holds a file',
    (path) => {
      mkdirSync(path);
      writeFileSync(join(path, 'x'), '');
    },
    /is not empty \(x is there\)/,
  ],
  [
    'is a file',
    (path) => {
      writeFileSync(path, '');
    },
    /is a file/,
  ],
])('leaves alone what %s', async (_what, prepare, message) => {
  const path = join(root, 'taken');
  prepare(path);
  const before = files(root);
  const { code, err } = await capture(run, [path]);
  expect(code).toBe(2);
  expect(err).toMatch(message);
  expect(files(root)).toEqual(before);
});

test('refuses a blueprint that does not exist, and names the nearest', async () => {
  const { code, err } = await capture(run, [join(root, 'a')], { from: 'minimla' });
  expect(code).toBe(2);
  expect(err).toContain('there is no blueprint "minimla": did you mean minimal?');
  expect(files(root)).toEqual([]);
});
