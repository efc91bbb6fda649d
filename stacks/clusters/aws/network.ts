import { all, type CustomResourceOptions, type Output } from '@pulumi/pulumi';
import { DefaultSecurityGroup } from '@pulumi/aws/ec2/defaultSecurityGroup';
import { Eip } from '@pulumi/aws/ec2/eip';
import { InternetGateway } from '@pulumi/aws/ec2/internetGateway';
import { NatGateway } from '@pulumi/aws/ec2/natGateway';
import { RouteTable } from '@pulumi/aws/ec2/routeTable';
import { RouteTableAssociation } from '@pulumi/aws/ec2/routeTableAssociation';
import { SecurityGroup } from '@pulumi/aws/ec2/securityGroup';
import { Subnet } from '@pulumi/aws/ec2/subnet';
import { Vpc } from '@pulumi/aws/ec2/vpc';
import { VpcEndpoint } from '@pulumi/aws/ec2/vpcEndpoint';
import { SecurityGroupIngressRule } from '@pulumi/aws/vpc/securityGroupIngressRule';
import { type AwsSettings, subnetPlan } from '../../../constructs';

/** Services of AWS that have an address inside the network: what Pods may call there needs no way into the world. */
const SERVICES = ['s3', 'sts', 'kms'] as const;

/** The network of a platform. */
export interface Network {
  readonly vpcId: Output<string>;
  readonly privateSubnetIds: readonly Output<string>[];
  readonly dataSubnetIds: readonly Output<string>[];
  /** Networks of nodes and Pods, in CIDR notation. */
  readonly privateNetworks: readonly string[];
  /** Addresses of services inside the network. */
  readonly endpoints: readonly VpcEndpoint[];
}

/**
 * A network of its own across the zones: Pods in private subnets, each zone with its own way out; load balancers in public ones; databases, the
 * API of the cluster and the addresses of AWS's services in subnets without any way out.
 */
export function makeNetwork(name: string, settings: AwsSettings, options: CustomResourceOptions): Network {
  const { network, region, zones } = settings;
  const plan = subnetPlan(network, zones.length);
  const tags = (what: string, more: Readonly<Record<string, string>> = {}) => ({ Name: `${name}-${what}`, ...more });
  const vpc = new Vpc(
    'network',
    { cidrBlock: network, enableDnsHostnames: true, enableDnsSupport: true, tags: tags('network') },
    options,
  );
  const vpcId = vpc.id;
  // AWS lets everything in that a new machine is given by default: nothing is given this group, and it lets nobody in.
  new DefaultSecurityGroup('default', { vpcId, ingress: [], egress: [], tags: tags('nobody') }, options);
  const gateway = new InternetGateway('internet', { vpcId, tags: tags('internet') }, options);
  const subnets = (kind: keyof typeof plan, labels: Readonly<Record<string, string>>): Subnet[] =>
    zones.map(
      (zone, index) =>
        new Subnet(
          `${kind}-${zone}`,
          {
            vpcId,
            cidrBlock: plan[kind][index] ?? '',
            availabilityZone: `${region}${zone}`,
            mapPublicIpOnLaunch: false,
            tags: tags(`${kind}-${zone}`, labels),
          },
          options,
        ),
    );
  const publicSubnets = subnets('public', { 'kubernetes.io/role/elb': '1' });
  const privateSubnets = subnets('private', { 'kubernetes.io/role/internal-elb': '1' });
  const dataSubnets = subnets('data', {});

  const toWorld = new RouteTable(
    'public',
    { vpcId, routes: [{ cidrBlock: '0.0.0.0/0', gatewayId: gateway.id }], tags: tags('public') },
    options,
  );
  const inside = new RouteTable('data', { vpcId, routes: [], tags: tags('data') }, options);
  zones.forEach((zone, index) => {
    const [publicSubnet, privateSubnet, dataSubnet] = [publicSubnets, privateSubnets, dataSubnets].map(
      (all) => all[index],
    );
    if (publicSubnet === undefined || privateSubnet === undefined || dataSubnet === undefined) return;
    const address = new Eip(`way-out-${zone}`, { domain: 'vpc', tags: tags(`way-out-${zone}`) }, options);
    const nat = new NatGateway(
      `way-out-${zone}`,
      { allocationId: address.id, subnetId: publicSubnet.id, tags: tags(`way-out-${zone}`) },
      { ...options, dependsOn: [gateway] },
    );
    const out = new RouteTable(
      `private-${zone}`,
      { vpcId, routes: [{ cidrBlock: '0.0.0.0/0', natGatewayId: nat.id }], tags: tags(`private-${zone}`) },
      options,
    );
    const associate = (kind: string, subnet: Subnet, table: RouteTable) =>
      new RouteTableAssociation(`${kind}-${zone}`, { subnetId: subnet.id, routeTableId: table.id }, options);
    associate('public', publicSubnet, toWorld);
    associate('private', privateSubnet, out);
    associate('data', dataSubnet, inside);
  });

  const dataSubnetIds = dataSubnets.map(({ id }) => id);
  const callers = closedGroup('services', 'addresses of services of AWS', vpcId, options, [
    { port: 443, networks: [network] },
  ]);
  const endpoints = SERVICES.map(
    (service) =>
      new VpcEndpoint(
        service,
        {
          vpcId,
          serviceName: `com.amazonaws.${region}.${service}`,
          vpcEndpointType: 'Interface',
          privateDnsEnabled: true,
          ...(service === 's3' ? { dnsOptions: { privateDnsOnlyForInboundResolverEndpoint: false } } : {}),
          subnetIds: all(dataSubnetIds),
          securityGroupIds: [callers.id],
          tags: tags(service),
        },
        options,
      ),
  );
  return {
    vpcId,
    privateSubnetIds: privateSubnets.map(({ id }) => id),
    dataSubnetIds,
    privateNetworks: plan.private,
    endpoints,
  };
}

/** A group that lets in what is named and nothing out: the provider takes away the rule that AWS would begin with, and answers need none. */
export function closedGroup(
  name: string,
  description: string,
  vpcId: Output<string>,
  options: CustomResourceOptions,
  ways: readonly { readonly port: number; readonly networks: readonly string[] }[],
): SecurityGroup {
  const group = new SecurityGroup(name, { vpcId, description, tags: { Name: name } }, options);
  for (const { port, networks } of ways) {
    for (const [index, cidrIpv4] of networks.entries()) {
      new SecurityGroupIngressRule(
        `${name}-${port}-${index}`,
        { securityGroupId: group.id, cidrIpv4, ipProtocol: 'tcp', fromPort: port, toPort: port },
        options,
      );
    }
  }
  return group;
}
