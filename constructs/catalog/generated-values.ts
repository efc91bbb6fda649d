import { describe, type ExpressionNode, nodeOf } from './expression';
import type { ObjectTemplate } from './object';
import { shapeOf } from './template';

/**
 * Checks that each generated value stands once, in the Secret and under the key that it is kept by. Elsewhere it would be another random
 * value on the first installation, and the same on the next: the worst kind of disagreement.
 *
 * @throws Error that names the object and the remedy
 */
export function checkGenerated(chart: string, objects: readonly ObjectTemplate[]): void {
  const seen = new Set<string>();
  for (const { kind, id, name, fields } of objects) {
    for (const { path, node } of generated(fields, '')) {
      const [secret, key] = node.args;
      const what = `${describe(node)} of chart "${chart}"`;
      const isAtHome =
        kind === 'Secret' &&
        secret !== undefined &&
        describe(secret) === describe(nodeOf(name)) &&
        key?.op === 'literal' &&
        path === `.stringData.${String(key.value)}`;
      if (!isAtHome) {
        throw new Error(
          `${what} stands in ${kind} "${id}"${path}, where it would be another value than in its Secret: refer to the key of the Secret`,
        );
      }
      if (seen.has(what)) throw new Error(`${what} is made twice: keep it in one Secret`);
      seen.add(what);
    }
  }
}

type Call = Extract<ExpressionNode, { op: 'call' }>;

function generated(template: unknown, path: string): readonly { readonly path: string; readonly node: Call }[] {
  const shape = shapeOf(template, path);
  switch (shape.shape) {
    case 'scalar':
      return [];
    case 'expression':
      return calls(shape.node).map((node) => ({ path, node }));
    case 'conditional':
      return [
        ...calls(shape.condition).map((node) => ({ path: `${path} (a condition)`, node })),
        ...generated(shape.then, path),
        ...(shape.otherwise === undefined ? [] : generated(shape.otherwise, path)),
      ];
    case 'repeated':
      return generated(shape.item, `${path}[each]`);
    case 'list':
      return shape.items.flatMap((item, index) => generated(item, `${path}[${index}]`));
    case 'map':
      return shape.entries.flatMap(([key, part]) => generated(part, `${path}.${key}`));
  }
}

function calls(node: ExpressionNode): readonly Call[] {
  if (node.op !== 'call') return [];
  return node.operation === 'kept' ? [node] : node.args.flatMap(calls);
}
