import { at, type CloudFinding, type CloudResource, type CloudRule, listOf } from './rule';

/** What stands for the whole world, in the words of each cloud. */
const WORLD = ['0.0.0.0/0', '::/0', '*', 'Internet', 'Any'];

const isOpen = (networks: unknown): boolean => listOf(networks).some((network) => WORLD.includes(String(network)));

export const noOpenNetwork: CloudRule = {
  id: 'cloud-no-open-network',
  why: 'A group or a firewall that lets the world in makes every fault behind it one that the world can use; the API of a cluster is one such.',
  source: 'https://docs.aws.amazon.com/securityhub/latest/userguide/ec2-controls.html#ec2-18',
  fix: 'name the networks that call it; what the world calls stands behind the load balancer of the exposure',
  *check(resources) {
    for (const resource of resources) {
      for (const [property, networks] of ways(resource)) {
        if (isOpen(networks)) yield { resource, property, message: 'lets the whole world in' } satisfies CloudFinding;
      }
    }
  },
};

/** The networks that a resource lets in, by property. */
function ways({ type, props }: CloudResource): readonly (readonly [property: string, networks: unknown])[] {
  switch (type) {
    case 'aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule':
      return [
        ['cidrIpv4', props['cidrIpv4']],
        ['cidrIpv6', props['cidrIpv6']],
      ];
    case 'aws:ec2/securityGroupRule:SecurityGroupRule':
      return props['type'] === 'ingress' ? [['cidrBlocks', props['cidrBlocks']]] : [];
    case 'aws:ec2/securityGroup:SecurityGroup':
    case 'aws:ec2/defaultSecurityGroup:DefaultSecurityGroup':
      return listOf(props['ingress']).map((rule, index) => [`ingress[${index}].cidrBlocks`, at(rule, 'cidrBlocks')]);
    case 'aws:eks/cluster:Cluster': {
      const config = props['vpcConfig'];
      // Without a list, an API that is public is open to everybody.
      return at(config, 'endpointPublicAccess') === false
        ? []
        : [['vpcConfig.publicAccessCidrs', at(config, 'publicAccessCidrs') ?? WORLD]];
    }
    case 'gcp:compute/firewall:Firewall':
      return props['direction'] === 'EGRESS' ? [] : [['sourceRanges', props['sourceRanges']]];
    case 'gcp:container/cluster:Cluster':
      return [
        [
          'masterAuthorizedNetworksConfig',
          at(props, 'masterAuthorizedNetworksConfig') === undefined
            ? WORLD
            : listOf(at(props, 'masterAuthorizedNetworksConfig', 'cidrBlocks')).map((block) => at(block, 'cidrBlock')),
        ],
      ];
    case 'azure:network/networkSecurityRule:NetworkSecurityRule':
      return props['direction'] === 'Inbound' && props['access'] === 'Allow'
        ? [
            [
              'sourceAddressPrefix',
              [...listOf(props['sourceAddressPrefix']), ...listOf(props['sourceAddressPrefixes'])],
            ],
          ]
        : [];
    case 'azure:containerservice/kubernetesCluster:KubernetesCluster':
      return props['privateClusterEnabled'] === true
        ? []
        : [['apiServerAccessProfile', at(props, 'apiServerAccessProfile', 'authorizedIpRanges') ?? WORLD]];
    default:
      return [];
  }
}
