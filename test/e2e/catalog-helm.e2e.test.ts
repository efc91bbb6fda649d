import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import {
  allOf,
  anyOf,
  base64,
  BUILT_IN_SERVICES,
  buildCatalog,
  builtInServices,
  type CatalogService,
  chartOf,
  choose,
  defineService,
  each,
  equals,
  type Expression,
  fallback,
  fitted,
  isSet,
  joined,
  json,
  jupyterlabService,
  type KubernetesManifest,
  launch,
  lowerCase,
  not,
  object,
  release,
  sha256,
  startsWith,
  text,
  unless,
  value,
  valuesOf,
  when,
  withoutEnd,
} from '../../constructs';
import type { JsonValue, SchemaDefinition } from '../../constructs/catalog/schema-definition';
import { ensurePrograms } from '../../tools/cluster/programs';
import { image, PLAIN } from '../constructs/catalog/fixture';
import { HelmFolder } from './support/helm';
import { LocalApiServer } from './support/local-api-server';
import { silentProgress } from '../../tools/cluster/progress';

const folder = new HelmFolder();
beforeAll(async () => {
  await ensurePrograms(['helm'], silentProgress);
}, 30 * 60_000);
afterAll(() => {
  folder.remove();
});

type Values = { readonly [name: string]: JsonValue };

/** Objects in an order of their own, with what a launch makes at random taken out. */
function comparable(objects: readonly KubernetesManifest[]): unknown {
  const plain = objects.map((object) => {
    const { stringData } = object as unknown as { readonly stringData?: Readonly<Record<string, string>> };
    if (object.kind !== 'Secret' || stringData === undefined) return object;
    const entries = Object.entries(stringData).map(([key, text]) => [
      key,
      /^[A-Za-z0-9]{20,}$/.test(text) ? `${text.length} characters at random` : text,
    ]);
    return { ...object, stringData: Object.fromEntries(entries) as unknown };
  });
  return plain.sort((a, b) => (`${a.kind} ${a.metadata.name}` < `${b.kind} ${b.metadata.name}` ? -1 : 1));
}

const services: readonly CatalogService[] = [
  ...builtInServices(
    { get: image },
    BUILT_IN_SERVICES.filter((name) => name !== 'jupyter-python'),
  ),
  jupyterlabService({ images: [image('jupyter-python'), image('jupyter-next')], customImage: true }),
];

/** One choice of values for each way that a flag, a choice or an empty value can take. */
function branches(schema: SchemaDefinition, path: readonly string[] = []): readonly Values[] {
  if (schema.properties !== undefined) {
    return Object.entries(schema.properties).flatMap(([name, property]) => branches(property, [...path, name]));
  }
  const nested = (leaf: JsonValue): Values =>
    path.reduceRight<JsonValue>((inner, name) => ({ [name]: inner }), leaf) as Values;
  switch (schema.type) {
    case 'boolean':
      return [nested(schema.default !== true)];
    case 'string':
      if (schema.enum !== undefined) return schema.enum.map(nested);
      return [filled(schema)].filter((sample) => sample !== schema.default).map(nested);
    case 'integer':
      return [nested(2_000_000)];
    case 'array':
      return [
        nested(path.at(-1) === 'extraEnvVars' ? [{ name: 'A', value: 'yes' }] : [{ key: 'a', operator: 'Exists' }]),
      ];
    default:
      return [nested({ pool: 'gpu', quoted: 'yes' })];
  }
}

const SAMPLES = [
  'abcd',
  'ada@example.org',
  'https://example.org/a.sh',
  'user-a-1-0.example.org',
  '7',
  'registry.example.org/mine:1.0',
  'Q0E=',
  '5Gi',
  '500m',
];

/** A text that the schema takes. */
function filled(schema: SchemaDefinition): string {
  const { pattern, slider } = schema;
  if (slider !== undefined) return `${slider.min}${slider.unit}`;
  const found = SAMPLES.find((sample) => pattern === undefined || new RegExp(pattern).test(sample));
  if (found === undefined) throw new Error(`no sample for ${pattern ?? ''}`);
  return found;
}

/** Everything of several branches at once. */
function together(all: readonly Values[]): Values {
  const merge = (a: JsonValue | undefined, b: JsonValue): JsonValue =>
    typeof a === 'object' && a !== null && !Array.isArray(a) && typeof b === 'object' && b !== null && !Array.isArray(b)
      ? Object.fromEntries(
          [...new Set([...Object.keys(a), ...Object.keys(b)])].map((key) => {
            const [left, right] = [(a as Values)[key], (b as Values)[key]];
            return [key, right === undefined ? (left ?? null) : merge(left, right)];
          }),
        )
      : b;
  return all.reduce<JsonValue>(merge, {}) as Values;
}

describe.each(services.map((service) => [service.name, service] as const))('%s', (_, service) => {
  test('passes helm lint --strict, in each language', async () => {
    for (const language of ['en', 'fr'] as const) {
      const { code, stdout, stderr } = await folder.helm('lint', '--strict', folder.write(chartOf(service, language)));
      expect(`${stdout}${stderr}`).not.toMatch(/\[(WARNING|ERROR)\]/);
      expect(code).toBe(0);
    }
  });

  test('is to Helm what it is to its tests: with its defaults, on each branch, with all of them', async () => {
    const [file, bytes] = [...buildCatalog([service]).files].find(([name]) => name.endsWith('.tgz')) ?? [];
    const archive = join(folder.path, file ?? '');
    writeFileSync(archive, bytes ?? new Uint8Array());
    const each = branches(service.schema);
    expect(each.length).toBeGreaterThan(15);
    for (const values of [{}, ...each, together(each)]) {
      expect([values, comparable(await folder.template(archive, values))]).toEqual([
        values,
        comparable(launch(service, { values })),
      ]);
    }
  });

  test('refuses what its schema refuses', async () => {
    const chart = folder.write(chartOf(service, 'en'));
    await expect(folder.template(chart, { globl: {} })).rejects.toThrow(/globl/);
    await expect(folder.template(chart, { global: { suspend: 'yes' } })).rejects.toThrow(/suspend/);
  });

  test('fits in names with the longest release', async () => {
    const chart = folder.write(chartOf(service, 'en'));
    const objects = await folder.template(chart, {}, { name: `${'a'.repeat(51)}-b`, namespace: 'user-test' });
    for (const { metadata } of objects) expect(metadata.name).toMatch(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/);
  });
});

test.each(['1.2.3-rc.1', `1.2.3-${'a'.repeat(49)}.${'b'.repeat(9)}`, `1.2.3-${'a.'.repeat(30)}a`])(
  'the labels of version %s are to Helm what they are to its tests',
  async (version) => {
    const service = defineService({
      ...PLAIN,
      version,
      render: () => ({ objects: [object('ConfigMap', '', {})], notes: ['x'] }),
    });
    expect(await folder.template(folder.write(chartOf(service, 'en')), {})).toEqual(launch(service));
  },
);

test('the index and the packages are a repository to Helm', async () => {
  const { files } = buildCatalog(services);
  for (const [name, bytes] of files) writeFileSync(join(folder.path, name), bytes);
  const { stdout, code } = await folder.helm('show', 'chart', join(folder.path, 'postgresql-1.0.0.tgz'));
  expect(code).toBe(0);
  expect(stdout).toContain('name: postgresql');
});

describe('in a cluster, with the rights that Onyxia gives a person', () => {
  const SPACE = 'user-ada';
  let server: LocalApiServer;
  let cluster: HelmFolder;
  beforeAll(async () => {
    server = await LocalApiServer.create();
    await server.kubectl(['create', 'namespace', SPACE]);
    await server.kubectl(['create', 'serviceaccount', 'ada', '--namespace', SPACE]);
    await server.kubectl(
      `create rolebinding full-control --clusterrole admin --serviceaccount ${SPACE}:ada --namespace ${SPACE}`.split(
        ' ',
      ),
    );
    cluster = new HelmFolder(await server.accountKubeconfig(SPACE, 'ada'));
    const { files } = buildCatalog(services);
    for (const [name, bytes] of files) writeFileSync(join(cluster.path, name), bytes);
  }, 10 * 60_000);
  afterAll(async () => {
    await server.dispose();
    cluster.remove();
  });

  const helm = async (...args: readonly string[]): Promise<string> => {
    const { code, stdout, stderr } = await cluster.helm(...args, '--namespace', SPACE);
    if (code !== 0) throw new Error(stderr);
    return stdout;
  };
  const chart = (name: string): string => join(cluster.path, `${name}-1.0.0.tgz`);
  const read = async (...what: readonly string[]): Promise<KubernetesManifest> =>
    JSON.parse(await server.kubectl(['get', ...what, '--namespace', SPACE, '--output', 'json'])) as KubernetesManifest;
  const password = async (): Promise<string> =>
    Buffer.from(
      ((await read('secret', 'db-discovery'))['data'] as Record<string, string>)['postgres-password'] ?? '',
      'base64',
    ).toString();
  const replicas = async (): Promise<unknown> =>
    ((await read('statefulset', 'db'))['spec'] as { readonly replicas: number }).replicas;

  test('an upgrade keeps the password, and a pause keeps everything else', async () => {
    await helm('upgrade', '--install', 'db', chart('postgresql'));
    const first = await password();
    expect(first).toMatch(/^[A-Za-z0-9]{32}$/);
    await helm('upgrade', '--install', 'db', chart('postgresql'), '--set', 'database.maxConnections=50');
    expect(await password()).toBe(first);
    expect(JSON.stringify(await read('configmap', 'db-files'))).toContain('max_connections = 50');
    await helm('upgrade', 'db', chart('postgresql'), '--reuse-values', '--set', 'global.suspend=true');
    expect(await replicas()).toBe(0);
    await helm('upgrade', 'db', chart('postgresql'), '--reuse-values', '--set', 'global.suspend=false');
    expect(await replicas()).toBe(1);
    expect(await password()).toBe(first);
    expect(JSON.stringify(await read('configmap', 'db-files'))).toContain('max_connections = 50');
  });

  test('a notebook finds the database, and is what its tests say it is', async () => {
    await helm('upgrade', '--install', 'lab', chart('jupyter-python'), '--set', 'kubernetes.enabled=true');
    const made = (await read('statefulset', 'lab')) as unknown as {
      readonly spec: {
        readonly template: { readonly spec: { readonly containers: readonly { readonly env: unknown }[] } };
      };
    };
    const secrets = [{ name: 'db-discovery', annotations: { 'onyxia/discovery': 'postgres' }, data: {} }];
    const jupyter = services.find(({ name }) => name === 'jupyter-python');
    if (jupyter === undefined) throw new Error('no notebook');
    const expected = launch(jupyter, {
      values: { kubernetes: { enabled: true } },
      release: { name: 'lab', namespace: SPACE },
      secrets,
    }).find(({ kind }) => kind === 'StatefulSet') as unknown as typeof made;
    expect(made.spec.template.spec.containers[0]?.env).toEqual(expected.spec.template.spec.containers[0]?.env);
    expect(JSON.stringify(made)).toContain('"name":"db-discovery"');
  });

  test('nothing remains but what the person asked to keep', async () => {
    await helm('upgrade', 'db', chart('postgresql'), '--reuse-values', '--set', 'persistence.keep=true');
    await helm('uninstall', 'db');
    await helm('uninstall', 'lab');
    const kinds =
      'statefulset,service,configmap,secret,persistentvolumeclaim,ingress,networkpolicy,serviceaccount,rolebinding';
    const left = await server.kubectl([
      'get',
      kinds,
      '--namespace',
      SPACE,
      '--selector',
      'app.kubernetes.io/managed-by=Helm',
      '--output',
      'name',
    ]);
    expect(left.trim()).toBe('persistentvolumeclaim/db-data');
  });
});

/** Texts that YAML, Go or Helm might take for something else. */
const hardText = fc.oneof(
  fc.constantFrom(
    'yes',
    'no',
    'null',
    '~',
    '1',
    '1e3',
    '0x1F',
    '1_000',
    '.5',
    'true',
    '',
    ' ',
    ' a',
    'a ',
    'a: b',
    '- a',
    '# a',
    'a #b',
    '"',
    "'",
    '\\',
    '{{ .Values }}',
    '{{',
    '}}',
    '%d',
    '%',
    '<&>',
    '|',
    '>',
    '!a',
    '&a',
    '*a',
    '@a',
    '`a`',
    'a\nb',
    'a\n',
    '\n',
    '\ta',
    'a\n\n',
    '  a\n b',
    'é',
    '日本',
    '😀',
    '\u2028',
    '\u007f',
    '\u0085',
    '\u00a0',
    '\ufeff',
    '2026-11-22',
    '12:30:45',
    '=',
    '<<',
  ),
  fc.string({ unit: 'grapheme', maxLength: 12 }),
  fc.string({ unit: 'binary-ascii', maxLength: 6 }).filter((sample) => !sample.includes('\u0000')),
);
const entries = value.list(
  value.group(
    {},
    { name: value.text({ default: 'a' }), weight: value.whole({ default: 1 }), on: value.flag({ default: true }) },
  ),
  { default: [] },
);
const schema = {
  title: value.text({ default: '' }),
  group: value.group(
    {},
    {
      text: value.text({ default: '' }),
      'dotted.name/x': value.text({ default: '' }),
      count: value.whole({ default: 0 }),
    },
  ),
  ratio: value.decimal({ default: 0.5 }),
  on: value.flag({ default: true }),
  other: value.flag({ default: false }),
  labels: value.keyed({ default: {} }),
  words: value.list(value.text({ default: '' }), { default: [] }),
  entries,
};
const v = valuesOf(schema);

const hardValues = fc.record(
  {
    title: hardText,
    group: fc.record(
      { text: hardText, 'dotted.name/x': hardText, count: fc.maxSafeInteger() },
      { noNullPrototype: true },
    ),
    ratio: fc
      .double({ noNaN: true, noDefaultInfinity: true, min: -1e15, max: 1e15 })
      .map((x) => (Object.is(x, -0) ? 0 : x)),
    on: fc.boolean(),
    other: fc.boolean(),
    words: fc.array(hardText, { maxLength: 3 }),
    entries: fc.array(
      fc.record({ name: hardText, weight: fc.integer(), on: fc.boolean() }, { noNullPrototype: true }),
      { maxLength: 3 },
    ),
  },
  { noNullPrototype: true },
);

/** Texts, conditions and whole templates made at random from what this library offers. */
const texts: fc.Arbitrary<Expression<string>> = fc.letrec<{ node: Expression<string> }>((tie) => ({
  node: fc.oneof(
    { depthSize: 'small' },
    fc.constantFrom(v.title, v.group.text, v.group['dotted.name/x'], release.name, release.namespace),
    fc.tuple(hardText, tie('node')).map(([a, b]) => text`${a}${b}-${v.group.count} ${v.on}`),
    tie('node').map(base64),
    tie('node').map(sha256),
    tie('node').map((a) => fallback(a, 'none')),
    tie('node').map((a) => choose<string>(equals(a, 'yes'), a, 'other')),
    fc.constantFrom(
      json(v.labels),
      json(v.entries),
      joined(v.words, ', '),
      lowerCase(release.name),
      fitted(release.name, 3),
      withoutEnd(release.name, 't'),
    ),
  ),
})).node;
const conditions: fc.Arbitrary<Expression<boolean>> = fc.letrec<{ node: Expression<boolean> }>((tie) => ({
  node: fc.oneof(
    { depthSize: 'small' },
    fc.constantFrom(
      v.on,
      v.other,
      isSet(v.words),
      isSet(v.labels),
      isSet(v.group.count),
      equals(v.group.count, 0),
      equals(v.on, true),
    ),
    texts.map(isSet),
    texts.map((a) => startsWith(a, 'a')),
    tie('node').map(not),
    fc.tuple(tie('node'), tie('node')).map(([a, b]) => allOf(a, b)),
    fc.tuple(tie('node'), tie('node')).map(([a, b]) => anyOf(a, b)),
  ),
})).node;
const keys = fc.constantFrom('a', 'b', 'yes', '1', 'a b', 'x/y.z', '{{', 'é', '');
const templates = fc.letrec<{ node: unknown; item: unknown }>((tie) => ({
  node: fc.oneof(
    { depthSize: 'small' },
    hardText,
    fc.integer(),
    fc.boolean(),
    texts,
    conditions,
    fc.constantFrom(v.labels, v.words, v.entries, v.group, v.group.count, v.ratio, {}, []),
    fc.dictionary(keys, tie('node'), { maxKeys: 4, noNullPrototype: true }),
    fc.array(tie('item'), { maxLength: 4 }),
    fc.tuple(conditions, tie('node')).map(([condition, then]) => when(condition, then)),
    fc.tuple(conditions, tie('node')).map(([condition, then]) => unless(condition, then)),
    fc
      .tuple(conditions, tie('node'), tie('node'))
      .map(([condition, then, otherwise]) => when(condition, then, otherwise)),
  ),
  item: fc.oneof(
    tie('node'),
    fc.tuple(conditions, fc.array(tie('node'), { maxLength: 3 })).map(([condition, then]) => when(condition, then)),
    fc.boolean().map(() =>
      each(v.entries, entries, (entry) => ({
        name: entry.name,
        weight: entry.weight,
        on: when(entry.on, text`${entry.name}!`),
      })),
    ),
    fc.boolean().map(() => each(v.words, schema.words, (word) => word)),
  ),
}));

test(
  'every template gives with Helm what it gives here, for every value',
  async () => {
    let objects = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(templates.node, { minLength: 10, maxLength: 20 }),
        hardValues,
        async (fields, values) => {
          const service = defineService({
            ...PLAIN,
            values: schema,
            render: () => ({
              objects: fields.map((field, index) =>
                object('ConfigMap', `c${index}`, {
                  data: { always: 'x', field } as unknown as Readonly<Record<string, string>>,
                }),
              ),
              notes: ['x'],
            }),
          });
          const chart = folder.write(chartOf(service, 'en'));
          const given = values as unknown as Values;
          const made = await folder.template(chart, given);
          objects += made.length;
          expect(comparable(made)).toEqual(comparable(launch(service, { values: given })));
        },
      ),
      { numRuns: 60 },
    );
    expect(objects).toBeGreaterThan(600);
  },
  15 * 60_000,
);
