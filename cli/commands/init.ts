import { existsSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { nearest } from '../../blueprints/config/nearest';
import { parseConfig } from '../../blueprints/load';
import { blueprints } from '../../blueprints/registry';
import { renderBlueprint } from '../../blueprints/render';
import { exampleDomain, officeConfig, officeFiles, type OfficeProps } from '../init/office';
import { ask, Cancelled, type Given, problemWith } from '../init/questions';
import { BAD_INPUT } from '../problems';

/** The longest name of an installation, in characters. */
const NAME_MAX = 30;

/**
 * `bouture init DIR [--from BLUEPRINT] [--name NAME] [--domain DOMAIN] [--mirror REGISTRY] [--yes]`: an office's own folder, with one configuration
 * file, a program for what it adds, what both render to, a README and a check for CI. What no flag says is asked on a terminal; elsewhere, and with
 * `--yes`, it is what the blueprint's example says. A folder that holds anything is left alone.
 *
 * @returns 0 when done; 1 when whoever was asked went away; 2 when the folder is not empty or an answer cannot be used. Nothing is written then
 */
export async function run(args: readonly string[], options: Readonly<Record<string, unknown>>): Promise<number> {
  const [folder = '.'] = args;
  const given = givenBy(options);
  const problem = problemWithFolder(folder) ?? problemWithFlags(given);
  if (problem !== undefined) return refused(problem);
  const asks = options['yes'] !== true && process.stdin.isTTY && process.stdout.isTTY;
  const name = nameFor(folder);
  let office: OfficeProps;
  try {
    office = asks ? await ask(given, name) : { name, ...given, blueprint: given.blueprint ?? 'minimal' };
  } catch (error) {
    if (error instanceof Cancelled) return 1;
    throw error;
  }
  const wrong = problemWith(office);
  if (wrong !== undefined) return refused(wrong);
  for (const [path, text] of [...officeFiles(office), ...rendered(office)]) {
    const file = join(folder, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
    if (!path.startsWith('charts-out/')) process.stdout.write(`created  ${file}\n`);
  }
  process.stdout.write(`created  ${join(folder, 'charts-out')}\n`);
  process.stdout.write(`\nNext: cd ${folder} && npm install && npm run check; then change config.yaml\n`);
  return 0;
}

function refused(problem: string): number {
  process.stderr.write(`bouture: ${problem}\n`);
  return BAD_INPUT;
}

function givenBy(options: Readonly<Record<string, unknown>>): Given {
  const flags = {
    blueprint: options['from'],
    name: options['name'],
    domain: options['domain'],
    mirror: options['mirror'],
  };
  return Object.fromEntries(Object.entries(flags).filter(([, value]) => typeof value === 'string'));
}

/** What the configuration renders to: the program adds nothing yet, so it need not run, which it could not before `npm install`. */
function rendered(office: OfficeProps): readonly (readonly [string, string])[] {
  const { folder, files } = renderBlueprint(parseConfig('config.yaml', officeConfig(office)));
  return [...files].map(([path, text]) => [join('charts-out', folder, path), text] as const);
}

function problemWithFlags({ blueprint, domain }: Given): string | undefined {
  if (blueprint !== undefined && !(blueprint in blueprints)) {
    const names = Object.keys(blueprints);
    const meant = nearest(blueprint, names);
    const hint = meant === undefined ? `there are ${names.join(', ')}` : `did you mean ${meant}?`;
    return `there is no blueprint "${blueprint}": ${hint}`;
  }
  return domain !== undefined && blueprint !== undefined && exampleDomain(blueprint) === undefined
    ? `--domain: the blueprint ${blueprint} gives no hosts until config.yaml says how the world comes in: write its section exposure`
    : undefined;
}

function problemWithFolder(folder: string): string | undefined {
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
