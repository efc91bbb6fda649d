import { distance } from 'fastest-levenshtein';

/**
 * The name that was probably meant: equal but for case and separators, or two of five letters away at most.
 *
 * @default - undefined when none is near
 */
export function nearest(given: string, names: readonly string[]): string | undefined {
  if (given.length > 100) return undefined;
  const plain = (name: string) => name.toLowerCase().replace(/[^a-z0-9]/g, '');
  const same = names.find((name) => plain(name) === plain(given));
  if (same !== undefined) return same;
  const scored = names.map((name) => ({ name, score: distance(plain(given), plain(name)) }));
  const [best] = scored.sort((a, b) => a.score - b.score);
  return best !== undefined && best.score <= Math.max(1, Math.floor(best.name.length * 0.4)) ? best.name : undefined;
}
