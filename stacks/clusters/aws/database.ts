import { all, type CustomResourceOptions, type Output } from '@pulumi/pulumi';
import type { Key } from '@pulumi/aws/kms/key';
import { Instance } from '@pulumi/aws/rds/instance';
import { ParameterGroup } from '@pulumi/aws/rds/parameterGroup';
import { SubnetGroup } from '@pulumi/aws/rds/subnetGroup';
import type { AwsSettings, CloudServer } from '../../../constructs';
import { closedGroup, type Network } from './network';

/** Major version of PostgreSQL, which every part of the platform has been tried with. */
const MAJOR = '15';
const PORT = 5432;
/** How much the disk may grow by itself, as a multiple of what it begins with. */
const GROWTH = 4;

/**
 * A PostgreSQL server of RDS that Pods alone reach, and by TLS alone.
 *
 * @param password of its administrator
 * @returns its host
 */
export function makeDatabase(
  name: string,
  { administrator }: CloudServer,
  password: Output<string>,
  settings: AwsSettings,
  network: Network,
  key: Key,
  options: CustomResourceOptions,
): Output<string> {
  const { machineType, storageGigabytes, highlyAvailable, backupDays } = settings.database;
  const group = closedGroup('database', 'PostgreSQL, for the Pods of the cluster', network.vpcId, options, [
    { port: PORT, networks: network.privateNetworks },
  ]);
  const subnets = new SubnetGroup(
    'database',
    { name: `${name}-database`, subnetIds: all([...network.dataSubnetIds]) },
    options,
  );
  const parameters = new ParameterGroup(
    'database',
    {
      name: `${name}-postgres${MAJOR}`,
      family: `postgres${MAJOR}`,
      parameters: [
        { name: 'rds.force_ssl', value: '1' },
        { name: 'log_min_duration_statement', value: '2000' },
      ],
    },
    options,
  );
  const instance = new Instance(
    'database',
    {
      identifier: `${name}-database`,
      engine: 'postgres',
      engineVersion: MAJOR,
      instanceClass: machineType,
      allocatedStorage: storageGigabytes,
      maxAllocatedStorage: GROWTH * storageGigabytes,
      storageType: 'gp3',
      storageEncrypted: true,
      kmsKeyId: key.arn,
      dbSubnetGroupName: subnets.name,
      parameterGroupName: parameters.name,
      vpcSecurityGroupIds: [group.id],
      publiclyAccessible: false,
      port: PORT,
      username: administrator,
      password,
      multiAz: highlyAvailable,
      // The authority that the clients of the platform were given.
      caCertIdentifier: 'rds-ca-rsa2048-g1',
      backupRetentionPeriod: backupDays,
      copyTagsToSnapshot: true,
      deleteAutomatedBackups: false,
      skipFinalSnapshot: false,
      finalSnapshotIdentifier: `${name}-database-final`,
      deletionProtection: true,
      autoMinorVersionUpgrade: true,
      enabledCloudwatchLogsExports: ['postgresql', 'upgrade'],
    },
    { ...options, protect: true, retainOnDelete: true },
  );
  return instance.address;
}
