import { resolve } from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import { attempt, run } from '../cluster/commands';
import { packageRoot } from '../cluster/paths';
import { plainProgress } from '../cluster/progress';
import { carryOut, type PipelineOptions, type StepName, STEPS } from './steps';
import { findTargets, type Target, targetsTouchedBy } from './targets';

/**
 * `npm run pipeline`: the way of a program of `workloads/` from its tests to a promotion. `.github/workflows/workload-image.yaml` goes it
 * in the same steps.
 *
 *     npm run pipeline -- list --since origin/main
 *     npm run pipeline -- run nace-annotation test lint build try scan
 *     npm run pipeline -- run nace-annotation push --registry registry.example.org/office --suffix 0123abc
 *     npm run pipeline -- run nace-annotation promote --configuration ../configuration --suffix 0123abc
 */
const program = new Command('pipeline').description(
  'tests, builds, scans, pushes and promotes the images of workloads/',
);

program
  .command('list [image...]')
  .description('writes the names of the images, as a JSON list; without names all')
  .option('--since <commit>', 'only those that what came after a commit concerns')
  .action(async (names: string[], { since }: { since?: string }) => {
    const all = findTargets();
    const named = names.length === 0 ? all : names.map((name) => targetOf(name, all));
    const changed = since === undefined ? undefined : await changedSince(since);
    const chosen = changed === undefined ? named : targetsTouchedBy(changed, named);
    process.stdout.write(`${JSON.stringify(chosen.map(({ image }) => image.name))}\n`);
  });

program
  .command('run <image> <step...>')
  .description(`carries out steps: ${Object.keys(STEPS).join(', ')}`)
  .option('--out <folder>', 'where lists, reports and the setting to promote go', '.bouture/pipeline')
  .option('--registry <registry>', 'host of the registry, with an optional path')
  .option('--suffix <text>', 'what follows the version in the tag', suffix)
  .option('--no-tls-verify', 'for a registry without TLS, on this machine')
  .option('--configuration <folder>', 'clone of the repository of configurations')
  .action(async (name: string, steps: string[], { tlsVerify, out, ...options }: Options) => {
    const target = targetOf(name, findTargets());
    const unknown = steps.filter((step) => !isStep(step));
    if (unknown.length > 0) {
      throw new Error(`no step ${unknown.join(', ')}: there are ${Object.keys(STEPS).join(', ')}`);
    }
    const places = { ...options, out: resolve(out), verifyTls: tlsVerify };
    await carryOut(steps.filter(isStep), target, places, plainProgress());
  });

interface Options extends Omit<PipelineOptions, 'verifyTls'> {
  readonly tlsVerify: boolean;
}

function isStep(name: string): name is StepName {
  return Object.hasOwn(STEPS, name);
}

/** A suffix that a tag and a branch can have. */
function suffix(text: string): string {
  if (!/^[A-Za-z0-9][A-Za-z0-9.-]{0,63}$/.test(text))
    throw new InvalidArgumentError('expected letters, digits, . and -');
  return text;
}

/** The target with an image. @throws Error naming those that there are */
function targetOf(name: string, all: readonly Target[]): Target {
  const found = all.find(({ image }) => image.name === name);
  if (found !== undefined) return found;
  throw new Error(`no image "${name}": there are ${all.map(({ image }) => image.name).join(', ')}`);
}

/** Paths that are not as they were at a commit. @returns undefined where the commit is not there, as after a forced push */
async function changedSince(commit: string): Promise<readonly string[] | undefined> {
  const git = { cwd: packageRoot() };
  const { code, stdout } = await attempt(
    'git',
    ['rev-parse', '--verify', '--quiet', '--end-of-options', `${commit}^{commit}`],
    git,
  );
  if (code !== 0) {
    process.stderr.write(`there is no commit ${commit}: everything counts as changed\n`);
    return undefined;
  }
  const names = await run('git', ['diff', '--name-only', '--no-renames', '-z', stdout.trim(), 'HEAD', '--'], git);
  return names.split('\0').filter((name) => name !== '');
}

program.parseAsync().catch((error: unknown) => {
  process.stderr.write(`pipeline: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
