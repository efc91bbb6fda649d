import { secretShape } from '../../constructs/platform/secret-shapes';
import type { Path } from './problems';

/** Words that say that what stands under a key is secret, in lower case without separators. */
const SECRET_WORDS = [
  'password',
  'passwd',
  'passphrase',
  'secret',
  'token',
  'apikey',
  'accesskey',
  'privatekey',
  'credential',
  'pwd',
];

/** Keys of this library's own schemas that hold one of those words and a plain value that is no secret. */
const PLAIN_KEYS = new Set(['secretname', 'accesskeyidkey', 'secretaccesskeykey']);

/** Whether a key's name says that its value is secret: `password`, `S3_SECRET_ACCESS_KEY`, `dbPasswd`. */
export function isSecretKey(key: string): boolean {
  const word = key.toLowerCase().replace(/[^a-z0-9]/g, '');
  return !PLAIN_KEYS.has(word) && SECRET_WORDS.some((secret) => word.includes(secret));
}

/** Whether any key on the way to a value says that it is secret. */
export function isSecretPath(path: Path): boolean {
  return path.some((part) => typeof part === 'string' && isSecretKey(part));
}

/** A value as it may be shown to people: JSON, cut short; undefined when its path or its shape may be a secret's. */
export function showable(path: Path, value: unknown): string | undefined {
  if (value === undefined || isSecretPath(path)) return undefined;
  const text = typeof value === 'number' ? String(value) : JSON.stringify(value);
  if (secretShape(text) !== undefined || /@(?!sha\d+:)/.test(text) || holdsSecretKey(value)) return undefined;
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}

function holdsSecretKey(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return Object.entries(value).some(([key, inner]) => isSecretKey(key) || holdsSecretKey(inner));
}
