import { type Expression, type ExpressionNode, nodeOf, Reference, type ValueKind } from './expression';
import { Repeated } from './functions';
import type { Properties, ValueSchema, ValuesOf } from './schema';
import type { SchemaDefinition } from './schema-definition';

/**
 * Reference to a value of a type: to a group, with its values below it; to anything else, as a whole. A name that the schema lacks does not
 * compile.
 */
export type ValueReference<T> = [T] extends [string | number | boolean | readonly unknown[]]
  ? Expression<T>
  : string extends keyof T
    ? Expression<T>
    : Expression<T> & { readonly [K in keyof T]: ValueReference<T[K]> };

/** Where a reference begins: at the values, or at an item of a list. */
type Root = (kind: ValueKind, path: readonly string[]) => ExpressionNode;

/**
 * References to the values of schemas by name.
 *
 * @throws Error from a reference that is read under a name that its schema lacks, for programs without types
 *
 * @example
 * import { value, valuesOf } from 'bouture';
 * const values = valuesOf({ size: value.amount({ default: '10Gi', unit: 'Gi', min: 1, max: 100 }) });
 * const requests = { storage: values.size };
 */
export function valuesOf<P extends Properties>(properties: P): ValueReference<ValuesOf<P>> {
  const definitions = Object.fromEntries(
    Object.entries(properties).map(([name, { definition }]) => [name, definition]),
  );
  const root: Root = (kind, path) => ({ op: 'value', kind, path });
  return reference({ type: 'object', properties: definitions }, root, []) as ValueReference<ValuesOf<P>>;
}

let depth = 0;

/**
 * Items of a list, one for each item of a list of values.
 *
 * @param item makes what one item becomes, from a reference to it
 * @throws TypeError when what is given is no list of the values
 *
 * @example
 * import { each, text, value, valuesOf } from 'bouture';
 * const names = value.list(value.text({ default: '' }), { default: ['a'] });
 * const values = valuesOf({ names });
 * const env = [each(values.names, names, (name) => ({ name: text`FLAG_${name}`, value: 'true' }))];
 */
export function each<T, R>(
  list: Expression<readonly T[]>,
  schema: ValueSchema<readonly T[]>,
  item: (reference: ValueReference<T>) => R,
): Repeated<R> {
  const node = nodeOf(list);
  if (node.kind !== 'list') throw new TypeError(`each() takes a list, given a ${node.kind}`);
  const { items } = schema.definition;
  if (items === undefined) throw new TypeError('each() takes a list whose items have a schema: value.list()');
  depth += 1;
  try {
    const variable = `$item${depth === 1 ? '' : depth}`;
    const root: Root = (kind, path) => ({ op: 'item', kind, variable, path });
    return new Repeated(node, variable, item(reference(items, root, []) as ValueReference<T>));
  } finally {
    depth -= 1;
  }
}

/** What a template takes a value of this schema for. */
function kindOf({ type }: SchemaDefinition): ValueKind {
  switch (type) {
    case 'object':
      return 'map';
    case 'array':
      return 'list';
    default:
      return type;
  }
}

function reference(schema: SchemaDefinition, root: Root, path: readonly string[]): Expression<unknown> {
  const whole = new Reference(root(kindOf(schema), path));
  const { properties } = schema;
  if (properties === undefined) return whole;
  return new Proxy(whole, {
    get(target, name, receiver): unknown {
      if (typeof name === 'symbol') return Reflect.get(target, name, receiver);
      const property = Object.hasOwn(properties, name) ? properties[name] : undefined;
      if (property !== undefined) return reference(property, root, [...path, name]);
      const here = ['values', ...path].join('.');
      throw new Error(`${here}.${name} is not in the schema: ${here} has ${Object.keys(properties).sort().join(', ')}`);
    },
  });
}
