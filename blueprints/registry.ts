import type { Blueprint } from './blueprint';
import { minimal } from './minimal';

/** Every blueprint of the library, by name. */
export const blueprints: Readonly<Record<string, Blueprint>> = { minimal };
