import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from '../../cli/commands/synth';
import { temporaryFolder } from '../support/temporary';
import { capture } from './capture';

const ROOT = join(__dirname, '..', '..');
const VALID = `apiVersion: bouture.dev/v1
blueprint: minimal
name: office
images: {mirror: registry.example.org}
objectStore: {minio: {}}
`;
const folder = temporaryFolder();
let number = 0;
let out = '';

beforeEach(() => {
  out = join(folder, `out-${number++}`);
});

function config(text: string, name = 'config.yaml'): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

function filesIn(root: string): Record<string, string> {
  const paths = existsSync(root) ? readdirSync(root, { recursive: true, encoding: 'utf8' }) : [];
  const files = paths.filter((path) => statSync(join(root, path)).isFile()).sort();
  return Object.fromEntries(files.map((path) => [path, readFileSync(join(root, path), 'utf8')]));
}

test('a configuration is rendered into a folder of its name, one file for each component and layer', async () => {
  const { code, out: told } = await capture(run, [config(VALID)], { out });
  expect(code).toBe(0);
  expect(Object.keys(filesIn(out))).toEqual([
    'office/10-namespaces/minio.k8s.yaml',
    'office/20-foundations/minio.k8s.yaml',
    'office/SECRETS.md',
  ]);
  expect(told).toContain(`created  ${out}/office/20-foundations/minio.k8s.yaml`);
});

test('without a configuration, every blueprint is rendered into a folder of its name', async () => {
  expect((await capture(run, [], { out })).code).toBe(0);
  expect(readdirSync(out)).toEqual(['minimal', 'nace-coding', 'sspcloud']);
});

test('what is rendered twice is not written twice', async () => {
  const path = config(VALID);
  await capture(run, [path], { out });
  const before = statSync(join(out, 'office/SECRETS.md')).mtimeMs;
  expect((await capture(run, [path], { out })).out).toBe(`${out}: 0 files written or removed, 3 unchanged\n`);
  expect(statSync(join(out, 'office/SECRETS.md')).mtimeMs).toBe(before);
});

test('a component that is left out leaves no file behind, and other files stay', async () => {
  await capture(run, [config(VALID)], { out });
  const notes = join(out, 'office', '20-foundations', 'notes.txt');
  const readme = join(out, 'README.md');
  for (const path of [notes, readme]) writeFileSync(path, 'mine');
  const { out: told } = await capture(run, [config(VALID.replace(/objectStore.*\n/, ''))], { out });
  expect(told).toContain('removed ');
  expect(Object.keys(filesIn(out))).toEqual(['README.md', 'office/20-foundations/notes.txt', 'office/SECRETS.md']);
  expect(existsSync(join(out, 'office', '10-namespaces'))).toBe(false);
});

test('--check names what is missing, stale and no longer rendered, and writes nothing', async () => {
  const path = config(VALID);
  expect((await capture(run, [path], { out, check: true })).code).toBe(1);
  expect(existsSync(out)).toBe(false);
  await capture(run, [path], { out });
  expect((await capture(run, [path], { out, check: true })).code).toBe(0);
  writeFileSync(join(out, 'office/SECRETS.md'), 'changed by hand');
  writeFileSync(join(out, 'office/20-foundations/old.k8s.yaml'), '');
  const { code, err } = await capture(run, [path], { out, check: true });
  expect(code).toBe(1);
  expect(err.replaceAll(out, 'OUT')).toMatchInlineSnapshot(`
"OUT/office/SECRETS.md is stale
OUT/office/20-foundations/old.k8s.yaml is no longer rendered
OUT: 2 of 4 files differ: run bouture synth
"
`);
  expect(readFileSync(join(out, 'office/SECRETS.md'), 'utf8')).toBe('changed by hand');
});

test('one bad configuration among good ones writes nothing at all', async () => {
  const good = config(VALID, 'good.yaml');
  const bad = config(VALID.replace('office', 'Office'), 'bad.yaml');
  const { code, err } = await capture(run, [good, bad], { out });
  expect(code).toBe(2);
  expect(err).toContain('did you mean office?');
  expect(existsSync(out)).toBe(false);
});

test('what only a cloud knows is asked for by its path, and taken from the configuration', async () => {
  const cloud = (values: string) =>
    config(`apiVersion: bouture.dev/v1
blueprint: minimal
name: office
cluster: { ${values}gcp: { region: europe-west9, project: office-data } }
images: { mirror: registry.example.org }
mlflow: {}
`);
  const { code, err } = await capture(run, [cloud('')], { out });
  expect(code).toBe(2);
  expect(err).toMatch(/cluster\.values\.database-host\s+manifests need this value/);
  expect(existsSync(out)).toBe(false);
  expect((await capture(run, [cloud('values: { database-host: 10.0.0.7 }, ')], { out })).code).toBe(0);
  expect(Object.values(filesIn(out)).join('')).toContain('10.0.0.7');
});

test('two configurations of one name are refused', async () => {
  const paths = [config(VALID, 'one.yaml'), config(VALID, 'two.yaml')];
  const { code, err } = await capture(run, paths, { out });
  expect({ code, exists: existsSync(out) }).toEqual({ code: 2, exists: false });
  expect(err).toContain('two configurations are named "office"');
});

test('where the output folder cannot be written, nothing is left half done', async () => {
  await capture(run, [config(VALID)], { out });
  const before = filesIn(out);
  mkdirSync(join(out, 'office/30-platform/mlflow.k8s.yaml'), { recursive: true });
  const more = config(`${VALID}database: {postgres: {}}\nmlflow: {}\n`);
  await expect(capture(run, [more], { out })).rejects.toThrow();
  expect(filesIn(out)).toEqual(before);
});

test('no value of a generated secret can stand in what is rendered: there is none', async () => {
  await capture(run, [], { out });
  const rendered = filesIn(out);
  const secrets = Object.values(rendered)
    .flatMap((text) => text.split(/^---$/m))
    .filter((text) => /^kind: Secret$/m.test(text));
  // Tokens of accounts are Secrets that Kubernetes fills in.
  for (const text of secrets) expect(text).not.toMatch(/^(data|stringData):/m);
  expect(rendered['minimal/SECRETS.md']).toMatch(
    /\| bouture-minio \| minio-root \| rootPassword \| generated: `minio-root`, 32 characters \|/,
  );
});

test('the bytes depend on no time zone, language or folder', () => {
  const program = `
    const { createHash } = require('node:crypto');
    const { loadConfig } = require(${JSON.stringify(join(ROOT, 'blueprints/load'))});
    const { renderBlueprint } = require(${JSON.stringify(join(ROOT, 'blueprints/render'))});
    const { files } = renderBlueprint(loadConfig(${JSON.stringify(join(ROOT, 'test/fixtures/config/whole.happy.yaml'))}));
    process.stdout.write(createHash('sha256').update(JSON.stringify([...files])).digest('hex'));
  `;
  const hash = (cwd: string, environment: Record<string, string>) =>
    execFileSync(process.execPath, ['-r', join(ROOT, 'node_modules/ts-node/register/transpile-only'), '-e', program], {
      cwd,
      encoding: 'utf8',
      env: { ...process.env, TS_NODE_PROJECT: join(ROOT, 'tsconfig.json'), ...environment },
    });
  const here = hash(ROOT, { TZ: 'UTC', LC_ALL: 'C' });
  expect(here).toMatch(/^[0-9a-f]{64}$/);
  expect(hash(folder, { TZ: 'Pacific/Kiritimati', LC_ALL: 'tr_TR.UTF-8', LANG: 'tr_TR.UTF-8' })).toBe(here);
}, 120_000);
