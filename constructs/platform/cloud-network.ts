/** The subnets of a cloud's network, in CIDR notation, one of each kind for each zone. */
export interface SubnetPlan {
  /** Nodes and Pods. */
  readonly private: readonly string[];
  /** Load balancers, and the way of Pods into the world. */
  readonly public: readonly string[];
  /** Databases, and the addresses of the cloud's own services: what Pods may call without leaving the network. */
  readonly data: readonly string[];
}

/** Zones that a network has room for. */
export const ZONES_MAX = 3;

/**
 * Cuts a network into subnets that never share an address: of its four quarters three are for Pods, which have an address each; the last one is
 * cut in four again, three for load balancers, and its last part once more, three for data.
 *
 * @param network IPv4 in CIDR notation, /16 to /20
 * @param zones 1 to 3
 * @throws RangeError when the network is none, or too small or too large, or the zones do not fit
 *
 * @example
 * import { subnetPlan } from 'bouture';
 * subnetPlan('10.80.0.0/16', 2).data; // ['10.80.240.0/22', '10.80.244.0/22']
 */
export function subnetPlan(network: string, zones: number): SubnetPlan {
  const [address = '', length = ''] = network.split('/');
  const prefix = Number(length);
  if (!/^\d+\.\d+\.\d+\.\d+$/.test(address) || !Number.isInteger(prefix) || prefix < 16 || prefix > 20) {
    throw new RangeError(`network "${network}": expected one from /16 to /20, such as 10.80.0.0/16`);
  }
  if (!Number.isInteger(zones) || zones < 1 || zones > ZONES_MAX) {
    throw new RangeError(`${zones} zones: expected 1 to ${ZONES_MAX}`);
  }
  const start = address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
  const cut = (from: number, bits: number): string[] =>
    Array.from({ length: zones }, (_, index) => `${dotted(from + index * 2 ** (32 - bits))}/${bits}`);
  const lastQuarter = start + 3 * 2 ** (30 - prefix);
  const lastPart = lastQuarter + 3 * 2 ** (28 - prefix);
  return {
    private: cut(start, prefix + 2),
    public: cut(lastQuarter, prefix + 4),
    data: cut(lastPart, prefix + 6),
  };
}

function dotted(address: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256).join('.');
}
