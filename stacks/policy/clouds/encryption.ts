import { at, bucketOf, type CloudFinding, type CloudResource, type CloudRule, listOf } from './rule';

/** What must be set in each resource that keeps data. */
const KEPT: Readonly<
  Record<string, readonly (readonly [property: string, isRight: (props: CloudResource['props']) => boolean])[]>
> = {
  'aws:rds/instance:Instance': [['storageEncrypted', ({ storageEncrypted }) => storageEncrypted === true]],
  'aws:ebs/volume:Volume': [['encrypted', ({ encrypted }) => encrypted === true]],
  'aws:eks/cluster:Cluster': [
    ['encryptionConfig', ({ encryptionConfig }) => listOf(at(encryptionConfig, 'resources')).includes('secrets')],
  ],
  'aws:ec2/launchTemplate:LaunchTemplate': [
    [
      'blockDeviceMappings',
      ({ blockDeviceMappings }) =>
        listOf(blockDeviceMappings).every((disk) => String(at(disk, 'ebs', 'encrypted')) === 'true'),
    ],
  ],
  'aws:kms/key:Key': [['enableKeyRotation', ({ enableKeyRotation }) => enableKeyRotation === true]],
  'gcp:storage/bucket:Bucket': [['encryption', ({ encryption }) => at(encryption, 'defaultKmsKeyName') !== undefined]],
  'gcp:sql/databaseInstance:DatabaseInstance': [
    ['encryptionKeyName', ({ encryptionKeyName }) => encryptionKeyName !== undefined],
    [
      'settings.ipConfiguration.sslMode',
      ({ settings }) => at(settings, 'ipConfiguration', 'sslMode') !== 'ALLOW_UNENCRYPTED_AND_ENCRYPTED',
    ],
  ],
  'gcp:container/cluster:Cluster': [
    ['databaseEncryption', ({ databaseEncryption }) => at(databaseEncryption, 'state') === 'ENCRYPTED'],
  ],
  'gcp:container/nodePool:NodePool': [
    ['nodeConfig.bootDiskKmsKey', ({ nodeConfig }) => at(nodeConfig, 'bootDiskKmsKey') !== undefined],
  ],
  'azure:containerservice/kubernetesCluster:KubernetesCluster': [
    ['diskEncryptionSetId', ({ diskEncryptionSetId }) => diskEncryptionSetId !== undefined],
  ],
  'azure:postgresql/flexibleServer:FlexibleServer': [
    ['customerManagedKey', ({ customerManagedKey }) => customerManagedKey !== undefined],
  ],
};

/** Drivers of volumes, with the parameter that says how they encrypt. */
const DRIVERS: Readonly<Record<string, string>> = {
  'ebs.csi.aws.com': 'encrypted',
  'pd.csi.storage.gke.io': 'disk-encryption-kms-key',
  'disk.csi.azure.com': 'diskEncryptionSetID',
};

export const encryption: CloudRule = {
  id: 'cloud-encryption',
  why: 'A disk, a snapshot or a backup that is not encrypted is read by whoever gets hold of it, without any right in the platform.',
  source: 'https://docs.aws.amazon.com/wellarchitected/latest/security-pillar/sec_protect_data_rest_encrypt.html',
  fix: 'encrypt it with a key of the office: the property that is named',
  *check(resources) {
    const encrypted = new Set(
      resources
        .filter(({ type }) => type.endsWith(':BucketServerSideEncryptionConfiguration'))
        .filter(({ props }) =>
          listOf(props['rules']).some(
            (rule) => at(rule, 'applyServerSideEncryptionByDefault', 'sseAlgorithm') === 'aws:kms',
          ),
        )
        .map(bucketOf),
    );
    for (const resource of resources) yield* unencrypted(resource, encrypted);
  },
};

function* unencrypted(resource: CloudResource, buckets: ReadonlySet<string>): Iterable<CloudFinding> {
  const { type, props } = resource;
  for (const [property, isRight] of KEPT[type] ?? []) {
    if (!isRight(props))
      yield { resource, property, message: 'what it keeps is not encrypted with a key of the office' };
  }
  if (/^aws:s3\/bucket(V2)?:Bucket/.test(type) && !buckets.has(bucketOf(resource))) {
    yield { resource, property: 'bucket', message: 'no key of KMS encrypts it' };
  }
  if (type === 'kubernetes:storage.k8s.io/v1:StorageClass') {
    const parameter = DRIVERS[String(props['provisioner'])];
    const value = parameter === undefined ? 'true' : at(props, 'parameters', parameter);
    if (parameter !== undefined && (value === undefined || value === 'false')) {
      yield { resource, property: `parameters.${parameter}`, message: 'volumes of this class are not encrypted' };
    }
  }
}
