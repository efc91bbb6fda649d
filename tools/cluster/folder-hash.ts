import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** Every file below a folder, as sorted relative paths. */
export function filesBelow(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => statSync(join(folder, path)).isFile())
    .sort();
}

/**
 * A short fingerprint of a folder and of what else decides a build's result: equal inputs give equal keys on every machine, and any
 * other path, content, executable bit or fact gives another key.
 *
 * @param facts anything JSON can hold, such as versions and keys of inputs
 */
export function buildKey(folder: string, facts: unknown): string {
  const hash = createHash('sha256').update(JSON.stringify(facts));
  for (const path of filesBelow(folder)) {
    const file = join(folder, path);
    const executable = (statSync(file).mode & 0o100) !== 0;
    const content = createHash('sha256').update(readFileSync(file)).digest('hex');
    hash.update(`\n${path}\0${String(executable)}\0${content}`);
  }
  return hash.digest('hex').slice(0, 16);
}
