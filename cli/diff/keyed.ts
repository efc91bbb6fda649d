/** Keys that tell the items of a Kubernetes list apart, the most telling first. */
const ITEM_KEYS = ['name', 'mountPath', 'containerPort', 'port', 'key', 'host', 'path', 'ip', 'type'];

/**
 * A copy of plain data in which the items of a list stand under names, `[server]`, where one of their keys tells them apart: a container
 * that comes first does not make all that follow look changed. Lists of plain values stay as they are.
 */
export function keyed(value: unknown): unknown {
  if (Array.isArray(value)) {
    const items: readonly unknown[] = value;
    if (!items.some(isObject)) return items;
    const names = namesOf(items) ?? items.map((_, index) => String(index));
    return Object.fromEntries(items.map((item, index) => [`[${names[index] ?? ''}]`, keyed(item)]));
  }
  if (isObject(value)) return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, keyed(inner)]));
  return value;
}

function namesOf(items: readonly unknown[]): readonly string[] | undefined {
  for (const key of ITEM_KEYS) {
    const names = items.map((item) => (isObject(item) ? item[key] : undefined));
    const plain = names.every((name) => typeof name === 'string' || typeof name === 'number');
    if (plain && new Set(names).size === names.length) return names.map(String);
  }
  return undefined;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
