import type { Blueprint } from './blueprint';
import { minimal } from './minimal';
import { naceCoding } from './nace-coding';
import { sspcloud } from './sspcloud';

/** Every blueprint of the library, by name. */
export const blueprints: Readonly<Record<string, Blueprint>> = {
  minimal,
  'nace-coding': naceCoding,
  sspcloud,
};
