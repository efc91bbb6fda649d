import type { CustomResourceOptions, Output, Resource } from '@pulumi/pulumi';
import { Assignment } from '@pulumi/azure/authorization/assignment';
import { UserAssignedIdentity } from '@pulumi/azure/authorization/userAssignedIdentity';
import { KubernetesCluster } from '@pulumi/azure/containerservice/kubernetesCluster';
import { KubernetesClusterNodePool } from '@pulumi/azure/containerservice/kubernetesClusterNodePool';
import type { AzureSettings, NodePool } from '../../../constructs';
import type { Keys } from './keys';
import type { Network } from './network';

/** Addresses of Pods and Services: outside of every network that may be chosen by default. */
const PODS = '100.64.0.0/14';
const SERVICES = '172.20.0.0/16';
const DNS = '172.20.0.10';
const DISK_GIGABYTES = 100;
/** Keeps Pods off nodes with GPUs that ask for none. */
const GPU_TAINT = 'nvidia.com/gpu=present:NoSchedule';

/** An AKS cluster with its nodes. */
export interface AksParts {
  readonly cluster: KubernetesCluster;
  readonly ready: readonly Resource[];
}

/** Makes a cluster in which only groups of Entra administer, NetworkPolicies hold, and disks are encrypted with a key of the office's own. */
export function makeCluster(
  name: string,
  resourceGroupName: Output<string>,
  settings: AzureSettings,
  network: Network,
  keys: Keys,
  options: CustomResourceOptions,
): AksParts {
  const { region: location, tenant, kubernetesVersion, apiAccessFrom, administrators, nodePools } = settings;
  const identity = new UserAssignedIdentity(
    'cluster',
    { name: `${name}-cluster`, resourceGroupName, location },
    options,
  );
  const allowed = (
    [
      ['network', network.nodes.id, 'Network Contributor'],
      // To attach volumes that the set encrypts.
      ['disks', keys.disks.id, 'Reader'],
    ] as const
  ).map(
    ([what, scope, roleDefinitionName]) =>
      new Assignment(`cluster-${what}`, { scope, roleDefinitionName, principalId: identity.principalId }, options),
  );
  const system = systemPool(nodePools);
  const cluster = new KubernetesCluster(
    'cluster',
    {
      name,
      resourceGroupName,
      location,
      dnsPrefix: name,
      kubernetesVersion,
      skuTier: 'Standard',
      automaticUpgradeChannel: 'patch',
      nodeOsUpgradeChannel: 'NodeImage',
      localAccountDisabled: true,
      roleBasedAccessControlEnabled: true,
      azureActiveDirectoryRoleBasedAccessControl: {
        azureRbacEnabled: false,
        tenantId: tenant,
        adminGroupObjectIds: [...administrators],
      },
      oidcIssuerEnabled: true,
      workloadIdentityEnabled: true,
      diskEncryptionSetId: keys.disks.id,
      identity: { type: 'UserAssigned', identityIds: [identity.id] },
      ...(apiAccessFrom.length === 0
        ? { privateClusterEnabled: true }
        : { apiServerAccessProfile: { authorizedIpRanges: [...apiAccessFrom] } }),
      networkProfile: {
        networkPlugin: 'azure',
        networkPluginMode: 'overlay',
        // The one in which NetworkPolicies hold without a further add-on.
        networkDataPlane: 'cilium',
        networkPolicy: 'cilium',
        outboundType: 'userAssignedNATGateway',
        podCidr: PODS,
        serviceCidr: SERVICES,
        dnsServiceIp: DNS,
      },
      defaultNodePool: {
        name: poolName(system),
        vmSize: system.machineType,
        autoScalingEnabled: true,
        minCount: system.minNodes,
        maxCount: system.maxNodes,
        osDiskSizeGb: system.diskGigabytes ?? DISK_GIGABYTES,
        hostEncryptionEnabled: true,
        vnetSubnetId: network.nodes.id,
        nodeLabels: labelsOf(system),
        upgradeSettings: { maxSurge: '10%' },
      },
    },
    { ...options, protect: true, dependsOn: [...allowed, ...keys.ready, network.wayOut] },
  );
  const more = nodePools
    .filter((pool) => pool !== system)
    .map(
      (pool) =>
        new KubernetesClusterNodePool(
          `nodes-${pool.name}`,
          {
            name: poolName(pool),
            kubernetesClusterId: cluster.id,
            vmSize: pool.machineType,
            autoScalingEnabled: true,
            minCount: pool.minNodes,
            maxCount: pool.maxNodes,
            osDiskSizeGb: pool.diskGigabytes ?? DISK_GIGABYTES,
            hostEncryptionEnabled: true,
            vnetSubnetId: network.nodes.id,
            nodeLabels: labelsOf(pool),
            nodeTaints: [
              ...(pool.taints ?? []).map(({ key, value = '', effect }) => `${key}=${value}:${effect}`),
              ...(pool.gpus === undefined ? [] : [GPU_TAINT]),
            ],
          },
          options,
        ),
    );
  return { cluster, ready: more };
}

/** The pool that the cluster itself runs on: the first that always has nodes for everybody. */
function systemPool(pools: readonly NodePool[]): NodePool {
  const found = pools.find(({ minNodes, taints, gpus }) => minNodes > 0 && taints === undefined && gpus === undefined);
  if (found === undefined)
    throw new Error('no pool of nodes always has nodes without a taint, which AKS itself runs on');
  return found;
}

/** Azure takes at most 12 letters and digits. */
function poolName({ name }: NodePool): string {
  return name.replaceAll('-', '');
}

function labelsOf({ name, labels = {}, gpus }: NodePool): Record<string, string> {
  return { 'bouture.dev/pool': name, ...(gpus === undefined ? {} : { 'nvidia.com/gpu.present': 'true' }), ...labels };
}
