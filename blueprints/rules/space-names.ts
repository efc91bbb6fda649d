import { SpaceNames } from '../../constructs/platform/spaces';
import type { Conflict } from '../config/check';
import { refusal } from '../config/names';
import type { Sections } from '../sections/platform';

/** Spaces of people are told from the platform's own namespaces, which all begin with its name. */
export function* spacesAreNoneOfThePlatform({ name, people }: Sections): Iterable<Conflict> {
  if (name === undefined || people === undefined) return;
  const { userPrefix = 'user-', projectPrefix = 'projet-' } = people;
  const reserved = [`${name}-`];
  const user = refusal(() => new SpaceNames({ userPrefix, projectPrefix: 'zz-', reserved }));
  const project = refusal(() => new SpaceNames({ userPrefix: 'zz-', projectPrefix, reserved }));
  if (user !== undefined) yield { path: ['people', 'userPrefix'], reads: [['name']], message: user };
  if (project !== undefined) yield { path: ['people', 'projectPrefix'], reads: [['name']], message: project };
}
