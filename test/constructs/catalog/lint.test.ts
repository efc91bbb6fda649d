import { type ChartFiles, imagesOf, lintChart } from '../../../constructs';

const chart = (files: Readonly<Record<string, string>>): ChartFiles => ({
  source: 'chart',
  files: new Map(Object.entries({ 'Chart.yaml': 'name: a\nversion: 1.0.0\n', ...files })),
});
const schema = (properties: unknown) => JSON.stringify({ type: 'object', properties });
const rules = (files: Readonly<Record<string, string>>) =>
  lintChart(chart({ 'values.schema.json': schema({}), ...files })).map(
    ({ level, rule, path }) => `${level} ${rule} ${path}`,
  );

test('a chart without faults has none', () => {
  expect(rules({})).toEqual([]);
});

test('finds references to what Onyxia no longer knows, with what replaced it', () => {
  const [finding, ...more] = lintChart(
    chart({
      'values.schema.json': schema({
        s3: {
          type: 'object',
          properties: { bucket: { type: 'string', 'x-onyxia': { overwriteDefaultWith: '{{s3.AWS_BUCKET_NAME}}' } } },
        },
      }),
    }),
  );
  expect(more).toEqual([]);
  expect(finding).toMatchObject({
    level: 'error',
    rule: 'stale-reference',
    file: 'values.schema.json',
    path: 's3.bucket.x-onyxia.overwriteDefaultWith',
    message: expect.stringContaining('{{s3.AWS_BUCKET_NAME}} is not in the context of Onyxia 5.5.1') as unknown,
  });
});

test('knows the fields of items that Onyxia fills a list with', () => {
  const items = {
    type: 'object',
    properties: { url: { type: 'string', 'x-onyxia': { overwriteDefaultWith: '{{url}}' } } },
  };
  expect(
    rules({
      'values.schema.json': schema({
        list: { type: 'array', 'x-onyxia': { overwriteDefaultWith: 's3_array' }, items },
      }),
    }),
  ).toEqual([]);
  expect(rules({ 'values.schema.json': schema({ list: { type: 'array', items } }) })).toEqual([
    'error stale-reference list[].url.x-onyxia.overwriteDefaultWith',
  ]);
});

test.each([
  ['no schema', { 'values.schema.json': undefined }, ['error schema-missing ']],
  ['a schema that is none', { 'values.schema.json': '{' }, ['error schema-unreadable ']],
  ['a value without type', { 'values.schema.json': schema({ a: {} }) }, ['error schema-type a']],
  [
    'a dead keyword',
    { 'values.schema.json': schema({ a: { type: 'string', 'x-onyxia': { useRegionSliderConfig: 'cpu' } } }) },
    ['error dead-keyword a.x-onyxia.useRegionSliderConfig'],
  ],
  [
    'a name that no office overrides',
    { 'values.schema.json': schema({ a: { type: 'string', 'x-onyxia': { overwriteSchemaWith: 'mine.json' } } }) },
    ['warning unknown-instance-schema a.x-onyxia.overwriteSchemaWith'],
  ],
  [
    'an image that is gone',
    { 'values.yaml': 'image:\n  registry: docker.io\n  repository: bitnamilegacy/postgresql\n  tag: 17.0.1\n' },
    ['warning missing-digest image.repository', 'error vanished-image image.repository'],
  ],
  [
    'MinIO of Docker Hub',
    { 'values.yaml': 'image: minio/minio:RELEASE.2025\n' },
    ['warning missing-digest image', 'error vanished-image image'],
  ],
  [
    'a tag that moves',
    { 'values.yaml': 'service:\n  image:\n    version: inseefrlab/onyxia-base:latest\n' },
    ['error mutable-tag service.image.version'],
  ],
  [
    'an image without tag',
    { 'values.yaml': 'image:\n  repository: a/b\n  pullPolicy: Always\n' },
    ['error mutable-tag image.repository'],
  ],
  [
    'an image in a template',
    { 'templates/a.yaml': 'containers:\n  - image: alpine:latest\n' },
    ['error mutable-tag line 2'],
  ],
  [
    'a choice of images',
    { 'values.schema.json': schema({ image: { type: 'string', listEnum: ['a/b:latest'] } }) },
    ['error mutable-tag image.listEnum'],
  ],
  [
    'a vanished sub-chart',
    {
      'Chart.yaml':
        'version: 1.0.0\ndependencies: [{name: postgresql, repository: "oci://registry-1.docker.io/bitnamicharts"}]\n',
    },
    ['error vanished-chart dependencies[0].repository'],
  ],
  ['a version that is none', { 'Chart.yaml': 'version: 1.0\n' }, ['error semantic-version version']],
  [
    'an icon elsewhere',
    { 'Chart.yaml': 'version: 1.0.0\nicon: https://example.org/a.png\n' },
    ['warning icon-elsewhere icon'],
  ],
  [
    'a download that verifies nobody',
    { 'templates/a.yaml': 'command: curl -sk https://a | bash\n' },
    ['error unverified-download line 1'],
  ],
  [
    'the long form of it',
    { 'templates/a.yaml': 'a: |\n  curl --insecure "$X"\n' },
    ['error unverified-download line 2'],
  ],
])('finds %s', (_, files: Readonly<Record<string, string | undefined>>, expected) => {
  const given = Object.fromEntries(
    Object.entries<string | undefined>({
      'values.schema.json': schema({}),
      'Chart.yaml': 'version: 1.0.0\n',
      ...files,
    }).flatMap(([name, text]) => (text === undefined ? [] : [[name, text]])),
  ) as Record<string, string>;
  expect(
    lintChart({ source: 'x', files: new Map(Object.entries(given)) }).map(
      ({ level, rule, path }) => `${level} ${rule} ${path}`,
    ),
  ).toEqual(expected);
});

test('a pinned image and a verified download are fine', () => {
  const digest = `sha256:${'0'.repeat(64)}`;
  expect(
    rules({
      'values.yaml': `image:\n  repository: docker.io/library/postgres\n  tag: "17.2"\n  digest: ${digest}\n`,
      'templates/a.yaml': 'command: curl --fail --cacert /ca.crt https://a\n',
    }),
  ).toEqual([]);
});

test('lists the images of a chart once each, sorted', () => {
  expect(imagesOf(chart({ 'values.yaml': 'b:\n  image: b/b:1\na:\n  image: a/a:1\nc:\n  image: b/b:1\n' }))).toEqual([
    'a/a:1',
    'b/b:1',
  ]);
});
