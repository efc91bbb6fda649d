import type { Cluster } from './cluster';
import { kubernetesProvider } from './kubernetes-provider';

/** A cluster that exists, reached as `kubectl` reaches it. */
export interface ExistingCluster {
  readonly kind: 'existing';
  /** Context of the kubeconfig. @default - its current context */
  readonly context?: string;
}

/**
 * A cluster that exists: the one of the environment's KUBECONFIG. The kubeconfig is read when it is needed and never stands in the state, so
 * operators with different credentials share a stack. Classes, nodes and the way in are whoever runs it to make.
 */
export function existingCluster({ context }: ExistingCluster): Cluster {
  // Empty means ambient; left out, the SDK would record the path of KUBECONFIG in the state.
  const target = { kubeconfig: '', ...(context === undefined ? {} : { context }) };
  return {
    provider: kubernetesProvider('cluster', target),
    storageClasses: [],
    nodePools: [],
    workloadIdentities: [],
    values: {},
  };
}
