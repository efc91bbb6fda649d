import type { ImageLock } from '../blueprint';
import type { Conflict } from '../config/check';
import type { Sections } from '../sections/platform';

/** The rules of blueprints that have people. */
export function peopleRules(_images: ImageLock): readonly ((config: Sections) => Iterable<Conflict>)[] {
  return [];
}
