import { load } from 'js-yaml';

/** What is wrong with a chart, whoever made it. */
export interface LintFinding {
  /** `error`: it does not do what its author meant, or cannot be installed. `warning`: it will not for ever. */
  readonly level: 'error' | 'warning';
  /** Name of the rule. */
  readonly rule: string;
  /** File of the chart. */
  readonly file: string;
  /** Path in the file. */
  readonly path: string;
  /** What was given, and what was expected. */
  readonly message: string;
  readonly remedy: string;
}

/** What YAML holds, or nothing when it is none. */
export function parsed(text: string): unknown {
  try {
    return load(text);
  } catch {
    return undefined;
  }
}

/** A map, or an empty one. */
export function mapOf(data: unknown): Readonly<Record<string, unknown>> {
  return typeof data === 'object' && data !== null && !Array.isArray(data)
    ? (data as Readonly<Record<string, unknown>>)
    : {};
}
