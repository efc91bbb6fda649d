import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from '../../cli/commands/validate';
import { temporaryFolder } from '../support/temporary';
import { capture } from './capture';

const ROOT = join(__dirname, '..', '..');
const EXAMPLE = join(ROOT, 'blueprints', 'minimal', 'config.yaml');
const folder = temporaryFolder();

function config(text: string): string {
  const path = join(folder, 'config.yaml');
  writeFileSync(path, `apiVersion: bouture.dev/v1\nblueprint: minimal\nname: office\n${text}`);
  return path;
}

test('a valid file is told so, and exits 0', async () => {
  expect(await capture(run, [EXAMPLE])).toEqual({ code: 0, out: `${EXAMPLE}: valid\n`, err: '' });
});

test('a problem is told with its place, its line, what was given, what was expected and what was meant', async () => {
  const path = config('images: {mirror: registry.example.org}\nobjectStore:\n  minio:\n    volumeSize: 10GB\n');
  const { code, out, err } = await capture(run, [path]);
  expect({ code, out }).toEqual({ code: 2, out: '' });
  expect(err.replaceAll(path, 'FILE')).toMatchInlineSnapshot(`
"FILE:7:17  objectStore.minio.volumeSize
  "GB" is no unit of Kubernetes; given "10GB"; expected a size such as 10Gi; did you mean 10Gi?
  7 |     volumeSize: 10GB
    |                 ^

FILE: 1 problem
"
`);
});

test('for machines, the same stands in JSON', async () => {
  const path = config('colour: green\n');
  const { code, out, err } = await capture(run, [path], { json: true });
  expect({ code, err }).toEqual({ code: 2, err: '' });
  expect(JSON.parse(out)).toEqual({
    file: path,
    valid: false,
    problems: [
      {
        file: path,
        line: 4,
        column: 1,
        path: 'colour',
        message: 'unknown key',
        expected: expect.stringContaining('one of apiVersion, blueprint') as string,
      },
    ],
  });
  expect(JSON.parse((await capture(run, [EXAMPLE], { json: true })).out)).toEqual({
    file: EXAMPLE,
    valid: true,
    problems: [],
  });
});

test('a line that holds a secret is not shown, in any form', async () => {
  const path = config(
    'database:\n  external:\n    host: admin:hunter2@db.example.org\n    password: hunter2\nnote: "https://u:hunter2@example.org"\n',
  );
  for (const options of [{}, { json: true }]) {
    const { code, out, err } = await capture(run, [path], options);
    expect(code).toBe(2);
    expect(out + err).not.toContain('hunter2');
    expect(out + err).toContain('database.external.password');
  }
});

test('no problem comes with a stack trace', async () => {
  for (const path of [config(': ['), join(folder, 'nowhere'), folder]) {
    const { code, out, err } = await capture(run, [path]);
    expect(code).toBe(2);
    expect(out + err).not.toMatch(/^\s+at |node_modules|TypeError/m);
  }
});

test('to check a file loads neither cdk8s nor Pulumi', () => {
  const program = `
    const { loadConfig } = require('./blueprints/load');
    loadConfig('blueprints/minimal/config.yaml');
    const loaded = Object.keys(require.cache).filter((file) => /node_modules.(cdk8s|@pulumi|constructs)/.test(file));
    process.stdout.write(JSON.stringify(loaded));
  `;
  const options = { cwd: ROOT, encoding: 'utf8' as const };
  expect(execFileSync(process.execPath, ['-r', 'ts-node/register/transpile-only', '-e', program], options)).toBe('[]');
}, 60_000);
