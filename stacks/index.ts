export { deployedManifests, deployPlatform, type DeploymentProps } from './bridge';
export {
  type CloudCluster,
  type Cluster,
  type ClusterContext,
  type ClusterExposure,
  type ClusterObjectStore,
  clusterOf,
  type ClusterTarget,
  type ExistingCluster,
  existingCluster,
  type GpuRequest,
  type NodePool,
  type NodeTaint,
  type WorkloadIdentity,
} from './clusters';
export type { DeployTimeValues } from './deploy-time';
export { preparePulumi, pulumiEnvironment, STATE_FOLDER } from './environment';
export { generate, generatedValues, type Rotations } from './generated-values';
export { FIELD_MANAGER, KubernetesObject, resourceName, resourceType } from './kubernetes-object';
export { platformProgram, type StackOutputs } from './program';
export { SEED_COMMAND, stackSettings, type StackSettings } from './settings';
