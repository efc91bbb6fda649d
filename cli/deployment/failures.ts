import type { EngineEvent } from '@pulumi/pulumi/automation';
import type { KubernetesManifest } from '../../constructs';
import { isRecord } from '../../stacks/manifests';
import { kubectl } from './processes';
import { describeObject, keyOf, type ObjectName, objectName, objectOfUrn } from './resources';

/** An error that Pulumi reported: of one object, or of the update as a whole. */
export interface Failure {
  readonly object?: ObjectName;
  readonly message: string;
}

/** Collects the errors of an update from the engine's events. */
export class Failures {
  private readonly found: Failure[] = [];

  handle({ diagnosticEvent }: EngineEvent): void {
    if (diagnosticEvent?.severity !== 'error' || diagnosticEvent.ephemeral === true) return;
    const message = diagnosticEvent.message.trim();
    // The engine says at the end that it failed; the reasons have been told by then.
    if (message === 'update failed' || message === 'preview failed' || message === '') return;
    const object = diagnosticEvent.urn === undefined ? undefined : objectOfUrn(diagnosticEvent.urn);
    this.found.push(object === undefined ? { message } : { object, message });
  }

  get all(): readonly Failure[] {
    return this.found;
  }
}

const LOG_LINES = 10;

interface ContainerStatus {
  readonly name: string;
  readonly ready?: boolean;
  readonly restartCount?: number;
  readonly state?: { readonly waiting?: Waiting; readonly terminated?: Terminated };
  readonly lastState?: { readonly terminated?: Terminated };
}
interface Waiting {
  readonly reason?: string;
  readonly message?: string;
}
interface Terminated {
  readonly exitCode?: number;
  readonly reason?: string;
}
interface Pod {
  readonly metadata: { readonly name: string };
  readonly status?: {
    readonly phase?: string;
    readonly conditions?: readonly { readonly type: string; readonly status: string; readonly message?: string }[];
    readonly initContainerStatuses?: readonly ContainerStatus[];
    readonly containerStatuses?: readonly ContainerStatus[];
  };
}

/** A failure in lines that tell what to look at: the object, why it is not ready, its Pods with the last lines of their logs. */
export async function explain(failure: Failure, manifests: readonly KubernetesManifest[]): Promise<readonly string[]> {
  const { object, message } = failure;
  if (object === undefined) return readable(message);
  const key = keyOf(object);
  const manifest = manifests.find((each) => keyOf(objectName(each)) === key);
  const head = [describeObject(object), ...readable(message).map((line) => `  ${line}`)];
  const selector = manifest === undefined ? undefined : selectorOf(manifest);
  if (selector === undefined || object.namespace === undefined) return head;
  try {
    return [...head, ...(await podsOf(object, object.namespace, selector))];
  } catch (error) {
    return [...head, `  (its Pods cannot be asked: ${error instanceof Error ? error.message : String(error)})`];
  }
}

/** Pulumi's message without what only Pulumi needs: URNs, counts, repetitions. */
function readable(message: string): string[] {
  return message
    .split('\n')
    .map((line) => line.replace(/^\s*\*?\s*/, '').replace(/resource "?urn:pulumi:\S+?::([^":]+)"?/g, '$1'))
    .map((line) =>
      line.replace(
        / was successfully created, but the Kubernetes API server reported that it failed to fully initialize or become live: /,
        ': ',
      ),
    )
    .filter((line) => line !== '' && !/^\d+ errors? occurred:$/.test(line));
}

/** The labels that select a workload's Pods, as kubectl takes them; undefined for what has none. */
function selectorOf(manifest: KubernetesManifest): string | undefined {
  if (manifest.kind === 'Job') return `batch.kubernetes.io/job-name=${manifest.metadata.name}`;
  const { spec } = manifest;
  const labels = isRecord(spec) && isRecord(spec.selector) ? spec.selector.matchLabels : undefined;
  return isRecord(labels)
    ? Object.entries(labels)
        .map(([key, value]) => `${key}=${String(value)}`)
        .join(',')
    : undefined;
}

async function podsOf(object: ObjectName, namespace: string, selector: string): Promise<string[]> {
  const text = await kubectl(['get', 'pods', '--namespace', namespace, '--selector', selector, '--output', 'json']);
  const { items } = JSON.parse(text) as { items: readonly Pod[] };
  if (items.length === 0) return [...(await warningsOf(object, namespace))];
  const lines: string[] = [];
  for (const pod of items) {
    const { status = {} } = pod;
    const unscheduled = status.conditions?.find(({ type, status: is }) => type === 'PodScheduled' && is === 'False');
    if (unscheduled !== undefined)
      lines.push(`  Pod ${pod.metadata.name}: cannot be scheduled: ${unscheduled.message ?? ''}`);
    for (const container of [...(status.initContainerStatuses ?? []), ...(status.containerStatuses ?? [])]) {
      const reason = reasonOf(container);
      if (reason === undefined) continue;
      lines.push(`  Pod ${pod.metadata.name}, container ${container.name}: ${reason}`);
      lines.push(...(await logOf(namespace, pod.metadata.name, container)).map((line) => `    | ${line}`));
    }
  }
  return lines;
}

/** Why a container does not run as it should; undefined when it does. */
function reasonOf({ state, lastState, ready, restartCount = 0 }: ContainerStatus): string | undefined {
  const ended = state?.terminated ?? lastState?.terminated;
  const failed =
    ended === undefined || ended.exitCode === 0
      ? undefined
      : `${ended.reason ?? 'ended'}, exit code ${ended.exitCode ?? '?'}`;
  if (state?.waiting !== undefined) {
    // PodInitializing means: waits for the init containers, which are told themselves.
    if (state.waiting.reason === 'PodInitializing') return undefined;
    return [state.waiting.reason, state.waiting.message, failed].filter((part) => part !== undefined).join('; ');
  }
  if (state?.terminated !== undefined) return failed;
  if (ready === true) return undefined;
  return failed === undefined
    ? 'runs, but is not ready: see its readiness probe'
    : `not ready after ${restartCount} restarts; ${failed}`;
}

async function logOf(
  namespace: string,
  pod: string,
  { name, restartCount = 0, state }: ContainerStatus,
): Promise<string[]> {
  const previous = restartCount > 0 && state?.terminated === undefined ? ['--previous'] : [];
  try {
    const text = await kubectl([
      'logs',
      pod,
      '--namespace',
      namespace,
      '--container',
      name,
      '--tail',
      String(LOG_LINES),
      ...previous,
    ]);
    return text
      .trimEnd()
      .split('\n')
      .filter((line) => line !== '');
  } catch {
    return []; // It never ran.
  }
}

/** Without Pods, the reason stands in the events: a quota, a Pod Security level. */
async function warningsOf({ name }: ObjectName, namespace: string): Promise<readonly string[]> {
  const text = await kubectl([
    'get',
    'events',
    '--namespace',
    namespace,
    '--field-selector',
    'type=Warning',
    '--output',
    'json',
  ]);
  const { items } = JSON.parse(text) as { items: readonly { message?: string; involvedObject?: { name?: string } }[] };
  const messages = items
    .filter(({ involvedObject }) => involvedObject?.name?.startsWith(name) === true)
    .map(({ message }) => message ?? '');
  return ['  no Pod was made', ...[...new Set(messages)].slice(-3).map((message) => `  ${message}`)];
}
