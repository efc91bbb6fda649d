import type { k8s } from '../platform';
import type { Expression, ExpressionNode, Input } from './expression';
import { isExpression, nodeOf, nodeOfInput } from './expression';
import { Conditional, Repeated } from './functions';

/** Numbers or texts with a class of their own in the types of the Kubernetes API: amounts, ports by number or name. */
type Wrapped = k8s.Quantity | k8s.IntOrString;

/**
 * A type of the Kubernetes API in which values known at launch stand anywhere: in place of a text, a number, a map or a list, and parts that
 * are there under a condition or once for each item of a list.
 */
export type Template<T> = unknown extends T
  ? unknown
  : T extends Wrapped
    ? keyof T extends 'value'
      ? T | Part<string | number>
      : TemplateMap<T> | Expression<Plain<T>> | Conditional<TemplateMap<T> | Expression<Plain<T>>>
    : T extends readonly (infer Item)[]
      ? TemplateList<Item> | Expression<Plain<T>> | Conditional<TemplateList<Item> | Expression<Plain<T>>>
      : T extends Date
        ? Part<string>
        : T extends object
          ? TemplateMap<T> | Expression<Plain<T>> | Conditional<TemplateMap<T> | Expression<Plain<T>>>
          : T extends boolean
            ? Part<boolean>
            : Part<T>;

/** What a value of a type looks like in YAML: amounts and ports are texts or numbers there. */
type Plain<T> = T extends Wrapped
  ? keyof T extends 'value'
    ? string | number
    : { readonly [K in keyof T]: Plain<T[K]> }
  : T extends readonly (infer Item)[]
    ? readonly Plain<Item>[]
    : T extends object
      ? { readonly [K in keyof T]: Plain<T[K]> }
      : T;

/** A text, a number or a boolean that is known now, at launch, or there under a condition. */
export type Part<T> = Input<T> | Conditional<Input<T>>;

/** Fields, each of which may be a template. */
export type TemplateMap<T> = { readonly [K in keyof T]: Template<Exclude<T[K], undefined>> };

/** Items, with some there under a condition, and some made from lists of values. */
export type TemplateList<Item> = readonly TemplateItem<Item>[];

/** One item of a list, or several that share a condition. */
export type TemplateItem<Item> =
  Template<Item> | Conditional<TemplateItem<Item> | readonly TemplateItem<Item>[]> | Repeated<TemplateItem<Item>>;

/** How a template is called in messages. */
function kindName(template: unknown): string {
  return template === null ? 'null' : typeof template;
}

/** What the interpreters tell apart. */
export type TemplateShape =
  | { readonly shape: 'scalar'; readonly value: string | number | boolean }
  | { readonly shape: 'expression'; readonly node: ExpressionNode }
  | {
      readonly shape: 'conditional';
      readonly condition: ExpressionNode;
      readonly then: unknown;
      readonly otherwise: unknown;
    }
  | { readonly shape: 'repeated'; readonly list: ExpressionNode; readonly variable: string; readonly item: unknown }
  | { readonly shape: 'list'; readonly items: readonly unknown[] }
  | { readonly shape: 'map'; readonly entries: readonly (readonly [string, unknown])[] };

/**
 * What a part of a template is.
 *
 * @param where path of the part, for the message
 * @throws TypeError when it is nothing that a manifest can hold
 */
export function shapeOf(template: unknown, where: string): TemplateShape {
  if (isExpression(template)) return { shape: 'expression', node: nodeOf(template) };
  if (Conditional.isConditional(template)) {
    const { condition, then, otherwise } = template;
    return { shape: 'conditional', condition: nodeOfInput(condition), then, otherwise };
  }
  if (Repeated.isRepeated(template)) {
    const { list, variable, item } = template;
    return { shape: 'repeated', list, variable, item };
  }
  if (Array.isArray(template)) return { shape: 'list', items: template };
  if (typeof template === 'object' && template !== null) {
    const prototype: unknown = Object.getPrototypeOf(template);
    if (prototype === Object.prototype || prototype === null) {
      return { shape: 'map', entries: Object.entries(template).filter(([, part]) => part !== undefined) };
    }
    // Amounts and ports of the typed API.
    if ('value' in template && Object.keys(template).join() === 'value') return shapeOf(template.value, where);
  }
  if (typeof template === 'string' || typeof template === 'boolean') return { shape: 'scalar', value: template };
  if (typeof template === 'number' && Number.isFinite(template)) return { shape: 'scalar', value: template };
  throw new TypeError(
    `${where}: a manifest holds texts, numbers, booleans, lists, maps and references to values, given ${kindName(template)}`,
  );
}

const literal = (value: boolean): ExpressionNode => ({ op: 'literal', kind: 'boolean', value });
const operation = (name: 'all' | 'any' | 'not' | 'isSet', args: readonly ExpressionNode[]): ExpressionNode => ({
  op: 'call',
  kind: 'boolean',
  operation: name,
  args,
});

/** Both conditions, in their shortest form. */
function both(a: ExpressionNode, b: ExpressionNode): ExpressionNode {
  if (a.op === 'literal') return a.value === true ? b : a;
  if (b.op === 'literal') return b.value === true ? a : b;
  return operation('all', [a, b]);
}

/** One of several conditions, in their shortest form. */
function oneOf(conditions: readonly ExpressionNode[]): ExpressionNode {
  if (conditions.some((condition) => condition.op === 'literal' && condition.value === true)) return literal(true);
  const open = conditions.filter(({ op }) => op !== 'literal');
  const apart = open.filter(
    (condition, index) => open.findIndex((other) => JSON.stringify(other) === JSON.stringify(condition)) === index,
  );
  const [first] = apart;
  if (first === undefined) return literal(false);
  return apart.length === 1 ? first : operation('any', apart);
}

/**
 * When a part is there at all. A map or a list that holds only parts under conditions is there when one of them is; one that is written
 * empty stays.
 *
 * @throws Error when the item of `each` may be absent: whether the list is then empty, only a loop could tell
 */
export function presence(template: unknown, where: string): ExpressionNode {
  const shape = shapeOf(template, where);
  switch (shape.shape) {
    case 'scalar':
    case 'expression':
      return literal(true);
    case 'conditional': {
      const { condition, then, otherwise } = shape;
      return oneOf([
        both(condition, presence(then, where)),
        ...(otherwise === undefined ? [] : [both(inverted(condition), presence(otherwise, where))]),
      ]);
    }
    case 'repeated': {
      const item = presence(shape.item, where);
      if (item.op !== 'literal' || item.value !== true) {
        throw new Error(`${where}: an item of each() that may be absent: put the condition inside of the item`);
      }
      return operation('isSet', [shape.list]);
    }
    case 'list':
      if (shape.items.length === 0) return literal(true);
      return oneOf(shape.items.map((item, index) => itemPresence(item, `${where}[${index}]`)));
    case 'map':
      if (shape.entries.length === 0) return literal(true);
      return oneOf(shape.entries.map(([key, part]) => presence(part, `${where}.${key}`)));
  }
}

/** When an entry of a list gives an item at all: several that share a condition may be none. */
function itemPresence(item: unknown, where: string): ExpressionNode {
  const shape = shapeOf(item, where);
  if (shape.shape !== 'conditional') return presence(item, where);
  const { condition, then, otherwise } = shape;
  const of = (branch: unknown): ExpressionNode =>
    Array.isArray(branch)
      ? oneOf(branch.map((each, index) => itemPresence(each, `${where}[${index}]`)))
      : itemPresence(branch, where);
  return oneOf([
    both(condition, of(then)),
    ...(otherwise === undefined ? [] : [both(inverted(condition), of(otherwise))]),
  ]);
}

function inverted(condition: ExpressionNode): ExpressionNode {
  return condition.op === 'literal' ? literal(condition.value !== true) : operation('not', [condition]);
}
