import type { CustomResourceOptions, Output } from '@pulumi/pulumi';
import { UserAssignedIdentity } from '@pulumi/azure/authorization/userAssignedIdentity';
import { Assignment } from '@pulumi/azure/authorization/assignment';
import { DiskEncryptionSet } from '@pulumi/azure/compute/diskEncryptionSet';
import { Key } from '@pulumi/azure/keyvault/key';
import { KeyVault } from '@pulumi/azure/keyvault/keyVault';
import { type AzureSettings, contentHash } from '../../../constructs';

/** Days in which somebody who deletes a key may change their mind: the most that Azure gives. */
const DELETION_DAYS = 90;

/** What disks and databases are encrypted with. */
export interface Keys {
  readonly key: Key;
  readonly disks: DiskEncryptionSet;
  /** Who may use the key for the database. */
  readonly database: UserAssignedIdentity;
  /** What must be there before the key can be used. */
  readonly ready: readonly Assignment[];
}

/** The key of disks and databases, in a vault that Azure's own services and the administrators alone reach. */
export function makeKeys(
  name: string,
  resourceGroupName: Output<string>,
  { region: location, tenant, subscription, administrators }: AzureSettings,
  options: CustomResourceOptions,
): Keys {
  const place = { resourceGroupName, location };
  const vault = new KeyVault(
    'keys',
    {
      // Names of vaults are worldwide, and short.
      name: `${name.slice(0, 15).replace(/-$/, '')}-${contentHash(subscription).slice(0, 8)}`,
      ...place,
      tenantId: tenant,
      skuName: 'premium',
      rbacAuthorizationEnabled: true,
      purgeProtectionEnabled: true,
      softDeleteRetentionDays: DELETION_DAYS,
    },
    { ...options, protect: true, retainOnDelete: true },
  );
  const officers = administrators.map(
    (principalId, index) =>
      new Assignment(
        `keys-administrator-${index}`,
        { scope: vault.id, roleDefinitionName: 'Key Vault Crypto Officer', principalId },
        options,
      ),
  );
  const key = new Key(
    'data',
    {
      name: 'data',
      keyVaultId: vault.id,
      keyType: 'RSA',
      keySize: 3072,
      keyOpts: ['decrypt', 'encrypt', 'unwrapKey', 'wrapKey'],
      rotationPolicy: { automatic: { timeAfterCreation: 'P90D' } },
    },
    { ...options, protect: true, retainOnDelete: true, dependsOn: officers },
  );
  const disks = new DiskEncryptionSet(
    'disks',
    {
      name: `${name}-disks`,
      ...place,
      keyVaultKeyId: key.versionlessId,
      autoKeyRotationEnabled: true,
      identity: { type: 'SystemAssigned' },
    },
    options,
  );
  const database = new UserAssignedIdentity('database', { name: `${name}-database`, ...place }, options);
  const role = { scope: vault.id, roleDefinitionName: 'Key Vault Crypto Service Encryption User' };
  return {
    key,
    disks,
    database,
    ready: [
      new Assignment(
        'key-for-disks',
        { ...role, principalId: disks.identity.apply(({ principalId }) => principalId) },
        options,
      ),
      new Assignment('key-for-database', { ...role, principalId: database.principalId }, options),
    ],
  };
}
