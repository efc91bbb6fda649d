import { isRecord } from '../manifests';
import { kubectl } from '../kubectl';
import type { Workload } from './workload';

/** Lines of a container's log that are shown with its failure. */
const LOG_LINES = 10;

interface Terminated {
  readonly exitCode?: number;
  readonly reason?: string;
}

interface ContainerStatus {
  readonly name: string;
  readonly ready?: boolean;
  readonly restartCount?: number;
  readonly state?: {
    readonly waiting?: { readonly reason?: string; readonly message?: string };
    readonly terminated?: Terminated;
  };
  readonly lastState?: { readonly terminated?: Terminated };
}

/** A Pod as it is in the cluster. */
export interface Pod {
  readonly metadata: {
    readonly name: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly deletionTimestamp?: string;
  };
  readonly status?: {
    readonly phase?: string;
    readonly conditions?: readonly { readonly type: string; readonly status: string; readonly message?: string }[];
    readonly initContainerStatuses?: readonly ContainerStatus[];
    readonly containerStatuses?: readonly ContainerStatus[];
  };
}

/** Why one container, or the Pod as a whole, does not run as it should. */
export interface Trouble {
  readonly pod: string;
  /** @default - the Pod as a whole */
  readonly container?: string;
  readonly reason: string;
  /** True when its log of the run before tells more than that of this one. */
  readonly restarted: boolean;
}

/** The Pods of a workload. */
export async function podsOf(workload: Workload): Promise<readonly Pod[]> {
  const { namespace } = workload.metadata;
  const selector = selectorOf(workload);
  const text = await kubectl(['get', 'pods', '--namespace', namespace, '--selector', selector, '--output', 'json']);
  return (JSON.parse(text) as { readonly items: readonly Pod[] }).items;
}

function selectorOf({ kind, metadata, spec }: Workload): string {
  if (kind === 'Job') return `batch.kubernetes.io/job-name=${metadata.name}`;
  const labels = isRecord(spec.selector) && isRecord(spec.selector.matchLabels) ? spec.selector.matchLabels : {};
  return Object.entries(labels)
    .map(([key, value]) => `${key}=${String(value)}`)
    .join(',');
}

/** What keeps Pods from being ready; nothing for those that are ready or done. */
export function troublesOf(pods: readonly Pod[]): readonly Trouble[] {
  return pods.flatMap(({ metadata: { name: pod }, status = {} }): readonly Trouble[] => {
    const unscheduled = status.conditions?.find(({ type, status: is }) => type === 'PodScheduled' && is === 'False');
    if (unscheduled !== undefined) {
      return [{ pod, reason: `cannot be scheduled: ${unscheduled.message ?? ''}`, restarted: false }];
    }
    const containers = [...(status.initContainerStatuses ?? []), ...(status.containerStatuses ?? [])];
    return containers.flatMap((container) => {
      const reason = reasonOf(container);
      const restarted = (container.restartCount ?? 0) > 0 && container.state?.terminated === undefined;
      return reason === undefined ? [] : [{ pod, container: container.name, reason, restarted }];
    });
  });
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

/** One line for people: `Pod web-0, container main: ImagePullBackOff; ...`. */
export function describeTrouble({ pod, container, reason }: Trouble): string {
  return `Pod ${pod}${container === undefined ? '' : `, container ${container}`}: ${reason}`;
}

/** The last lines that a container wrote before it failed; none when it never ran. */
export async function logOf(namespace: string, { pod, container, restarted }: Trouble): Promise<readonly string[]> {
  if (container === undefined) return [];
  const which = ['--container', container, '--tail', String(LOG_LINES), ...(restarted ? ['--previous'] : [])];
  try {
    const text = await kubectl(['logs', pod, '--namespace', namespace, ...which]);
    return text.split('\n').filter((line) => line !== '');
  } catch {
    return [];
  }
}

/** Without Pods the reason stands in the events: a quota, a Pod Security level. */
export async function warningsOf({ metadata: { name, namespace } }: Workload): Promise<readonly string[]> {
  const which = ['--field-selector', 'type=Warning', '--output', 'json'];
  const text = await kubectl(['get', 'events', '--namespace', namespace, ...which]);
  const { items } = JSON.parse(text) as {
    readonly items: readonly { readonly message?: string; readonly involvedObject?: { readonly name?: string } }[];
  };
  const messages = items.filter(({ involvedObject }) => involvedObject?.name?.startsWith(name) === true);
  return [...new Set(messages.map(({ message }) => message ?? ''))].slice(-3);
}
