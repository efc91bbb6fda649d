import { type JsonObject, list, object } from './json';

const KEPT = [
  '$ref', 'type', 'format', 'enum', 'required', 'pattern', 'minimum', 'maximum', 'minLength', 'maxLength', 'minItems', 'maxItems', 'minProperties', 'maxProperties',
]; // prettier-ignore

/**
 * A Kubernetes schema as a strict JSON Schema: no description, and no property beyond those it names, unless it says that it keeps
 * unknown ones.
 */
export function closed(schema: JsonObject): JsonObject {
  if (schema['x-kubernetes-int-or-string'] === true) return { type: ['integer', 'string'] };
  const strict: Record<string, unknown> = {};
  for (const key of KEPT) if (key in schema) strict[key] = schema[key];
  if ('$ref' in strict) return { $ref: strict['$ref'] };
  if ('items' in schema) strict['items'] = closed(object(schema['items']));
  for (const key of ['allOf', 'anyOf', 'oneOf']) {
    // These narrow values that the schema around them has closed already.
    if (key in schema) strict[key] = list(schema[key]).map((inner) => narrowing(object(inner)));
  }
  if ('not' in schema) strict['not'] = narrowing(object(schema['not']));
  if ('properties' in schema) {
    strict['properties'] = Object.fromEntries(Object.entries(object(schema['properties'])).map(([key, inner]) => [key, closed(object(inner))]));
    strict['additionalProperties'] = schema['x-kubernetes-preserve-unknown-fields'] === true;
  } else if ('additionalProperties' in schema) {
    const values = schema['additionalProperties'];
    strict['additionalProperties'] = typeof values === 'boolean' ? values : closed(object(values));
  }
  if (schema['nullable'] === true && typeof strict['type'] === 'string') strict['type'] = [strict['type'], 'null'];
  return strict;
}

function narrowing(schema: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(schema).filter(([key]) => !key.startsWith('x-') && key !== 'description'));
}
