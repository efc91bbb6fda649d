/**
 * Reads a configuration:
 *
 *     loadConfig(file: string): LoadedConfig          // throws ConfigError with every problem; loads no cdk8s
 *     composeFromConfig(file: string): Platform       // loadConfig(file).compose()
 *     synthesizeConfig(file: string): Synthesis       // synthesize(composeFromConfig(file))
 *
 * A file that loadConfig accepts composes and synthesizes, as far as the program that it names lets it. loadConfig only reads files; the others
 * run that program.
 */
import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { App } from 'cdk8s';
import type { z } from 'zod';
import type { Platform } from '../constructs/platform/platform';
import type { Synthesis } from '../constructs/platform/synthesis';
import type { Blueprint, BlueprintConfig, ImageLock } from './blueprint';
import { check } from './config/check';
import { parseDocument, type SourceDocument } from './config/document';
import { readImageLock } from './config/image-lock';
import { nearest } from './config/nearest';
import { ConfigError, type Problem, sentence } from './config/problems';
import { readText } from './config/source';
import { cdk8s, officeProgram, synthesis } from './lazy';
import { packageFile } from './package-root';
import { blueprints } from './registry';

/** A configuration that has been checked, ready to be composed. */
export interface LoadedConfig {
  /** File as the caller named it. */
  readonly file: string;
  /** Name of the blueprint. */
  readonly blueprint: string;
  /** With all defaults filled in. */
  readonly config: BlueprintConfig;
  /** The images that the configuration chooses from. */
  readonly images: ImageLock;
  /** The program with what the office adds, as seen from where `file` is. @default - it adds nothing */
  readonly program?: string;
  /**
   * Builds the platform, with what the office adds.
   *
   * @param app app to build it in. @default - a new one
   * @throws ConfigError when the office's program fails
   */
  compose(app?: App): Platform;
}

/**
 * Reads and checks a configuration.
 *
 * @param file path of the configuration
 * @throws ConfigError with every problem, when there is one
 */
export function loadConfig(file: string): LoadedConfig {
  return parseConfig(file, readText(file));
}

/**
 * Checks the text of a configuration.
 *
 * @param file what the file is called in problems; a lock file that the text names is looked for beside it
 * @throws ConfigError with every problem, when there is one
 */
export function parseConfig(file: string, text: string): LoadedConfig {
  const { document, problems } = parseDocument(file, text);
  if (problems.length > 0 && document.value === undefined) throw new ConfigError(file, problems);
  return loadDocument(document, problems);
}

/** Reads a configuration and builds its platform. @throws ConfigError with every problem, when there is one */
export function composeFromConfig(file: string): Platform {
  return loadConfig(file).compose();
}

/** Reads a configuration and renders its platform. @throws ConfigError with every problem, when there is one */
export function synthesizeConfig(file: string): Synthesis {
  const loaded = loadConfig(file);
  return synthesizeLoaded(loaded, loaded.compose());
}

/**
 * Renders the platform that a configuration has composed.
 *
 * @throws ConfigError when an override of the office fits no object
 */
export function synthesizeLoaded({ program }: LoadedConfig, platform: Platform): Synthesis {
  return program === undefined ? synthesis().synthesize(platform) : officeProgram().synthesizeOffice(platform, program);
}

function loadDocument(document: SourceDocument, problems: readonly Problem[]): LoadedConfig {
  const chosen = chooseBlueprint(document);
  if (!('blueprint' in chosen)) throw new ConfigError(document.file, [...problems, ...chosen.problems]);
  return loadAs(chosen.blueprint, document, problems);
}

/** The blueprint that the file names, or the one that it nearly names: its schema then tells what is wrong with the name. */
function chooseBlueprint(document: SourceDocument): { blueprint: Blueprint } | { problems: readonly Problem[] } {
  const { file, value } = document;
  const problem = (message: string, path = '', place = document.placeOf([])) => ({
    problems: [{ file, ...place, path, message }],
  });
  if (value === null || value === undefined) return problem('the file is empty');
  if (typeof value !== 'object' || Array.isArray(value)) {
    return problem(
      `expected a block of keys, apiVersion first; this is ${Array.isArray(value) ? 'a list' : 'a single value'}`,
    );
  }
  const names = Object.keys(blueprints);
  const given = (value as { readonly blueprint?: unknown }).blueprint;
  const name = typeof given === 'string' ? nearest(given, names) : names.length === 1 ? names[0] : undefined;
  const blueprint = name === undefined ? undefined : blueprints[name];
  if (blueprint !== undefined) return { blueprint };
  const message = `${given === undefined ? 'this key is missing' : 'no such blueprint'}; expected one of ${names.join(', ')}`;
  return problem(message, 'blueprint', document.placeOf(['blueprint']));
}

/**
 * The images of the lock that the file names, or of the package's own; of the latter, too, where the former is wrong, so that
 * no rule complains of what it lacks.
 */
function imagesOf(document: SourceDocument): { images: ImageLock; problems: readonly Problem[] } {
  const { images } = document.value as { readonly images?: { readonly lock?: unknown } | null };
  const named = images?.lock;
  const { images: own = {}, problems: ownProblems } = readImageLock(packageFile('images.lock.yaml'));
  if (typeof named !== 'string' || named.trim() === '') return { images: own, problems: ownProblems };
  try {
    const { images: given, problems } = readImageLock(resolve(dirname(document.file), named));
    return { images: given ?? own, problems };
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    const place = document.placeOf(['images', 'lock']);
    const message = `the lock file cannot be used: ${error.problems.map(sentence).join('; ')}`;
    return { images: own, problems: [{ file: document.file, ...place, path: 'images.lock', message }] };
  }
}

/** Where the office's program is, as seen from where `file` is. @default - the file names none */
function programOf({ file, value }: SourceDocument): string | undefined {
  const { program } = value as { readonly program?: unknown };
  return typeof program === 'string' ? join(dirname(file), program) : undefined;
}

/** That the office's program is there: whether it runs is seen when something is built. */
function programProblems(document: SourceDocument): readonly Problem[] {
  const { file } = document;
  const { program } = document.value as { readonly program?: unknown };
  const path = programOf(document);
  if (path === undefined || existsSync(path)) return [];
  const message = `there is no such file beside this one; write it, or leave the key out`;
  return [{ file, ...document.placeOf(['program']), path: 'program', message, given: JSON.stringify(program) }];
}

function loadAs<Schema extends z.ZodType<BlueprintConfig>>(
  blueprint: Blueprint<Schema>,
  document: SourceDocument,
  earlier: readonly Problem[],
): LoadedConfig {
  const lock = imagesOf(document);
  const checked = check(document, blueprint.schema, blueprint.rules(lock.images), blueprint.renamed);
  const later = 'problems' in checked ? checked.problems : [];
  const problems = [...earlier, ...later, ...lock.problems, ...programProblems(document)];
  if (problems.length > 0 || !('config' in checked)) throw new ConfigError(document.file, problems);
  const { config } = checked;
  const { images } = lock;
  const program = programOf(document);
  return {
    file: document.file,
    blueprint: blueprint.name,
    config,
    images,
    ...(program === undefined ? {} : { program }),
    compose: (app = new (cdk8s().App)()) => {
      const compose = blueprint.load();
      if (program === undefined) return compose(app, config, images, {});
      const { loadOffice, applyOffice } = officeProgram();
      const office = loadOffice(program);
      const platform = compose(app, config, images, office);
      applyOffice(platform, office, config, program);
      return platform;
    },
  };
}
