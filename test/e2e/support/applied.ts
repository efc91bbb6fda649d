import { createHash } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { at, listAt, type LiveObject } from './kubectl';
import { identityOf } from './snapshot';

/** The folders of layers of a rendered platform, in their order. */
export function layersIn(folder: string): readonly string[] {
  return readdirSync(folder)
    .filter((name) => /^\d\d-/.test(name))
    .sort()
    .map((name) => join(folder, name));
}

/**
 * Fingerprints of what objects are, of who wishes which of their fields, and of how often those were changed. Left out are the status and when a wish
 * was last written: the API server renews that of some kinds even where nothing has changed, such as a NetworkPolicy with an empty list.
 *
 * @param manager whoever must have applied each of them
 */
export function wishesOf(
  objects: readonly LiveObject[],
  manager: string = 'bouture',
): Readonly<Record<string, string>> {
  return Object.fromEntries(
    objects
      .map((object): [string, string] => {
        const { managedFields, ...metadata } = object.metadata;
        const wishes = listAt(managedFields)
          .filter((entry) => at(entry, 'manager') === manager)
          .map((entry) => at(entry, 'fieldsV1'));
        if (wishes.length === 0) throw new Error(`${identityOf(object)} was not applied by ${manager}`);
        const text = JSON.stringify([
          { ...object, metadata: { ...metadata, resourceVersion: '' }, status: undefined },
          wishes,
        ]);
        return [identityOf(object), createHash('sha256').update(text).digest('hex').slice(0, 16)];
      })
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );
}
