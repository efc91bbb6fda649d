import type { ExpressionNode } from './expression';
import { type LaunchSurroundings, OPERATIONS } from './operations';

/** What an installation gives a chart. */
export interface Launch extends LaunchSurroundings {
  /** All values, the chart's defaults among them. */
  readonly values: unknown;
  readonly chart: { readonly version: string };
  readonly release: { readonly name: string; readonly namespace: string };
  /** Items of the lists that are being walked, by variable. */
  readonly items: Readonly<Record<string, unknown>>;
}

/** What an expression is at a launch: the same that Helm makes of it, which tests hold it to. */
export function evaluate(node: ExpressionNode, launch: Launch): unknown {
  switch (node.op) {
    case 'literal':
      return node.value;
    case 'value':
      return read(launch.values, node.path);
    case 'item':
      return read(launch.items[node.variable], node.path);
    case 'chart':
      return launch.chart.version;
    case 'release':
      return { Name: launch.release.name, Namespace: launch.release.namespace, Service: 'Helm' }[node.field];
    case 'call':
      return OPERATIONS[node.operation].evaluate(
        node.args.map((arg) => evaluate(arg, launch)),
        launch,
      );
  }
}

function read(root: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (level, step) =>
      typeof level === 'object' && level !== null ? (level as Readonly<Record<string, unknown>>)[step] : undefined,
    root,
  );
}
