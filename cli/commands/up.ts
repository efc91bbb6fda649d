import { relative } from 'node:path';
import { ConfigError, synthesizeConfig } from '../../blueprints';
import type { Synthesis } from '../../constructs';
import { deployedManifests, secretManifest } from '../../stacks/bridge';
import { defaultConfig } from '../../stacks/default-config';
import { generatedValues, type Rotations } from '../../stacks/generated-values';
import { KubectlError } from '../../stacks/kubectl';
import { platformProgram } from '../../stacks/program';
import { Redaction } from '../../stacks/redaction';
import { stackSettings } from '../../stacks/settings';
import { Changes, describeChange } from '../deployment/changes';
import { EngineError, runEngine } from '../deployment/engine';
import { BusyError, exclusively } from '../deployment/exclusive';
import { describeFailure, Failures } from '../deployment/failures';
import { describeHandEdit, findHandEdits, undoHandEdits } from '../deployment/hand-edits';
import { type LiveObject, liveObjects, nameOf } from '../deployment/live-objects';
import { deleteObjects, findOrphans } from '../deployment/orphans';
import { Progress, standardOutput } from '../deployment/progress';
import { describeObject, keyOf, objectName, partsOf } from '../deployment/resources';
import { describeAccesses } from '../deployment/summary';
import {
  ensureSeed,
  lockFile,
  openStack,
  prepareEnvironment,
  remember,
  rememberedConfig,
  UsageError,
} from '../deployment/workspace';

/** What the command line says. */
interface UpOptions {
  readonly stack: string;
  /** Show what would change, change nothing. */
  readonly preview: boolean;
  /** As preview, and fail when something would change. */
  readonly expectNoChanges: boolean;
  /** Ids of generated values to make anew. */
  readonly rotate: readonly string[];
}

/**
 * `bouture up [CONFIG]`: brings the cluster to what the configuration says, and waits until everything is ready.
 *
 * @returns 0 done, 1 failed or (with `--expect-no-changes`) something would change, 2 bad input
 */
export async function run(args: readonly string[], given: Readonly<Record<string, unknown>>): Promise<number> {
  const options: UpOptions = {
    stack: typeof given['stack'] === 'string' ? given['stack'] : 'dev',
    preview: given['preview'] === true || given['expectNoChanges'] === true,
    expectNoChanges: given['expectNoChanges'] === true,
    rotate: Array.isArray(given['rotate']) ? given['rotate'].map(String) : [],
  };
  const root = process.cwd();
  const config = args[0] ?? rememberedConfig(root, options.stack) ?? relative(root, defaultConfig());
  try {
    const synthesis = synthesizeConfig(config);
    const ids = generatedValues(synthesis);
    const unknown = options.rotate.filter((id) => !ids.has(id));
    if (unknown.length > 0) {
      process.stderr.write(
        `no generated secret is called ${unknown.join(', ')}: there are ${[...ids.keys()].sort().join(', ')}\n`,
      );
      return 2;
    }
    if (options.preview) return await deploy(root, config, synthesis, options);
    return await exclusively(lockFile(root, options.stack), () => deploy(root, config, synthesis, options));
  } catch (error) {
    if (error instanceof ConfigError) {
      process.stderr.write(`${error.message}\n`);
      return 2;
    }
    if (error instanceof UsageError || error instanceof BusyError || error instanceof KubectlError) {
      process.stderr.write(`${error.message}\n`);
      return 1;
    }
    throw error;
  }
}

async function deploy(root: string, config: string, synthesis: Synthesis, options: UpOptions): Promise<number> {
  await prepareEnvironment(root);
  const redaction = new Redaction();
  let rotations: Rotations = {};
  const program = () => platformProgram(() => synthesis, { ...stackSettings(), rotations }, redaction);
  const [deployment, live] = await Promise.all([
    openStack(root, options.stack, program),
    liveObjects(synthesis.platform).catch((error: unknown) => {
      throw new UsageError(
        `the cluster of KUBECONFIG ${process.env['KUBECONFIG'] ?? ''} does not answer: ${String(error)}`,
      );
    }),
  ]);
  if (options.preview && !deployment.file.has('bouture:seed')) {
    await exclusively(lockFile(root, options.stack), () => ensureSeed(deployment));
  } else {
    await ensureSeed(deployment);
  }
  rotations = rotated((deployment.file.get('bouture:rotations') ?? {}) as Rotations, options.rotate);
  if (!options.preview) {
    remember(deployment, config, synthesis.platform);
    if (options.rotate.length > 0) deployment.file.set('bouture:rotations', rotations);
  }

  const manifests = deployedManifests(synthesis, rotations);
  const wanted = new Set([...manifests.map((manifest) => keyOf(objectName(manifest))), ...partsOf(synthesis).keys()]);
  const orphans = await findOrphans(live, wanted);
  const edits = findHandEdits(live, [...manifests, ...synthesis.secrets.map(secretManifest)]);
  const changes = new Changes();
  const failures = new Failures();
  const progress = new Progress(partsOf(synthesis), standardOutput());
  const say = (lines: readonly string[]): void => {
    for (const line of lines) progress.line(redaction.apply(line));
  };
  const ticker = setInterval(() => {
    progress.tick();
  }, 500);
  const { stack } = deployment;
  try {
    if (!options.preview) {
      await undoHandEdits(edits, manifests);
      say([`${synthesis.platform}: ${config} to stack ${options.stack}`]);
    }
    await runEngine(
      stack,
      (event) => {
        changes.handle(event);
        failures.handle(event);
        if (!options.preview) progress.handle(event);
      },
      (engine) =>
        options.preview ? stack.preview({ ...engine, refresh: true }) : stack.up({ ...engine, refresh: true }),
    );
  } catch (error) {
    if (!(error instanceof EngineError)) throw error;
    clearInterval(ticker);
    progress.clear();
    const reasons = failures.all.length > 0 ? failures.all : [{ message: error.message }];
    say(reasons.flatMap(describeFailure));
    say([`${options.preview ? 'the preview' : 'the update'} failed; the same command goes on where it stopped`]);
    return 1;
  } finally {
    clearInterval(ticker);
    progress.clear();
  }

  // What Pulumi remembers, it deletes itself.
  const deleted = new Set(changes.all.filter(({ action }) => action === 'delete').map(({ object }) => keyOf(object)));
  const left = orphans.removable.filter((object) => !deleted.has(keyOf(nameOf(object))));
  const touched = [
    ...changes.all.map(({ object }) => object),
    ...[...edits.map(({ object }) => object), ...left].map(nameOf),
  ];
  const found = new Set(touched.map(keyOf)).size;
  const first = changes.all.every(({ action }) => action === 'create');
  // A new platform's objects have been counted, part by part; what changes in one that stands is told one by one.
  if (options.preview || !first) say(changes.all.flatMap(describeChange));
  say(edits.map((edit) => `~ ${describeHandEdit(edit)}`));
  say(left.map((object) => `- ${describe(object)}  delete: left by an interrupted update`));
  say(orphans.kept.map((object) => `  ${describe(object)} is in no configuration, and stays: it holds data`));
  if (options.preview) {
    say([found === 0 ? 'nothing would change' : `${count(found)} would change`]);
    return options.expectNoChanges && found > 0 ? 1 : 0;
  }
  await deleteObjects(left);
  say([found === 0 ? 'nothing changed' : `${count(found)} changed`, '', ...describeAccesses(synthesis.accesses)]);
  return 0;
}

/** The rotations with some counted up. */
function rotated(rotations: Rotations, ids: readonly string[]): Rotations {
  return { ...rotations, ...Object.fromEntries(ids.map((id) => [id, (rotations[id] ?? 0) + 1])) };
}

function describe(object: LiveObject): string {
  return describeObject(nameOf(object));
}

function count(objects: number): string {
  return objects === 1 ? '1 object' : `${objects} objects`;
}
