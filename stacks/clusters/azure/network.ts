import type { CustomResourceOptions, Output } from '@pulumi/pulumi';
import { NatGateway } from '@pulumi/azure/network/natGateway';
import { NatGatewayPublicIpAssociation } from '@pulumi/azure/network/natGatewayPublicIpAssociation';
import { PublicIp } from '@pulumi/azure/network/publicIp';
import { Subnet } from '@pulumi/azure/network/subnet';
import { SubnetNatGatewayAssociation } from '@pulumi/azure/network/subnetNatGatewayAssociation';
import { VirtualNetwork } from '@pulumi/azure/network/virtualNetwork';
import { type AzureSettings, subnetPlan } from '../../../constructs';

/** The network of a platform. */
export interface Network {
  readonly id: Output<string>;
  readonly nodes: Subnet;
  /** Where Azure puts the database. */
  readonly data: Subnet;
  /** The way out of the nodes, which must be there before them. */
  readonly wayOut: SubnetNatGatewayAssociation;
}

/** A network of its own: nodes without addresses of the world, one way out, and a subnet that belongs to the database. */
export function makeNetwork(
  name: string,
  resourceGroupName: Output<string>,
  { network, region: location }: AzureSettings,
  options: CustomResourceOptions,
): Network {
  const plan = subnetPlan(network, 1);
  const place = { resourceGroupName, location };
  const vnet = new VirtualNetwork('network', { name, ...place, addressSpaces: [network] }, options);
  const inNetwork = { resourceGroupName, virtualNetworkName: vnet.name };
  const nodes = new Subnet(
    'nodes',
    { name: 'nodes', ...inNetwork, addressPrefixes: [...plan.private], defaultOutboundAccessEnabled: false },
    options,
  );
  const data = new Subnet(
    'data',
    {
      name: 'data',
      ...inNetwork,
      addressPrefixes: [...plan.data],
      defaultOutboundAccessEnabled: false,
      delegations: [
        {
          name: 'postgres',
          serviceDelegation: {
            name: 'Microsoft.DBforPostgreSQL/flexibleServers',
            actions: ['Microsoft.Network/virtualNetworks/subnets/join/action'],
          },
        },
      ],
    },
    options,
  );
  const address = new PublicIp(
    'way-out',
    { name: `${name}-way-out`, ...place, allocationMethod: 'Static', sku: 'Standard' },
    options,
  );
  const nat = new NatGateway('way-out', { name: `${name}-way-out`, ...place, skuName: 'Standard' }, options);
  const addressed = new NatGatewayPublicIpAssociation(
    'way-out',
    { natGatewayId: nat.id, publicIpAddressId: address.id },
    options,
  );
  const wayOut = new SubnetNatGatewayAssociation(
    'way-out',
    { subnetId: nodes.id, natGatewayId: nat.id },
    { ...options, dependsOn: [addressed] },
  );
  return { id: vnet.id, nodes, data, wayOut };
}
