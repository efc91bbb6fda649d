import type { CustomResourceOptions, Resource } from '@pulumi/pulumi';
import { GlobalAddress } from '@pulumi/gcp/compute/globalAddress';
import { Network as Vpc } from '@pulumi/gcp/compute/network';
import { Router } from '@pulumi/gcp/compute/router';
import { RouterNat } from '@pulumi/gcp/compute/routerNat';
import { Subnetwork } from '@pulumi/gcp/compute/subnetwork';
import { Connection } from '@pulumi/gcp/servicenetworking/connection';
import { type GcpSettings, subnetPlan } from '../../../constructs';

/** The network of a platform. */
export interface Network {
  readonly vpc: Vpc;
  readonly nodes: Subnetwork;
  /** Ranges of Pods and Services, by their names in the subnet. */
  readonly ranges: { readonly pods: string; readonly services: string };
  /** What a database needs before it can have a private address. */
  readonly peering: Resource;
}

/** Addresses of Pods and Services: outside of every network that may be chosen by default. */
const PODS = '100.64.0.0/14';
const SERVICES = '100.68.0.0/18';

/** A network of its own: nodes without addresses of the world, one way out, and a range in which Google puts databases. */
export function makeNetwork(name: string, { network, region }: GcpSettings, options: CustomResourceOptions): Network {
  const plan = subnetPlan(network, 1);
  const [nodesRange = ''] = plan.private;
  const [address = '', length = ''] = (plan.data[0] ?? '').split('/');
  const vpc = new Vpc('network', { name, autoCreateSubnetworks: false }, options);
  const ranges = { pods: 'pods', services: 'services' };
  const nodes = new Subnetwork(
    'nodes',
    {
      name: `${name}-nodes`,
      network: vpc.id,
      region,
      ipCidrRange: nodesRange,
      privateIpGoogleAccess: true,
      secondaryIpRanges: [
        { rangeName: ranges.pods, ipCidrRange: PODS },
        { rangeName: ranges.services, ipCidrRange: SERVICES },
      ],
      logConfig: { aggregationInterval: 'INTERVAL_5_SEC', flowSampling: 0.5, metadata: 'INCLUDE_ALL_METADATA' },
    },
    options,
  );
  const router = new Router('way-out', { name: `${name}-way-out`, network: vpc.id, region }, options);
  new RouterNat(
    'way-out',
    {
      name: `${name}-way-out`,
      router: router.name,
      region,
      natIpAllocateOption: 'AUTO_ONLY',
      sourceSubnetworkIpRangesToNat: 'ALL_SUBNETWORKS_ALL_IP_RANGES',
    },
    options,
  );
  const range = new GlobalAddress(
    'data',
    {
      name: `${name}-data`,
      network: vpc.id,
      purpose: 'VPC_PEERING',
      addressType: 'INTERNAL',
      address,
      prefixLength: Number(length),
    },
    options,
  );
  const peering = new Connection(
    'data',
    { network: vpc.id, service: 'servicenetworking.googleapis.com', reservedPeeringRanges: [range.name] },
    options,
  );
  return { vpc, nodes, ranges, peering };
}
