import { setTimeout as sleep } from 'node:timers/promises';
import { kubectl } from '../../stacks/kubectl';

/** Seconds that a storage provisioner may take to delete what was stored, after its claim is gone. */
const DELETION_SECONDS = 120;

interface LiveVolume {
  readonly metadata: { readonly name: string };
  readonly spec: {
    readonly claimRef?: { readonly namespace?: string; readonly name?: string };
    readonly persistentVolumeReclaimPolicy?: string;
    readonly storageClassName?: string;
  };
}

/** What is left of the volumes whose claims are gone. */
export interface RemainingVolumes {
  /** Kept by the reclaim policy of their class, each as a line. */
  readonly retained: readonly string[];
  /** Nobody has deleted them, each as a line. */
  readonly undeleted: readonly string[];
}

/**
 * Waits until the volumes of namespaces that are gone are gone, too: the cluster's storage provisioner deletes them, some time after their claims.
 *
 * @param namespaces that held the claims
 * @param seconds that it may take. @default 120
 */
export async function remainingVolumes(
  namespaces: ReadonlySet<string>,
  seconds = DELETION_SECONDS,
): Promise<RemainingVolumes> {
  if (namespaces.size === 0) return { retained: [], undeleted: [] };
  const end = performance.now() + seconds * 1000;
  for (;;) {
    const volumes = await volumesOf(namespaces);
    const waiting = volumes.filter(({ spec }) => spec.persistentVolumeReclaimPolicy === 'Delete');
    if (waiting.length === 0 || performance.now() >= end) {
      const retained = volumes.filter((volume) => !waiting.includes(volume));
      return { retained: retained.map(describe), undeleted: waiting.map(describe) };
    }
    await sleep(1000);
  }
}

async function volumesOf(namespaces: ReadonlySet<string>): Promise<readonly LiveVolume[]> {
  const text = await kubectl(['get', 'persistentvolumes', '--output', 'json', '--chunk-size', '0']);
  const { items } = JSON.parse(text) as { readonly items: readonly LiveVolume[] };
  return items.filter(({ spec }) => namespaces.has(spec.claimRef?.namespace ?? ''));
}

function describe({ metadata, spec }: LiveVolume): string {
  const { namespace = '', name = '' } = spec.claimRef ?? {};
  const storage = spec.storageClassName === undefined ? '' : `, class ${spec.storageClassName}`;
  return `PersistentVolume ${metadata.name} (of ${namespace}/${name}${storage})`;
}
