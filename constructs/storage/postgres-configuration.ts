import { inspect } from 'node:util';
import { closest } from 'fastest-levenshtein';
import { compare } from '../platform/names';
import { POSTGRES_PARAMETERS, type ParameterUnit, type PostgresParameter, reservedReason } from './postgres-parameters';

type Parameters = typeof POSTGRES_PARAMETERS;

/** How a quantity of a unit may be written beside a plain number: `64MB`, `30s`. */
type Measure<U> = U extends 'B' | 'kB' | '8kB' | 'MB'
  ? `${number}${'B' | 'kB' | 'MB' | 'GB' | 'TB'}`
  : U extends 'ms' | 's' | 'min'
    ? `${number}${'us' | 'ms' | 's' | 'min' | 'h' | 'd'}`
    : never;

type ValueOf<P> = P extends { type: 'boolean' }
  ? boolean
  : P extends { type: 'choice'; values: readonly (infer V)[] }
    ? V
    : P extends { type: 'integer' | 'real'; unit: infer U }
      ? number | Measure<U>
      : string;

/**
 * Server parameters by name, each with the values that PostgreSQL 15 takes for it. A plain number counts in the parameter's own
 * unit, as in PostgreSQL itself. A name with a dot belongs to an extension and takes any plain value.
 */
export type PostgresConfiguration = { readonly [N in keyof Parameters]?: ValueOf<Parameters[N]> } & {
  readonly [extension: `${string}.${string}`]: string | number | boolean;
};

/** Size of each memory unit in bytes, and of each time unit in microseconds. PostgreSQL's kB is 1024 bytes. */
const MEMORY: Readonly<Record<string, number>> = {
  B: 1,
  kB: 1024,
  '8kB': 8192,
  MB: 1024 ** 2,
  GB: 1024 ** 3,
  TB: 1024 ** 4,
};
const TIME: Readonly<Record<string, number>> = {
  us: 1,
  ms: 1e3,
  s: 1e6,
  min: 6e7,
  h: 3.6e9,
  d: 8.64e10,
};

const EXTENSION_PARAMETER = /^[a-z_][a-z0-9_]*\.[a-z_][a-z0-9_.]*$/i;

/**
 * Checks server parameters that come from outside, such as a configuration file.
 *
 * @returns the same values, typed
 * @throws Error that lists every problem: unknown names with the nearest known one, reserved names with the reason, wrong values
 */
export function postgresConfiguration(values: Readonly<Record<string, unknown>>): PostgresConfiguration {
  const problems = postgresConfigurationProblems(values);
  if (problems.size > 0) {
    throw new Error(`configuration: ${[...problems].map(([name, problem]) => `${name}: ${problem}`).join('; ')}`);
  }
  return values as PostgresConfiguration;
}

/** What is wrong with server parameters, by parameter; empty when nothing is. */
export function postgresConfigurationProblems(values: Readonly<Record<string, unknown>>): ReadonlyMap<string, string> {
  const problems = new Map<string, string>();
  for (const name of Object.keys(values).sort(compare)) {
    const problem = problemOf(name, values[name]);
    if (problem !== undefined) problems.set(name, problem);
  }
  return problems;
}

function problemOf(name: string, value: unknown): string | undefined {
  const reserved = reservedReason(name);
  if (reserved !== undefined) return `cannot be set here: ${reserved}`;
  if (name.includes('.')) {
    if (!EXTENSION_PARAMETER.test(name)) return 'is not the name of a parameter of an extension';
    return isPlain(value) ? undefined : `${show(value)} is not a number, a boolean or one line of text`;
  }
  const parameter = known(name);
  if (parameter === undefined) {
    return `is not a parameter of PostgreSQL 15; the nearest is ${closest(name, Object.keys(POSTGRES_PARAMETERS))}`;
  }
  switch (parameter.type) {
    case 'boolean':
      return typeof value === 'boolean' ? undefined : `${show(value)} is not true or false`;
    case 'text':
      return typeof value === 'string' && isPlain(value) ? undefined : `${show(value)} is not one line of text`;
    case 'choice':
      return typeof value === 'string' && parameter.values.includes(value)
        ? undefined
        : `${show(value)} is none of ${parameter.values.join(', ')}`;
    case 'integer':
    case 'real':
      return numberProblem(parameter, value);
  }
}

function known(name: string): PostgresParameter | undefined {
  return Object.hasOwn(POSTGRES_PARAMETERS, name) ? POSTGRES_PARAMETERS[name as keyof Parameters] : undefined;
}

function numberProblem(
  parameter: Extract<PostgresParameter, { type: 'integer' | 'real' }>,
  value: unknown,
): string | undefined {
  const { type, min, max, unit } = parameter;
  const number = typeof value === 'string' ? measured(value, unit) : value;
  if (typeof number !== 'number' || !Number.isFinite(number)) {
    return `${show(value)} is not a number${unit === undefined ? '' : ` or a quantity such as ${example(unit)}`}`;
  }
  if (type === 'integer' && typeof value === 'number' && !Number.isInteger(value)) {
    return `${show(value)} is not a whole number`;
  }
  const inUnit = unit === undefined ? '' : ` (counted in ${unit})`;
  return number < min || number > max ? `${show(value)} is not from ${min} to ${max}${inUnit}` : undefined;
}

/** A quantity such as `64MB` in a parameter's own unit. */
function measured(value: string, unit: ParameterUnit | undefined): number | undefined {
  const match = /^(?<number>\d+(?:\.\d+)?)(?<unit>B|kB|MB|GB|TB|us|ms|s|min|h|d)$/.exec(value)?.groups;
  if (match === undefined || unit === undefined) return undefined;
  const scale = unit in MEMORY ? MEMORY : TIME;
  const factor = scale[match['unit'] ?? ''];
  const base = scale[unit];
  return factor === undefined || base === undefined ? undefined : (Number(match['number']) * factor) / base;
}

function example(unit: ParameterUnit): string {
  return unit in MEMORY ? '64MB' : '30s';
}

/** A value that fits on one line of `postgresql.conf`. */
function isPlain(value: unknown): value is string | number | boolean {
  if (typeof value === 'string') return !/\p{Cc}/u.test(value);
  return typeof value === 'boolean' || (typeof value === 'number' && Number.isFinite(value));
}

function show(value: unknown): string {
  return inspect(value, { breakLength: Infinity });
}

/**
 * Lines of `postgresql.conf`, one a parameter, sorted by name.
 *
 * @see https://www.postgresql.org/docs/15/config-setting.html for the quoting
 */
export function renderPostgresConfiguration(values: Readonly<Record<string, string | number | boolean>>): string {
  return Object.entries(values)
    .sort(([a], [b]) => compare(a, b))
    .map(([name, value]) => `${name} = ${quote(value)}\n`)
    .join('');
}

function quote(value: string | number | boolean): string {
  if (typeof value === 'boolean') return value ? 'on' : 'off';
  return typeof value === 'number' ? String(value) : `'${value.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`;
}
