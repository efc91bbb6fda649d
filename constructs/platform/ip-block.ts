/** The address that every cloud serves machine credentials from. */
export const METADATA_SERVICE = '169.254.169.254';

/** Networks as a NetworkPolicy names them. */
export interface IpBlock {
  readonly cidr: string;
  /** @default - nothing */
  readonly except?: string[];
}

/**
 * A network as a NetworkPolicy names it, without the clouds' metadata service where that is somewhere in it.
 *
 * @param cidr IPv4, in CIDR notation
 */
export function ipBlock(cidr: string): IpBlock {
  const spared = `${METADATA_SERVICE}/32`;
  return cidr !== spared && contains(cidr, METADATA_SERVICE) ? { cidr, except: [spared] } : { cidr };
}

/** Whether an IPv4 network in CIDR notation contains an address. */
export function contains(cidr: string, address: string): boolean {
  const [network = '', length = '32'] = cidr.split('/');
  if (!/^\d+\.\d+\.\d+\.\d+$/.test(network)) return false;
  const size = 2 ** (32 - Number(length));
  const prefix = (ip: string): number => Math.floor(bits(ip) / size);
  return prefix(network) === prefix(address);
}

function bits(address: string): number {
  return address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
}
