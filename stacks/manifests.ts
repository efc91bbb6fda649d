import type { KubernetesManifest } from '../constructs';

/** True for an object that is no list. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The Pod template of a workload, and a way to put another in its place. */
export interface PodTemplate {
  readonly content: Readonly<Record<string, unknown>>;
  readonly metadata: unknown;
  readonly spec: unknown;
  /** The workload with another template. */
  replace(content: Readonly<Record<string, unknown>>): KubernetesManifest;
}

/** Where the kinds that make Pods keep the template of them. */
const TEMPLATE_PATHS: Readonly<Record<string, readonly string[]>> = {
  'apps/v1/Deployment': ['spec', 'template'],
  'apps/v1/StatefulSet': ['spec', 'template'],
  'apps/v1/DaemonSet': ['spec', 'template'],
  'batch/v1/Job': ['spec', 'template'],
  'batch/v1/CronJob': ['spec', 'jobTemplate', 'spec', 'template'],
};

/** The Pod template of a workload; undefined for objects that make no Pods. */
export function podTemplate(manifest: KubernetesManifest): PodTemplate | undefined {
  const path = TEMPLATE_PATHS[`${manifest.apiVersion}/${manifest.kind}`];
  if (path === undefined) return undefined;
  let content: unknown = manifest;
  for (const key of path) content = isRecord(content) ? content[key] : undefined;
  if (!isRecord(content)) return undefined;
  return {
    content,
    metadata: content.metadata,
    spec: content.spec,
    replace: (other) => ({ ...manifest, ...(replaced(manifest, path, other) as Partial<KubernetesManifest>) }),
  };
}

function replaced(
  object: Readonly<Record<string, unknown>>,
  path: readonly string[],
  value: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  const [key, ...rest] = path;
  if (key === undefined) return value;
  const child = object[key];
  return { ...object, [key]: replaced(isRecord(child) ? child : {}, rest, value) };
}
