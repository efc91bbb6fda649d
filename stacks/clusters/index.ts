import type { CloudNeeds } from '../../constructs';
import type { Cluster, ClusterContext } from './cluster';
import { type ExistingCluster, existingCluster } from './existing';
import { awsCluster, azureCluster, gcpCluster } from './lazy';

/** A cluster that is made in a cloud, with what the platform asks of it. */
export interface CloudCluster {
  readonly kind: 'cloud';
  readonly needs: CloudNeeds;
}

/** Where a platform goes. */
export type ClusterTarget = ExistingCluster | CloudCluster;

/**
 * The cluster of a target: one that exists, or one that is made together with everything that the platform asks of its cloud.
 *
 * @throws RunError when the package of the cloud is not installed, with its name
 */
export function clusterOf(target: ClusterTarget, context: ClusterContext): Cluster {
  if (target.kind === 'existing') return existingCluster(target);
  const { needs } = target;
  const { settings } = needs;
  switch (settings.kind) {
    case 'aws':
      return awsCluster()(needs, settings, context);
    case 'gcp':
      return gcpCluster()(needs, settings, context);
    case 'azure':
      return azureCluster()(needs, settings, context);
  }
}

export * from './cluster';
export { type ExistingCluster, existingCluster } from './existing';
