import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { load } from 'js-yaml';
import {
  buildCatalog,
  type CatalogService,
  defineService,
  digestOf,
  object,
  readPackage,
  value,
} from '../../../constructs';
import { PLAIN } from './fixture';

const sample = (version: string, greeting = 'hello'): CatalogService =>
  defineService({
    ...PLAIN,
    version,
    description: { en: 'A sample.', fr: 'Un exemple.' },
    values: { greeting: value.text({ default: greeting }) },
    render: ({ values }) => ({
      objects: [object('ConfigMap', '', { data: { greeting: values.greeting } })],
      notes: ['Hi.'],
    }),
  });
const released = (service: CatalogService) => {
  const { charts, files } = buildCatalog([service]);
  const [metadata] = charts;
  const bytes = files.get(`${service.name}-${service.version}.tgz`);
  if (metadata === undefined || bytes === undefined) throw new Error('no package');
  return { metadata, bytes };
};
interface Index {
  readonly entries: Readonly<Record<string, readonly Readonly<Record<string, unknown>>[]>>;
}
const index = (files: ReadonlyMap<string, Uint8Array>) =>
  load(Buffer.from(files.get('index.yaml') ?? '').toString()) as Index;

test('the same services give the same bytes', () => {
  const hashes = [1, 2].map(() =>
    [...buildCatalog([sample('1.0.0')]).files].map(([name, bytes]) => [name, digestOf(bytes)]),
  );
  expect(hashes[0]).toEqual(hashes[1]);
  // Pinned: another machine, another Node.js and another day give these bytes too.
  expect(hashes[0]).toMatchInlineSnapshot(`
    [
      [
        "sample-1.0.0.tgz",
        "93103f35481722243b91a18de78ce53ed2207f6b5093b9016c732132af0c70b1",
      ],
      [
        "index.yaml",
        "b229783d73c7e8edde907efc3a14c3fe70afa33069cd71705815d4c07b28f237",
      ],
    ]
  `);
});

test('a package holds a chart, its files in order, of nobody and of no time', () => {
  const { bytes } = released(sample('1.0.0'));
  expect(Buffer.from(bytes).readUInt32LE(4)).toBe(0);
  const archive = gunzipSync(bytes);
  expect(archive.subarray(0, 155).toString()).toMatch(/^sample\/Chart\.yaml\0+0000644\0.*0000000\0.*00000000000\0/s);
  expect([...readPackage('x', bytes).files.keys()]).toEqual([
    'Chart.yaml',
    'README.md',
    'icon.svg',
    'templates/NOTES.txt',
    'templates/_helpers.tpl',
    'templates/configmap.yaml',
    'values.schema.json',
    'values.yaml',
  ]);
});

test('what is packed is what is read', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 2000 }), (readme) => {
      // Half of a character of two units is no text.
      fc.pre(!/[\uD800-\uDFFF]/u.test(readme));
      const service = { ...sample('1.0.0'), description: `x${readme}` };
      const read = readPackage('x', released(service).bytes).files.get('README.md');
      expect(read).toContain(readme);
    }),
    { numRuns: 30 },
  );
});

test('bytes that are no package are refused in one sentence', () => {
  expect(() => readPackage('a.tgz', Buffer.from('hello'))).toThrow(
    /^a\.tgz: no package of a chart: expected a compressed archive/,
  );
});

test('the index has each version with its digest, newest first', () => {
  const { files } = buildCatalog([sample('1.10.0')], {
    released: [released(sample('1.9.0')), released(sample('1.10.0-rc.1'))],
  });
  const entries = index(files).entries['sample'];
  expect(entries?.map(({ version }) => version)).toEqual(['1.10.0', '1.10.0-rc.1', '1.9.0']);
  expect(entries?.[0]).toMatchObject({
    apiVersion: 'v2',
    type: 'application',
    digest: digestOf(files.get('sample-1.10.0.tgz') ?? new Uint8Array()),
    urls: ['sample-1.10.0.tgz'],
    created: expect.anything() as unknown,
    icon: expect.stringMatching(/^data:image\/svg\+xml;base64,/) as unknown,
  });
  expect([...files.keys()]).toEqual(['sample-1.10.0-rc.1.tgz', 'sample-1.10.0.tgz', 'sample-1.9.0.tgz', 'index.yaml']);
});

test('what has been released does not change', () => {
  expect(() => buildCatalog([sample('1.0.0', 'bonjour')], { released: [released(sample('1.0.0'))] })).toThrow(
    'sample-1.0.0.tgz is released with other content: what has been released never changes, so raise the version of "sample"',
  );
});

test('two services do not make one chart', () => {
  expect(() => buildCatalog([sample('1.0.0'), sample('1.0.0')])).toThrow('two services make sample-1.0.0.tgz');
});

test('a catalog is built in the language of its people, and keeps the others', () => {
  const { files } = buildCatalog([sample('1.0.0')], { language: 'fr' });
  expect(index(files).entries['sample']?.[0]).toMatchObject({
    description: 'Un exemple.',
    annotations: { 'bouture.dev/description-en': 'A sample.' },
  });
});

test.each([
  ['1.0', 'is no semantic version'],
  ['v1.0.0', 'is no semantic version'],
  ['01.0.0', 'is no semantic version'],
])('version %s is refused', (version, message) => {
  expect(() => sample(version)).toThrow(message);
});

test.each([
  ['<script>alert(1)</script>'],
  ['<svg xmlns="http://www.w3.org/2000/svg"><image href="https://example.org/x.png"/></svg>'],
  ['<svg xmlns="http://www.w3.org/2000/svg" onload="x()"/>'],
])('icon %s is refused', (icon) => {
  expect(() => defineService({ ...PLAIN, icon, render: () => ({ objects: [], notes: [] }) })).toThrow(
    'the icon is an SVG',
  );
});
