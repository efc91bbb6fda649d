import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { REGISTRY } from './addresses';
import { buildKey } from './folder-hash';
import { cacheRoot, packageRoot, recipe } from './paths';
import { recipeOfProgram, programRecipe } from './program-manifest';
import { programKey } from './programs';

/** Raise it when the way of building changes in a manner that the folders do not show. */
const FORMAT = 1;

const lockSchema = z.object({
  images: z.record(
    z.string(),
    z.object({
      repository: z.string(),
      tag: z.string(),
      licence: z.string(),
      source: z.string(),
      build: z.string().optional(),
    }),
  ),
});

/** An image that nobody publishes, so it is built here. */
export interface BuiltImage {
  readonly name: string;
  readonly repository: string;
  readonly tag: string;
  readonly licence: string;
  readonly source: string;
  /** Folder with its Dockerfile, which is the build's context. */
  readonly folder: string;
  /** Programs that are put into the context below `programs/`. */
  readonly programs: readonly string[];
}

function builtImages(lockFile: string): BuiltImage[] {
  const { images } = lockSchema.parse(parse(readFileSync(lockFile, 'utf8')));
  return Object.entries(images).flatMap(([name, { build, ...image }]) => {
    if (build === undefined) return [];
    const folder = join(packageRoot(), build);
    if (!existsSync(join(folder, 'Dockerfile')))
      throw new Error(`image "${name}" of ${lockFile}: no Dockerfile in ${build}`);
    return [{ name, ...image, folder, programs: programsOf(folder) }];
  });
}

/** The cluster's own images; the base of others comes first. */
export function systemImages(): BuiltImage[] {
  return builtImages(recipe('system-images.yaml'));
}

/** The images of the blueprints that are built here, from `images.lock.yaml`. */
export function platformImages(): BuiltImage[] {
  return builtImages(join(packageRoot(), 'images.lock.yaml'));
}

/** Every image that is built here; the base of others comes first. */
export function allImages(): BuiltImage[] {
  return [...systemImages(), ...platformImages()];
}

/** Names of programs from the file `programs` of an image's folder, one a line. */
function programsOf(folder: string): string[] {
  const file = join(folder, 'programs');
  return existsSync(file)
    ? readFileSync(file, 'utf8')
        .split('\n')
        .filter((line) => line.trim() !== '')
    : [];
}

/** How the node's containerd asks for it. */
export function registryReference({ repository, tag }: Pick<BuiltImage, 'repository' | 'tag'>): string {
  return `${REGISTRY}/${repository}:${tag}`;
}

/** Name under which other images' Dockerfiles take an image as their ground. */
export function localReference({ repository, tag }: Pick<BuiltImage, 'repository' | 'tag'>): string {
  return `localhost/${repository}:${tag}`;
}

/** The images whose result an image's Dockerfile starts from. */
export function groundOf(image: BuiltImage, all: readonly BuiltImage[]): BuiltImage[] {
  const text = readFileSync(join(image.folder, 'Dockerfile'), 'utf8');
  const from = [...text.matchAll(/^FROM\s+(?:--\S+\s+)*(\S+)/gim)].map(([, reference]) => reference);
  return all.filter((other) => from.includes(localReference(other)));
}

/** Key of the cache: the folder, the ground, the programs and the labels decide what an image is. */
export function imageKey(image: BuiltImage, all: readonly BuiltImage[]): string {
  const recipes = [...new Set(image.programs.map(recipeOfProgram))].sort();
  return buildKey(image.folder, {
    format: FORMAT,
    architecture: process.arch,
    labels: [image.tag, image.licence, image.source],
    ground: groundOf(image, all).map((other) => imageKey(other, all)),
    programs: recipes.map((name) => programKey(name, programRecipe(name))),
  });
}

/** The folder that holds a built image as an OCI layout. */
export function imageFolder(image: BuiltImage, all: readonly BuiltImage[]): string {
  return join(cacheRoot(), 'images', `${image.name}-${imageKey(image, all)}`);
}
