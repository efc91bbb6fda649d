import { createHmac, hkdfSync } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { type GeneratedValue, generatedBehind, SignedToken, type Synthesis } from '../constructs';

/** Bytes of a seed: as strong as the hash that values are derived with. */
export const SEED_BYTES = 32;

/** How often each generated value has been rotated, by its id; what is not named has never been. */
export type Rotations = Readonly<Record<string, number>>;

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

/** The first byte that would favour the first characters of the alphabet: bytes from here on are skipped. */
const UNBIASED = 256 - (256 % ALPHABET.length);

/** HKDF gives at most 255 hashes (RFC 5869, section 2.3). */
const HKDF_MAX = 255 * 32;

/**
 * The text of a generated value: HKDF-SHA256 (RFC 5869) of the seed over the value's id and rotation, mapped to letters and digits so that each
 * is equally likely. The same seed gives the same text for ever, so nothing has to remember it.
 *
 * @param seed the stack's seed, 32 bytes in base64
 * @param rotation how often the value has been rotated, from 0
 * @throws Error when the seed is not 32 bytes; its text is not told
 */
export function generate(seed: string, value: GeneratedValue, rotation: number): string {
  const key = Buffer.from(seed, 'base64');
  if (key.length !== SEED_BYTES) {
    throw new Error(`the seed has ${key.length} bytes; it must be ${SEED_BYTES} random bytes in base64`);
  }
  const length = Math.min(2 * value.length + 64, HKDF_MAX);
  const bytes = new Uint8Array(hkdfSync('sha256', key, Buffer.alloc(0), `bouture/v1/${value.id}/${rotation}`, length));
  let text = '';
  for (const byte of bytes) {
    if (byte < UNBIASED) text += ALPHABET.charAt(byte % ALPHABET.length);
    if (text.length === value.length) return text;
  }
  // Of 2n + 64 bytes, each kept with probability 248/256, fewer than n remain about never.
  throw new Error(`generated value "${value.id}": the seed gave too few characters; take another seed`);
}

/**
 * Every generated value that a platform's Secrets ask for, by id.
 *
 * @throws Error when one id is asked for with two lengths: the two would differ where they must agree
 */
export function generatedValues(synthesis: Synthesis): ReadonlyMap<string, GeneratedValue> {
  const values = new Map<string, GeneratedValue>();
  for (const secret of synthesis.secrets) {
    for (const each of Object.values(secret.data)) {
      const value = generatedBehind(each);
      if (value === undefined) continue;
      const known = values.get(value.id);
      if (known !== undefined && known.length !== value.length) {
        throw new Error(
          `generated value "${value.id}" is asked for with ${known.length} and with ${value.length} characters (${secret.path}): pass one GeneratedValue`,
        );
      }
      values.set(value.id, value);
    }
  }
  return values;
}

/**
 * Every token that a platform's Secrets ask for, by id.
 *
 * @throws Error when one key signs two tokens of different claims: a store of secrets has one place for both
 */
export function signedTokens(synthesis: Synthesis): ReadonlyMap<string, SignedToken> {
  const tokens = new Map<string, SignedToken>();
  for (const { data, path } of synthesis.secrets) {
    for (const value of Object.values(data)) {
      if (!(value instanceof SignedToken)) continue;
      const known = tokens.get(value.id);
      if (known !== undefined && !isDeepStrictEqual(known.claims, value.claims)) {
        throw new Error(
          `"${value.key.id}" signs tokens of different claims (${path}): pass a generated value for each`,
        );
      }
      tokens.set(value.id, value);
    }
  }
  return tokens;
}

/** The text of a token. @param key text of the generated value that signs it */
export function sign({ claims }: SignedToken, key: string): string {
  const part = (content: object) => Buffer.from(JSON.stringify(content)).toString('base64url');
  const signed = `${part({ alg: 'HS512', typ: 'JWT' })}.${part(claims)}`;
  return `${signed}.${createHmac('sha512', key).update(signed).digest('base64url')}`;
}

/**
 * The text of a generated value, or of the token that one signs.
 *
 * @param seed the stack's seed, 32 bytes in base64
 * @throws Error when the seed is of another length
 */
export function textOf(value: GeneratedValue | SignedToken, seed: string, rotations: Rotations): string {
  const behind = generatedBehind(value);
  const text = generate(seed, behind, rotations[behind.id] ?? 0);
  return value instanceof SignedToken ? sign(value, text) : text;
}
