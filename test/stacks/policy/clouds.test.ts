import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CLOUD_RULES, type CloudResource } from '../../../stacks/policy/clouds';

const resource = (type: string, props: Readonly<Record<string, unknown>>, name = 'it'): CloudResource => ({
  type,
  name,
  urn: `urn:${name}`,
  props,
});

const statement = (Action: string, more: object = {}) =>
  JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action, Resource: '*', ...more }] });

const BLOCKED = { blockPublicAcls: true, blockPublicPolicy: true, ignorePublicAcls: true, restrictPublicBuckets: true };
const bucket = resource('aws:s3/bucket:Bucket', { bucket: 'data' });
const block = (props: object) =>
  resource('aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock', { bucket: 'data', ...BLOCKED, ...props });
const encrypted = (sseAlgorithm: string) =>
  resource('aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration', {
    bucket: 'data',
    rules: [{ applyServerSideEncryptionByDefault: { sseAlgorithm } }],
  });
const google = { publicAccessPrevention: 'enforced', uniformBucketLevelAccess: true };
const inbound = (sourceAddressPrefix: string, more: object = {}) =>
  resource('azure:network/networkSecurityRule:NetworkSecurityRule', {
    direction: 'Inbound',
    access: 'Allow',
    sourceAddressPrefix,
    ...more,
  });
const openapi = (props: object) => resource('aws:eks/cluster:Cluster', { vpcConfig: props });

/** Resources that a rule refuses, by the properties that it names, and ones that it lets pass. */
const CASES: Readonly<
  Record<string, readonly (readonly [title: string, found: readonly string[], ...resources: CloudResource[]])[]>
> = {
  'cloud-no-public-bucket': [
    ['a bucket with all four ways closed', [], bucket, block({})],
    ['a bucket that nothing blocks', ['bucket'], bucket],
    ['a bucket with one way left', ['blockPublicPolicy'], bucket, block({ blockPublicPolicy: false })],
    [
      'a policy for everybody',
      ['policy'],
      resource('aws:s3/bucketPolicy:BucketPolicy', { policy: statement('s3:GetObject', { Principal: '*' }) }),
    ],
    [
      'a policy that denies everybody something',
      [],
      resource('aws:s3/bucketPolicy:BucketPolicy', {
        policy: JSON.stringify({ Statement: [{ Effect: 'Deny', Principal: '*', Action: 's3:*' }] }),
      }),
    ],
    ['a closed bucket of Google', [], resource('gcp:storage/bucket:Bucket', google)],
    [
      'an open bucket of Google',
      ['publicAccessPrevention', 'uniformBucketLevelAccess'],
      resource('gcp:storage/bucket:Bucket', {}),
    ],
    [
      'everybody at Google',
      ['member'],
      resource('gcp:storage/bucketIAMMember:BucketIAMMember', { member: 'allUsers' }),
    ],
    [
      'an account of Azure as it is by default',
      ['allowNestedItemsToBePublic'],
      resource('azure:storage/account:Account', {}),
    ],
  ],
  'cloud-encryption': [
    ['a bucket with a key', [], bucket, encrypted('aws:kms')],
    ['a bucket with a key of Amazon', ['bucket'], bucket, encrypted('AES256')],
    ['a bucket without any', ['bucket'], bucket],
    ['an open database', ['storageEncrypted'], resource('aws:rds/instance:Instance', {})],
    ['an encrypted database', [], resource('aws:rds/instance:Instance', { storageEncrypted: true })],
    ['a cluster with plain Secrets', ['encryptionConfig'], resource('aws:eks/cluster:Cluster', {})],
    [
      'a node with a plain disk',
      ['blockDeviceMappings'],
      resource('aws:ec2/launchTemplate:LaunchTemplate', { blockDeviceMappings: [{ ebs: { encrypted: 'false' } }] }),
    ],
    ['a key that never turns', ['enableKeyRotation'], resource('aws:kms/key:Key', {})],
    ['a bucket of Google with its own key', ['encryption'], resource('gcp:storage/bucket:Bucket', google)],
    [
      'Cloud SQL without a key and without TLS',
      ['encryptionKeyName', 'settings.ipConfiguration.sslMode'],
      resource('gcp:sql/databaseInstance:DatabaseInstance', {
        settings: { ipConfiguration: { sslMode: 'ALLOW_UNENCRYPTED_AND_ENCRYPTED' } },
      }),
    ],
    [
      'disks of AKS',
      ['diskEncryptionSetId'],
      resource('azure:containerservice/kubernetesCluster:KubernetesCluster', {}),
    ],
    ['a Flexible Server', ['customerManagedKey'], resource('azure:postgresql/flexibleServer:FlexibleServer', {})],
    [
      'a class of plain volumes',
      ['parameters.encrypted'],
      resource('kubernetes:storage.k8s.io/v1:StorageClass', { provisioner: 'ebs.csi.aws.com', parameters: {} }),
    ],
    [
      'a class of a driver that no cloud has',
      [],
      resource('kubernetes:storage.k8s.io/v1:StorageClass', { provisioner: 'rancher.io/local-path' }),
    ],
  ],
  'cloud-no-open-network': [
    [
      'a group that lets the world in',
      ['cidrIpv4'],
      resource('aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule', { cidrIpv4: '0.0.0.0/0' }),
    ],
    [
      'a group that lets a network in',
      [],
      resource('aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule', { cidrIpv4: '10.0.0.0/8' }),
    ],
    [
      'a rule within a group',
      ['ingress[0].cidrBlocks'],
      resource('aws:ec2/securityGroup:SecurityGroup', { ingress: [{ cidrBlocks: ['0.0.0.0/0'] }] }),
    ],
    ['an API for everybody, not being told for whom', ['vpcConfig.publicAccessCidrs'], openapi({})],
    ['an API within the network', [], openapi({ endpointPublicAccess: false })],
    ['an API for an office', [], openapi({ endpointPublicAccess: true, publicAccessCidrs: ['192.0.2.0/24'] })],
    [
      'an open firewall of Google',
      ['sourceRanges'],
      resource('gcp:compute/firewall:Firewall', { sourceRanges: ['0.0.0.0/0'] }),
    ],
    ['an open API of GKE', ['masterAuthorizedNetworksConfig'], resource('gcp:container/cluster:Cluster', {})],
    ['an open rule of Azure', ['sourceAddressPrefix'], inbound('Internet')],
    ['a rule of Azure that denies', [], inbound('*', { access: 'Deny' })],
    [
      'an open API of AKS',
      ['apiServerAccessProfile'],
      resource('azure:containerservice/kubernetesCluster:KubernetesCluster', {}),
    ],
  ],
  'cloud-no-wildcard-action': [
    ['a service as a whole', ['policy'], resource('aws:iam/rolePolicy:RolePolicy', { policy: statement('s3:*') })],
    ['everything', ['policy'], resource('aws:iam/userPolicy:UserPolicy', { policy: statement('*') })],
    ['actions that begin alike', ['policy'], resource('aws:kms/key:Key', { policy: statement('kms:ReEncrypt*') })],
    ['one action', [], resource('aws:iam/rolePolicy:RolePolicy', { policy: statement('s3:GetObject') })],
    ['a policy that is not known yet', [], resource('aws:iam/rolePolicy:RolePolicy', { policy: '04da6b54' })],
    [
      'administration by a policy of AWS',
      ['policyArn'],
      resource('aws:iam/rolePolicyAttachment:RolePolicyAttachment', {
        policyArn: 'arn:aws:iam::aws:policy/AdministratorAccess',
      }),
    ],
    ['an editor at Google', ['role'], resource('gcp:projects/iAMMember:IAMMember', { role: 'roles/editor' })],
    [
      'an owner at Azure',
      ['roleDefinitionName'],
      resource('azure:authorization/assignment:Assignment', { roleDefinitionName: 'Owner' }),
    ],
  ],
  'cloud-private-database': [
    [
      'RDS with an address of the world',
      ['publiclyAccessible'],
      resource('aws:rds/instance:Instance', { publiclyAccessible: true }),
    ],
    ['RDS without', [], resource('aws:rds/instance:Instance', { publiclyAccessible: false })],
    [
      'Cloud SQL as it is by default',
      ['settings.ipConfiguration.ipv4Enabled'],
      resource('gcp:sql/databaseInstance:DatabaseInstance', { settings: {} }),
    ],
    [
      'a Flexible Server as it is by default',
      ['publicNetworkAccessEnabled'],
      resource('azure:postgresql/flexibleServer:FlexibleServer', {}),
    ],
  ],
};

describe.each(CLOUD_RULES.map((rule) => [rule.id, rule] as const))('%s', (id, rule) => {
  const cases = CASES[id] ?? [];

  for (const [title, expected, ...resources] of cases) {
    test(`${expected.length > 0 ? 'refuses' : 'lets pass'} ${title}`, () => {
      expect([...rule.check(resources)].map(({ property }) => property)).toEqual(expected);
    });
  }

  test('has examples that it refuses and one that it lets pass', () => {
    expect(cases.some(([, found]) => found.length > 0)).toBe(true);
    expect(cases.some(([, found]) => found.length === 0)).toBe(true);
  });

  test('says what goes wrong, who says so and how to fix it', () => {
    expect(id).toMatch(/^cloud(-[a-z]+)+$/);
    expect(rule.why).toMatch(/\.$/);
    expect(rule.source).toMatch(/^https:\/\//);
    expect(rule.fix.length).toBeGreaterThan(10);
  });

  test('stands in docs/clouds.md', () => {
    expect(readFileSync(join(__dirname, '../../../docs/clouds.md'), 'utf8')).toContain(`\`${id}\``);
  });
});

test('every file of a rule is in the list', () => {
  const helpers = ['index.ts', 'policy-documents.ts', 'rule.ts'];
  const files = readdirSync(join(__dirname, '../../../stacks/policy/clouds')).filter((file) => !helpers.includes(file));
  expect(files).toHaveLength(CLOUD_RULES.length);
});
