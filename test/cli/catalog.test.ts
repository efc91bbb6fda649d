import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build, diff, init, lint, mirror } from '../../cli/commands/catalog';
import { capture } from './capture';

const ROOT = join(__dirname, '..', '..');
let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'bouture-catalog-'));
});
afterEach(() => {
  rmSync(root, { recursive: true });
});

/** A program of an office, in plain JavaScript so that no compiler runs: a service with one value. */
function program(version: string, greeting: string): string {
  const file = join(root, `catalog-${version}-${greeting}.js`);
  const library = JSON.stringify(join(ROOT, 'constructs', 'index.ts'));
  writeFileSync(
    file,
    `const { defineService, object, value } = require(${library});
module.exports.services = [defineService({
  name: 'greeter', version: ${JSON.stringify(version)}, description: 'Greets.', icon: '<svg/>', home: 'https://example.org',
  values: { greeting: value.text({ default: ${JSON.stringify(greeting)} }), image: value.text({ default: 'docker.io/library/python:3.13.1' }) },
  render: ({ values }) => ({ objects: [object('ConfigMap', '', { data: { greeting: values.greeting } })], notes: ['Hello.'] }),
})];
`,
  );
  return file;
}
const files = (folder: string) => readdirSync(folder).sort();

describe('build', () => {
  test('writes packages and an index, and nothing the second time', async () => {
    const out = join(root, 'charts');
    const first = await capture(build, [program('1.0.0', 'hello')], { out });
    expect(first).toMatchObject({ code: 0, err: '' });
    expect(files(out)).toEqual(['greeter-1.0.0.tgz', 'index.yaml']);
    expect((await capture(build, [program('1.0.0', 'hello')], { out })).out).toBe(
      `${out}: 1 packages, 0 files written\n`,
    );
    expect((await capture(build, [program('1.0.0', 'hello')], { out, check: true })).code).toBe(0);
  });

  test('keeps released versions beside new ones', async () => {
    const out = join(root, 'charts');
    await capture(build, [program('1.0.0', 'hello')], { out });
    const before = readFileSync(join(out, 'greeter-1.0.0.tgz'));
    expect(await capture(build, [program('1.1.0', 'bonjour')], { out, check: true })).toMatchObject({
      code: 1,
      out: `stale    ${join(out, 'greeter-1.1.0.tgz')}\nstale    ${join(out, 'index.yaml')}\n`,
    });
    expect((await capture(build, [program('1.1.0', 'bonjour')], { out })).code).toBe(0);
    expect(files(out)).toEqual(['greeter-1.0.0.tgz', 'greeter-1.1.0.tgz', 'index.yaml']);
    expect(readFileSync(join(out, 'greeter-1.0.0.tgz'))).toEqual(before);
  });

  test('refuses to change what is released, and writes nothing', async () => {
    const out = join(root, 'charts');
    await capture(build, [program('1.0.0', 'hello')], { out });
    const { code, err } = await capture(build, [program('1.0.0', 'bonjour')], { out });
    expect(code).toBe(2);
    expect(err).toBe(
      'bouture: greeter-1.0.0.tgz is released with other content: what has been released never changes, so raise the version of "greeter"\n',
    );
  });

  test.each([
    ['nothing.js', undefined, 'there is no such file or folder'],
    [
      'catalog.js',
      'module.exports = {}',
      'services: expected a list of services, each from defineService(); given nothing',
    ],
    ['catalog.js', 'module.exports = { services: [1] }', 'given a list of 1'],
    ['catalog.js', 'throw new Error("no idea")', 'no idea'],
    ['catalog.js', 'syntax error here', 'catalog.js: '],
  ])('refuses %s that holds %s', async (name, text, message) => {
    if (text !== undefined) writeFileSync(join(root, name), text);
    const { code, err, out } = await capture(build, [join(root, name)], { out: join(root, 'charts') });
    expect(code).toBe(2);
    expect(err).toContain(message);
    expect(err).not.toMatch(/^\s+at /m);
    expect(out).toBe('');
    expect(files(root)).not.toContain('charts');
  });
});

describe('lint', () => {
  test('tells what is wrong, where and what to do, in packages and folders', async () => {
    const out = join(root, 'charts');
    await capture(build, [program('1.0.0', 'hello')], { out });
    const folder = join(out, 'theirs');
    mkdirSync(folder);
    writeFileSync(join(folder, 'Chart.yaml'), 'name: theirs\nversion: 1.0.0\n');
    const result = await capture(lint, [out]);
    expect(result.code).toBe(1);
    expect(result.out).toBe(
      `warning missing-digest
  ${join(out, 'greeter-1.0.0.tgz')}: values.yaml: image
  docker.io/library/python:3.13.1: has no digest
  remedy: pin it: repository:tag@sha256:...
error schema-missing
  ${folder}: values.schema.json
  the chart has no schema: Onyxia shows its values as text, and Helm checks none of them
  remedy: write values.schema.json; charts of \`bouture catalog build\` have one
${out}: 2 charts, 1 errors, 1 warnings
`,
    );
    expect(JSON.parse((await capture(lint, [out], { json: true })).out)).toMatchObject({
      charts: [{ findings: [{ rule: 'missing-digest' }] }, { findings: [{ rule: 'schema-missing' }] }],
    });
  });

  test.each([
    ['an empty folder', undefined, 'no chart in it'],
    ['a file that is no package', 'hello', 'a.tgz: no package of a chart'],
  ])('refuses %s', async (_, text, message) => {
    if (text !== undefined) writeFileSync(join(root, 'a.tgz'), text);
    const { code, err } = await capture(lint, [root]);
    expect(code).toBe(2);
    expect(err).toContain(message);
  });
});

test('diff tells versions, values and images, and what was rewritten', async () => {
  const [a, b] = [join(root, 'a'), join(root, 'b')];
  await capture(build, [program('1.0.0', 'hello')], { out: a });
  await capture(build, [program('1.0.0', 'bonjour')], { out: b });
  await capture(build, [program('1.1.0', 'salut')], { out: b });
  const result = await capture(diff, [a, b], { exitCode: true });
  expect(result).toMatchObject({ code: 1, err: '' });
  expect(result.out).toBe(`greeter
  + version 1.1.0
  ! version 1.0.0 has other content: raise the version
  ~ value greeting: "hello" -> "salut"
`);
  expect(await capture(diff, [a, a], { exitCode: true })).toMatchObject({ code: 0, out: 'no changes\n' });
});

describe('mirror', () => {
  test('copies a catalog over the network, with the list of its images', async () => {
    const source = join(root, 'charts');
    const out = join(root, 'mirror');
    await capture(build, [program('1.0.0', 'hello')], { out: source });
    const server = createServer((request, response) => {
      response.end(readFileSync(join(source, request.url ?? '')));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    try {
      const address = server.address();
      const port = typeof address === 'object' && address !== null ? address.port : 0;
      expect(await capture(mirror, [`http://127.0.0.1:${port}`], { out })).toMatchObject({ code: 0, err: '' });
    } finally {
      server.closeAllConnections();
      server.close();
    }
    expect(files(out)).toEqual(['greeter-1.0.0.tgz', 'images.txt', 'index.yaml']);
    for (const name of ['greeter-1.0.0.tgz', 'index.yaml']) {
      expect(readFileSync(join(out, name))).toEqual(readFileSync(join(source, name)));
    }
    expect(readFileSync(join(out, 'images.txt'), 'utf8')).toBe('docker.io/library/python:3.13.1\n');
  });

  test('refuses a package that is not what the index says', async () => {
    const [a, b] = [join(root, 'a'), join(root, 'b')];
    await capture(build, [program('1.0.0', 'hello')], { out: a });
    await capture(build, [program('1.0.0', 'bonjour')], { out: b });
    copyFileSync(join(b, 'greeter-1.0.0.tgz'), join(a, 'greeter-1.0.0.tgz'));
    const { code, err } = await capture(mirror, [a], { out: join(root, 'mirror') });
    expect(code).toBe(1);
    expect(err).toContain('it was changed after its release');
    expect(files(root)).not.toContain('mirror');
  });

  test('names the charts there are', async () => {
    await capture(build, [program('1.0.0', 'hello')], { out: join(root, 'a') });
    const { code, err } = await capture(mirror, [join(root, 'a')], { out: join(root, 'mirror'), charts: ['jupyter'] });
    expect(code).toBe(2);
    expect(err).toContain('no chart jupyter: there are greeter');
  });
});

describe('init', () => {
  test('makes a folder with one service and its test', async () => {
    const folder = join(root, 'Our Charts');
    const { code, out } = await capture(init, [folder]);
    expect(code).toBe(0);
    expect(out).toContain(`created  ${join(folder, 'services/greeter.ts')}`);
    expect(files(folder)).toEqual([
      '.gitignore',
      'README.md',
      'catalog.test.ts',
      'catalog.ts',
      'package.json',
      'services',
      'tsconfig.json',
    ]);
    expect(JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))).toMatchObject({ name: 'our-charts' });
  });

  test('leaves a folder alone that holds anything', async () => {
    writeFileSync(join(root, 'a'), '');
    expect(await capture(init, [root])).toMatchObject({
      code: 2,
      err: `bouture: ${root} is not empty (a is there): name a new folder\n`,
    });
  });
});
