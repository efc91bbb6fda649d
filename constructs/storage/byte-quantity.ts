/** Bytes of each suffix of a Kubernetes quantity (https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/). */
const FACTORS: Readonly<Record<string, number>> = {
  '': 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
};

/**
 * A size in bytes.
 *
 * @param what what the size is of, used in the error
 * @param quantity a Kubernetes quantity: `100Gi`, `1.5T`
 * @throws Error when it is no quantity, not more than nothing, or not a whole number of bytes
 */
export function bytesOf(what: string, quantity: string): number {
  const match = /^(?<number>\d+(?:\.\d+)?)(?<suffix>[kMGTP]|[KMGTP]i)?$/.exec(quantity)?.groups;
  const bytes = Number(match?.['number']) * (FACTORS[match?.['suffix'] ?? ''] ?? NaN);
  if (!Number.isSafeInteger(bytes) || bytes < 1) {
    throw new Error(`${what} "${quantity}" is not a size: use a Kubernetes quantity such as 100Gi or 500M`);
  }
  return bytes;
}
