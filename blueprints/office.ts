import type { Construct } from 'constructs';
import type { Platform } from '../constructs/platform';
import type { ObjectOverride } from '../constructs/platform/override';
import type { BlueprintConfig, OfficePages } from './blueprint';

/** What an office's own constructs are given. */
export interface OfficeScope<Config extends BlueprintConfig = BlueprintConfig> {
  /** Where they stand: ids in it never meet those of the library. */
  readonly scope: Construct;
  /** What the blueprint made. `platform.part(PostgresDatabase)` finds a part of it. */
  readonly platform: Platform;
  /** The configuration, with its defaults. */
  readonly config: Config;
}

/** What an office adds to a blueprint: data and one function, which the library's upgrades leave alone. */
export interface Office extends OfficePages {
  /** Makes constructs of the office's own, once those of the blueprint are made. @default - none */
  readonly extend?: (parts: OfficeScope) => void;
  /** Changes of rendered objects, each from `override`. @default - none */
  readonly overrides?: readonly ObjectOverride[];
}

const OFFICE = Symbol.for('bouture.Office');

/**
 * What an office adds to its blueprint. `program` in the configuration names the file that exports it; from there every command takes it, and so do
 * `pulumi up` and `cdk8s synth`.
 *
 * @example
 * import { override } from 'bouture';
 * import { defineOffice } from 'bouture/blueprints';
 * export default defineOffice({
 *   overrides: [override({ kind: 'Namespace', name: 'office-mlflow' }, { metadata: { labels: { team: 'methods' } } })],
 * });
 */
export function defineOffice(office: Office): Office {
  const unknown = Object.keys(office).filter((key) => !KEYS.includes(key));
  if (unknown.length > 0) {
    throw new Error(`defineOffice: ${unknown.join(', ')}: there is no such key; expected ${KEYS.join(', ')}`);
  }
  return Object.defineProperty({ ...office }, OFFICE, { value: true });
}

const KEYS: readonly string[] = [
  'extend',
  'overrides',
  'services',
  'branding',
  'brokers',
  'directories',
] satisfies (keyof Office)[];

/** Whether a value was made by `defineOffice`, of this copy of the library or of another. */
export function isOffice(value: unknown): value is Office {
  return typeof value === 'object' && value !== null && OFFICE in value;
}
