import { StackNotFoundError } from '@pulumi/pulumi/automation';
import { kubectl } from '../../stacks/kubectl';
import { isForgotten } from '../deployment/changes';
import { EngineError, runEngine } from '../deployment/engine';
import { exclusively } from '../deployment/exclusive';
import { describeFailures, Failures } from '../deployment/failures';
import { countOf } from '../deployment/findings';
import { liveObjects, nameOf } from '../deployment/live-objects';
import { deleteObjects, findOrphans } from '../deployment/orphans';
import { Progress, standardOutput } from '../deployment/progress';
import { unprotect } from '../deployment/protection';
import { FAILED, withTroublesTold } from '../deployment/tell';
import { remainingVolumes } from '../deployment/volumes';
import { describeObject, keyOf, type ObjectName, objectOfUrn } from '../deployment/resources';
import {
  type Deployment,
  exportState,
  lockFile,
  openStack,
  prepareEnvironment,
  rememberedKubeconfig,
} from '../deployment/workspace';

/**
 * `bouture down`: deletes what `up` made. Data stays, and with it the namespaces that hold it and the definitions of kinds, unless `--delete-data` is given; the next `up`
 * finds both again. With `--delete-data` it waits until the cluster has deleted the volumes, too.
 *
 * @returns 0 done, also when there was nothing to do; 1 failed, or volumes remain that the cluster should have deleted
 */
export function run(_args: readonly string[], given: Readonly<Record<string, unknown>>): Promise<number> {
  const name = typeof given['stack'] === 'string' ? given['stack'] : 'dev';
  const root = process.cwd();
  return withTroublesTold(() =>
    exclusively(lockFile(root, name), async () => {
      try {
        return await remove(root, name, given['deleteData'] === true);
      } catch (error) {
        if (!(error instanceof StackNotFoundError)) throw error;
        process.stdout.write(`there is no stack ${name}\n`);
        return 0;
      }
    }),
  );
}

async function remove(root: string, name: string, deleteData: boolean): Promise<number> {
  await prepareEnvironment(root, rememberedKubeconfig(root, name));
  const deployment = await openStack(root, name);
  const { stack } = deployment;
  const failures = new Failures();
  const progress = new Progress(new Map(), standardOutput());
  const ticker = setInterval(() => {
    progress.tick();
  }, 500);
  const deleted = new Map<string, ObjectName>();
  try {
    if (await unprotect(stack, ({ kind }) => deleteData || kind === 'StatefulSet')) {
      await runEngine(
        stack,
        (event) => {
          failures.handle(event);
          progress.handle(event);
          const step = event.resOutputsEvent?.metadata;
          const object = step?.op === 'delete' && !isForgotten(step) ? objectOfUrn(step.urn) : undefined;
          if (object !== undefined) deleted.set(keyOf(object), object);
        },
        (engine) => stack.destroy({ ...engine, excludeProtected: true }),
      );
    }
  } catch (error) {
    if (!(error instanceof EngineError)) throw error;
    const reasons = failures.all.length > 0 ? failures.all : [{ message: error.message }];
    for (const line of describeFailures(reasons)) progress.line(line);
    progress.line('not everything could be deleted; the same command goes on where it stopped');
    return FAILED;
  } finally {
    clearInterval(ticker);
    progress.clear();
  }
  const { removed, kept } = await deleteRest(deployment, deleteData);
  for (const object of removed) deleted.set(keyOf(object), object);
  progress.line(deleted.size === 0 ? 'nothing to delete' : `deleted: ${countOf(deleted.size)}`);
  for (const line of await whatStays(deployment, kept)) progress.line(line);
  const namespaces = [...deleted.values()].filter(({ kind }) => kind === 'Namespace').map(({ name: each }) => each);
  const { retained, undeleted } = await remainingVolumes(new Set(namespaces));
  tellEach(
    progress,
    'kept, by the reclaim policy of their class; delete them and what they stand for by hand:',
    retained,
  );
  tellEach(
    progress,
    'not deleted: the storage provisioner of the cluster has left these volumes, and its log says why:',
    undeleted,
  );
  return undeleted.length === 0 ? 0 : FAILED;
}

function tellEach(progress: Progress, title: string, lines: readonly string[]): void {
  if (lines.length === 0) return;
  for (const line of [title, ...lines.map((each) => `  ${each}`)]) progress.line(line);
}

/** Deletes what the state does not know: objects that an interrupted update made. Tells what holds data. */
async function deleteRest(
  { stack, file }: Deployment,
  deleteData: boolean,
): Promise<{ readonly removed: readonly ObjectName[]; readonly kept: readonly ObjectName[] }> {
  const platform = file.get('bouture:platform');
  if (typeof platform !== 'string') return { removed: [], kept: [] }; // Never deployed.
  const { resources = [] } = (await exportState(stack)).deployment;
  const known = new Set(resources.flatMap(({ urn }) => keyOf(objectOfUrn(urn) ?? { kind: '', group: '', name: '' })));
  const { removable, kept } = await findOrphans(await liveObjects(platform), known, deleteData);
  await deleteObjects(removable);
  return { removed: removable.map(nameOf), kept: kept.map(nameOf) };
}

/** The namespaces that stay, and the volumes in them. @param kept what holds data beside what the state knows */
async function whatStays({ stack }: Deployment, kept: readonly ObjectName[]): Promise<readonly string[]> {
  const { resources = [] } = (await exportState(stack)).deployment;
  const objects = [...resources.flatMap(({ urn }) => objectOfUrn(urn) ?? []), ...kept];
  if (objects.length === 0) return [];
  const claims = await Promise.all(
    objects
      .filter(({ kind }) => kind === 'Namespace')
      .map(async ({ name }) => {
        const names = await kubectl(['get', 'persistentvolumeclaims', '--namespace', name, '--output', 'name']);
        return names
          .split('\n')
          .filter((line) => line !== '')
          .map((line) => `  PersistentVolumeClaim ${name}/${line.split('/')[1] ?? ''}`);
      }),
  );
  return [
    'kept, with their data (`npx bouture down --delete-data` deletes them):',
    ...new Set([...objects.map((object) => `  ${describeObject(object)}`), ...claims.flat()]),
  ];
}
