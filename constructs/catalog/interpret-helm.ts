import type { ExpressionNode } from './expression';
import { goString, OPERATIONS } from './operations';

/** An identifier that Go's templates read after a dot. */
const IDENTIFIER = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** An expression as it stands inside the braces of a Helm template. */
function helmCode(node: ExpressionNode): string {
  switch (node.op) {
    case 'literal':
      return typeof node.value === 'string' ? goString(node.value) : String(node.value);
    case 'value':
      return typed(node.kind, access('$.Values', node.path));
    case 'item':
      return typed(node.kind, node.path.length === 0 ? node.variable : access(node.variable, node.path));
    case 'chart':
      return `$.Chart.${node.field}`;
    case 'release':
      return `$.Release.${node.field}`;
    case 'call':
      return OPERATIONS[node.operation].helm(
        node.args.map((arg) => ({
          code: helmCode(arg),
          kind: arg.kind,
          ...(arg.op === 'literal' ? { literal: String(arg.value) } : {}),
        })),
      );
  }
}

/**
 * An expression as a value in YAML on one line. Texts are quoted, so that "1", "yes" and "a: b" stay texts; numbers and booleans are not.
 * Maps and lists are JSON, which is YAML.
 */
export function helmScalar(node: ExpressionNode): string {
  const code = outer(helmCode(node));
  switch (node.kind) {
    case 'string':
      return `{{ ${code} | quote }}`;
    case 'integer':
    case 'boolean':
      return `{{ ${code} }}`;
    case 'number':
      return `{{ ${code} | toJson }}`;
    case 'map':
    case 'list':
      return `{{ include "bouture.data" ${helmCode(node)} }}`;
  }
}

/** An expression in running text. */
export function helmText(node: ExpressionNode): string {
  return `{{ ${outer(helmCode(node))} }}`;
}

/** A condition, for `if`. */
export function helmCondition(node: ExpressionNode): string {
  return outer(helmCode(node));
}

/** Values come from YAML or JSON, where every number is a fraction: whole ones would be written with an exponent. */
function typed(kind: ExpressionNode['kind'], code: string): string {
  return kind === 'integer' ? `(int64 ${code})` : code;
}

function access(root: string, path: readonly string[]): string {
  if (path.every((step) => IDENTIFIER.test(step))) return [root, ...path].join('.');
  return `(index ${[root, ...path.map(goString)].join(' ')})`;
}

/** Without the brackets around the whole, if there are any. */
function outer(code: string): string {
  if (!code.startsWith('(') || !code.endsWith(')')) return code;
  let open = 0;
  let quoted = false;
  for (let index = 0; index < code.length - 1; index++) {
    const character = code[index];
    if (quoted) {
      if (character === '\\') index += 1;
      else if (character === '"') quoted = false;
    } else if (character === '"') quoted = true;
    else if (character === '(') open += 1;
    else if (character === ')') {
      open -= 1;
      if (open === 0) return code;
    }
  }
  return code.slice(1, -1);
}
