import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { exampleFiles } from '../../cli/catalog/example';
import { LinkedOffice } from '../support/office';

let office: LinkedOffice;
afterEach(() => {
  office.remove();
});

/** The program of a new folder with all that it shows behind `//` made real. */
function everythingShown(): void {
  const shown = office
    .read('office.ts')
    .replace(/^\/\/ import/gm, 'import')
    .replace(/^( +)\/\/ (platform|override|services|branding)([.(:])/gm, '$1$2$3');
  office.write('office.ts', shown);
  office.write('services/greeter.ts', exampleFiles('x').get('services/greeter.ts') ?? '');
}

test('what a new program shows behind // compiles, and every command takes it', () => {
  office = new LinkedOffice({ name: 'stats', blueprint: 'sspcloud' });
  expect(office.bouture('synth', 'config.yaml').code).toBe(0);
  everythingShown();
  expect(office.types()).toMatchObject({ code: 0, out: '' });
  const { out } = office.bouture('diff', 'config.yaml');
  expect(out).toContain('metadata.labels["example.org/owner"]: methods');
  expect(out).toContain('+ surveys\ton\t0');
  expect(out).toContain('binaryData["greeter-1.0.0.tgz"]');
  expect(out).toContain('{"name":"TAB_TITLE","value":"Data platform"}');
  expect(office.bouture('images', 'config.yaml').out).toContain('docker.io/library/python:3.13.1-slim');
}, 120_000);

test('constructs of an office stand beside those of the blueprint, in a file of their own', () => {
  office = new LinkedOffice({ name: 'stats', blueprint: 'minimal' });
  office.write(
    'parts/notice.ts',
    `import type { Construct } from 'constructs';
import { Component, k8s, Layer } from 'bouture';

export class Notice extends Component {
  constructor(scope: Construct, id: string, text: string) {
    super(scope, id, Layer.WORKLOADS);
    new k8s.KubeConfigMap(this, 'text', { metadata: { name: 'notice', namespace: this.namespace.name }, data: { text } });
  }
}
`,
  );
  office.write(
    'office.ts',
    `import { defineOffice } from 'bouture/blueprints';
import { Notice } from './parts/notice';

export default defineOffice({ extend: ({ scope, config }) => new Notice(scope, 'notice', config.profile) });
`,
  );
  expect(office.types()).toMatchObject({ code: 0, out: '' });
  expect(office.bouture('synth', 'config.yaml').code).toBe(0);
  expect(office.read('charts-out/stats/40-workloads/notice.k8s.yaml')).toMatch(
    /namespace: stats-notice\n[^]*text: pilot/,
  );
  expect(office.bouture('graph', 'config.yaml').out).toContain('stats-notice');
}, 120_000);

test('a program without TypeScript will do', () => {
  office = new LinkedOffice({ name: 'stats', blueprint: 'minimal' });
  office.write('config.yaml', office.read('config.yaml').replace('program: office.ts', 'program: office.js'));
  office.write(
    'office.js',
    `const { override } = require('bouture');
const { defineOffice } = require('bouture/blueprints');
module.exports = defineOffice({ overrides: [override({ kind: 'Namespace', name: 'stats-minio' }, { metadata: { labels: { a: 'b' } } })] });
`,
  );
  expect(office.bouture('synth', 'config.yaml').code).toBe(0);
  expect(office.read('charts-out/stats/10-namespaces/minio.k8s.yaml')).toContain('    a: b\n');
}, 60_000);

/** What a command said, in one line. */
const flat = (text: string) => text.replace(/\s+/g, ' ');

const program = (body: string) => `import { override } from 'bouture';
import { defineOffice } from 'bouture/blueprints';
export default defineOffice({ ${body} });
`;

test.each<[string, string, RegExp]>([
  [
    'an override of nothing',
    program("overrides: [override({ kind: 'Deployment', namespace: 'stats-mlflow', name: 'mlfow' }, {})]"),
    /^office\.ts overrides override of Deployment stats-mlflow\/mlfow: there is no such object; the nearest .* stats-mlflow\/mlflow/,
  ],
  [
    'a service without a catalog',
    program('services: [{} as never]'),
    /^office\.ts services stats has no catalog .*builtIn/,
  ],
  ['looks without pages', program("branding: { tabTitle: 'x' }"), /^office\.ts branding stats has no pages of Onyxia/],
  [
    'a directory without a Keycloak',
    program('directories: [{} as never]'),
    /^office\.ts directories stats has no Keycloak/,
  ],
  [
    'a key that there is not',
    program('brandings: {}'),
    /^office\.ts:\d+:\d+ .*brandings: there is no such key; expected extend/,
  ],
  [
    'a construct that fails',
    program("extend: () => {\n    throw new Error('no such survey');\n  }"),
    /^office\.ts:4:11 no such survey/,
  ],
  ['something else', 'export default 3;\n', /^office\.ts expected `export default defineOffice/],
  [
    'a part that is not there',
    "import { Onyxia } from 'bouture';\n" + program('extend: ({ platform }) => { platform.part(Onyxia); }'),
    /^office\.ts:4:\d+ the platform "stats" has no Onyxia: its configuration leaves the section out/,
  ],
  [
    'what the library has no longer',
    "import * as library from 'bouture';\n" +
      program('extend: ({ scope }) => { new (library as never as { Gone: new (s: unknown) => void }).Gone(scope); }'),
    /^office\.ts:4:\d+ .*Gone is not a constructor.*upgrade of bouture: npm run types tells what it has no longer, and its CHANGELOG\.md/,
  ],
])('%s is told with file and remedy, and nothing is written', (_what, text, message) => {
  office = new LinkedOffice({ name: 'stats', blueprint: 'minimal' });
  office.write('office.ts', text);
  const { code, err } = office.bouture('synth', 'config.yaml');
  expect(flat(err)).toMatch(message);
  expect(code).toBe(2);
  expect(() => office.read('charts-out/stats/SECRETS.md')).toThrow('ENOENT');
});

test('a program that is not there is a problem of the configuration, which validate tells', () => {
  office = new LinkedOffice({ name: 'stats', blueprint: 'minimal' });
  office.write('config.yaml', office.read('config.yaml').replace('program: office.ts', 'program: ofice.ts'));
  const { code, err } = office.bouture('validate', 'config.yaml');
  expect(code).toBe(2);
  expect(flat(err)).toMatch(/config\.yaml:\d+:\d+ program there is no such file beside this one.*given "ofice\.ts"/);
});

test('another copy of the library than that of the folder is refused', () => {
  office = new LinkedOffice({ name: 'stats', blueprint: 'minimal' });
  rmSync(join(office.folder, 'node_modules/bouture'));
  office.write('node_modules/bouture/package.json', '{"name": "bouture", "version": "0.0.1"}');
  const { code, err } = office.bouture('synth', 'config.yaml');
  expect(code).toBe(2);
  expect(flat(err)).toMatch(
    /^office\.ts the program uses the library of \S+, and this command is that of \S+: run npx bouture in/,
  );
});

test('a folder without an installation is told what to do', () => {
  office = new LinkedOffice({ name: 'stats', blueprint: 'minimal' });
  rmSync(join(office.folder, 'node_modules'), { recursive: true });
  expect(flat(office.bouture('synth', 'config.yaml').err)).toMatch(
    /^office\.ts bouture is not installed in \S+: run npm install there/,
  );
});
