import { isSecretName, looksSecret } from '../../constructs/platform/rules';

/** What stands in place of a value that may be secret. */
const MASK = '(secret)';

/** Keys of the Kubernetes API that sound like a secret and hold a reference. */
const API_KEYS = new Set([
  'secret',
  'secrets',
  'imagePullSecrets',
  'serviceAccountToken',
  'automountServiceAccountToken',
]);

/** A value as it may be shown: what its names or its own looks call a secret is masked, however deep it stands. */
export function masked(path: readonly string[], value: unknown): unknown {
  if (Array.isArray(value)) return value.map((item: unknown) => masked(path, item));
  if (isRecord(value)) {
    if ('valueFrom' in value) return value;
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, masked([...path, key], inner)]));
  }
  if (isHidden(path) || (typeof value === 'string' && !value.includes('\n') && looksSecret(value))) return MASK;
  return typeof value === 'string' ? value.split('\n').map(maskedLine).join('\n') : value;
}

/** Whether a name on the way to a field calls it a secret; a reference to one is none. */
export function isHidden(path: readonly string[]): boolean {
  if (path.includes('valueFrom')) return false;
  return path.some((part) => {
    const name = part.replace(/^\[(.*)\]$/, '$1');
    // `count/secrets` of a quota counts them.
    return !API_KEYS.has(name) && !name.startsWith('count/') && isSecretName(name);
  });
}

/** A line of a file, with what looks like a secret taken out of it. */
export function maskedLine(line: string): string {
  const [, before = '', name = '', between = ''] = /^(\s*["']?)([\w.-]+)(["']?\s*[:=]\s*)\S/.exec(line) ?? [];
  if (isSecretName(name)) return `${before}${name}${between}${MASK}`;
  return looksSecret(line) ? MASK : line;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
