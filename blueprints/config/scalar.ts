import { z } from 'zod';

/** What a schema's author knows beyond its type: used in problems, never in the published JSON Schema. */
export interface Facets {
  /** What is right here, for people: `a quantity of memory such as 512Mi`. */
  readonly expected?: string;
  /** The value refers to a secret: whatever stands there instead may be one, and is never shown. */
  readonly secret?: boolean;
  /** Tells what is wrong with a value of the wrong type or choice. @default - the checker's own words */
  readonly explain?: (value: unknown) => Verdict | undefined;
  /** Tells what is wrong with a text, where a number or a boolean stands in its place. */
  readonly judge?: (text: string) => Verdict | undefined;
}

/** Facets by schema; a copy made by `describe` or `meta` inherits them. */
export const facets = z.registry<Facets>();

/** What is wrong with a text, and what was probably meant. */
export interface Verdict {
  readonly message: string;
  readonly suggestion?: string | undefined;
}

/** What stands in a text when a program that wrote it had nothing to write. */
const NO_VALUE = /^(?:null|undefined|NaN|none|\[object \w*\])$/i;

/**
 * A text with a rule of its own.
 *
 * @param expected what is right, for people, with an example
 * @param judge tells what is wrong, or undefined when nothing is
 * @param meta for the JSON Schema: what an editor can check by itself
 */
export function scalar(
  expected: string,
  judge: (text: string) => Verdict | undefined,
  meta: { readonly pattern?: string; readonly maxLength?: number; readonly examples?: string[] } = {},
): z.ZodString {
  const judgeAll = (text: string) =>
    NO_VALUE.test(text) ? { message: 'this is what programs write for no value' } : judge(text);
  return z
    .string()
    .check((context) => {
      const verdict = judgeAll(context.value);
      if (verdict === undefined) return;
      context.issues.push({
        code: 'custom',
        input: context.value,
        message: verdict.message,
        params: verdict.suggestion === undefined ? {} : { suggestion: verdict.suggestion },
      });
    })
    .meta(meta)
    .register(facets, { expected, judge: judgeAll });
}

/** A whole number within bounds. @param what for people: `a number of servers` */
export function wholeNumber(what: string, minimum: number, maximum: number): z.ZodInt {
  return z
    .int()
    .min(minimum)
    .max(maximum)
    .register(facets, { expected: `${what}: a whole number from ${minimum} to ${maximum}` });
}

/** A text from a short list. */
export function choice<const T extends readonly [string, ...string[]]>(
  ...values: T
): z.ZodEnum<{ [K in T[number]]: K }> {
  return z.enum(values).register(facets, { expected: values.join(' or ') });
}

/** A text that is not empty. @param expected what is right, for people */
export function words(expected: string): z.ZodString {
  return scalar(expected, (text) => (text.trim() === '' ? { message: 'the text is empty' } : undefined));
}

/** Why an exception from a rule is right. */
export function reason(): z.ZodString {
  return words('a reason, in words');
}
