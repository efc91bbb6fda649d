/** Flags at the beginning of an expression, which Java reads there and JavaScript does not: `(?i)`. */
const FLAGS = /^\(\?(?<flags>[ims]+)\)/;

/** A regular expression for any of these names, as a restriction of a catalog has it: for the whole value. */
export function anyNameOf(names: readonly string[]): string {
  return names.map((name) => name.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')).join('|');
}

/**
 * Whether a value fits the regular expression of a restriction as a whole. The API reads it with Java; what JavaScript reads too means the
 * same there.
 *
 * @returns undefined where it is no expression that both read, or where the API would replace a part of it by one of its settings
 */
export function claimMatcher(pattern: string): ((value: string) => boolean) | undefined {
  if (pattern === '' || pattern.includes('${')) return undefined;
  try {
    const expression = new RegExp(`^(?:${pattern.replace(FLAGS, '')})$`, FLAGS.exec(pattern)?.groups?.['flags'] ?? '');
    return (value) => expression.test(value);
  } catch {
    return undefined;
  }
}
