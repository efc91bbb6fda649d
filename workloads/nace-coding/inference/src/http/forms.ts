import { toUSVString } from 'node:util';
import { z } from 'zod';
import type { Form } from '../preprocess/preprocessor.js';
import { type Detail, Problem } from './problem.js';

/** The fields of a form, as every route takes them in the end. */

export const TYPES = 'ABCDEGILMNPRSXYZ';
/** What stands for a missing value in what clients send. */
const MISSING = new Set(['', 'null', 'NA', 'NAN', 'nan', 'NaN', 'None']);
/** The most problems that an answer lists. */
const MOST_DETAILS = 20;

const patterns = {
  type: { pattern: new RegExp(`^[${TYPES}]$`), expected: `one letter of ${TYPES}` },
  nature: { pattern: /^[0-9]{2}$/, expected: 'two digits' },
  surface: { pattern: /^[1-4]$/, expected: 'a class from 1 to 4' },
  event: { pattern: /^[0-9]{2}[APMF]$/, expected: 'two digits and one letter of APMF, such as 01P' },
  cj: { pattern: /^[0-9]{4}$/, expected: 'four digits' },
  permanence: { pattern: /^[PS]$/, expected: 'P or S' },
} as const;

export type FieldName = keyof typeof patterns;
const isFieldName = (name: string): name is FieldName => name in patterns;

/** A field as clients send it: a text, or nothing. */
const fieldSchema = (name: FieldName) => z.string().max(50).nullish().describe(patterns[name].expected);

export const fieldSchemas = Object.fromEntries(
  Object.keys(patterns)
    .filter(isFieldName)
    .map((name) => [name, fieldSchema(name)]),
) as Record<FieldName, ReturnType<typeof fieldSchema>>;

/** The value of a field, null when it is missing. @throws never; problems go into the list */
export function fieldOf(
  name: FieldName,
  given: string | null | undefined,
  loc: Detail['loc'],
  details: Detail[],
): string | null {
  if (given === null || given === undefined || MISSING.has(given)) return null;
  const { pattern, expected } = patterns[name];
  if (!pattern.test(given)) {
    details.push({ loc, msg: `${JSON.stringify(given)} given, ${expected} expected`, type: 'value_error' });
  }
  return given;
}

/** A description as the model gets it: text that every reader of the records understands. */
export function textOf(given: string, loc: Detail['loc'], longest: number, details: Detail[]): string {
  if (given.length > longest) {
    details.push({
      loc,
      msg: `${given.length} characters given, at most ${longest} expected`,
      type: 'string_too_long',
    });
  }
  // No half of a pair of surrogates, and no zero.
  return toUSVString(given).replaceAll('\0', '\uFFFD');
}

/** A form without further fields. */
export const NO_FIELDS: Omit<Form, 'text'> = {
  type: null,
  nature: null,
  surface: null,
  event: null,
  cj: null,
  permanence: null,
};

/** Ends the request when something in it is wrong. @throws Problem with what is wrong, the first of many */
export function refuse(status: number, details: readonly Detail[]): void {
  if (details.length === 0) return;
  if (status === 400) {
    throw new Problem(
      400,
      details
        .slice(0, MOST_DETAILS)
        .map(({ loc, msg }) => `${loc.join('.')}: ${msg}`)
        .join('; '),
    );
  }
  throw new Problem(status, details.slice(0, MOST_DETAILS));
}

/** A value that follows a schema. @throws Problem 422 */
export function parsed<T>(schema: z.ZodType<T>, value: unknown, where: 'body' | 'query'): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const details = result.error.issues.slice(0, MOST_DETAILS).map(({ path, message, code }) => ({
    loc: [where, ...path.map((part) => (typeof part === 'symbol' ? String(part) : part))],
    msg: message,
    type: code,
  }));
  throw new Problem(422, details);
}

/** Surface class of a surface in square metres. */
export function surfaceClass(squareMetres: number): string {
  if (squareMetres < 120) return '1';
  if (squareMetres < 400) return '2';
  return squareMetres < 2500 ? '3' : '4';
}
