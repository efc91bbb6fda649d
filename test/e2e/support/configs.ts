import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { ROOT } from './commands';
import { CONFIG } from './stack';

/** What stands in a configuration file. */
export type Configuration = Readonly<Record<string, unknown>>;

/**
 * Writes a configuration that differs from the shipped one, and gives its path. It keeps what is true of the cluster, such as the registry.
 *
 * @param name of the file
 * @param change gives the sections that replace those of the shipped configuration; `undefined` leaves one out
 */
export function variant(name: string, change: (shipped: Configuration) => Configuration): string {
  const shipped = parse(readFileSync(join(ROOT, CONFIG), 'utf8')) as Configuration;
  const folder = join(ROOT, '.bouture/e2e/configs');
  mkdirSync(folder, { recursive: true });
  const path = join(folder, `${name}.yaml`);
  const sections = Object.entries({ ...shipped, ...change(shipped) }).filter(([, value]) => value !== undefined);
  writeFileSync(path, stringify(Object.fromEntries(sections)));
  return path;
}
