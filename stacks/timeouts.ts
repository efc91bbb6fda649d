import type { KubernetesManifest } from '../constructs';

/** Seconds that a workload may take to become ready, or a Job to complete, unless it says otherwise. */
const DEFAULT_TIMEOUT_SECONDS = 300;

/** Where an object says how long it may take: an annotation that the Kubernetes provider reads too. */
const TIMEOUT_ANNOTATION = 'pulumi.com/timeoutSeconds';

/**
 * Seconds that an object may take to become ready: what its annotation says, or the given.
 *
 * @throws Error when the annotation is not a whole number of seconds
 */
export function timeoutSecondsOf(
  { kind, metadata }: KubernetesManifest,
  seconds: number = DEFAULT_TIMEOUT_SECONDS,
): number {
  const own = metadata.annotations?.[TIMEOUT_ANNOTATION];
  if (own === undefined) return seconds;
  if (!/^[1-9][0-9]*$/.test(own)) {
    throw new Error(`${kind} ${metadata.name}: ${TIMEOUT_ANNOTATION} is "${own}"; give a whole number of seconds`);
  }
  return Number(own);
}

/** How long Pulumi itself waits for an object to be made, changed or gone. */
export function timeoutsOf(
  manifest: KubernetesManifest,
  seconds?: number,
): { readonly create: string; readonly update: string; readonly delete: string } {
  const limit = `${timeoutSecondsOf(manifest, seconds)}s`;
  return { create: limit, update: limit, delete: limit };
}
