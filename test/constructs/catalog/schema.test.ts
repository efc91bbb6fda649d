import Ajv from 'ajv';
import fc from 'fast-check';
import { chartOf, defineService, injected, value, type ValueSchema } from '../../../constructs';
import type { SchemaDefinition } from '../../../constructs/catalog/schema-definition';
import { schemaProblems } from '../../../constructs/catalog/schema-check';
import { jsonSchema } from '../../../constructs/catalog/schema-json';
import { PLAIN } from './fixture';

describe('a default', () => {
  test('of another type does not compile', () => {
    // @ts-expect-error a text for a flag
    expect(() => value.flag({ default: 'yes' })).toThrow(
      'default does not satisfy its schema: expected true or false, given "yes"',
    );
  });

  test('that is none of the choices does not compile', () => {
    // @ts-expect-error owner is none
    expect(() => value.choice(['view', 'edit'], { default: 'owner' })).toThrow(
      'expected one of view, edit, given "owner"',
    );
  });

  test('with another unit does not compile', () => {
    // @ts-expect-error Mi is not Gi
    expect(() => value.amount({ default: '10Mi', unit: 'Gi', min: 1, max: 100 })).toThrow('expected 1Gi to 100Gi');
  });

  test.each([
    ['does not match its pattern', () => value.text({ default: 'A', pattern: '^[a-z]*$' }), 'a text that matches'],
    ['is beyond its slider', () => value.amount({ default: '200Gi', unit: 'Gi', min: 1, max: 100 }), '1Gi to 100Gi'],
    ['is below its minimum', () => value.whole({ default: 0, minimum: 1 }), 'at least 1'],
    ['is a fraction of a whole', () => value.whole({ default: 1.5 }), 'a whole number'],
    [
      'has an item that is wrong',
      () => value.list(value.text({ default: '', pattern: '^[a-z]*$' }), { default: ['a', 'B'] }),
      'default[1] does not satisfy',
    ],
  ])('that %s is refused', (_, make: () => ValueSchema<unknown>, message) => {
    expect(make).toThrow(message);
  });
});

describe('a field that another hides', () => {
  test('names a sibling', () => {
    expect(() =>
      value.group({}, { size: value.whole({ default: 1, hiddenIf: { sibling: 'enabld', is: false } }) }),
    ).toThrow('"size" is hidden by "enabld", which is not in its group: it has size');
  });

  test('and a value that it can have', () => {
    const enabled = value.flag({ default: true });
    expect(() =>
      value.group({}, { enabled, size: value.whole({ default: 1, hiddenIf: { sibling: 'enabled', is: 'no' } }) }),
    ).toThrow('expected true or false, given "no"');
  });
});

test('an instance schema that no office overrides does not compile', () => {
  // @ts-expect-error no such name
  expect(() => value.flag({ default: true, instanceSchema: 'ide/nothing.json' })).toThrow(
    'is no name that offices override',
  );
});

test('the schema of a chart is what Onyxia reads', () => {
  const service = defineService({
    ...PLAIN,
    values: {
      storage: value.group(
        { title: { en: 'Storage', fr: 'Stockage' }, instanceSchema: 'ide/persistence.json' },
        {
          enabled: value.flag({ default: true }),
          size: value.amount({
            default: '10Gi',
            unit: 'Gi',
            min: 1,
            max: 100,
            hiddenIf: { sibling: 'enabled', is: false },
          }),
        },
      ),
      owner: value.text({ default: '', from: injected('user.idep'), hidden: true }),
    },
    render: () => ({ objects: [], notes: ['x'] }),
  });
  expect(JSON.parse(chartOf(service, 'fr').files.get('values.schema.json') ?? '')).toMatchInlineSnapshot(`
    {
      "$schema": "http://json-schema.org/draft-07/schema#",
      "additionalProperties": false,
      "properties": {
        "owner": {
          "default": "",
          "type": "string",
          "x-onyxia": {
            "hidden": true,
            "overwriteDefaultWith": "{{user.idep}}",
          },
        },
        "storage": {
          "properties": {
            "enabled": {
              "default": true,
              "type": "boolean",
            },
            "size": {
              "default": "10Gi",
              "hidden": {
                "isPathRelative": true,
                "path": "enabled",
                "value": false,
              },
              "pattern": "^[0-9]+([.][0-9]+)?Gi$",
              "render": "slider",
              "sliderMax": 100,
              "sliderMin": 1,
              "sliderStep": 1,
              "sliderUnit": "Gi",
              "type": "string",
            },
          },
          "title": "Stockage",
          "type": "object",
          "x-onyxia": {
            "overwriteSchemaWith": "ide/persistence.json",
          },
        },
      },
      "required": [
        "storage",
        "owner",
      ],
      "title": "sample",
      "type": "object",
    }
  `);
});

/** Schemas of any shape, and values that fit them or nearly. */
const definitions: fc.Arbitrary<SchemaDefinition> = fc.letrec<{ node: SchemaDefinition }>((tie) => ({
  node: fc.oneof(
    { depthSize: 'small' },
    fc.constantFrom<SchemaDefinition>(
      { type: 'string' },
      { type: 'string', pattern: '^[a-z]+$' },
      { type: 'string', enum: ['a', 'b'] },
      { type: 'boolean' },
      { type: 'integer', minimum: 2 },
      { type: 'number' },
      { type: 'object', values: { type: 'string' } },
      { type: 'array' },
    ),
    fc.record({ type: fc.constant('array' as const), items: tie('node'), maxItems: fc.constant(2) }),
    fc
      .dictionary(fc.constantFrom('a', 'b', 'c'), tie('node'), { maxKeys: 3, noNullPrototype: true })
      .map((properties): SchemaDefinition => ({ type: 'object', properties })),
  ),
})).node;
const anyValue = fc.jsonValue({ maxDepth: 3 }).filter(isExact);

/** Whether a value holds no whole number that a template could not carry: this checker refuses those, others take them for integers. */
function isExact(given: unknown): boolean {
  if (typeof given === 'number') return !Number.isInteger(given) || Number.isSafeInteger(given);
  return typeof given !== 'object' || given === null || Object.values(given).every(isExact);
}

const nearValue = (schema: SchemaDefinition): fc.Arbitrary<unknown> => {
  switch (schema.type) {
    case 'string':
      return fc.constantFrom('a', 'b', 'ab1');
    case 'boolean':
      return fc.boolean();
    case 'integer':
    case 'number':
      return fc.constantFrom(1, 2, 3, 2.5);
    case 'array':
      return fc.array(schema.items === undefined ? anyValue : nearValue(schema.items), { maxLength: 3 });
    case 'object':
      return schema.properties === undefined
        ? fc.dictionary(fc.constantFrom('a', 'b'), fc.constantFrom('x', 1), { noNullPrototype: true })
        : fc.record(
            Object.fromEntries(
              Object.entries(schema.properties).map(([name, property]) => [name, nearValue(property)]),
            ),
            { noNullPrototype: true },
          );
  }
};

test('this checker and a real one agree on every schema and value', () => {
  const ajv = new Ajv({ strict: false });
  let fits = 0;
  fc.assert(
    fc.property(
      definitions.chain((schema) => fc.tuple(fc.constant(schema), fc.oneof(nearValue(schema), anyValue))),
      ([schema, given]) => {
        const ours = schemaProblems(schema, given, 'value').length === 0;
        const theirs = ajv.validate(jsonSchema(schema, 'en'), given);
        if (ours) fits++;
        expect(ours).toBe(theirs);
      },
    ),
    { numRuns: 500 },
  );
  expect(fits).toBeGreaterThan(50);
});
