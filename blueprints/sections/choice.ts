import { z } from 'zod';
import { facets } from '../config/scalar';

type Alternatives = Readonly<Record<string, z.ZodType>>;
type Optionals<A extends Alternatives> = { [Name in keyof A]: z.ZodExactOptional<A[Name]> };

/**
 * A block that holds exactly one of several keys, and perhaps further ones. Not a union: a union could not say which of its
 * members was meant, and its problems would speak of all.
 *
 * @param alternatives of which one is given
 * @param others further keys, `{}` for none
 */
export function exactlyOne<A extends Alternatives, B extends z.core.$ZodShape>(alternatives: A, others: B) {
  return someOf(alternatives, others, false);
}

/** The same, where none is right too. What then holds is for a rule between sections to say. */
export function atMostOne<A extends Alternatives, B extends z.core.$ZodShape>(alternatives: A, others: B) {
  return someOf(alternatives, others, true);
}

function someOf<A extends Alternatives, B extends z.core.$ZodShape>(alternatives: A, others: B, orNone: boolean) {
  const names = Object.keys(alternatives);
  const optional = Object.fromEntries(
    Object.entries(alternatives).map(([name, schema]) => [name, z.exactOptional(schema)]),
  ) as Optionals<A>;
  const shape = { ...optional, ...others };
  return z
    .strictObject(shape)
    .check(({ value, issues }) => {
      if (issues.length > 0) return;
      const given = names.filter((name) => Object.hasOwn(value, name));
      if (given.length === 1 || (orNone && given.length === 0)) return;
      const message =
        given.length === 0
          ? `one of ${names.join(', ')} is needed`
          : `${given.join(' and ')} exclude each other: keep one`;
      issues.push({ code: 'custom', input: value, path: [], message });
    })
    .meta({
      oneOf: [
        ...names.map((name) => ({ required: [name] })),
        ...(orNone ? [{ not: { anyOf: names.map((name) => ({ required: [name] })) } }] : []),
      ],
    })
    .register(facets, { expected: `one of ${names.join(', ')}` });
}
