/** Recommended labels, https://kubernetes.io/docs/concepts/overview/working-with-objects/common-labels/ */
export interface RecommendedLabels {
  readonly 'app.kubernetes.io/name': string;
  readonly 'app.kubernetes.io/instance': string;
  readonly 'app.kubernetes.io/part-of': string;
  readonly 'app.kubernetes.io/managed-by': string;
  readonly [label: string]: string;
}

/** The value of `app.kubernetes.io/managed-by` on everything that this library makes. */
export const MANAGED_BY = 'bouture';

/** Labels that select the Pods of one workload; immutable in the API, so they carry no version. */
export type SelectorLabels = Readonly<Record<'app.kubernetes.io/name' | 'app.kubernetes.io/instance', string>>;

/**
 * Annotation of a workload that becomes ready by what somebody does once the platform stands, told in its value: a deployment makes it and
 * does not wait for it.
 */
export const READY_LATER = 'bouture.dev/ready-later';

/**
 * Annotation of a Pod template: names of Secrets of its namespace, with commas between, that the Pod reads through the API of Kubernetes when it starts.
 * What reads a Secret as a variable or a file needs no telling.
 */
export const READS_SECRETS = 'bouture.dev/reads-secrets';

/**
 * Label of an object whose `app.kubernetes.io/part-of` must say something else, for somebody finds it by that: the platform that it is part of. Whoever
 * deploys finds it by this one.
 */
export const PART_OF = 'bouture.dev/part-of';
