/** One place where a live object lacks what a manifest says. */
export interface Deviation {
  /** `spec.replicas` */
  readonly field: string;
  readonly wanted: unknown;
  readonly found: unknown;
}

/**
 * Where a live object differs from the manifest that it was made from: every field of the manifest must be there with its value; what
 * the server adds by itself is no difference, and it leaves out what is empty, zero or false. Lists agree element by element. Quantities agree when they mean the same amount.
 */
export function deviations(wanted: unknown, found: unknown, path = ''): readonly Deviation[] {
  if (found === undefined && isEmpty(wanted)) return [];
  if (Array.isArray(wanted)) {
    const list: readonly unknown[] = Array.isArray(found) ? found : [];
    if (list.length !== wanted.length) return [{ field: path, wanted, found }];
    return wanted.flatMap((element, index) => deviations(element, list[index], `${path}[${index}]`));
  }
  if (typeof wanted === 'object' && wanted !== null) {
    if (typeof found !== 'object' || found === null) return [{ field: path, wanted, found }];
    return Object.entries(wanted).flatMap(([key, value]) =>
      deviations(value, Reflect.get(found, key), path === '' ? key : `${path}.${key}`),
    );
  }
  return wanted === found || sameQuantity(wanted, found) ? [] : [{ field: path, wanted, found }];
}

function isEmpty(value: unknown): boolean {
  if (typeof value === 'object' && value !== null) return Object.keys(value).length === 0;
  return value === '' || value === 0 || value === false;
}

const SUFFIX: Readonly<Record<string, number>> = {
  '': 1,
  m: 1e-3,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
};

function sameQuantity(a: unknown, b: unknown): boolean {
  const [first, second] = [amount(a), amount(b)];
  return first !== undefined && first === second;
}

function amount(value: unknown): number | undefined {
  const match = /^([0-9]+(?:\.[0-9]+)?)(m|k|M|G|T|Ki|Mi|Gi|Ti)?$/.exec(String(value));
  return match === null ? undefined : Number(match[1]) * (SUFFIX[match[2] ?? ''] ?? NaN);
}
