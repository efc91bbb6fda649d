import type { LRParser } from '@lezer/lr' with { 'resolution-mode': 'import' };

/* eslint-disable-next-line @typescript-eslint/no-require-imports --
   Its types are those of its other half, which CommonJS cannot import. */
const { parser } = require('@prometheus-io/lezer-promql') as { readonly parser: LRParser };

/** What stands in a query of Prometheus, by Prometheus' own grammar. */
export interface Query {
  /** Names of metrics, sorted. */
  readonly metrics: readonly string[];
  /** Where the grammar stumbles: the text there. */
  readonly errors: readonly string[];
}

/** Reads a query. */
export function readQuery(text: string): Query {
  const metrics = new Set<string>();
  const errors: string[] = [];
  parser.parse(text).iterate({
    enter: ({ type, from, to, node }) => {
      if (type.isError) errors.push(text.slice(Math.max(0, from - 20), to + 20));
      // The name of a metric is an identifier at the head of a selector; labels and functions are other nodes.
      if (type.name === 'Identifier' && node.parent?.type.name === 'VectorSelector') metrics.add(text.slice(from, to));
    },
  });
  return { metrics: [...metrics].sort(), errors };
}
