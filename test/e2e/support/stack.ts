import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { attempt, type CommandOptions, type Finished, ROOT } from './commands';
import { variant } from './configs';
import { at, hasCondition, list, listAt, type LiveObject } from './kubectl';
import { clusterScopedOf, namespacesOf } from './snapshot';
import { say } from './waiting';

/** Name of the tests' own platform, which begins its namespaces: they never touch a person's. */
export const PLATFORM = 'e2e-main';

/** The configuration that the tests deploy: the shipped one, under that name. */
export const CONFIG = variant('main', () => ({ name: PLATFORM }));

/** Where its parts live. */
export const NAMESPACES = {
  minio: `${PLATFORM}-minio`,
  postgres: `${PLATFORM}-postgres`,
  mlflow: `${PLATFORM}-mlflow`,
} as const;

/** Marks Pods that tests put beside the platform's own; they are never ready. */
export const PROBE_LABEL = 'bouture.dev/e2e-probe';

/** Its Pulumi stack. */
export const STACK = 'e2e';

/** The program. */
export const CLI = join(ROOT, 'bin/bouture.js');

/** Everything that `bouture` said to the tests, one file a run of it: what a secret must not be found in. */
export const LOGS = join(ROOT, '.bouture/e2e/logs');

/** Runs `bouture`, whatever its exit code. */
export async function bouture(args: readonly string[], options?: CommandOptions): Promise<Finished> {
  const finished = await attempt('node', [CLI, ...args], { timeoutSeconds: 900, ...options });
  mkdirSync(LOGS, { recursive: true });
  const time = new Date().toISOString().replaceAll(':', '');
  writeFileSync(join(LOGS, `${time}-${args[0] ?? ''}.log`), `bouture ${args.join(' ')}\n${finished.output}`);
  return finished;
}

/** Runs `bouture`, which must succeed. @throws Error with the end of its output when it does not */
export async function boutureOk(args: readonly string[], options?: CommandOptions): Promise<Finished> {
  const finished = await bouture(args, options);
  if (finished.code !== 0) {
    throw new Error(`bouture ${args.join(' ')} ended with ${finished.code}:\n${finished.output.slice(-6000)}`);
  }
  return finished;
}

/** `bouture up` of the tests' stack, which must succeed. */
export async function up(...args: readonly string[]): Promise<Finished> {
  const finished = await boutureOk(['up', CONFIG, '--stack', STACK, ...args]);
  say(`up ${args.join(' ')}: ${finished.seconds.toFixed(0)} s`);
  return finished;
}

/** Removes the tests' stack with its data, and waits until nothing of it is left. */
export async function removeEverything(): Promise<void> {
  const { seconds } = await boutureOk(['down', CONFIG, '--stack', STACK, '--delete-data']);
  const left = await leftovers();
  if (left.length > 0) throw new Error(`down --delete-data left ${left.join(', ')}`);
  say(`down --delete-data: ${seconds.toFixed(0)} s`);
}

/** What is left of a platform in the cluster. */
export async function leftovers(platform: string = PLATFORM): Promise<readonly string[]> {
  const namespaces = await namespacesOf(platform);
  const objects = (await clusterScopedOf(platform)).map(({ kind, metadata }) => `${kind}/${metadata.name}`);
  return [...new Set([...namespaces.map((name) => `Namespace/${name}`), ...objects])].sort();
}

/**
 * Pods that are neither ready nor done, Jobs that are not complete, claims that are not bound, with the reason.
 *
 * @param namespaces of the platform. @default - those of the tests' own
 */
export async function unready(namespaces: readonly string[] = Object.values(NAMESPACES)): Promise<readonly string[]> {
  const objects = (
    await Promise.all(
      namespaces.map((namespace) => list('pods,jobs,deployments,statefulsets,persistentvolumeclaims', '-n', namespace)),
    )
  ).flat();
  if (!objects.some(({ kind }) => kind === 'Pod')) return ['there is no Pod'];
  const ours = objects.filter(({ metadata }) => metadata.labels?.[PROBE_LABEL] === undefined);
  return ours.flatMap((object) => {
    const why = reasonUnready(object);
    return why === undefined
      ? []
      : [`${object.kind} ${object.metadata.namespace ?? ''}/${object.metadata.name}: ${why}`];
  });
}

function reasonUnready(object: LiveObject): string | undefined {
  const phase = at(object, 'status', 'phase');
  switch (object.kind) {
    case 'Pod':
      if (object.metadata.deletionTimestamp !== undefined) return 'is going away';
      return phase === 'Succeeded' || hasCondition(object, 'Ready')
        ? undefined
        : `${String(phase)} ${JSON.stringify(listAt(object, 'status', 'containerStatuses').map((each) => at(each, 'state')))}`;
    case 'Job':
      return hasCondition(object, 'Complete') ? undefined : 'is not complete';
    case 'PersistentVolumeClaim':
      return phase === 'Bound' ? undefined : String(phase);
    default: {
      const wanted = Number(at(object, 'spec', 'replicas'));
      const ready = Number(at(object, 'status', 'readyReplicas') ?? 0);
      const seen = at(object, 'status', 'observedGeneration') === object.metadata['generation'];
      return ready === wanted && seen ? undefined : `${ready} of ${wanted} ready`;
    }
  }
}

/** Deploys the platform when it is not up, so that each file of tests runs alone too. */
export async function ensureStack(): Promise<void> {
  const found = await namespacesOf(PLATFORM);
  const missing = Object.values(NAMESPACES).filter((name) => !found.includes(name));
  const reasons = missing.length > 0 ? missing.map((name) => `there is no ${name}`) : await unready();
  if (reasons.length === 0) return;
  say(`the platform is not up: ${reasons.join('; ')}`);
  await up();
}
