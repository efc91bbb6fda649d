import type { SchemaDefinition } from './schema-definition';

/** A value that does not fit its schema. */
export interface SchemaProblem {
  readonly path: string;
  readonly message: string;
}

/** What is wrong with a value, in the subset of draft-07 that Onyxia reads and with its sliders. */
export function schemaProblems(schema: SchemaDefinition, given: unknown, path: string): readonly SchemaProblem[] {
  const problem = (expected: string): readonly SchemaProblem[] => [
    { path, message: `expected ${expected}, given ${JSON.stringify(given)}` },
  ];
  switch (schema.type) {
    case 'string':
      return typeof given === 'string' ? textProblems(schema, given, problem) : problem('a text');
    case 'boolean':
      return typeof given === 'boolean' ? [] : problem('true or false');
    case 'integer':
      if (typeof given !== 'number' || !Number.isSafeInteger(given)) return problem('a whole number');
      return numberProblems(schema, given, problem);
    case 'number':
      if (typeof given !== 'number' || !Number.isFinite(given)) return problem('a number');
      return numberProblems(schema, given, problem);
    case 'array':
      return Array.isArray(given) ? listProblems(schema, given, path, problem) : problem('a list');
    case 'object':
      if (typeof given !== 'object' || given === null || Array.isArray(given)) return problem('a map');
      return mapProblems(schema, given as Readonly<Record<string, unknown>>, path);
  }
}

type Tell = (expected: string) => readonly SchemaProblem[];

function textProblems(schema: SchemaDefinition, given: string, problem: Tell): readonly SchemaProblem[] {
  const { enum: choices, pattern, slider } = schema;
  if (choices !== undefined && !choices.includes(given)) return problem(`one of ${choices.join(', ')}`);
  if (pattern !== undefined && !new RegExp(pattern).test(given)) return problem(`a text that matches ${pattern}`);
  if (slider === undefined) return [];
  const { min, max, unit } = slider;
  const amount = given.endsWith(unit) ? Number(given.slice(0, given.length - unit.length)) : Number.NaN;
  return amount >= min && amount <= max ? [] : problem(`${min}${unit} to ${max}${unit}`);
}

function numberProblems({ minimum }: SchemaDefinition, given: number, problem: Tell): readonly SchemaProblem[] {
  return minimum !== undefined && given < minimum ? problem(`at least ${minimum}`) : [];
}

function listProblems(
  { items, minItems = 0, maxItems = Number.POSITIVE_INFINITY }: SchemaDefinition,
  given: readonly unknown[],
  path: string,
  problem: Tell,
): readonly SchemaProblem[] {
  if (given.length < minItems || given.length > maxItems) return problem(`${minItems} to ${maxItems} items`);
  return items === undefined ? [] : given.flatMap((item, index) => schemaProblems(items, item, `${path}[${index}]`));
}

function mapProblems(
  { properties, values }: SchemaDefinition,
  given: Readonly<Record<string, unknown>>,
  path: string,
): readonly SchemaProblem[] {
  if (properties === undefined) {
    return values === undefined
      ? []
      : Object.entries(given).flatMap(([key, item]) => schemaProblems(values, item, `${path}.${key}`));
  }
  return [
    ...Object.entries(properties).flatMap(([name, property]) =>
      schemaProblems(property, given[name], `${path}.${name}`),
    ),
    ...Object.keys(given)
      .filter((name) => !Object.hasOwn(properties, name))
      .map((name) => ({
        path: `${path}.${name}`,
        message: `there is no such value: there are ${Object.keys(properties).sort().join(', ')}`,
      })),
  ];
}
