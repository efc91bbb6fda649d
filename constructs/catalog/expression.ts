/** What a value is, as far as templates need to know: it decides how a template writes it. */
export type ValueKind = 'string' | 'integer' | 'number' | 'boolean' | 'map' | 'list';

/** Operations on values. Each has its two faces, a Helm expression and a function of TypeScript, side by side in `operations.ts`. */
export type Operation =
  | 'text'
  | 'fitted'
  | 'lowerCase'
  | 'trimmed'
  | 'label'
  | 'base64'
  | 'sha256'
  | 'json'
  | 'joined'
  | 'equals'
  | 'startsWith'
  | 'not'
  | 'all'
  | 'any'
  | 'isSet'
  | 'choose'
  | 'fallback'
  | 'discovered'
  | 'kept';

/** An expression as data. It is built by the functions of this folder and read by the two interpreters: Helm's and TypeScript's. */
export type ExpressionNode =
  | { readonly op: 'literal'; readonly kind: ValueKind; readonly value: string | number | boolean }
  | { readonly op: 'value'; readonly kind: ValueKind; readonly path: readonly string[] }
  | { readonly op: 'item'; readonly kind: ValueKind; readonly variable: string; readonly path: readonly string[] }
  | { readonly op: 'chart'; readonly kind: 'string'; readonly field: 'Version' }
  | { readonly op: 'release'; readonly kind: 'string'; readonly field: 'Name' | 'Namespace' | 'Service' }
  | {
      readonly op: 'call';
      readonly kind: ValueKind;
      readonly operation: Operation;
      readonly args: readonly ExpressionNode[];
    };

const NODE = Symbol.for('bouture.catalog.expression');
declare const TYPE: unique symbol;

/**
 * A value that is known only when somebody launches the service. It stands in typed Kubernetes objects wherever a value may stand, and
 * becomes a Helm expression. It is an object of its own type, not a text that looks like one: what TypeScript would do with a text at
 * build time (compare, cut, concatenate) does not compile, and by JavaScript is refused with the function that does it at launch.
 */
export interface Expression<T> {
  readonly [NODE]: ExpressionNode;
  /** Exists for the compiler only. @default - never there */
  readonly [TYPE]?: T;
}

/** A value that is known now, or at launch. */
export type Input<T> = T | Expression<T>;

/** True for what stands for a value known at launch. */
export function isExpression(x: unknown): x is Expression<unknown> {
  return typeof x === 'object' && x !== null && NODE in x;
}

/** The expression as data. */
export function nodeOf(expression: Expression<unknown>): ExpressionNode {
  return expression[NODE];
}

/** The data of a value that is known now or at launch. @throws Error when it is neither a text, a finite number nor a boolean */
export function nodeOfInput(input: Input<unknown>): ExpressionNode {
  if (isExpression(input)) return nodeOf(input);
  switch (typeof input) {
    case 'string':
      return { op: 'literal', kind: 'string', value: input };
    case 'boolean':
      return { op: 'literal', kind: 'boolean', value: input };
    case 'number':
      if (!Number.isFinite(input)) throw new RangeError(`expected a finite number, given ${input}`);
      return { op: 'literal', kind: Number.isInteger(input) ? 'integer' : 'number', value: input };
    default:
      throw new TypeError(`expected a text, a number, a boolean or a reference to a value, given ${typeof input}`);
  }
}

/** How an expression is called in messages: `values.resources.limits.cpu`. */
export function describe(node: ExpressionNode): string {
  switch (node.op) {
    case 'literal':
      return JSON.stringify(node.value);
    case 'value':
      return ['values', ...node.path].join('.');
    case 'item':
      return [node.variable, ...node.path].join('.');
    case 'chart':
    case 'release':
      return `${node.op}.${node.field.toLowerCase()}`;
    case 'call':
      return `${node.operation}(${node.args.map(describe).join(', ')})`;
  }
}

/** Wraps data as an expression. */
export function expression<T>(node: ExpressionNode): Expression<T> {
  return new Reference(node);
}

/** Refuses what would turn an expression into a text at build time. */
export class Reference {
  readonly [NODE]: ExpressionNode;

  constructor(node: ExpressionNode) {
    this[NODE] = node;
  }

  /** @throws Error always: the value is known at launch only */
  toString(): string {
    throw new Error(misuse(this[NODE]));
  }

  /** @throws Error always: the value is known at launch only */
  toJSON(): string {
    throw new Error(misuse(this[NODE]));
  }

  /** @throws Error always: the value is known at launch only */
  [Symbol.toPrimitive](): string {
    throw new Error(misuse(this[NODE]));
  }
}

function misuse(node: ExpressionNode): string {
  return `${describe(node)} is known at launch only and is no text now: write text\`...\` for texts, equals() to compare, choose() or when() to decide`;
}
