import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';

const FOLDER = join(__dirname, '../fixtures/charts');

const factsSchema = z.strictObject({
  version: z.string(),
  keys: z.record(z.string(), z.array(z.enum(['boolean', 'integer', 'list', 'map', 'string'])).nonempty()),
});

/** What is known of a chart: its version, and the types of its values by their path. */
export type ChartFacts = z.output<typeof factsSchema>;

/** The facts of a chart. @throws Error when nobody has written them down */
export function chartFacts(chart: string): ChartFacts {
  return factsSchema.parse(parse(readFileSync(join(FOLDER, `${chart}.yaml`), 'utf8')));
}

/** Values that a chart does not have, or takes in another type, each as `path: what is wrong`. */
export function wrongValues({ keys }: ChartFacts, values: unknown, path = ''): readonly string[] {
  const types = keys[path];
  if (types !== undefined) {
    return (types as readonly string[]).includes(typeOf(values))
      ? []
      : [`${path}: ${typeOf(values)}, the chart takes ${types.join(' or ')}`];
  }
  if (typeOf(values) !== 'map' || (path !== '' && !Object.keys(keys).some((key) => key.startsWith(`${path}.`)))) {
    return [`${path}: the chart has no such value`];
  }
  return Object.entries(values as object).flatMap(([key, value]) =>
    wrongValues({ version: '', keys }, value, path === '' ? key : `${path}.${key}`),
  );
}

function typeOf(value: unknown): string {
  if (Array.isArray(value)) return 'list';
  if (value === null) return 'null';
  if (typeof value === 'object') return 'map';
  return Number.isInteger(value) ? 'integer' : typeof value;
}
