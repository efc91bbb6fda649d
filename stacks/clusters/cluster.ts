import type { Output, ProviderResource, Resource } from '@pulumi/pulumi';
import type { GeneratedValue, NodePool } from '../../constructs';
import type { DeployTimeValues } from '../deploy-time';

export type { GpuRequest, NodePool, NodeTaint } from '../../constructs';

/** A service account whose Pods get credentials of the cloud without any key. */
export interface WorkloadIdentity {
  readonly namespace: string;
  readonly serviceAccount: string;
  /** What the cloud knows it by: the ARN of a role, the e-mail of an account. */
  readonly identity: Output<string>;
}

/** How the world reaches the controller of Ingresses of a cluster. */
export interface ClusterExposure {
  readonly ingressClassName: string;
  /** Host or address of its load balancer. */
  readonly address: Output<string>;
}

/** The object store of a cluster's cloud. */
export interface ClusterObjectStore {
  /** What each bucket is known by in the cloud, by name. */
  readonly buckets: Readonly<Record<string, Output<string>>>;
}

/** What a platform is deployed on, whoever runs it. */
export interface Cluster {
  /** The Kubernetes provider that every object of the platform goes through. */
  readonly provider: ProviderResource;
  /** For kubectl, without any secret in it. @default - the one of the environment's KUBECONFIG */
  readonly kubeconfig?: Output<string>;
  /** Names of the classes that it was given, the default one first. */
  readonly storageClasses: readonly string[];
  /** The pools that it was given. */
  readonly nodePools: readonly NodePool[];
  readonly workloadIdentities: readonly WorkloadIdentity[];
  /** @default - the cluster has its own way in, or none */
  readonly exposure?: ClusterExposure;
  /** @default - none: the platform keeps objects itself, or somebody else does */
  readonly objectStore?: ClusterObjectStore;
  /** What constructs asked for that the cloud has made, by id of its DeployTimeValue. */
  readonly values: DeployTimeValues;
  /**
   * Makes what trusts the platform, and so can only be made once it answers: the cloud reads the keys of an identity provider that may run in
   * the platform itself.
   *
   * @param platform everything that was deployed
   */
  readonly trustPlatform?: (platform: readonly Resource[]) => void;
}

/** What making a cluster needs besides what the platform asks for. */
export interface ClusterContext {
  /** The text of a generated value. */
  readonly generated: (value: GeneratedValue) => Output<string>;
}
