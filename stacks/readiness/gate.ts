import { setTimeout as sleep } from 'node:timers/promises';
import { kubectl, KubectlError } from '../kubectl';
import { describeTrouble, logOf, type Pod, podsOf, troublesOf, warningsOf } from './pods';
import { readinessOf, type Workload } from './workload';

/** A workload that is waited for. */
export interface Awaited {
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  /** Seconds until it must be ready. */
  readonly timeoutSeconds: number;
}

/** Whoever wants to know how the waiting gets on. */
export interface Witness {
  /** What a workload waits for; an empty text once it is ready. */
  note(workload: Awaited, text: string): void;
}

/** A workload will not be ready. */
export class NotReadyError extends Error {
  override readonly name = 'NotReadyError';

  /** @param message lines: what, why, its Pods with the last words of their logs */
  constructor(
    readonly workload: Awaited,
    message: string,
  ) {
    super(message);
  }
}

/** Milliseconds between two looks: most workloads are ready soon, the others take long. */
const IMPATIENT = 500;
const PATIENT = 2000;
const IMPATIENCE_MILLISECONDS = 20_000;

/** How long the cluster may be silent: an API server that is started anew is away for less. */
const SILENCE_MILLISECONDS = 30_000;

/** A workload that is not ready after this long is asked for reasons, this often. */
const REASONS_MILLISECONDS = 6_000;

/**
 * Waits until workloads are ready: Deployments, StatefulSets and DaemonSets rolled out, Jobs complete. The Kubernetes provider's own waiting does not
 * do: it takes a StatefulSet that has just been changed for ready by its old status, and a Job whose Pods keep failing has all the time in the world.
 *
 * @throws NotReadyError when one has failed, or is not ready in time
 * @throws KubectlError when the cluster does not answer for half a minute
 */
export async function waitUntilReady(platform: string, awaited: readonly Awaited[], witness: Witness): Promise<void> {
  const start = Date.now();
  let asked = start;
  let open = awaited;
  const hints = new Map<Awaited, string>();
  let heard = start;
  while (open.length > 0) {
    const live = await workloads(platform).catch((error: unknown) => {
      if (!(error instanceof KubectlError) || Date.now() - heard > SILENCE_MILLISECONDS) throw error;
    });
    if (live === undefined) {
      await sleep(PATIENT);
      continue;
    }
    heard = Date.now();
    const elapsed = Date.now() - start;
    const reasons = Date.now() - asked >= REASONS_MILLISECONDS;
    if (reasons) asked = Date.now();
    const still: Awaited[] = [];
    for (const each of open) {
      const workload = live.get(key(each));
      const readiness = workload === undefined ? undefined : readinessOf(workload);
      if (readiness?.is === 'ready') {
        witness.note(each, '');
        continue;
      }
      const why = readiness?.is === 'failed' ? readiness.why : (readiness?.for ?? 'it to appear');
      if (readiness?.is === 'failed' || elapsed > each.timeoutSeconds * 1000) {
        const verdict =
          readiness?.is === 'failed' ? `failed: ${why}` : `not ready after ${each.timeoutSeconds} s: waited for ${why}`;
        throw new NotReadyError(each, [verdict, ...(workload === undefined ? [] : await explain(workload))].join('\n'));
      }
      still.push(each);
      if (reasons && workload !== undefined) hints.set(each, await hinder(workload).catch(() => ''));
      witness.note(each, [why, hints.get(each) ?? ''].filter((part) => part !== '').join('; '));
    }
    open = still;
    if (open.length > 0) await sleep(elapsed < IMPATIENCE_MILLISECONDS ? IMPATIENT : PATIENT);
  }
}

/** The platform's workloads, in one request to kubectl. */
async function workloads(platform: string): Promise<ReadonlyMap<string, Workload>> {
  const text = await kubectl([
    ...['get', 'deployments,statefulsets,daemonsets,jobs', '--all-namespaces', '--output', 'json'],
    ...['--selector', `app.kubernetes.io/part-of=${platform}`],
  ]);
  const { items } = JSON.parse(text) as { readonly items: readonly Workload[] };
  return new Map(items.map((item) => [key({ kind: item.kind, ...item.metadata }), item]));
}

function key({ kind, namespace, name }: Pick<Awaited, 'kind' | 'namespace' | 'name'>): string {
  return `${kind}/${namespace}/${name}`;
}

/** What a workload's Pods stumble over, and a hand for those that nobody else helps up. */
async function hinder(workload: Workload): Promise<string> {
  const pods = await podsOf(workload);
  await removeOutdated(workload, pods);
  const [trouble] = troublesOf(pods);
  return trouble === undefined ? '' : describeTrouble(trouble);
}

/**
 * Deletes the Pods of a StatefulSet that are of an older revision and not ready. Its controller waits for them to become ready before it replaces them,
 * so after a broken version none would ever follow:
 * https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/#forced-rollback
 */
async function removeOutdated(
  { kind, metadata: { namespace }, status = {} }: Workload,
  pods: readonly Pod[],
): Promise<void> {
  const { updateRevision } = status;
  if (kind !== 'StatefulSet' || typeof updateRevision !== 'string') return;
  const outdated = pods.filter(
    ({ metadata, status: { conditions = [] } = {} }) =>
      metadata.deletionTimestamp === undefined &&
      metadata.labels?.['controller-revision-hash'] !== updateRevision &&
      !conditions.some(({ type, status: is }) => type === 'Ready' && is === 'True'),
  );
  if (outdated.length === 0) return;
  const names = outdated.map(({ metadata }) => metadata.name);
  await kubectl(['delete', 'pods', '--namespace', namespace, '--wait=false', '--ignore-not-found', ...names]);
}

async function explain(workload: Workload): Promise<readonly string[]> {
  try {
    const pods = await podsOf(workload);
    if (pods.length === 0) return ['no Pod was made', ...(await warningsOf(workload))];
    const lines: string[] = [];
    for (const trouble of troublesOf(pods)) {
      lines.push(describeTrouble(trouble));
      lines.push(...(await logOf(workload.metadata.namespace, trouble)).map((line) => `  | ${line}`));
    }
    return lines;
  } catch (error) {
    return [`(its Pods cannot be asked: ${error instanceof Error ? error.message : String(error)})`];
  }
}
