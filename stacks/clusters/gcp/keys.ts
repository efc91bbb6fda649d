import { type CustomResourceOptions, interpolate } from '@pulumi/pulumi';
import { CryptoKey } from '@pulumi/gcp/kms/cryptoKey';
import { CryptoKeyIAMMember } from '@pulumi/gcp/kms/cryptoKeyIAMMember';
import { KeyRing } from '@pulumi/gcp/kms/keyRing';
import { getProjectOutput } from '@pulumi/gcp/organizations/getProject';
import { ServiceIdentity } from '@pulumi/gcp/projects/serviceIdentity';
import { getProjectServiceAccountOutput } from '@pulumi/gcp/storage/getProjectServiceAccount';
import type { GcpSettings } from '../../../constructs';

/** Ninety days: after as long Google makes another version of the key, and keeps the old ones for what they encrypted. */
const ROTATION = '7776000s';

/** The key of volumes, databases, buckets and the cluster's own Secrets, which Google's services alone use. */
export function makeKeys(name: string, settings: GcpSettings, options: CustomResourceOptions): CryptoKey {
  const { project, region: location } = settings;
  const ring = new KeyRing('keys', { name, location }, { ...options, protect: true, retainOnDelete: true });
  const key = new CryptoKey(
    'data',
    { name: 'data', keyRing: ring.id, rotationPeriod: ROTATION, purpose: 'ENCRYPT_DECRYPT' },
    { ...options, protect: true, retainOnDelete: true },
  );
  const invoke = { parent: ring };
  const { number } = getProjectOutput({ projectId: project }, invoke);
  const sql = new ServiceIdentity('sql', { project, service: 'sqladmin.googleapis.com' }, options);
  const users = {
    storage: interpolate`serviceAccount:${getProjectServiceAccountOutput({ project }, invoke).emailAddress}`,
    sql: interpolate`serviceAccount:${sql.email}`,
    disks: interpolate`serviceAccount:service-${number}@compute-system.iam.gserviceaccount.com`,
    cluster: interpolate`serviceAccount:service-${number}@container-engine-robot.iam.gserviceaccount.com`,
  };
  for (const [user, member] of Object.entries(users)) {
    new CryptoKeyIAMMember(
      `key-for-${user}`,
      { cryptoKeyId: key.id, role: 'roles/cloudkms.cryptoKeyEncrypterDecrypter', member },
      options,
    );
  }
  return key;
}
