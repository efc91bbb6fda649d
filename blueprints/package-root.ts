import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Path of a file that the package ships: the same from the sources and from the compiled `dist`. */
export function packageFile(...parts: string[]): string {
  let folder = __dirname;
  while (!existsSync(join(folder, 'package.json'))) {
    const parent = dirname(folder);
    if (parent === folder) throw new Error('the package of bouture lacks its package.json');
    folder = parent;
  }
  return join(folder, ...parts);
}
