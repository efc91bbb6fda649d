import type { CustomResourceOptions, Resource } from '@pulumi/pulumi';
import { Cluster as GkeCluster } from '@pulumi/gcp/container/cluster';
import { NodePool as GkeNodePool } from '@pulumi/gcp/container/nodePool';
import type { CryptoKey } from '@pulumi/gcp/kms/cryptoKey';
import { IAMMember } from '@pulumi/gcp/projects/iammember';
import { Account } from '@pulumi/gcp/serviceaccount/account';
import type { GcpSettings, NodeTaint } from '../../../constructs';
import type { Network } from './network';

/** Where the API answers inside the network. */
const API_NETWORK = '172.16.0.0/28';
const DISK_GIGABYTES = 100;

/** How GKE spells the effects of taints. */
const EFFECTS: Readonly<Record<NodeTaint['effect'], string>> = {
  NoSchedule: 'NO_SCHEDULE',
  PreferNoSchedule: 'PREFER_NO_SCHEDULE',
  NoExecute: 'NO_EXECUTE',
};

/** A GKE cluster with its nodes. */
export interface GkeParts {
  readonly cluster: GkeCluster;
  readonly ready: readonly Resource[];
}

/** Makes a regional cluster of private nodes, in which NetworkPolicies hold and Secrets are encrypted with a key of the office's own. */
export function makeCluster(
  name: string,
  settings: GcpSettings,
  network: Network,
  key: CryptoKey,
  options: CustomResourceOptions,
): GkeParts {
  const { project, region, kubernetesVersion, apiAccessFrom, administrators, nodePools } = settings;
  const cluster = new GkeCluster(
    'cluster',
    {
      name,
      location: region,
      network: network.vpc.id,
      subnetwork: network.nodes.id,
      minMasterVersion: kubernetesVersion,
      releaseChannel: { channel: 'REGULAR' },
      deletionProtection: true,
      removeDefaultNodePool: true,
      initialNodeCount: 1,
      enableShieldedNodes: true,
      // The one in which NetworkPolicies hold without a further add-on.
      datapathProvider: 'ADVANCED_DATAPATH',
      ipAllocationPolicy: {
        clusterSecondaryRangeName: network.ranges.pods,
        servicesSecondaryRangeName: network.ranges.services,
      },
      privateClusterConfig: {
        enablePrivateNodes: true,
        enablePrivateEndpoint: apiAccessFrom.length === 0,
        masterIpv4CidrBlock: API_NETWORK,
      },
      masterAuthorizedNetworksConfig: { cidrBlocks: apiAccessFrom.map((cidrBlock) => ({ cidrBlock })) },
      workloadIdentityConfig: { workloadPool: `${project}.svc.id.goog` },
      databaseEncryption: { state: 'ENCRYPTED', keyName: key.id },
      masterAuth: { clientCertificateConfig: { issueClientCertificate: false } },
    },
    { ...options, protect: true },
  );
  administrators.forEach((member, index) => {
    new IAMMember(`administrator-${index}`, { project, role: 'roles/container.admin', member }, options);
  });
  const account = new Account(
    'nodes',
    { accountId: `${name.slice(0, 20)}-nodes`, displayName: `nodes of ${name}` },
    options,
  );
  const allowed = ['roles/container.defaultNodeServiceAccount', 'roles/artifactregistry.reader'].map(
    (role) =>
      new IAMMember(
        `nodes-${role.replace(/[^a-zA-Z]/g, '-')}`,
        { project, role, member: account.email.apply((email) => `serviceAccount:${email}`) },
        options,
      ),
  );
  const ready = nodePools.map(
    (pool) =>
      new GkeNodePool(
        `nodes-${pool.name}`,
        {
          name: pool.name,
          cluster: cluster.id,
          location: region,
          // In all zones of the region together, as the bounds of the configuration are meant.
          autoscaling: {
            totalMinNodeCount: pool.minNodes,
            totalMaxNodeCount: pool.maxNodes,
            locationPolicy: 'BALANCED',
          },
          management: { autoRepair: true, autoUpgrade: true },
          nodeConfig: {
            machineType: pool.machineType,
            diskSizeGb: pool.diskGigabytes ?? DISK_GIGABYTES,
            diskType: 'pd-balanced',
            bootDiskKmsKey: key.id,
            serviceAccount: account.email,
            oauthScopes: ['https://www.googleapis.com/auth/cloud-platform'],
            // Pods that ask get an identity of their own, and never the node's.
            workloadMetadataConfig: { mode: 'GKE_METADATA' },
            shieldedInstanceConfig: { enableSecureBoot: true, enableIntegrityMonitoring: true },
            labels: { 'bouture.dev/pool': pool.name, ...pool.labels },
            taints: (pool.taints ?? []).map(({ key: taint, value = '', effect }) => ({
              key: taint,
              value,
              effect: EFFECTS[effect],
            })),
            // GKE itself taints nodes with GPUs, so that Pods stay off that ask for none.
            ...(pool.gpus === undefined
              ? {}
              : {
                  guestAccelerators: [
                    {
                      type: pool.gpus.type ?? '',
                      count: pool.gpus.count,
                      gpuDriverInstallationConfig: { gpuDriverVersion: 'DEFAULT' },
                    },
                  ],
                }),
          },
        },
        { ...options, dependsOn: allowed },
      ),
  );
  return { cluster, ready };
}
