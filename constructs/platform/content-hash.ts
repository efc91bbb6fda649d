import { createHash } from 'node:crypto';

/** Characters of a content hash: 40 bits tell the few versions of one object apart. */
const LENGTH = 10;

/**
 * A short hash of plain data, for the names of objects that are replaced rather than changed: a ConfigMap whose readers must
 * restart, a Job whose template the API does not let change. Equal data has an equal hash on every machine; the order of
 * keys counts.
 *
 * @param data what JSON can hold
 * @returns 10 hexadecimal digits
 */
export function contentHash(data: unknown): string {
  return createHash('sha256').update(JSON.stringify(data)).digest('hex').slice(0, LENGTH);
}
