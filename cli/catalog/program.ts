import { existsSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { CatalogLanguage, CatalogService } from '../../constructs';
import { compileTypeScript } from '../../blueprints/program';
import { CatalogInputError } from './folder';

/** An office's catalog, as its program exports it. */
export interface CatalogProgram {
  readonly services: readonly CatalogService[];
  readonly language: CatalogLanguage;
}

const NAMES = ['catalog.ts', 'catalog.mts', 'catalog.js', 'catalog.mjs', 'catalog.cjs'];
const LANGUAGES: readonly CatalogLanguage[] = ['en', 'fr', 'de', 'es', 'it', 'nl', 'no', 'fi', 'zh-CN'];

/**
 * Runs the program of a catalog and takes what it exports: `services`, and `language` if it is not English.
 *
 * @param path the program, or a folder with `catalog.ts` in it
 * @throws CatalogInputError when there is none, when it fails, or when it exports no services
 */
export async function loadProgram(path: string): Promise<CatalogProgram> {
  const file = programFile(path);
  const exported = await run(file);
  const { services, language = 'en' } = exported;
  if (!Array.isArray(services) || services.length === 0 || !services.every(isService)) {
    throw new CatalogInputError(
      `${file}: services: expected a list of services, each from defineService(); given ${describe(services)}`,
    );
  }
  if (!LANGUAGES.some((known) => known === language)) {
    throw new CatalogInputError(
      `${file}: language: expected one of ${LANGUAGES.join(', ')}, given ${describe(language)}`,
    );
  }
  return { services, language: language as CatalogLanguage };
}

function programFile(path: string): string {
  if (!existsSync(path)) throw new CatalogInputError(`${path}: there is no such file or folder`);
  if (!statSync(path).isDirectory()) return resolve(path);
  const name = NAMES.find((each) => existsSync(join(path, each)));
  if (name === undefined) throw new CatalogInputError(`${path}: no catalog in it: expected ${NAMES.join(', ')}`);
  return resolve(path, name);
}

async function run(file: string): Promise<Readonly<Record<string, unknown>>> {
  const load = createRequire(file);
  try {
    if (/\.m?ts$/.test(file)) compileTypeScript(load);
    return flat(await loaded(load, file));
  } catch (error) {
    if (error instanceof CatalogInputError) throw error;
    throw new CatalogInputError(`${file}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
}

/** What a module exports, of either kind. */
async function loaded(load: NodeJS.Require, file: string): Promise<Record<string, unknown>> {
  try {
    return load(file) as Record<string, unknown>;
  } catch (error) {
    const isEsModule = error instanceof Error && 'code' in error && error.code === 'ERR_REQUIRE_ESM';
    if (!isEsModule) throw error;
    return (await import(pathToFileURL(file).href)) as Record<string, unknown>;
  }
}

/** What a module exports, whether it does so by name or as a whole. */
function flat(module: Record<string, unknown>): Readonly<Record<string, unknown>> {
  const { default: whole } = module;
  return typeof whole === 'object' && whole !== null && !('services' in module) ? { ...whole } : module;
}

function isService(x: unknown): x is CatalogService {
  return typeof x === 'object' && x !== null && 'templates' in x && typeof x.templates === 'function' && 'schema' in x;
}

function describe(x: unknown): string {
  return x === undefined ? 'nothing' : Array.isArray(x) ? `a list of ${x.length}` : typeof x;
}
