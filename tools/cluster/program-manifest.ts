import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { z } from 'zod';
import { recipe } from './paths';

const programSchema = z.strictObject({
  /** Go module that the version belongs to. @default - the recipe folder holds the source */
  module: z.string().optional(),
  version: z.string(),
  /** Linker flags beside `-s -w`. */
  ldflags: z.array(z.string()).default([]),
  /** Build tags. */
  tags: z.array(z.string()).optional(),
  /** Package to build for each program; `.` is the recipe folder's own. */
  packages: z.record(z.string(), z.string()),
  /** Files that the published module lacks, with their content. */
  add: z.record(z.string(), z.string()).default({}),
  /** Text that files of pinned modules must lose before the packages work, by module and file: it must stand there once. */
  without: z.record(z.string(), z.record(z.string(), z.string())).optional(),
  /** Folders of pinned modules that are installed beside the programs, by the name they get. */
  copy: z.record(z.string(), z.strictObject({ module: z.string(), path: z.string() })).default({}),
  /** Scripts of the recipe folder that are installed beside the programs. */
  scripts: z.array(z.string()).default([]),
});

const manifestSchema = z.strictObject({ programs: z.record(z.string(), programSchema) });

/** What is built from one recipe folder: `kubernetes` gives six programs, most give one. */
export type ProgramRecipe = z.infer<typeof programSchema>;

/** The recipes of `programs.yaml`, by name. */
export function programRecipes(file: string = recipe('programs.yaml')): Readonly<Record<string, ProgramRecipe>> {
  return manifestSchema.parse(parse(readFileSync(file, 'utf8'))).programs;
}

/**
 * One recipe.
 *
 * @throws Error naming the known ones, when there is none of that name
 */
export function programRecipe(name: string): ProgramRecipe {
  const recipes = programRecipes();
  const found = recipes[name];
  if (found === undefined) {
    throw new Error(`no program recipe "${name}": programs.yaml has ${Object.keys(recipes).join(', ')}`);
  }
  return found;
}

/**
 * The recipe that makes a program: `kubelet` comes from `kubernetes`.
 *
 * @throws Error when none does
 */
export function recipeOfProgram(program: string): string {
  for (const [name, { packages, scripts }] of Object.entries(programRecipes())) {
    if (program in packages || scripts.includes(program)) return name;
  }
  throw new Error(`no recipe of programs.yaml makes the program "${program}"`);
}
