import { z } from 'zod';
import { REGISTRY } from './addresses';
import { EmbeddedCluster, type Part } from './cluster';

/** What runs of a cluster, and how it is. */
export interface ClusterStatus {
  /** Whether it was started here and not purged. */
  readonly exists: boolean;
  /** Whether every part runs, the node is ready and no Pod is troubled. */
  readonly healthy: boolean;
  readonly parts: readonly { readonly name: Part; readonly running: boolean; readonly pid?: number }[];
  readonly apiReady: boolean;
  /** Every node is. */
  readonly nodeReady: boolean;
  readonly pods: readonly { readonly name: string; readonly phase: string; readonly ready: boolean }[];
  readonly kubeconfig: string;
  readonly registry: string;
}

const podsSchema = z.object({
  items: z.array(
    z.looseObject({
      metadata: z.object({ name: z.string(), namespace: z.string() }),
      status: z.looseObject({
        phase: z.string().default('Unknown'),
        conditions: z.array(z.looseObject({ type: z.string(), status: z.string() })).default([]),
      }),
    }),
  ),
});

/** Looks at the cluster of a directory; changes nothing. */
export async function status(directory?: string): Promise<ClusterStatus> {
  const cluster = new EmbeddedCluster(directory);
  const parts = cluster.parts.map((name) => {
    const found = cluster.daemons.find(name);
    return { name, running: found !== undefined, ...(found === undefined ? {} : { pid: found.pid }) };
  });
  const apiReady = cluster.daemons.isRunning('kube-apiserver') && (await cluster.controlPlane.healthy('/readyz'));
  const nodeReady = apiReady && (await cluster.nodeReady());
  const pods = apiReady ? await podsOf(cluster) : [];
  return {
    exists: cluster.exists(),
    healthy: parts.every(({ running }) => running) && nodeReady && pods.every(({ ready }) => ready),
    parts,
    apiReady,
    nodeReady,
    pods,
    kubeconfig: cluster.kubeconfig,
    registry: REGISTRY,
  };
}

async function podsOf(cluster: EmbeddedCluster): Promise<ClusterStatus['pods']> {
  const text = await cluster.controlPlane.kubectl(['get', 'pods', '--all-namespaces', '-o', 'json']);
  return podsSchema.parse(JSON.parse(text)).items.map(({ metadata, status }) => ({
    name: `${metadata.namespace}/${metadata.name}`,
    phase: status.phase,
    ready: status.phase === 'Succeeded' || status.conditions.some((it) => it.type === 'Ready' && it.status === 'True'),
  }));
}
