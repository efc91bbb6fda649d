import type { KubernetesManifest } from '../constructs';

/** Seconds that a workload may take to become ready, or a Job to complete, unless it says otherwise. */
export const DEFAULT_TIMEOUT_SECONDS = 300;

/** Where an object says how long it may take: an annotation that the Kubernetes provider reads too. */
export const TIMEOUT_ANNOTATION = 'pulumi.com/timeoutSeconds';

/**
 * How long Pulumi waits for an object before the update fails: five minutes, or what the object's annotation says.
 *
 * @param seconds for objects without the annotation
 * @throws Error when the annotation is not a whole number of seconds
 */
export function timeoutsOf(
  { kind, metadata }: KubernetesManifest,
  seconds: number,
): { readonly create: string; readonly update: string; readonly delete: string } {
  const own = metadata.annotations?.[TIMEOUT_ANNOTATION];
  if (own !== undefined && !/^[1-9][0-9]*$/.test(own)) {
    throw new Error(`${kind} ${metadata.name}: ${TIMEOUT_ANNOTATION} is "${own}"; give a whole number of seconds`);
  }
  const limit = `${own ?? seconds}s`;
  return { create: limit, update: limit, delete: limit };
}
