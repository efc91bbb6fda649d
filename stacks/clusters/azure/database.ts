import { type CustomResourceOptions, type Output } from '@pulumi/pulumi';
import { FlexibleServer } from '@pulumi/azure/postgresql/flexibleServer';
import { FlexibleServerConfiguration } from '@pulumi/azure/postgresql/flexibleServerConfiguration';
import { Zone } from '@pulumi/azure/privatedns/zone';
import { ZoneVirtualNetworkLink } from '@pulumi/azure/privatedns/zoneVirtualNetworkLink';
import type { AzureSettings, CloudServer } from '../../../constructs';
import type { Keys } from './keys';
import type { Network } from './network';

/** Which PostgreSQL: the one that every part of the platform has been tried with. */
const VERSION = '15';
const MEBI = 1024;

/**
 * A PostgreSQL server that the network alone reaches, and by TLS alone.
 *
 * @param password of its administrator
 * @returns its host
 */
export function makeDatabase(
  name: string,
  resourceGroupName: Output<string>,
  { administrator }: CloudServer,
  password: Output<string>,
  { region: location, database }: AzureSettings,
  network: Network,
  keys: Keys,
  options: CustomResourceOptions,
): Output<string> {
  const zone = new Zone(
    'database',
    { name: `${name}.private.postgres.database.azure.com`, resourceGroupName },
    options,
  );
  const link = new ZoneVirtualNetworkLink(
    'database',
    { name: `${name}-database`, resourceGroupName, privateDnsZoneName: zone.name, virtualNetworkId: network.id },
    options,
  );
  const server = new FlexibleServer(
    'database',
    {
      name: `${name}-database`,
      resourceGroupName,
      location,
      version: VERSION,
      administratorLogin: administrator,
      administratorPassword: password,
      skuName: database.machineType,
      storageMb: database.storageGigabytes * MEBI,
      autoGrowEnabled: true,
      backupRetentionDays: Math.max(database.backupDays, 7),
      publicNetworkAccessEnabled: false,
      delegatedSubnetId: network.data.id,
      privateDnsZoneId: zone.id,
      customerManagedKey: { keyVaultKeyId: keys.key.id, primaryUserAssignedIdentityId: keys.database.id },
      identity: { type: 'UserAssigned', identityIds: [keys.database.id] },
      ...(database.highlyAvailable ? { highAvailability: { mode: 'ZoneRedundant' } } : {}),
    },
    {
      ...options,
      protect: true,
      retainOnDelete: true,
      dependsOn: [link, ...keys.ready],
      // Azure chooses zones, and a takeover changes them.
      ignoreChanges: ['zone', 'highAvailability.standbyAvailabilityZone'],
    },
  );
  new FlexibleServerConfiguration(
    'only-tls',
    { name: 'require_secure_transport', serverId: server.id, value: 'ON' },
    options,
  );
  return server.fqdn;
}
