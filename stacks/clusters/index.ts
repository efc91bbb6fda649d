import type { ProviderResource } from '@pulumi/pulumi';
import { type ExistingCluster, existingCluster } from './existing';

/** Where a platform goes. Clusters that a cloud makes will be further kinds. */
export type ClusterTarget = ExistingCluster;

const PROVIDERS: { readonly [Kind in ClusterTarget['kind']]: (target: ClusterTarget) => ProviderResource } = {
  existing: existingCluster,
};

/** The Pulumi provider of a cluster. */
export function clusterProvider(target: ClusterTarget): ProviderResource {
  return PROVIDERS[target.kind](target);
}

export * from './existing';
