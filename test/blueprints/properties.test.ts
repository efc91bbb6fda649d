import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { parse } from 'yaml';
import { ConfigError, parseConfig, type Problem } from '../../blueprints';
import { formatPath } from '../../blueprints/config/problems';
import { judge } from '../../blueprints/judge';
import { renderBlueprint } from '../../blueprints/render';
import { schemaMinors, StrictSchemas } from '../../tools/schemas/validator';

const FOLDER = join(__dirname, '..', 'fixtures', 'config');
/** Strict schemas of the newest Kubernetes. */
const newest = new StrictSchemas(schemaMinors().at(-1) ?? '');

/** How many times as many examples as usual: for a long search. */
const SCALE = Number(process.env['BOUTURE_PROPERTY_SCALE'] ?? '1');

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** Configurations that are right, as plain data. */
const RIGHT: readonly Json[] = readdirSync(FOLDER)
  .filter((file) => file.endsWith('.happy.yaml'))
  .map((file) => parse(readFileSync(join(FOLDER, file), 'utf8')) as Json);

/** The manifests of a configuration, or what is wrong with it; any other error fails the test. */
function attempt(text: string): { manifests: string } | { problems: readonly Problem[] } {
  try {
    const rendered = renderBlueprint(parseConfig('config.yaml', text));
    judge(rendered, () => undefined);
    const problems = rendered.synthesis.objects.flatMap(({ manifest }) =>
      newest.problems(JSON.parse(JSON.stringify(manifest))),
    );
    expect(problems).toEqual([]);
    const { files } = rendered;
    return { manifests: [...files].flat().join('\n') };
  } catch (error) {
    if (error instanceof ConfigError) return { problems: error.problems };
    throw error;
  }
}

/** What must hold of any text: manifests without a trace of JavaScript, or problems that people can use. */
function outcome(text: string): { manifests: string } | { problems: readonly Problem[] } {
  const result = attempt(text);
  if ('manifests' in result) {
    expect(result.manifests).not.toMatch(/undefined|\bNaN\b|\[object |: null$|: "null"$|deploytime--/m);
  } else {
    expect(result.problems.length).toBeGreaterThan(0);
    for (const problem of result.problems) {
      expect(problem.message).not.toBe('');
      expect(problem.message).not.toMatch(/Invalid input|\bundefined\b|\[object |^\s+at /m);
      expect(problem.file).toBe('config.yaml');
    }
  }
  expect(Object.keys(Object.prototype)).toEqual([]);
  return result;
}

/** Every place in plain data. */
function placesOf(value: Json, path: (string | number)[] = []): (string | number)[][] {
  if (typeof value !== 'object' || value === null) return [path];
  const inner = Object.entries(value).flatMap(([key, child]) =>
    placesOf(child, [...path, Array.isArray(value) ? Number(key) : key]),
  );
  return [path, ...inner];
}

/** The data with one place replaced; with `undefined`, removed. */
function replaced(value: Json, path: readonly (string | number)[], by: Json | undefined): Json | undefined {
  const [key, ...rest] = path;
  if (key === undefined) return by;
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) {
    return value.flatMap((item, index) => (index === key ? (replaced(item, rest, by) ?? []) : [item]));
  }
  const entries = Object.entries(value).map(
    ([name, child]) => [name, name === key ? replaced(child, rest, by) : child] as const,
  );
  return Object.fromEntries(entries.filter((entry): entry is [string, Json] => entry[1] !== undefined));
}

/** Values that configurations are wrong by, beside those of chance. */
const nasty = fc.constantFrom<Json>(
  ...[
    '',
    ' ',
    '\n',
    '0',
    '-1',
    '1e400',
    '10GB',
    '512',
    '100m',
    'yes',
    'null',
    '~',
    'NaN',
    'undefined',
    '[object Object]',
  ],
  ...[
    'a'.repeat(64),
    'a'.repeat(300),
    'Ünïcode',
    'kube-system',
    'default',
    '../..',
    'a/b',
    '*',
    '{{x}}',
    '${x}',
    '__proto__',
  ],
  ...[
    'https://u:p@example.org',
    'localhost',
    '0.0.0.0/0',
    '10.0.0.1/8',
    'docker.io/bitnami/x:1',
    'x:latest',
    '* * * * *',
  ],
  ...[0, -1, 1.5, 2, 17, 1000, 65536, 1e21, true, false, null],
  [],
  {},
  [[]],
);
const anyJson = fc.jsonValue() as fc.Arbitrary<Json>;

/** A right configuration with one place replaced, removed or added to. */
const mutation = fc
  .constantFrom(...RIGHT)
  .chain((config) =>
    fc
      .constantFrom(...placesOf(config))
      .chain((path) =>
        fc
          .oneof(
            { weight: 3, arbitrary: nasty },
            { weight: 1, arbitrary: anyJson },
            { weight: 1, arbitrary: fc.constant(undefined) },
          )
          .map((by) => ({ path, mutant: replaced(config, path, by) ?? null })),
      ),
  );

test('any JSON is refused with problems, or rendered', () => {
  fc.assert(
    fc.property(anyJson, (value) => {
      outcome(JSON.stringify(value));
    }),
    { numRuns: 300 * SCALE },
  );
});

test('any text is refused with problems, or rendered', () => {
  const yamlish = fc.array(
    fc.constantFrom('a', ':', ' ', '\n', '-', '[', ']', '{', '}', '&x', '*x', '!', '"', "'", '|', '#', '\t'),
  );
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string({ unit: 'binary' }),
        yamlish.map((pieces) => pieces.join('')),
      ),
      (text) => {
        outcome(text);
      },
    ),
    { numRuns: 500 * SCALE },
  );
});

test('a right configuration with any change is refused, naming where, or rendered', () => {
  fc.assert(
    fc.property(mutation, ({ mutant }) => {
      outcome(JSON.stringify(mutant));
    }),
    { numRuns: 400 * SCALE },
  );
});

test('a right configuration with any sections of another is refused, or rendered', () => {
  const sections = fc.tuple(
    fc.constantFrom(...RIGHT),
    fc.constantFrom(...RIGHT),
    fc.array(fc.boolean(), { minLength: 12, maxLength: 12 }),
  );
  fc.assert(
    fc.property(sections, ([one, other, choice]) => {
      const keys = [...new Set([...Object.keys(one as object), ...Object.keys(other as object)])];
      const mixed = keys.map(
        (key, index) => [key, ((choice[index] === true ? one : other) as Record<string, Json>)[key]] as const,
      );
      outcome(JSON.stringify(Object.fromEntries(mixed)));
    }),
    { numRuns: 150 * SCALE },
  );
});

test('a value of the wrong form is named by its own path', () => {
  const leaves = RIGHT.flatMap((config) =>
    placesOf(config)
      .filter((path) => path.length > 0)
      .map((path) => ({ config, path })),
  );
  fc.assert(
    fc.property(fc.constantFrom(...leaves), ({ config, path }) => {
      const result = outcome(JSON.stringify(replaced(config, path, { 'no such': { key: [] } })));
      const place = formatPath(path);
      const paths = 'problems' in result ? result.problems.map((problem) => problem.path) : ['rendered'];
      expect(paths).toContainEqual(expect.stringContaining(place));
    }),
    { numRuns: 200 * SCALE },
  );
});

test('the order of keys changes nothing', () => {
  const shuffled = (value: Json, seed: number): Json => {
    if (Array.isArray(value)) return value.map((item) => shuffled(item, seed));
    if (typeof value !== 'object' || value === null) return value;
    const entries = Object.entries(value).map(([key, inner]) => [key, shuffled(inner, seed)] as const);
    return Object.fromEntries(
      entries.sort(([a], [b]) => ((a.length * seed) % 7) - ((b.length * seed) % 7) || (a < b ? 1 : -1)),
    );
  };
  for (const config of RIGHT) {
    const expected = attempt(JSON.stringify(config));
    for (const seed of [1, 2, 3]) expect(attempt(JSON.stringify(shuffled(config, seed)))).toEqual(expected);
  }
});
