import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { run } from '../cluster/commands';
import { buildImages } from '../cluster/images';
import { ensurePackages } from '../cluster/packages';
import { packageRoot } from '../cluster/paths';
import type { Progress } from '../cluster/progress';
import { releaseImages } from '../images/release';
import { scanImages } from '../images/scan';
import { tryImages } from '../images/try';
import { lintFiles } from '../lint-pipelines/lint';
import { testWorkload } from '../workloads/run';
import { ALL_IMAGES, type Target } from './targets';

/** What the steps need beside the target. */
export interface PipelineOptions {
  /** Folder for the list of parts, the report about flaws and the setting that a promotion changes. */
  readonly out: string;
  /** Host of the registry, with an optional path. Needed by `push`. */
  readonly registry?: string;
  /** What follows the version in the tag: the commit. Needed by `push`. */
  readonly suffix?: string;
  /** Whether the registry must prove who it is. @default true */
  readonly verifyTls?: boolean;
  /** Clone of the repository of configurations, with `promote.sh`. Needed by `promote`. */
  readonly configuration?: string;
}

type Step = (target: Target, options: PipelineOptions, progress: Progress) => Promise<void>;

/** The way of a program to where it runs, in this order. */
export const STEPS = {
  /** Its tests, with exactly the packages that it pins. */
  test: async ({ workload }, _, progress) => {
    await progress.step(`test ${workload.name}`, async () => {
      const { code, output } = await testWorkload(workload);
      if (code !== 0) throw new Error(`the tests of ${workload.name} ended with ${code}:\n${output.trimEnd()}`);
    });
  },
  /** Its Dockerfile, by hadolint. */
  lint: async ({ image }, _, progress) => {
    const file = join(relative(packageRoot(), image.folder), 'Dockerfile');
    const { said } = await lintFiles([file], progress);
    if (said !== '') throw new Error(said);
  },
  /** Its image, by buildah. */
  build: async ({ image }, _, progress) => {
    await ensurePackages(progress);
    await buildImages([image], ALL_IMAGES, progress);
  },
  /** Its program, started once in the image. */
  try: ({ image }, _, progress) => tryImages([image], ALL_IMAGES, progress),
  /** The parts of its image, and their known flaws. */
  scan: ({ image }, { out }, progress) => scanImages([image], ALL_IMAGES, out, progress),
  /**
   * Its image to the registry; the digest that the registry has goes to a file, as the setting of a configuration. The setting names no
   * registry, for that is `images.mirror` of the configuration: what images are pushed to and what a platform pulls from may differ.
   */
  push: async ({ image }, { out, registry, suffix, verifyTls = true }, progress) => {
    const release = { registry: needed(registry, '--registry'), suffix: needed(suffix, '--suffix'), verifyTls };
    const [released] = await releaseImages([image], ALL_IMAGES, release, progress);
    if (released === undefined) throw new Error(`${image.name} was not pushed`);
    mkdirSync(out, { recursive: true });
    const reference = `${image.repository}:${released.tag}@${released.digest}`;
    writeFileSync(settingFile(out, image.name), `images.overrides.${image.name}=${reference}\n`);
    progress.say(`${release.registry}/${reference}`);
  },
  /** The commit that makes a platform run it, on a branch of the repository of configurations. */
  promote: async ({ image }, { out, configuration, suffix }, progress) => {
    const folder = needed(configuration, '--configuration');
    const branch = `promote-${image.name}-${needed(suffix, '--suffix')}`;
    const setting = readFileSync(settingFile(out, image.name), 'utf8').trim();
    await progress.step(`promote ${setting}`, async () => {
      await run('bash', ['promote.sh', setting], { cwd: folder, env: { BRANCH: branch } });
      await run('git', ['push', '--quiet', 'origin', branch], { cwd: folder });
    });
  },
} satisfies Readonly<Record<string, Step>>;

/** Name of a step. */
export type StepName = keyof typeof STEPS;

/**
 * Carries out steps one after the other; the first that fails ends it.
 *
 * @throws Error with what the step said
 */
export async function carryOut(
  steps: readonly StepName[],
  target: Target,
  options: PipelineOptions,
  progress: Progress,
): Promise<void> {
  for (const step of steps) {
    const work: Step = STEPS[step];
    await work(target, options, progress);
  }
}

function settingFile(out: string, name: string): string {
  return join(out, `${name}.setting`);
}

function needed(value: string | undefined, option: string): string {
  if (value === undefined || value === '') throw new Error(`${option} is needed`);
  return value;
}
