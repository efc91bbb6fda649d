import type { CustomResourceOptions, Output } from '@pulumi/pulumi';
import type { CryptoKey } from '@pulumi/gcp/kms/cryptoKey';
import { DatabaseInstance } from '@pulumi/gcp/sql/databaseInstance';
import { User } from '@pulumi/gcp/sql/user';
import { DATABASE_AUTHORITY } from '../../../blueprints/parts/cloud';
import type { CloudServer, GcpSettings } from '../../../constructs';
import type { Network } from './network';

/** Which PostgreSQL: the one that every part of the platform has been tried with. */
const VERSION = 'POSTGRES_15';

/**
 * A PostgreSQL server of Cloud SQL with a private address alone.
 *
 * @param password of its administrator
 * @returns host and authority, by id of their deploy-time values
 */
export function makeDatabase(
  name: string,
  { host, administrator }: CloudServer,
  password: Output<string>,
  { region, database }: GcpSettings,
  network: Network,
  key: CryptoKey,
  options: CustomResourceOptions,
): Readonly<Record<string, Output<string>>> {
  const instance = new DatabaseInstance(
    'database',
    {
      name: `${name}-database`,
      region,
      databaseVersion: VERSION,
      encryptionKeyName: key.id,
      deletionProtection: true,
      settings: {
        tier: database.machineType,
        edition: 'ENTERPRISE',
        availabilityType: database.highlyAvailable ? 'REGIONAL' : 'ZONAL',
        diskSize: database.storageGigabytes,
        diskType: 'PD_SSD',
        diskAutoresize: true,
        deletionProtectionEnabled: true,
        ipConfiguration: { ipv4Enabled: false, privateNetwork: network.vpc.id, sslMode: 'ENCRYPTED_ONLY' },
        backupConfiguration: {
          enabled: true,
          pointInTimeRecoveryEnabled: true,
          backupRetentionSettings: { retainedBackups: database.backupDays, retentionUnit: 'COUNT' },
        },
      },
    },
    { ...options, protect: true, retainOnDelete: true, dependsOn: [network.peering] },
  );
  new User('administrator', { instance: instance.name, name: administrator, password }, options);
  const authority = instance.serverCaCerts.apply((certificates) => {
    const [first] = certificates;
    if (first === undefined) throw new Error('Cloud SQL tells no certificate authority of the database server');
    return first.cert;
  });
  return { [host.id]: instance.privateIpAddress, [DATABASE_AUTHORITY]: authority };
}
