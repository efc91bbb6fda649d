import { isRecord } from '../manifests';

/** Kinds that make Pods and tell in their status how far they are. */
export const WORKLOAD_KINDS: ReadonlySet<string> = new Set(['Deployment', 'StatefulSet', 'DaemonSet', 'Job']);

/** A workload as it is in the cluster. */
export interface Workload {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace: string; readonly generation?: number };
  readonly spec: Readonly<Record<string, unknown>>;
  readonly status?: Readonly<Record<string, unknown>>;
}

/** How far a workload is: ready, on its way, or never to be. */
export type Readiness =
  | { readonly is: 'ready' }
  | { readonly is: 'waiting'; readonly for: string }
  | { readonly is: 'failed'; readonly why: string };

const READY: Readiness = { is: 'ready' };

/**
 * How far a workload is, by the rules of `kubectl rollout status` and `kubectl wait --for=condition=complete`. A status that speaks of an older
 * generation says nothing about the one that was applied.
 */
export function readinessOf({ kind, metadata, spec, status = {} }: Workload): Readiness {
  if (kind === 'Job') return jobReadiness(status);
  if (number(status.observedGeneration) < (metadata.generation ?? 0)) return waiting('its controller to see it');
  switch (kind) {
    case 'StatefulSet':
      return statefulSetReadiness(spec, status);
    case 'DaemonSet':
      return counted(number(status.desiredNumberScheduled), {
        updated: number(status.updatedNumberScheduled),
        ready: number(status.numberAvailable),
      });
    default:
      return deploymentReadiness(spec, status);
  }
}

function jobReadiness(status: Readonly<Record<string, unknown>>): Readiness {
  const done = condition(status, 'Complete');
  if (done?.status === 'True') return READY;
  const failed = condition(status, 'Failed');
  if (failed?.status === 'True')
    return { is: 'failed', why: [failed.reason, failed.message].filter(isText).join(': ') };
  return waiting(`it to complete (${number(status.failed)} attempts failed)`);
}

function deploymentReadiness(
  spec: Readonly<Record<string, unknown>>,
  status: Readonly<Record<string, unknown>>,
): Readiness {
  const progressing = condition(status, 'Progressing');
  if (progressing?.reason === 'ProgressDeadlineExceeded') return { is: 'failed', why: String(progressing.message) };
  const replicas = desired(spec);
  const old = number(status.replicas) - number(status.updatedReplicas);
  if (old > 0) return waiting(`${old} old Pods to end`);
  return counted(replicas, { updated: number(status.updatedReplicas), ready: number(status.availableReplicas) });
}

function statefulSetReadiness(
  spec: Readonly<Record<string, unknown>>,
  status: Readonly<Record<string, unknown>>,
): Readiness {
  const strategy = isRecord(spec.updateStrategy) ? spec.updateStrategy : {};
  const rolling = isRecord(strategy.rollingUpdate) ? strategy.rollingUpdate : {};
  const replicas = desired(spec);
  // With OnDelete somebody else replaces the Pods; a partition holds some of them back.
  const updated = strategy.type === 'OnDelete' ? replicas : number(status.updatedReplicas) + number(rolling.partition);
  return counted(replicas, { updated, ready: number(status.readyReplicas) });
}

function counted(
  replicas: number,
  { updated, ready }: { readonly updated: number; readonly ready: number },
): Readiness {
  if (updated < replicas) return waiting(`${replicas - updated} of ${replicas} Pods to be made`);
  if (ready < replicas) return waiting(`${replicas - ready} of ${replicas} Pods to be ready`);
  return READY;
}

function waiting(what: string): Readiness {
  return { is: 'waiting', for: what };
}

function desired({ replicas }: Readonly<Record<string, unknown>>): number {
  return typeof replicas === 'number' ? replicas : 1;
}

function number(value: unknown): number {
  return typeof value === 'number' ? value : 0;
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}

function condition(
  status: Readonly<Record<string, unknown>>,
  type: string,
): Readonly<Record<string, unknown>> | undefined {
  const conditions: readonly unknown[] = Array.isArray(status.conditions) ? status.conditions : [];
  return conditions.filter(isRecord).find((each) => each.type === type);
}
