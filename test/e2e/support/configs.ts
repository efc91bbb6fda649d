import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { ROOT } from './commands';

/** The configuration that the package ships. */
export const SHIPPED = 'blueprints/minimal/config.yaml';

/** What stands in a configuration file. */
export type Configuration = Readonly<Record<string, unknown>>;

/**
 * Writes a configuration that differs from the shipped one, and gives its path. It keeps what is true of the cluster, such as the registry.
 *
 * @param name of the file
 * @param change gives the sections that replace those of the shipped configuration; `undefined` leaves one out
 * @param root folder of the version that ships it
 * @param of the shipped configuration
 */
export function variant(
  name: string,
  change: (shipped: Configuration) => Configuration,
  root: string = ROOT,
  of: string = SHIPPED,
): string {
  const shipped = parse(readFileSync(join(root, of), 'utf8')) as Configuration;
  const folder = join(ROOT, '.bouture/e2e/configs');
  mkdirSync(folder, { recursive: true });
  const path = join(folder, `${name}.yaml`);
  const sections = Object.entries({ ...shipped, ...change(shipped) }).filter(([, value]) => value !== undefined);
  writeFileSync(path, stringify(Object.fromEntries(sections)));
  return path;
}
