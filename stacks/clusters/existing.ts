import { Provider } from '@pulumi/kubernetes/provider';

/** A cluster that exists, reached as `kubectl` reaches it. */
export interface ExistingCluster {
  readonly kind: 'existing';
  /** Context of the kubeconfig. @default - its current context */
  readonly context?: string;
}

/** Requests that the provider may send in a second, and at once. Its own default, 50, would hold back every large platform. */
const CLIENT = { qps: 500, burst: 1000 };

/**
 * The provider of a cluster that exists: the one of the environment's KUBECONFIG. The kubeconfig is read when it is needed and never
 * stands in the state, so operators with different credentials share a stack.
 */
export function existingCluster(target: ExistingCluster): Provider {
  return new Provider('cluster', {
    // Empty means ambient; left out, the SDK would record the path of KUBECONFIG in the state.
    kubeconfig: '',
    ...(target.context === undefined ? {} : { context: target.context }),
    kubeClientSettings: CLIENT,
    // Changed in place: by default a changed Secret or ConfigMap would be deleted and made again.
    enableSecretMutable: true,
    enableConfigMapMutable: true,
  });
}
