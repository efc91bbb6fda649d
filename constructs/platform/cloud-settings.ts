/** Keeps Pods off a node that do not tolerate it. */
export interface NodeTaint {
  readonly key: string;
  /** @default '' */
  readonly value?: string;
  readonly effect: 'NoSchedule' | 'PreferNoSchedule' | 'NoExecute';
}

/** Nodes of one kind, of which the cluster has as many as its Pods need. */
export interface NodePool {
  /** A DNS label. */
  readonly name: string;
  /** Machine in the cloud's own words: `m7i.xlarge`, `n2-standard-4`, `Standard_D4s_v5`. */
  readonly machineType: string;
  readonly minNodes: number;
  readonly maxNodes: number;
  /** Size of each node's disk in GiB, for images, logs and scratch files. @default 100 */
  readonly diskGigabytes?: number;
  /** @default - none but those that the cloud sets */
  readonly labels?: Readonly<Record<string, string>>;
  /** @default - none */
  readonly taints?: readonly NodeTaint[];
  /** GPUs of each node. Such nodes get the cloud's image with NVIDIA's driver. @default - none */
  readonly gpus?: GpuRequest;
}

/** GPUs of a machine. */
export interface GpuRequest {
  readonly count: number;
  /** Their type, where the cloud adds them to a machine rather than name the machine for them: `nvidia-l4` at Google. @default - the machine says it */
  readonly type?: string;
}

/** What is the same in every cloud. */
interface CommonSettings {
  /** Region in the cloud's own words. */
  readonly region: string;
  /** Minor version of Kubernetes: `1.34`. */
  readonly kubernetesVersion: string;
  /** Private IPv4 network of nodes, databases and addresses of the cloud's services, in CIDR notation. */
  readonly network: string;
  readonly nodePools: readonly NodePool[];
  /** Networks outside from which the cluster's API may be called. Without any it is reached from inside the network alone. */
  readonly apiAccessFrom: readonly string[];
  /** Zone of the cloud's DNS in which the hosts of the exposure are made. @default - no exposure of the cloud's own */
  readonly dns?: CloudDns;
  readonly database: CloudDatabaseSettings;
}

/** A zone of the cloud's DNS. */
export interface CloudDns {
  /** Its id: `Z0123456789ABCDEFGHIJ` at AWS, the name of the managed zone at Google, of the DNS zone at Azure. */
  readonly zone: string;
  /** Whom the authority that signs certificates may write to. */
  readonly email: string;
}

/** The size of the cloud's PostgreSQL. */
export interface CloudDatabaseSettings {
  /** In the cloud's own words. */
  readonly machineType: string;
  readonly storageGigabytes: number;
  /** A second server in another zone that takes over. */
  readonly highlyAvailable: boolean;
  /** Days that the cloud's own backups are kept. */
  readonly backupDays: number;
}

/** A cluster that is made at AWS. */
export interface AwsSettings extends CommonSettings {
  readonly kind: 'aws';
  /** Number of the account: 12 digits. */
  readonly account: string;
  /** Letters of the zones of the region. */
  readonly zones: readonly string[];
  /** ARNs of the roles or users who administer the cluster, beside whoever makes it. */
  readonly administrators: readonly string[];
  /** What names of roles begin with. @default - nothing */
  readonly rolePrefix?: string;
  /** Names of people whose buckets are made. */
  readonly userBuckets: readonly string[];
}

/** A cluster that is made at Google Cloud. */
export interface GcpSettings extends CommonSettings {
  readonly kind: 'gcp';
  readonly project: string;
  /** Google groups or users who administer the cluster: `group:platform@example.org`. */
  readonly administrators: readonly string[];
}

/** A cluster that is made at Azure. */
export interface AzureSettings extends CommonSettings {
  readonly kind: 'azure';
  readonly subscription: string;
  readonly tenant: string;
  /** Ids of the Entra groups that administer the cluster. */
  readonly administrators: readonly string[];
}

/** The cloud that a platform's cluster is made in. */
export type CloudSettings = AwsSettings | GcpSettings | AzureSettings;
