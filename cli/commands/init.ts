import { existsSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { nearest } from '../../blueprints/config/nearest';
import { blueprints } from '../../blueprints/registry';
import { officeFiles } from '../init/office';
import { BAD_INPUT } from '../problems';

/** The longest name of an installation, in characters. */
const NAME_MAX = 30;

/**
 * `bouture init DIR [--from BLUEPRINT]`: an office's own folder, with one configuration file, a Pulumi program, a README and a check for CI. A
 * folder that holds anything is left alone.
 *
 * @returns 0 when done, 2 when the folder is not empty or the blueprint is unknown; nothing is written then
 */
export function run(args: readonly string[], options: Readonly<Record<string, unknown>>): Promise<number> {
  const [folder = '.'] = args;
  const blueprint = typeof options['from'] === 'string' ? options['from'] : 'minimal';
  const problem = problemWith(folder, blueprint);
  if (problem !== undefined) {
    process.stderr.write(`bouture: ${problem}\n`);
    return Promise.resolve(BAD_INPUT);
  }
  const files = officeFiles({ name: nameFor(folder), blueprint });
  for (const [path, text] of files) {
    const file = join(folder, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
    process.stdout.write(`created  ${file}\n`);
  }
  process.stdout.write(`\nNext: cd ${folder} && npm install && npm run validate; then change config.yaml\n`);
  return Promise.resolve(0);
}

function problemWith(folder: string, blueprint: string): string | undefined {
  if (!(blueprint in blueprints)) {
    const names = Object.keys(blueprints);
    const meant = nearest(blueprint, names);
    const hint = meant === undefined ? `there are ${names.join(', ')}` : `did you mean ${meant}?`;
    return `there is no blueprint "${blueprint}": ${hint}`;
  }
  if (!existsSync(folder)) return undefined;
  if (!statSync(folder).isDirectory()) return `${folder} is a file: name a folder`;
  // A fresh clone of an empty repository is as good as an empty folder.
  const [first] = readdirSync(folder).filter((name) => name !== '.git');
  return first === undefined ? undefined : `${folder} is not empty (${first} is there): name a new folder`;
}

/** The folder's name as a name of an installation: a DNS label that begins with a letter, as short as one must be. */
function nameFor(folder: string): string {
  const label = basename(resolve(folder))
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^[^a-z]+/, '')
    .slice(0, NAME_MAX)
    .replace(/-+$/, '');
  return label === '' ? 'office' : label;
}
