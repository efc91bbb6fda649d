import type { Blueprint } from './blueprint';
import { minimal } from './minimal';
import { sspcloud } from './sspcloud';

/** Every blueprint of the library, by name. */
export const blueprints: Readonly<Record<string, Blueprint>> = { minimal, sspcloud };
