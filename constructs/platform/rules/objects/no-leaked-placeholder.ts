import type { ObjectRule } from '../rule';

/** What is left in a text when a value was missing while it was put together. */
const LEAKS: readonly RegExp[] = [
  /\[object \w+\]/,
  /\$\{Token\[[^\]]*\]\}/,
  /(^|[\s/:@=.,_"'-])(undefined|NaN)($|[\s/:@=.,_"'-])/,
];

/** A text of several lines is a file: prose and code may well say "undefined". */
const FILE_LEAKS = LEAKS.slice(0, 2);

export const noLeakedPlaceholder: ObjectRule = {
  id: 'no-leaked-placeholder',
  level: 'error',
  scope: 'object',
  why: 'A value that was missing turns into a word, and the address http://undefined:9000 is only found out at run time.',
  source: 'https://developer.mozilla.org/docs/Web/JavaScript/Reference/Template_literals',
  fix: 'find the construct that makes this object, and the value that it lacks',
  *check({ root }) {
    for (const field of root.texts()) {
      const leak = (field.text.includes('\n') ? FILE_LEAKS : LEAKS)
        .map((pattern) => pattern.exec(field.text)?.[0])
        .find(Boolean);
      if (leak !== undefined) yield { field: field.path, message: `holds "${leak.trim()}"` };
    }
  },
};
