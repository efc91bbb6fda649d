import { contextPaths, type OnyxiaContext, stepsOf } from './onyxia-context';
import { isMap, type JsonValue } from './schema-definition';
import { jsonSchema } from './schema-json';
import { defaultsOf } from './schema';
import type { CatalogService } from './service';

type Json = { readonly [key: string]: JsonValue };

/**
 * The values with which Onyxia launches a service when the person changes nothing in the form: its schema, with the parts that the office
 * replaces, filled from what the web interface knows. A reference to something that it does not know leaves the default, as there.
 *
 * @param context what the web interface knows at that moment
 * @param schemas what the office lays down, by the name that charts ask for. @default - the chart's own forms
 *
 * @example
 * import { launch, onyxiaValues, postgresqlService } from 'bouture';
 * const service = postgresqlService({ image: images.get('postgres') });
 * const values = onyxiaValues(service, { user: { idep: 'ada' }, project: { id: 'user-ada' } });
 * const objects = launch(service, { values });
 */
export function onyxiaValues(
  service: CatalogService,
  context: OnyxiaContext,
  schemas: Readonly<Record<string, unknown>> = {},
): { readonly [name: string]: JsonValue } {
  const root = { type: 'object', properties: jsonSchema(service.schema, 'en')['properties'] ?? {} };
  const defaults = defaultsOf(service.schema);
  return mapOf(evaluated(root, { context, schemas }, defaults));
}

interface Surroundings {
  readonly context: JsonValue;
  readonly schemas: Readonly<Record<string, unknown>>;
}

/** The value of a node. @param fallback what `values.yaml` has there */
function evaluated(given: JsonValue, surroundings: Surroundings, fallback: JsonValue | undefined): JsonValue {
  const node = replaced(mapOf(given), surroundings);
  if (node['const'] !== undefined) return node['const'];
  const reference = mapOf(node['x-onyxia'])['overwriteDefaultWith'];
  const known = reference === undefined ? undefined : resolved(reference, surroundings.context);
  if (known !== undefined && fits(known, node['type'])) return known;
  if (node['type'] === 'object' && node['properties'] !== undefined) {
    const inner = mapOf(fallback);
    return Object.fromEntries(
      Object.entries(mapOf(node['properties'])).map(([name, property]) => [
        name,
        evaluated(property, surroundings, inner[name]),
      ]),
    );
  }
  const { type } = node;
  return node['default'] ?? fallback ?? (typeof type === 'string' ? EMPTY[type] : undefined) ?? null;
}

const EMPTY: Readonly<Record<string, JsonValue>> = {
  string: '',
  boolean: false,
  integer: 0,
  number: 0,
  array: [],
  object: {},
};

function replaced(node: Json, { schemas }: Surroundings): Json {
  const name = mapOf(node['x-onyxia'])['overwriteSchemaWith'];
  const schema = typeof name === 'string' && Object.hasOwn(schemas, name) ? schemas[name] : undefined;
  return schema === undefined ? node : mapOf(schema as JsonValue);
}

/** What a reference stands for. In a list or a map, one thing that is not known leaves the whole unknown, and a text is no path. */
function resolved(reference: JsonValue, context: JsonValue, isItem = false): JsonValue | undefined {
  if (typeof reference === 'string') {
    if (isItem && !reference.includes('{{')) return reference;
    const whole = /^\{\{([^}]+)\}\}$/.exec(reference)?.[1] ?? (reference.includes('{{') ? undefined : reference);
    if (whole !== undefined) return lookup(context, whole);
    const values = contextPaths(reference).map((path) => lookup(context, path));
    if (values.some((value) => value === undefined)) return undefined;
    return reference.replaceAll(/\{\{([^}]+)\}\}/g, (_, path: string) => {
      const value = lookup(context, path);
      return typeof value === 'string' ? value : JSON.stringify(value);
    });
  }
  if (typeof reference !== 'object' || reference === null) return reference;
  const entries = Object.entries(reference).map(([key, item]) => [key, resolved(item, context, true)] as const);
  if (entries.some(([, value]) => value === undefined)) return undefined;
  return Array.isArray(reference)
    ? entries.map(([, value]) => value ?? null)
    : Object.fromEntries(entries.map(([key, value]) => [key, value ?? null]));
}

function lookup(context: JsonValue, path: string): JsonValue | undefined {
  let level: JsonValue | undefined = context;
  for (const step of stepsOf(path)) {
    if (typeof level !== 'object' || level === null || !Object.hasOwn(level, step)) return undefined;
    level = (level as Json)[step];
  }
  return level;
}

function fits(value: JsonValue, type: JsonValue | undefined): boolean {
  if (type === 'array') return Array.isArray(value);
  if (type === 'object') return isMap(value);
  if (type === 'integer') return Number.isInteger(value);
  return typeof value === type;
}

function mapOf(value: JsonValue | undefined): Json {
  return isMap(value) ? value : {};
}
