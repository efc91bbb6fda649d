import { existsSync } from 'node:fs';
import type { Synthesis } from '../../constructs';
import { cloudKubeconfig } from '../../stacks/environment';
import type { Rotations } from '../../stacks/generated-values';
import { platformProgram } from '../../stacks/program';
import { Redaction } from '../../stacks/redaction';
import { stackSettings } from '../../stacks/settings';
import { Changes } from './changes';
import { refuseOthersDefinitions } from './definitions';
import { EngineError, runEngine } from './engine';
import { exclusively } from './exclusive';
import { describeFailures, Failures } from './failures';
import { compare, countOf, type Findings, report } from './findings';
import { undoHandEdits } from './hand-edits';
import { type LiveObject, liveObjects, nameOf } from './live-objects';
import { deleteObjects } from './orphans';
import { Progress, standardOutput } from './progress';
import { protectedObjects, unprotect } from './protection';
import { describeObject, keyOf, partsOf } from './resources';
import { describeAccesses } from './summary';
import { FAILED } from './tell';
import {
  type Deployment,
  ensureSeed,
  lockFile,
  openStack,
  prepareEnvironment,
  remember,
  UsageError,
} from './workspace';

/** What to deploy, and how. */
export interface UpdateRequest {
  /** Folder to work in. */
  readonly root: string;
  /** Path of the configuration. */
  readonly config: string;
  readonly synthesis: Synthesis;
  readonly stack: string;
  /** Show what would change, change nothing. */
  readonly preview: boolean;
  /** Fail when something would change. */
  readonly expectNoChanges: boolean;
  /** Delete what holds data and is no longer in the configuration. */
  readonly deleteData: boolean;
  /** Ids of generated values to make anew. */
  readonly rotate: readonly string[];
}

/** An update that is under way, and whom it tells. */
interface Run {
  readonly request: UpdateRequest;
  readonly deployment: Deployment;
  readonly findings: Findings;
  readonly changes: Changes;
  readonly failures: Failures;
  readonly progress: Progress;
  readonly say: (...lines: readonly string[]) => void;
}

/**
 * Brings the cluster to what a configuration says, or shows what that would change.
 *
 * @returns 0 done; 1 failed, or something would change that must not
 * @throws UsageError, BusyError, KubectlError for what a person can mend
 */
export async function update(request: UpdateRequest): Promise<number> {
  const { root, synthesis, stack, preview } = request;
  const kubeconfig = synthesis.cloud === undefined ? undefined : cloudKubeconfig(root, synthesis.platform);
  await prepareEnvironment(root, kubeconfig);
  const isThere = kubeconfig === undefined || existsSync(kubeconfig);
  const redaction = new Redaction();
  let rotations: Rotations = {};
  const program = () => platformProgram(() => synthesis, { ...stackSettings(), rotations, root }, redaction);
  const [deployment, live] = await Promise.all([
    openStack(root, stack, program),
    isThere ? askCluster(synthesis.platform) : [],
  ]);
  if (isThere) await refuseOthersDefinitions(synthesis);
  if (preview && !deployment.file.has('bouture:seed')) {
    await exclusively(lockFile(root, stack), () => ensureSeed(deployment));
  } else {
    await ensureSeed(deployment);
  }
  rotations = rotationsOf(deployment, request);
  const findings = await compare(synthesis, rotations, live);
  await spareData(deployment, findings, request);
  if (!preview) settle(deployment, request, rotations);

  const progress = new Progress(partsOf(synthesis), standardOutput());
  const run: Run = {
    request,
    deployment,
    findings,
    changes: new Changes(),
    failures: new Failures(),
    progress,
    say: (...lines) => {
      for (const line of lines) progress.line(redaction.apply(line));
    },
  };
  if (!(await engineSucceeds(run))) return FAILED;
  return preview ? tellPreview(run) : finish(run);
}

async function askCluster(platform: string): Promise<readonly LiveObject[]> {
  try {
    return await liveObjects(platform);
  } catch (error) {
    // kubectl's last line says it; those before are its log.
    const why = (error instanceof Error ? error.message : String(error)).split('\n').at(-1) ?? '';
    throw new UsageError(`the cluster of KUBECONFIG ${process.env['KUBECONFIG'] ?? ''} does not answer: ${why}`);
  }
}

/** How often each generated value has been made anew, with what is asked for now. */
function rotationsOf({ file }: Deployment, { rotate }: UpdateRequest): Rotations {
  const before = (file.get('bouture:rotations') ?? {}) as Rotations;
  return { ...before, ...Object.fromEntries(rotate.map((id) => [id, (before[id] ?? 0) + 1])) };
}

/**
 * Refuses an update of a configuration from which something that holds data was removed, or lets go of it where it is to be deleted.
 *
 * @throws UsageError with all such objects
 */
async function spareData({ stack }: Deployment, { orphans }: Findings, { deleteData }: UpdateRequest): Promise<void> {
  const gone = new Set([...orphans.removable, ...orphans.kept].map((object) => keyOf(nameOf(object))));
  if (gone.size === 0) return;
  const held = (await protectedObjects(stack)).filter((object) => gone.has(keyOf(object)));
  if (held.length === 0) return;
  if (!deleteData) {
    throw new UsageError(
      [
        'no longer in the configuration, and deployed with data that would be lost:',
        ...held.map((object) => `  ${describeObject(object)}`),
        'nothing was changed: put them back into the configuration, or delete them and their data with `npx bouture up --delete-data`',
      ].join('\n'),
    );
  }
  await unprotect(stack, (object) => gone.has(keyOf(object)));
}

/**
 * Writes into the stack's configuration what it deploys and which values are rotated, before anything is changed: an update that is killed is
 * finished by the next one.
 */
function settle(deployment: Deployment, { config, synthesis, rotate }: UpdateRequest, rotations: Rotations): void {
  remember(deployment, config, synthesis.platform);
  if (rotate.length > 0) deployment.file.set('bouture:rotations', rotations);
}

/** Runs Pulumi's engine; tells what went wrong when it fails. */
async function engineSucceeds({
  request,
  deployment,
  findings,
  changes,
  failures,
  progress,
  say,
}: Run): Promise<boolean> {
  const { preview, synthesis, config } = request;
  const { stack } = deployment;
  const refresh = !findings.asDeclared;
  const ticker = setInterval(() => {
    progress.tick();
  }, 500);
  try {
    if (!preview) {
      say(`${synthesis.platform}: ${config} to stack ${request.stack}`);
      await undoHandEdits(findings.edits, findings.manifests);
    }
    await runEngine(
      stack,
      (event) => {
        changes.handle(event);
        failures.handle(event);
        if (!preview) progress.handle(event);
      },
      (engine) => (preview ? stack.preview({ ...engine, refresh }) : stack.up({ ...engine, refresh })),
    );
    return true;
  } catch (error) {
    if (!(error instanceof EngineError)) throw error;
    const reasons = failures.all.length > 0 ? failures.all : [{ message: error.message }];
    say(...describeFailures(reasons));
    say(preview ? 'the preview failed' : 'the update failed; the same command goes on where it stopped');
    return false;
  } finally {
    clearInterval(ticker);
    progress.clear();
  }
}

function tellPreview({ request, changes, findings, say }: Run): number {
  const { count, lines } = report(changes.all, findings, false);
  say(...lines, count === 0 ? 'nothing would change' : `${countOf(count)} would change`);
  return request.expectNoChanges && count > 0 ? FAILED : 0;
}

async function finish({ request, changes, findings, say }: Run): Promise<number> {
  const { count, orphans, lines } = report(changes.all, findings, true);
  say(...lines);
  await deleteObjects(orphans);
  say(count === 0 ? 'nothing changed' : `${countOf(count)} changed`, '');
  say(...describeAccesses(request.synthesis.accesses));
  return 0;
}
