import { realpathSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, relative, resolve } from 'node:path';
import { Construct } from 'constructs';
import { KeycloakRealm } from '../constructs/identity';
import { Onyxia, OnyxiaCatalog } from '../constructs/onyxia';
import type { Platform } from '../constructs/platform';
import { OverrideError } from '../constructs/platform/override';
import { type Synthesis, synthesize } from '../constructs/platform/synthesis';
import type { BlueprintConfig } from './blueprint';
import { ConfigError } from './config/problems';
import { isOffice, type Office } from './office';
import { packageFile } from './package-root';
import { loadProgram } from './program';

/**
 * Runs an office's program and takes what it exports.
 *
 * @param file path of the program
 * @throws ConfigError when it cannot be run, exports no office, or uses another copy of the library than the one that runs it
 */
export function loadOffice(file: string): Office {
  return told(file, () => {
    const path = resolve(file);
    sameLibrary(path);
    const exported = loadProgram(path);
    const office = exported['default'] ?? exported['office'] ?? exported;
    if (isOffice(office)) return office;
    throw new Error('expected `export default defineOffice({ ... })`, with defineOffice from bouture/blueprints');
  });
}

/**
 * Makes an office's own constructs and registers its overrides.
 *
 * @param file path of the program, for problems
 * @throws ConfigError when its function throws, or when the configuration has no place for its services, looks or ways to log in
 */
export function applyOffice(platform: Platform, office: Office, config: BlueprintConfig, file: string): void {
  const { extend, overrides = [], services = [], branding = {}, brokers = [], directories = [] } = office;
  const parts = platform.node.findAll();
  const needs = [
    { path: 'services', given: services.length, part: OnyxiaCatalog, lacks: NO_CATALOG },
    { path: 'branding', given: Object.keys(branding).length, part: Onyxia, lacks: NO_PAGES },
    { path: 'brokers', given: brokers.length, part: KeycloakRealm, lacks: NO_REALM },
    { path: 'directories', given: directories.length, part: KeycloakRealm, lacks: NO_REALM },
  ];
  const problems = needs
    .filter(({ given, part }) => given > 0 && !parts.some((construct) => construct instanceof part))
    .map(({ path, lacks }) => ({ file, path, message: `${config.name} ${lacks}` }));
  if (problems.length > 0) throw new ConfigError(file, problems);
  if (extend !== undefined) {
    told(file, () => {
      extend({ scope: new Construct(platform, 'office'), platform, config });
    });
  }
  platform.override(...overrides);
}

const NO_CATALOG =
  'has no catalog for them: with the blueprint sspcloud, give onyxia.catalogs an entry {id: services, name: Services, builtIn: {}}';
const NO_PAGES =
  'has no pages of Onyxia, whose looks these are: they need the section onyxia of the blueprint sspcloud';

const NO_REALM =
  'has no Keycloak of its own, at which people log in by them: they need the section identity.keycloak of the blueprint sspcloud';

/** Renders a platform; overrides that fit nothing are problems of the program. @throws ConfigError then */
export function synthesizeOffice(platform: Platform, file: string): Synthesis {
  try {
    return synthesize(platform);
  } catch (error) {
    if (!(error instanceof OverrideError)) throw error;
    throw new ConfigError(
      file,
      error.problems.map((message) => ({ file, path: 'overrides', message })),
    );
  }
}

/** Does something with an office's program; whatever it throws is a problem of that file. */
function told<T>(file: string, act: () => T): T {
  try {
    return act();
  } catch (error) {
    if (error instanceof ConfigError) throw error;
    throw new ConfigError(file, [{ file, path: '', message: explained(error), ...placeIn(file, error) }]);
  }
}

/** A message with the remedy where the cause may be an upgrade. */
function explained(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return error instanceof TypeError
    ? `${message}. If this came with an upgrade of bouture: npm run types tells what it has no longer, and its CHANGELOG.md what is there instead`
    : message;
}

/** Line and column of the first call in the office's own folder. */
function placeIn(file: string, error: unknown): { readonly line?: number; readonly column?: number } {
  const stack = error instanceof Error ? (error.stack ?? '') : '';
  const [, line, column] = new RegExp(`${escaped(resolve(file))}:(\\d+):(\\d+)`).exec(stack) ?? [];
  return line === undefined || column === undefined ? {} : { line: Number(line), column: Number(column) };
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
}

/** Two copies of the library do not know each other's classes. */
function sameLibrary(file: string): void {
  let other: string;
  try {
    other = dirname(realpathSync(createRequire(file).resolve('bouture/package.json')));
  } catch (error) {
    throw new Error(`bouture is not installed in ${dirname(file)}: run npm install there`, { cause: error });
  }
  const own = realpathSync(dirname(packageFile('package.json')));
  if (other !== own) {
    const here = relative(process.cwd(), other) || '.';
    throw new Error(
      `the program uses the library of ${here}, and this command is that of ${own}: run npx bouture in ${dirname(file)}`,
    );
  }
}
