import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join, posix } from 'node:path';
import ignore from 'ignore';

/** What a build reads whether or not it is listed. */
const ALWAYS = ['Dockerfile', '.dockerignore'];

/**
 * Tells which paths below a folder belong to it when an image is built of it: all but what its `.dockerignore` lists. As there, a pattern
 * starts at the folder; other than there, nothing below a folder that is left out can be taken in again.
 *
 * @returns given a path relative to the folder, and whether it is a folder, whether it belongs
 */
export function contextOf(folder: string): (path: string, isFolder: boolean) => boolean {
  const file = join(folder, '.dockerignore');
  if (!existsSync(file)) return () => true;
  const lines = readFileSync(file, 'utf8').split('\n');
  const rooted = lines
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => line.replace(/^(!?)\s*(?:\.?\/)?/, '$1/'));
  const rules = ignore().add(rooted);
  return (path, isFolder) => ALWAYS.includes(path) || !rules.ignores(isFolder ? `${path}/` : path);
}

/** Every file below a folder that an image built of it can have, as sorted relative paths. */
export function filesBelow(folder: string): string[] {
  if (!existsSync(folder)) return [];
  const belongs = contextOf(folder);
  const walk = (below: string): string[] =>
    readdirSync(join(folder, below), { withFileTypes: true }).flatMap((entry) => {
      const path = posix.join(below, entry.name);
      if (!belongs(path, entry.isDirectory())) return [];
      if (entry.isDirectory()) return walk(path);
      return statSync(join(folder, path)).isFile() ? [path] : [];
    });
  return walk('').sort();
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
