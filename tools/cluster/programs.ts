import { cpSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { attempt, run } from './commands';
import { buildKey } from './folder-hash';
import { goProblemOf } from './go-toolchain';
import { exclusively } from './lock';
import { cacheRoot, recipe } from './paths';
import { type ProgramRecipe, programRecipe, recipeOfProgram } from './program-manifest';
import type { Progress } from './progress';

/** Raise it when the way of building changes in a manner that the recipes do not show. */
const FORMAT = 1;

/** The key under which a recipe's programs are cached: version, recipe, pinned hashes and architecture decide it. */
export function programKey(name: string, made: ProgramRecipe = programRecipe(name)): string {
  return buildKey(recipe('programs', name), { format: FORMAT, architecture: process.arch, made });
}

/** The folder that holds a recipe's programs once they are built. */
export function programFolder(name: string): string {
  const made = programRecipe(name);
  return join(cacheRoot(), 'programs', `${name}-${made.version}-${programKey(name, made)}`);
}

/** Path of a program, such as `kubelet`; whether it is built yet or not. */
export function programPath(program: string): string {
  return join(programFolder(recipeOfProgram(program)), program);
}

/** What a user of the cluster has on the PATH. */
const TOOLS = ['kubernetes', 'pulumi', 'pulumi-kubernetes', 'pulumi-language-nodejs'] as const;

/** Recipes behind {@link toolPath}. */
export const TOOL_RECIPES: readonly string[] = TOOLS;

/** Entries for PATH, joined: kubectl, pulumi and pulumi's plugins. */
export function toolPath(): string {
  return TOOLS.map((name) => programFolder(name)).join(delimiter);
}

/** Recipes among these that are not built yet. */
export function missingPrograms(names: readonly string[]): string[] {
  return names.filter((name) => !existsSync(programFolder(name)));
}

/**
 * Builds what the cache lacks, from the pinned modules. A folder in the cache is always whole: it is built beside its place and renamed
 * when all is well, so an interrupted build is simply begun again.
 *
 * @param names recipes of `programs.yaml`
 * @throws Error when Go is missing or too old, or when a build fails
 */
export async function ensurePrograms(names: readonly string[], progress: Progress): Promise<void> {
  if (missingPrograms(names).length === 0) return;
  await exclusively(
    join(cacheRoot(), 'programs'),
    () => buildMissing(missingPrograms(names), progress),
    (holder) => {
      progress.say(`waiting for process ${holder}, which builds programs`);
    },
  );
}

async function buildMissing(missing: readonly string[], progress: Progress): Promise<void> {
  if (missing.length === 0) return;
  const problem = await goProblemOf(missing);
  if (problem !== undefined) throw new Error(problem);
  progress.say(`building ${missing.join(', ')} from source; once built, they are kept in ${cacheRoot()}`);
  const go = join(cacheRoot(), 'go');
  // Of what goes wrong there, the builds themselves tell.
  const ahead = fetchAhead(missing.slice(1), go).catch(() => undefined);
  for (const name of missing) {
    await progress.step(`build ${name} ${programRecipe(name).version}`, () => build(name, go));
  }
  await ahead;
  // Go's caches grow to tens of gigabytes; the programs are all that is needed from now on.
  await progress.step('remove the build caches', () => {
    rmSync(go, { recursive: true, force: true });
    return Promise.resolve();
  });
}

/** Go's own settings, apart from those of whoever calls. */
function environmentOf(go: string, work: string): Readonly<Record<string, string>> {
  return {
    CGO_ENABLED: '0',
    GOFLAGS: '-mod=readonly -buildvcs=false -trimpath -modcacherw',
    GOWORK: 'off',
    GOPATH: join(go, 'path'),
    GOCACHE: join(go, 'build'),
    GOMODCACHE: join(go, 'modules'),
    GOTMPDIR: work,
  };
}

/**
 * Downloads modules of the programs that come later while the first ones are compiled. What it cannot fetch, the build itself fetches or
 * complains about.
 */
async function fetchAhead(names: readonly string[], go: string): Promise<void> {
  const work = join(cacheRoot(), 'programs', '.fetching');
  try {
    for (const name of names) {
      rmSync(work, { recursive: true, force: true });
      cpSync(recipe('programs', name), work, { recursive: true });
      const packages = Object.values(programRecipe(name).packages);
      await attempt('nice', ['go', 'list', '-deps', ...packages], { cwd: work, env: environmentOf(go, work) });
    }
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

async function build(name: string, go: string): Promise<void> {
  const made = programRecipe(name);
  const target = programFolder(name);
  const work = join(cacheRoot(), 'programs', '.building');
  rmSync(work, { recursive: true, force: true });
  const source = join(work, 'source');
  const result = join(work, 'result');
  mkdirSync(result, { recursive: true });
  try {
    cpSync(recipe('programs', name), source, { recursive: true });
    const env = environmentOf(go, work);
    // Before a module is replaced by a copy of it, of which Go tells no folder.
    for (const [folder, { module, path }] of Object.entries(made.copy)) {
      cpSync(join(await moduleFolder(module, source, env), path), join(result, folder), { recursive: true });
    }
    if (made.module !== undefined && Object.keys(made.add).length > 0) {
      await completeModule(made.module, made.add, source, env);
    }
    for (const [module, cuts] of Object.entries(made.without ?? {})) await cutModule(module, cuts, source, env);
    const tags = made.tags === undefined ? [] : ['-tags', made.tags.join(',')];
    await fetchModules([...tags, ...Object.values(made.packages)], source, env);
    for (const [program, target] of Object.entries(made.packages)) {
      const ldflags = ['-s', '-w', ...made.ldflags].join(' ');
      const output = join(result, program);
      // Programs are stripped, so compiling for a debugger would be a tenth of the time for nothing.
      await run('go', ['build', ...tags, '-gcflags=all=-dwarf=false', '-ldflags', ldflags, '-o', output, target], {
        cwd: source,
        env,
      });
    }
    for (const script of made.scripts) cpSync(join(source, script), join(result, script));
    rmSync(target, { recursive: true, force: true });
    renameSync(result, target);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** Downloads what the packages need, all of it checked against go.sum. A registry that stumbles is asked again. */
async function fetchModules(
  packages: readonly string[],
  source: string,
  env: Readonly<Record<string, string>>,
): Promise<void> {
  for (let tries = 1; ; tries++) {
    const { code, stderr } = await attempt('go', ['list', '-deps', ...packages], { cwd: source, env });
    if (code === 0) return;
    const said = stderr.split('\n').filter((line) => line !== '' && !line.startsWith('go: downloading '));
    if (tries === 3)
      throw new Error(`cannot fetch the modules of ${packages.join(', ')}:\n${said.slice(-15).join('\n')}`);
    await sleep(5000);
  }
}

/** Where Go keeps a module of the version and hash that the recipe pins. */
async function moduleFolder(module: string, source: string, env: Readonly<Record<string, string>>): Promise<string> {
  const listed: unknown = JSON.parse(await run('go', ['mod', 'download', '-json', module], { cwd: source, env }));
  const folder = listed instanceof Object && 'Dir' in listed ? listed.Dir : undefined;
  if (typeof folder !== 'string') throw new Error(`go mod download does not say where ${module} is`);
  return folder;
}

/** Builds from a copy of the module, with the files that its publication left out; go.sum has vouched for the original. */
async function completeModule(
  module: string,
  files: Readonly<Record<string, string>>,
  source: string,
  env: Readonly<Record<string, string>>,
): Promise<void> {
  cpSync(await moduleFolder(module, source, env), join(source, 'module'), { recursive: true });
  for (const [path, content] of Object.entries(files)) {
    const file = join(source, 'module', path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content);
  }
  await run('go', ['mod', 'edit', `-replace=${module}=./module`], { cwd: source, env });
}

/** Builds from a copy of a module that lacks some text; go.sum has vouched for the original. */
async function cutModule(
  module: string,
  cuts: Readonly<Record<string, string>>,
  source: string,
  env: Readonly<Record<string, string>>,
): Promise<void> {
  const folder = join('cut', module);
  cpSync(await moduleFolder(module, source, env), join(source, folder), { recursive: true });
  for (const [path, text] of Object.entries(cuts)) {
    const file = join(source, folder, path);
    writeFileSync(file, cut(readFileSync(file, 'utf8'), text, `${module}/${path}`));
  }
  await run('go', ['mod', 'edit', `-replace=${module}=./${folder}`], { cwd: source, env });
}

/**
 * A text without one part of it.
 *
 * @param where what the text is, for the error
 * @throws Error when the part does not stand in it exactly once
 */
export function cut(text: string, part: string, where: string): string {
  const [before = '', after, ...more] = text.split(part);
  if (after === undefined || more.length > 0) {
    throw new Error(`${where}: expected once, found ${after === undefined ? 'never' : 'more often'}: ${part}`);
  }
  return before + after;
}
