export * from './secret-store';
export * from './unseal';
export type { VaultFlavour } from './vault-client';
export * from './vault-realm';
export type { VaultSnapshotProps } from './vault-snapshots';
export type { ExternalSecretStoreProps, VaultWorkload, VaultWorkloadsProps } from './vault-workloads';
