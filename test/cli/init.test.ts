import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { parseConfig } from '../../blueprints/load';
import { blueprints } from '../../blueprints/registry';
import { renderBlueprint } from '../../blueprints/render';
import { run } from '../../cli/commands/init';
import { synthesize } from '../../constructs';
import { at, listAt } from '../support/objects';
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
  expect(files(folder).filter((path) => !path.startsWith('charts-out/'))).toEqual([
    '.github/workflows/check.yaml',
    '.gitignore',
    'Pulumi.yaml',
    'README.md',
    'cdk8s.yaml',
    'config.yaml',
    'main.ts',
    'office.ts',
    'package.json',
    'tsconfig.json',
  ]);
  expect(out).toContain(`created  ${join(folder, 'config.yaml')}\n`);
  for (const file of files(folder)) expect(read(folder, file)).not.toMatch(/\$\{(?!\{)|undefined|\[object/);
});

/** What the configuration says, without the program, which needs `npm install`. */
const configOf = (folder: string) =>
  parseConfig('config.yaml', read(folder, 'config.yaml').replace(/^program: office\.ts$/m, ''));

test('the configuration is valid as it stands, under the folder’s name', async () => {
  const folder = join(root, 'My Office_2026');
  await capture(run, [folder]);
  expect(read(folder, 'config.yaml')).toMatch(/^program: office\.ts$/m);
  const loaded = configOf(folder);
  expect(loaded.config.name).toBe('my-office-2026');
  const names = synthesize(loaded.compose()).objects.flatMap(({ manifest }) => manifest.metadata.namespace ?? []);
  expect(names.every((name) => name.startsWith('my-office-2026-'))).toBe(true);
  expect(read(folder, 'config.yaml')).toMatch(
    /^# yaml-language-server: \$schema=node_modules\/bouture\/schemas\/minimal.schema.json\n/,
  );
});

test.each(Object.keys(blueprints))('starts from the blueprint %s, with what it renders to', async (blueprint) => {
  const folder = join(root, 'office-x');
  expect((await capture(run, [folder], { from: blueprint })).code).toBe(0);
  const { folder: name, files: expected } = renderBlueprint(configOf(folder));
  expect(name).toBe('office-x');
  const charts = join(folder, 'charts-out/office-x');
  expect(files(charts)).toEqual([...expected.keys()].sort());
  for (const [path, text] of expected) expect(read(charts, path)).toBe(text);
});

test('takes name, domain and registry from flags', async () => {
  const folder = join(root, 'a');
  const flags = {
    from: 'sspcloud',
    name: 'stats',
    domain: 'data.stats.example',
    mirror: 'registry.stats.example/mirror',
  };
  expect((await capture(run, [folder], flags)).code).toBe(0);
  expect(configOf(folder).config).toMatchObject({
    name: 'stats',
    images: { mirror: 'registry.stats.example/mirror' },
    exposure: { domain: 'data.stats.example' },
    people: { services: { domain: 'lab.data.stats.example' } },
  });
});

test.each<[string, Readonly<Record<string, string>>, RegExp]>([
  ['a name that is none', { name: 'My Office' }, /^bouture: name: /],
  ['a domain that is none', { from: 'sspcloud', domain: 'https://x.example' }, /^bouture: exposure\.domain: /],
  ['a registry that is none', { mirror: 'http://x' }, /^bouture: images\.mirror: /],
  ['a domain where nothing has a host', { from: 'minimal', domain: 'x.example' }, /^bouture: --domain: .* exposure/],
])('refuses %s, and writes nothing', async (_what, flags, message) => {
  const { code, err } = await capture(run, [join(root, 'a')], flags);
  expect(code).toBe(2);
  expect(err).toMatch(message);
  expect(files(root)).toEqual([]);
});

test.each([
  ['2026', 'office'],
  ['---', 'office'],
  ['an-office-whose-name-is-far-too-long-for-a-prefix', 'an-office-whose-name-is-far-to'],
  ['trailing-', 'trailing'],
])('a folder named %s makes an installation named %s', async (folder, name) => {
  await capture(run, [join(root, folder)]);
  expect(configOf(join(root, folder)).config.name).toBe(name);
});

test('depends on this library, at the versions that it is tested with', async () => {
  await capture(run, [join(root, 'a')]);
  const own = json(join(__dirname, '../..'), 'package.json');
  const { dependencies, devDependencies } = json(join(root, 'a'), 'package.json');
  expect(dependencies).toHaveProperty('bouture', expect.stringMatching(/^\^\d+\.\d+\.\d+$/));
  for (const [name, version] of Object.entries({ ...dependencies, ...devDependencies })) {
    if (name !== 'bouture') expect([name, version]).toEqual([name, own['devDependencies']?.[name]]);
  }
  const optional = own['peerDependenciesMeta'] ?? {};
  const peers = Object.keys(own['peerDependencies'] ?? {}).filter((name) => !(name in optional));
  expect(peers).toContain('cdk8s');
  expect(Object.keys(dependencies ?? {})).toEqual(expect.arrayContaining(peers));
});

test('its workflow shows the diff of charts-out, of the first push too', async () => {
  const folder = join(root, 'a');
  await capture(run, [folder]);
  const steps = listAt(parse(read(folder, '.github/workflows/check.yaml')), 'jobs', 'check', 'steps');
  const script = String(
    at(
      steps.find((step) => /GITHUB_STEP_SUMMARY/.test(String(at(step, 'run')))),
      'run',
    ),
  );
  const shell = (command: string, env: Readonly<Record<string, string>> = {}) =>
    execFileSync('bash', ['-euo', 'pipefail', '-c', command], {
      cwd: folder,
      encoding: 'utf8',
      env: { ...process.env, ...env },
    });
  const commit =
    'git add --all && git -c user.name=a -c user.email=a@example.org commit --quiet --message=x && git rev-parse HEAD';
  const summary = join(root, 'summary.md');
  shell(`git init --quiet && ${commit}`);
  expect(shell(script, { BASE: '0'.repeat(40), GITHUB_STEP_SUMMARY: summary })).toContain('+kind: StatefulSet');
  const base = shell('git rev-parse HEAD').trim();
  const chart = 'charts-out/a/20-foundations/minio.k8s.yaml';
  writeFileSync(join(folder, chart), read(folder, chart).replaceAll('2Gi', '3Gi'));
  shell(commit);
  shell(script, { BASE: base, GITHUB_STEP_SUMMARY: summary });
  expect(readFileSync(summary, 'utf8')).toMatch(/```diff\n[^]*-\s+storage: 2Gi\n\+\s+storage: 3Gi\n[^]*```\n$/);
});

describe('on a terminal', () => {
  /** Runs `bouture init` with keys that are pressed once their question stands. */
  async function answering(args: string, answers: readonly (readonly [string, string])[]) {
    const cli = join(__dirname, '../../bin/bouture.js');
    const child = spawn(
      'script',
      ['-qefc', `stty columns 120 rows 40 && ${process.execPath} ${cli} init ${args}`, '/dev/null'],
      {
        env: { ...process.env, TERM: 'xterm', CI: '' },
      },
    );
    let shown = '';
    const left = [...answers];
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      shown += text;
      const [next] = left;
      if (next === undefined || !shown.includes(next[0])) return;
      left.shift();
      shown = '';
      child.stdin.write(next[1]);
    });
    const overdue = setTimeout(() => child.kill(), 50_000);
    const code = await new Promise<number | null>((done) => child.on('close', done));
    clearTimeout(overdue);
    return { code, left };
  }

  const DOWN = '\u001b[B';
  const ENTER = '\r';

  test('asks for what no flag says, and takes what is suggested for an empty answer', async () => {
    const folder = join(root, 'my-office');
    const ended = await answering(folder, [
      ['Which blueprint?', `${DOWN}${DOWN}${ENTER}`],
      ['What is the installation called?', ENTER],
      ['In which domain', `data.stats.example${ENTER}`],
      ['Which registry', ENTER],
    ]);
    expect(ended).toEqual({ code: 0, left: [] });
    expect(configOf(folder).config).toMatchObject({
      blueprint: 'sspcloud',
      name: 'my-office',
      exposure: { domain: 'data.stats.example' },
      images: { mirror: 'localhost:5001' },
    });
  }, 60_000);

  test('tells at once what is wrong in an answer', async () => {
    const folder = join(root, 'a');
    const ended = await answering(`${folder} --from minimal --mirror registry.stats.example`, [
      ['What is the installation called?', `Stats${ENTER}`],
      ['name: ', `\u0015stats${ENTER}`],
    ]);
    expect(ended).toEqual({ code: 0, left: [] });
    expect(configOf(folder).config.name).toBe('stats');
  }, 60_000);

  test('writes nothing when whoever is asked goes away', async () => {
    const ended = await answering(join(root, 'a'), [['Which blueprint?', '\u0003']]);
    expect(ended).toEqual({ code: 1, left: [] });
    expect(files(root)).toEqual([]);
  }, 60_000);
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
