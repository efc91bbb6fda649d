import {
  type Expression,
  expression,
  type ExpressionNode,
  type Input,
  isExpression,
  nodeOfInput,
  type Operation,
  type ValueKind,
} from './expression';

function call<T>(operation: Operation, kind: ValueKind, ...inputs: readonly Input<unknown>[]): Expression<T> {
  return expression<T>({ op: 'call', kind, operation, args: inputs.map(nodeOfInput) });
}

/**
 * A text with values in it, known at launch.
 *
 * @throws Error when a part is a map, a list or a fraction: those have no single form as text
 *
 * @example
 * import { release, text } from 'bouture';
 * const address = text`https://${release.name}.${release.namespace}.svc:8888`;
 */
export function text(
  pieces: TemplateStringsArray,
  ...inputs: readonly Input<string | number | boolean>[]
): Expression<string> {
  const args: ExpressionNode[] = [];
  pieces.forEach((piece, index) => {
    if (piece !== '') args.push({ op: 'literal', kind: 'string', value: piece });
    const input = inputs[index];
    if (input === undefined) return;
    const node = nodeOfInput(input);
    if (node.kind === 'map' || node.kind === 'list' || node.kind === 'number') {
      throw new Error(
        `a ${node.kind} has no single form as text: use a text, a whole number or a boolean in text\`...\``,
      );
    }
    if (node.op === 'call' && node.operation === 'text') args.push(...node.args);
    else args.push(node);
  });
  return expression({ op: 'call', kind: 'string', operation: 'text', args });
}

/** A text cut to a length, without a dash at its end. @param length bytes at most */
export function fitted(input: Input<string>, length: number): Expression<string> {
  return call('fitted', 'string', input, length);
}

/** A text without its capitals. */
export function lowerCase(input: Input<string>): Expression<string> {
  return call('lowerCase', 'string', input);
}

/** A text without a certain end, if it has it. */
export function withoutEnd(input: Input<string>, end: string): Expression<string> {
  return call('trimmed', 'string', input, end);
}

/** A text as the value of a label may be. */
export function labelText(input: Input<string>): Expression<string> {
  return call('label', 'string', input);
}

/** A text in base64. */
export function base64(input: Input<string>): Expression<string> {
  return call('base64', 'string', input);
}

/** The SHA-256 of a text, in hexadecimal digits: in an annotation of a Pod it restarts the Pod when the text changes. */
export function sha256(input: Input<string>): Expression<string> {
  return call('sha256', 'string', input);
}

/** A value of any shape as JSON, keys in order. */
export function json(input: Expression<unknown>): Expression<string> {
  return call('json', 'string', input);
}

/** The texts of a list, with a separator between them. */
export function joined(list: Expression<readonly string[]>, separator: string): Expression<string> {
  return call('joined', 'string', list, separator);
}

/** True when both are the same. */
export function equals<T extends string | number | boolean>(a: Expression<T>, b: Input<T>): Expression<boolean> {
  return call('equals', 'boolean', a, b);
}

/** True when a text begins so. */
export function startsWith(input: Expression<string>, start: string): Expression<boolean> {
  return call('startsWith', 'boolean', input, start);
}

/** True when the other is not. */
export function not(condition: Expression<boolean>): Expression<boolean> {
  return call('not', 'boolean', condition);
}

/** True when all are. */
export function allOf(
  ...conditions: readonly [Expression<boolean>, ...(readonly Expression<boolean>[])]
): Expression<boolean> {
  return conditions.length === 1 ? conditions[0] : call('all', 'boolean', ...conditions);
}

/** True when one is, or more. */
export function anyOf(
  ...conditions: readonly [Expression<boolean>, ...(readonly Expression<boolean>[])]
): Expression<boolean> {
  return conditions.length === 1 ? conditions[0] : call('any', 'boolean', ...conditions);
}

/** True for a text, a list or a map that is not empty, and for a number that is not zero. */
export function isSet(input: Expression<unknown>): Expression<boolean> {
  return call('isSet', 'boolean', input);
}

/** One of two values, by a condition. For whole objects, fields and items of lists there is `when`. */
export function choose<T extends string | number | boolean>(
  condition: Expression<boolean>,
  yes: Input<T>,
  no: Input<T>,
): Expression<T> {
  const { kind } = nodeOfInput(yes);
  const other = nodeOfInput(no).kind;
  if (kind !== other) throw new TypeError(`choose() takes two of a kind, given a ${kind} and a ${other}`);
  return call('choose', kind, condition, yes, no);
}

/** A text, or another where it is empty. */
export function fallback(input: Expression<string>, otherwise: Input<string>): Expression<string> {
  return call('fallback', 'string', input, otherwise);
}

/**
 * Name of the first Secret in the namespace, in alphabetical order, that offers this kind of service to others (annotation
 * `onyxia/discovery`); empty when there is none. Only a cluster knows: `helm template` finds none.
 *
 * @param kind as charts agree on it: `postgres`, `mlflow`, `mongodb`, `trino`
 */
export function discovered(kind: string): Expression<string> {
  return call('discovered', 'string', kind);
}

/**
 * The value that a Secret of the release has under a key already, or a new random one of letters and digits: an upgrade changes no
 * password. Without a cluster, as in `helm template`, it is new each time.
 *
 * @param length characters, at least 16
 */
export function kept(secret: Input<string>, key: string, length = 32): Expression<string> {
  if (!Number.isInteger(length) || length < 16) {
    throw new RangeError(`a generated value has at least 16 characters, given ${length}`);
  }
  return call('kept', 'string', secret, key, length);
}

/** Version of the chart that is installed. */
export const chartVersion = expression<string>({ op: 'chart', kind: 'string', field: 'Version' });

/** What every template knows of the installation. */
export const release = {
  /** Name of the installation, at most 53 characters. */
  name: expression<string>({ op: 'release', kind: 'string', field: 'Name' }),
  /** Namespace that it stands in. */
  namespace: expression<string>({ op: 'release', kind: 'string', field: 'Namespace' }),
  /** The program that installed it: `Helm`. */
  service: expression<string>({ op: 'release', kind: 'string', field: 'Service' }),
} as const;

/** The type of {@link release}. */
export type Release = typeof release;

/** A condition that is known at launch, or now. */
export type Condition = Input<boolean>;

const CONDITIONAL = Symbol.for('bouture.catalog.conditional');
const REPEATED = Symbol.for('bouture.catalog.repeated');

/** A part of an object that is there under a condition. */
export class Conditional<T> {
  /** True for instances of this class, also across copies of the library. */
  static isConditional(x: unknown): x is Conditional<unknown> {
    return typeof x === 'object' && x !== null && CONDITIONAL in x;
  }

  readonly [CONDITIONAL] = true;

  constructor(
    readonly condition: Condition,
    readonly then: T,
    readonly otherwise: T | undefined,
  ) {
    if (typeof condition !== 'boolean' && nodeOfInput(condition).kind !== 'boolean') {
      throw new TypeError('a condition is a boolean: use isSet(), equals() or a value that is one');
    }
  }
}

/**
 * A part of an object (a field, an item of a list, several items, a whole object) that is there when a condition holds.
 *
 * @param otherwise what is there when it does not. @default - nothing
 *
 * @example
 * import { value, valuesOf, when } from 'bouture';
 * const values = valuesOf({ persistence: value.group({}, { enabled: value.flag({ default: true }) }) });
 * const env = [when(values.persistence.enabled, { name: 'HOME_IS_KEPT', value: 'true' })];
 */
export function when<T>(condition: Condition, then: T, otherwise?: T): Conditional<T> {
  return new Conditional(condition, then, otherwise);
}

/** A part that is there when a condition does not hold. */
export function unless<T>(condition: Condition, then: T): Conditional<T> {
  return new Conditional(isExpression(condition) ? not(condition) : !condition, then, undefined);
}

/** Items made from a list of values. */
export class Repeated<T> {
  /** True for instances of this class, also across copies of the library. */
  static isRepeated(x: unknown): x is Repeated<unknown> {
    return typeof x === 'object' && x !== null && REPEATED in x;
  }

  readonly [REPEATED] = true;

  constructor(
    readonly list: ExpressionNode,
    readonly variable: string,
    readonly item: T,
  ) {}
}
