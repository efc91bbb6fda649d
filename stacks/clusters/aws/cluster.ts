import { all, type CustomResourceOptions, interpolate, type Output, type Resource } from '@pulumi/pulumi';
import { LaunchTemplate } from '@pulumi/aws/ec2/launchTemplate';
import { AccessEntry } from '@pulumi/aws/eks/accessEntry';
import { AccessPolicyAssociation } from '@pulumi/aws/eks/accessPolicyAssociation';
import { Addon } from '@pulumi/aws/eks/addon';
import { Cluster as EksCluster } from '@pulumi/aws/eks/cluster';
import { NodeGroup } from '@pulumi/aws/eks/nodeGroup';
import { Role } from '@pulumi/aws/iam/role';
import type { Key } from '@pulumi/aws/kms/key';
import type { AwsSettings, NodePool, NodeTaint } from '../../../constructs';
import type { Network } from './network';
import { attach, podRole } from './pod-identity';
import { trustService, volumeKeyPolicy } from './policies';

/** Addresses of Services: outside of every private network that may be chosen for the VPC by default. */
const SERVICE_NETWORK = '172.20.0.0/16';
/** Logs of the control plane, all that there are. */
const LOGS = ['api', 'audit', 'authenticator', 'controllerManager', 'scheduler'];
/** GPUs of a node are for Pods that ask for them: NVIDIA's own device plugin tolerates it. */
const GPU_TAINT: NodeTaint = { key: 'nvidia.com/gpu', value: 'present', effect: 'NoSchedule' };
const DISK_GIGABYTES = 100;

/** How EKS spells the effects of taints. */
const EFFECTS: Readonly<Record<NodeTaint['effect'], string>> = {
  NoSchedule: 'NO_SCHEDULE',
  PreferNoSchedule: 'PREFER_NO_SCHEDULE',
  NoExecute: 'NO_EXECUTE',
};

/** An EKS cluster with its nodes and add-ons. */
export interface EksParts {
  readonly cluster: EksCluster;
  /** Name, once the cluster is there. */
  readonly name: Output<string>;
  /** What must be there before Pods can run, have volumes and ask for credentials. */
  readonly ready: readonly Resource[];
}

/** Makes a cluster whose Secrets are encrypted with a key of the office's own, and whose API the world cannot call unless it is named. */
export function makeCluster(
  name: string,
  settings: AwsSettings,
  network: Network,
  key: Key,
  options: CustomResourceOptions,
): EksParts {
  const { kubernetesVersion, apiAccessFrom, administrators, rolePrefix = '' } = settings;
  const role = new Role(
    'cluster',
    { name: `${rolePrefix}${name}-cluster`, assumeRolePolicy: JSON.stringify(trustService('eks.amazonaws.com')) },
    options,
  );
  const allowed = attach('cluster-AmazonEKSClusterPolicy', role, 'AmazonEKSClusterPolicy', options);
  const cluster = new EksCluster(
    'cluster',
    {
      name,
      version: kubernetesVersion,
      roleArn: role.arn,
      deletionProtection: true,
      bootstrapSelfManagedAddons: false,
      accessConfig: { authenticationMode: 'API', bootstrapClusterCreatorAdminPermissions: true },
      enabledClusterLogTypes: LOGS,
      encryptionConfig: { provider: { keyArn: key.arn }, resources: ['secrets'] },
      kubernetesNetworkConfig: { serviceIpv4Cidr: SERVICE_NETWORK },
      vpcConfig: {
        subnetIds: all([...network.dataSubnetIds]),
        endpointPrivateAccess: true,
        endpointPublicAccess: apiAccessFrom.length > 0,
        ...(apiAccessFrom.length === 0 ? {} : { publicAccessCidrs: [...apiAccessFrom] }),
      },
    },
    { ...options, protect: true, dependsOn: [allowed] },
  );
  administrators.forEach((principalArn, index) => {
    const entry = new AccessEntry(`administrator-${index}`, { clusterName: cluster.name, principalArn }, options);
    new AccessPolicyAssociation(
      `administrator-${index}`,
      {
        clusterName: cluster.name,
        principalArn: entry.principalArn,
        policyArn: 'arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy',
        accessScope: { type: 'cluster' },
      },
      options,
    );
  });

  // Before there are nodes: Pods get their addresses, and what their policies forbid, from the first one, and credentials from the second.
  const addon = (
    addonName: string,
    more: Partial<ConstructorParameters<typeof Addon>[1]>,
    before: readonly Resource[],
  ) =>
    new Addon(
      addonName,
      {
        clusterName: cluster.name,
        addonName,
        resolveConflictsOnCreate: 'OVERWRITE',
        resolveConflictsOnUpdate: 'OVERWRITE',
        ...more,
      },
      { ...options, dependsOn: [...before] },
    );
  const cni = podRole(
    {
      name: 'network',
      cluster: name,
      namespace: 'kube-system',
      serviceAccount: 'aws-node',
      rolePrefix,
      managed: ['AmazonEKS_CNI_Policy'],
    },
    options,
  );
  const identity = addon('eks-pod-identity-agent', {}, []);
  const networking = addon(
    'vpc-cni',
    {
      // Without this, NetworkPolicies are objects that nobody reads.
      configurationValues: JSON.stringify({ enableNetworkPolicy: 'true' }),
      podIdentityAssociations: [{ serviceAccount: 'aws-node', roleArn: cni.arn }],
    },
    [],
  );
  const proxy = addon('kube-proxy', {}, []);
  const groups = nodeGroups(name, settings, network, cluster, [identity, networking, proxy], options);
  const volumes = podRole(
    {
      name: 'volumes',
      cluster: name,
      namespace: 'kube-system',
      serviceAccount: 'ebs-csi-controller-sa',
      rolePrefix,
      managed: ['service-role/AmazonEBSCSIDriverPolicy'],
      policy: key.arn.apply(volumeKeyPolicy),
    },
    options,
  );
  const driver = addon(
    'aws-ebs-csi-driver',
    { podIdentityAssociations: [{ serviceAccount: 'ebs-csi-controller-sa', roleArn: volumes.arn }] },
    groups,
  );
  return {
    cluster,
    name: cluster.name,
    ready: [...groups, driver, addon('coredns', {}, groups), addon('metrics-server', {}, groups)],
  };
}

function nodeGroups(
  name: string,
  { nodePools, kubernetesVersion, rolePrefix = '' }: AwsSettings,
  network: Network,
  cluster: EksCluster,
  before: readonly Resource[],
  options: CustomResourceOptions,
): NodeGroup[] {
  const role = new Role(
    'nodes',
    { name: `${rolePrefix}${name}-nodes`, assumeRolePolicy: JSON.stringify(trustService('ec2.amazonaws.com')) },
    options,
  );
  const allowed = ['AmazonEKSWorkerNodePolicy', 'AmazonEC2ContainerRegistryPullOnly'].map((each) =>
    attach(`nodes-${each}`, role, each, options),
  );
  return nodePools.map((pool) => {
    const template = new LaunchTemplate(
      `nodes-${pool.name}`,
      {
        updateDefaultVersion: true,
        // One hop: a node asks for its credentials itself, and no Pod of it can.
        metadataOptions: { httpEndpoint: 'enabled', httpTokens: 'required', httpPutResponseHopLimit: 1 },
        blockDeviceMappings: [
          {
            deviceName: '/dev/xvda',
            ebs: {
              volumeType: 'gp3',
              volumeSize: pool.diskGigabytes ?? DISK_GIGABYTES,
              encrypted: 'true',
              deleteOnTermination: 'true',
            },
          },
        ],
        tagSpecifications: [{ resourceType: 'instance', tags: { Name: `${name}-${pool.name}` } }],
      },
      options,
    );
    return new NodeGroup(
      `nodes-${pool.name}`,
      {
        clusterName: cluster.name,
        nodeGroupName: pool.name,
        nodeRoleArn: role.arn,
        subnetIds: all([...network.privateSubnetIds]),
        version: kubernetesVersion,
        amiType: pool.gpus === undefined ? 'AL2023_x86_64_STANDARD' : 'AL2023_x86_64_NVIDIA',
        instanceTypes: [pool.machineType],
        launchTemplate: { id: template.id, version: interpolate`${template.latestVersion}` },
        scalingConfig: { minSize: pool.minNodes, maxSize: pool.maxNodes, desiredSize: pool.minNodes },
        updateConfig: { maxUnavailable: 1 },
        labels: labelsOf(pool),
        taints: taintsOf(pool).map(({ key, value = '', effect }) => ({ key, value, effect: EFFECTS[effect] })),
      },
      {
        ...options,
        dependsOn: [...allowed, ...before],
        // How many there are is for the autoscaler to say.
        ignoreChanges: ['scalingConfig.desiredSize'],
      },
    );
  });
}

/** The labels of a pool's nodes. */
function labelsOf({ name, labels = {}, gpus }: NodePool): Record<string, string> {
  return { 'bouture.dev/pool': name, ...(gpus === undefined ? {} : { 'nvidia.com/gpu.present': 'true' }), ...labels };
}

/** The taints of a pool's nodes: GPUs keep everybody off who does not ask for them. */
function taintsOf({ taints = [], gpus }: NodePool): readonly NodeTaint[] {
  return gpus === undefined || taints.some(({ key }) => key === GPU_TAINT.key) ? taints : [...taints, GPU_TAINT];
}
