import {
  contentHash,
  generatedBehind,
  type KubernetesManifest,
  READS_SECRETS,
  type Synthesis,
  type SynthesizedSecret,
} from '../constructs';
import type { Rotations } from './generated-values';
import { isRecord, podTemplate } from './manifests';

/** The annotation of a Pod template that says which of its secrets have been rotated, and how often. */
export const ROTATIONS_ANNOTATION = 'bouture.dev/rotations';

/**
 * Which Secrets hold rotated values: by `namespace/name`, a text that changes with every rotation, such as `minio-root=2`.
 * A Secret whose values have never been rotated is not in it.
 */
export function rotatedSecrets(
  secrets: readonly SynthesizedSecret[],
  rotations: Rotations,
): ReadonlyMap<string, string> {
  const rotated = new Map<string, string>();
  for (const { namespace, name, data } of secrets) {
    const ids = new Set(Object.values(data).flatMap((value) => generatedBehind(value)?.id ?? []));
    const marks = [...ids].sort().flatMap((id) => (rotations[id] === undefined ? [] : [`${id}=${rotations[id]}`]));
    if (marks.length > 0) rotated.set(`${namespace}/${name}`, marks.join(','));
  }
  return rotated;
}

/**
 * A workload that restarts when a secret that it reads is rotated: its Pod template carries the rotations. A Job, whose template the API
 * does not let change, gets another name as well. What reads no rotated secret is returned as it is, so that without rotation the cluster
 * holds exactly what was rendered.
 */
export function withRotations(manifest: KubernetesManifest, rotated: ReadonlyMap<string, string>): KubernetesManifest {
  const template = rotated.size === 0 ? undefined : podTemplate(manifest);
  if (template === undefined) return manifest;
  const { namespace } = manifest.metadata;
  const metadata = isRecord(template.metadata) ? template.metadata : {};
  const annotations = isRecord(metadata.annotations) ? metadata.annotations : {};
  const told = annotations[READS_SECRETS];
  const read = new Set([...secretsOf(template.spec), ...(typeof told === 'string' ? told.split(',') : [])]);
  const marks = [...read].sort().flatMap((name) => rotated.get(`${namespace ?? ''}/${name}`) ?? []);
  if (marks.length === 0) return manifest;
  const mark = [...new Set(marks.flatMap((each) => each.split(',')))].sort().join(',');
  const marked = template.replace({
    ...template.content,
    metadata: { ...metadata, annotations: { ...annotations, [ROTATIONS_ANNOTATION]: mark } },
  });
  if (manifest.kind !== 'Job') return marked;
  return {
    ...marked,
    metadata: { ...marked.metadata, name: `${manifest.metadata.name}-${contentHash(mark).slice(0, 6)}` },
  };
}

/**
 * The workloads that read rotated values, in the order of their waves: what has to be restarted, or in the case of a Job run again, where nothing
 * changes manifests after a rotation. CronJobs read the new values by themselves.
 */
export function readersOf({ objects, secrets }: Synthesis, rotations: Rotations): readonly KubernetesManifest[] {
  const rotated = rotatedSecrets(secrets, rotations);
  return objects
    .map(({ manifest }) => manifest)
    .filter((manifest) => manifest.kind !== 'CronJob' && withRotations(manifest, rotated) !== manifest);
}

/** Names of the Secrets that a Pod reads: as variables, as files, or among projected files. */
function secretsOf(spec: unknown): Set<string> {
  const names = new Set<string>();
  const visit = (value: unknown, key: string): void => {
    if (Array.isArray(value))
      value.forEach((item) => {
        visit(item, key);
      });
    else if (isRecord(value)) {
      if (key === 'secretKeyRef' || key === 'secretRef' || key === 'secret') {
        const name = value.name ?? value.secretName;
        if (typeof name === 'string') names.add(name);
      }
      for (const [child, item] of Object.entries(value)) visit(item, child);
    }
  };
  visit(spec, '');
  return names;
}
