import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { load } from 'js-yaml';
import {
  buildCatalog,
  type CatalogService,
  chartOf,
  defineService,
  digestOf,
  object,
  packageChart,
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
        "dd11b75ea2d3ca24ab2e2a198d2c9c096cc47d1c3dd82543c5db3d35e08c4324",
      ],
      [
        "index.yaml",
        "8765175a21c4676c39fff4329212ebac0107aa3a1ceb2c1881978004e0e6d973",
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

test('a package does not depend on what else is packed', () => {
  const versions = ['1.0.0', '1.0.1', '2.0.0'].map((version) => ({ ...sample('1.0.0'), version }));
  const { files } = buildCatalog([...versions, { ...sample('1.0.0', 'bonjour'), name: 'other' }]);
  for (const service of versions) {
    expect(files.get(`sample-${service.version}.tgz`)).toEqual(packageChart(chartOf(service, 'en')));
  }
});

test('versions of a service differ in their metadata alone', () => {
  const [first, second] = ['1.0.0', '1.0.1'].map((version) => chartOf({ ...sample('1.0.0'), version }, 'en').files);
  const differing = [...(first ?? [])].filter(([path, text]) => second?.get(path) !== text);
  expect(differing.map(([path]) => path)).toEqual(['Chart.yaml']);
});

test('templates are made once for all versions, and anew for another name, software, language or service', () => {
  let calls = 0;
  const service = defineService({
    ...PLAIN,
    render: ({ language }) => {
      calls += 1;
      return { objects: [object('ConfigMap', '', { data: { language } })], notes: ['Hi.'] };
    },
  });
  const text = (change: Partial<CatalogService>, language: 'en' | 'fr' = 'en') =>
    chartOf({ ...service, ...change }, language).files.get('templates/configmap.yaml') ?? '';
  buildCatalog(['1.0.0', '1.0.1', '1.0.2'].map((version) => ({ ...service, version })));
  expect(calls).toBe(1);
  expect(text({}, 'fr')).toContain('language: fr');
  expect(text({ name: 'other' })).toContain('app.kubernetes.io/name: other');
  expect(text({ appVersion: '9.9.9' })).toContain('app.kubernetes.io/version: "9.9.9"');
  expect(text({ schema: { type: 'object', properties: {} } })).toBe(text({}));
  const [made] = [chartOf({ ...service, schema: { type: 'object', properties: {} } }, 'en')];
  expect(made.files.get('values.yaml')).toBe('\n');
});

test('an icon of any size is packed', () => {
  const icon = `<svg xmlns="http://www.w3.org/2000/svg">${'<path d="M0 0h64v64"/>'.repeat(5000)}</svg>`;
  const { metadata, bytes } = released({ ...sample('1.0.0'), icon });
  expect(metadata.icon.length).toBeGreaterThan(2 * 65_535);
  expect(load(readPackage('x', bytes).files.get('Chart.yaml') ?? '')).toEqual(metadata);
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
