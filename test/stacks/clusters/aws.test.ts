import type { ExpectedRole, S3Policy, TrustPolicy } from '../../../constructs';
import { cloudSynthesis, deployInCloud } from '../../support/clouds';
import { mayAssume, mayDo } from '../../support/iam';
import type { Registered } from '../../support/pulumi';

let made: Awaited<ReturnType<typeof deployInCloud>>;

beforeAll(async () => {
  made = await deployInCloud('aws');
}, 120_000);

const names = (type: string) =>
  made
    .all(type)
    .map(({ name }) => name)
    .sort();
const document = (registered: Registered, property = 'policy') =>
  JSON.parse(String(registered.inputs[property])) as { Statement: Record<string, unknown>[] };

describe('the network', () => {
  test('stands in three zones, with a way out in each', () => {
    const zones = made
      .all('ec2/subnet')
      .map(({ inputs }) => `${String(inputs['cidrBlock'])} ${String(inputs['availabilityZone'])}`);
    expect(zones.sort()).toMatchInlineSnapshot(`
      [
        "10.80.0.0/18 eu-west-3a",
        "10.80.128.0/18 eu-west-3c",
        "10.80.192.0/20 eu-west-3a",
        "10.80.208.0/20 eu-west-3b",
        "10.80.224.0/20 eu-west-3c",
        "10.80.240.0/22 eu-west-3a",
        "10.80.244.0/22 eu-west-3b",
        "10.80.248.0/22 eu-west-3c",
        "10.80.64.0/18 eu-west-3b",
      ]
    `);
    expect(made.all('ec2/natGateway')).toHaveLength(3);
  });

  test('gives the data subnets no route', () => {
    expect(made.get('ec2/routeTable', 'data').inputs['routes']).toEqual([]);
  });

  test('has addresses for the services that Pods may call', () => {
    expect(names('ec2/vpcEndpoint')).toEqual(['kms', 's3', 'sts']);
    const holes = cloudSynthesis('aws')
      .objects.filter(({ manifest }) => manifest.kind === 'NetworkPolicy' && manifest.metadata.name === 'vault')
      .flatMap(({ manifest }) => (manifest['spec'] as { egress: { to: { ipBlock?: { cidr: string } }[] }[] }).egress)
      .flatMap(({ to }) => to.flatMap(({ ipBlock }) => ipBlock?.cidr ?? []));
    expect(holes).toEqual(expect.arrayContaining(['10.80.240.0/22', '169.254.170.23/32']));
    expect(holes).not.toContain('0.0.0.0/0');
  });
});

describe('the cluster', () => {
  test('encrypts its Secrets, and its API is called from the networks named alone', () => {
    expect(made.get('eks/cluster').inputs).toMatchObject({
      version: '1.34',
      accessConfig: { authenticationMode: 'API' },
      encryptionConfig: { resources: ['secrets'], provider: { keyArn: expect.stringContaining('key/data') as string } },
      vpcConfig: { endpointPrivateAccess: true, endpointPublicAccess: true, publicAccessCidrs: ['192.0.2.0/24'] },
    });
  });

  test('holds NetworkPolicies, and no Pod reaches the credentials of its node', () => {
    expect(JSON.parse(String(made.get('eks/addon', 'vpc-cni').inputs['configurationValues']))).toEqual({
      enableNetworkPolicy: 'true',
    });
    for (const { inputs } of made.all('ec2/launchTemplate')) {
      expect(inputs['metadataOptions']).toMatchObject({ httpTokens: 'required', httpPutResponseHopLimit: 1 });
    }
  });

  test('has pools within their bounds, with labels and taints', () => {
    expect(made.get('eks/nodeGroup', 'nodes-platform').inputs).toMatchObject({
      instanceTypes: ['m7i.xlarge'],
      scalingConfig: { minSize: 3, maxSize: 6 },
      taints: [],
    });
    expect(made.get('eks/nodeGroup', 'nodes-gpu').inputs).toMatchObject({
      scalingConfig: { minSize: 0, maxSize: 4 },
      labels: { team: 'methods', 'nvidia.com/gpu.present': 'true', 'bouture.dev/pool': 'gpu' },
      taints: [{ key: 'nvidia.com/gpu', value: 'present', effect: 'NO_SCHEDULE' }],
    });
  });

  test('makes encrypted volumes by default', () => {
    expect(made.get('StorageClass').inputs).toMatchObject({
      metadata: { name: 'bouture-encrypted' },
      provisioner: 'ebs.csi.aws.com',
      parameters: { type: 'gp3', encrypted: 'true', kmsKeyId: expect.stringContaining('key/data') as string },
      volumeBindingMode: 'WaitForFirstConsumer',
    });
  });

  test('lets the servers of the secret store, and no other Pods, use their key', () => {
    expect(made.get('eks/podIdentityAssociation', 'unseal').inputs).toMatchObject({
      namespace: 'office-vault',
      serviceAccount: 'vault',
    });
    expect(document(made.get('iam/role:', 'unseal'), 'assumeRolePolicy').Statement).toEqual([
      {
        Effect: 'Allow',
        Principal: { Service: 'pods.eks.amazonaws.com' },
        Action: ['sts:AssumeRole', 'sts:TagSession'],
        Condition: {
          StringEquals: {
            'aws:RequestTag/eks-cluster-name': 'office',
            'aws:RequestTag/kubernetes-namespace': 'office-vault',
            'aws:RequestTag/kubernetes-service-account': 'vault',
          },
        },
      },
    ]);
    expect(document(made.get('iam/rolePolicy:', 'unseal')).Statement).toEqual([
      {
        Effect: 'Allow',
        Action: ['kms:Decrypt', 'kms:DescribeKey', 'kms:Encrypt'],
        Resource: [expect.stringContaining('key/unseal')],
      },
    ]);
    expect(made.get('kms/alias', 'unseal-alias').inputs['name']).toBe('alias/office-unseal');
    const stanza = JSON.stringify(
      cloudSynthesis('aws').objects.find(
        ({ manifest }) =>
          manifest.kind === 'ConfigMap' &&
          manifest.metadata.namespace === 'office-vault' &&
          JSON.stringify(manifest).includes('awskms'),
      ),
    );
    expect(stanza).toContain('alias/office-unseal');
  });
});

describe('the database', () => {
  test('is encrypted, private, kept, and spoken to by TLS that clients verify', () => {
    expect(made.get('rds/instance').inputs).toMatchObject({
      storageEncrypted: true,
      publiclyAccessible: false,
      deletionProtection: true,
      skipFinalSnapshot: false,
      caCertIdentifier: 'rds-ca-rsa2048-g1',
      username: 'postgres',
    });
    expect(made.get('rds/parameterGroup').inputs['parameters']).toContainEqual({ name: 'rds.force_ssl', value: '1' });
    const ca = made.get('kubernetes:core/v1:Secret', 'office-mlflow/mlflow-db-mlflow-ca').inputs['data'];
    const { value } = (ca as { 'ca.crt': { value: string } })['ca.crt'];
    expect(Buffer.from(value, 'base64').toString()).toContain('-----BEGIN CERTIFICATE-----');
  });

  test('takes the Pods in, and nobody else', () => {
    const rules = made.all('vpc/securityGroupIngressRule').filter(({ name }) => name.startsWith('database'));
    expect(rules.map(({ inputs }) => inputs['cidrIpv4'])).toEqual(['10.80.0.0/18', '10.80.64.0/18', '10.80.128.0/18']);
  });
});

describe('the object store', () => {
  test('closes and encrypts every bucket', () => {
    const buckets = names('s3/bucket:Bucket');
    expect(buckets).toEqual([
      'office-123456789012-mlflow',
      'office-123456789012-vault-snapshots',
      'stat-projet-census',
      'stat-user-alice',
    ]);
    for (const guard of ['PublicAccessBlock', 'ServerSideEncryptionConfiguration', 'Policy', 'OwnershipControls']) {
      expect(names(`:Bucket${guard}`)).toEqual(buckets);
    }
  });

  test('gives a program keys in the Secret of its namespace', () => {
    const { data } = made.get('kubernetes:core/v1:Secret', 'office-mlflow/mlflow-s3').inputs;
    const values = data as Record<string, { value: string }>;
    const text = (key: string) => Buffer.from(values[key]?.value ?? '', 'base64').toString();
    expect(text('accessKeyId')).toBe('program-mlflow');
    expect(text('secretAccessKey')).toBe('secret-of-program-mlflow');
  });
});

describe('people', () => {
  const issuer = 'auth.data.example.org/realms/datalab';
  const provider = `arn:aws:iam::123456789012:oidc-provider/${issuer}`;
  const account = { 'aws:ResourceAccount': ['123456789012'] };
  const object = (bucket: string) => `arn:aws:s3:::${bucket}/file`;
  const roleOf = (name: string): ExpectedRole => {
    const role = made.get('iam/role:', `people-${name}`);
    return {
      name,
      arn: '',
      whose: '',
      trustPolicy: JSON.parse(String(role.inputs['assumeRolePolicy'])) as TrustPolicy,
      permissionPolicy: JSON.parse(String(made.get('iam/rolePolicy:', `people-${name}`).inputs['policy'])) as S3Policy,
    };
  };
  /** What AWS makes of a person's token. */
  const tokenOf = (username: string, permissions: readonly string[] = []) => ({
    [`${issuer}:aud`]: ['onyxia-s3'],
    [`${issuer}:amr`]: permissions,
    'aws:RequestTag/username': [username],
    'aws:TagKeys': ['username'],
  });
  /** What a session says of the person. */
  const sessionOf = (username: string) => ({ ...account, 'aws:PrincipalTag/username': [username] });

  test('each reach the bucket of their own name alone: al does not reach that of alpha', () => {
    const everyone = roleOf('office-people');
    expect(mayAssume(everyone, provider, tokenOf('al'), 'aws')).toBe(true);
    for (const action of ['s3:GetObject', 's3:PutObject', 's3:DeleteObject']) {
      expect(mayDo(everyone, action, object('stat-user-al'), sessionOf('al'), 'aws')).toBe(true);
      expect(mayDo(everyone, action, object('stat-user-alpha'), sessionOf('al'), 'aws')).toBe(false);
      expect(mayDo(everyone, action, object('stat-user-alpha'), sessionOf('alpha'), 'aws')).toBe(true);
      expect(mayDo(everyone, action, object('stat-user-al'), sessionOf('alpha'), 'aws')).toBe(false);
    }
    expect(mayDo(everyone, 's3:ListBucket', 'arn:aws:s3:::stat-user-alpha', sessionOf('al'), 'aws')).toBe(false);
    expect(mayDo(everyone, 's3:GetObject', object('stat-user-alpha'), sessionOf('al*'), 'aws')).toBe(false);
    expect(mayDo(everyone, 's3:GetObject', object('stat-projet-census'), sessionOf('al'), 'aws')).toBe(false);
  });

  test('reach the bucket of a project by its role, which its members alone may assume', () => {
    const census = roleOf('stat-projet-census');
    expect(mayAssume(census, provider, tokenOf('al', ['stat-projet-census']), 'aws')).toBe(true);
    expect(mayAssume(census, provider, tokenOf('al', ['stat-projet-census2']), 'aws')).toBe(false);
    expect(mayAssume(census, provider, tokenOf('al'), 'aws')).toBe(false);
    expect(mayAssume(census, `${provider}x`, tokenOf('al', ['stat-projet-census']), 'aws')).toBe(false);
    expect(mayDo(census, 's3:PutObject', object('stat-projet-census'), account, 'aws')).toBe(true);
    expect(mayDo(census, 's3:PutObject', object('stat-projet-census2'), account, 'aws')).toBe(false);
  });

  test('reach nothing of the programs', () => {
    const everyone = roleOf('office-people');
    expect(mayDo(everyone, 's3:GetObject', object('office-123456789012-mlflow'), sessionOf('al'), 'aws')).toBe(false);
  });

  test('are trusted once the platform answers', () => {
    const { dependsOn } = made.get('iam/openIdConnectProvider');
    expect(dependsOn.some((urn) => urn.includes('StatefulSet') || urn.includes('Deployment'))).toBe(true);
    expect(made.get('eks/identityProviderConfig').inputs['oidc']).toMatchObject({
      issuerUrl: `https://${issuer}`,
      clientId: 'kubernetes',
      usernamePrefix: 'oidc:',
      groupsPrefix: 'oidc:',
    });
  });
});

test('a program reaches its own buckets alone', () => {
  const role: ExpectedRole = {
    name: 'mlflow',
    arn: '',
    whose: '',
    permissionPolicy: JSON.parse(String(made.get('iam/userPolicy', 'program-mlflow').inputs['policy'])) as S3Policy,
  };
  const context = { 'aws:ResourceAccount': ['123456789012'] };
  const may = (action: string, bucket: string, given = context) =>
    mayDo(role, action, `arn:aws:s3:::${bucket}/file`, given, 'aws');
  expect(may('s3:PutObject', 'office-123456789012-mlflow')).toBe(true);
  expect(may('s3:DeleteObjectVersion', 'office-123456789012-mlflow')).toBe(false);
  expect(may('s3:GetObject', 'office-123456789012-vault-snapshots')).toBe(false);
  expect(may('s3:GetObject', 'office-123456789012-mlflow2')).toBe(false);
  expect(may('s3:GetObject', 'office-123456789012-mlflow', { 'aws:ResourceAccount': ['210987654321'] })).toBe(false);
});
