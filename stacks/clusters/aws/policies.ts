/** One statement of a policy of IAM, for what is no store of objects. */
export interface Statement {
  readonly Sid?: string;
  readonly Effect: 'Allow' | 'Deny';
  /** Who, in a policy of a resource. */
  readonly Principal?: Readonly<Record<string, string | readonly string[]>> | '*';
  readonly Action: readonly string[];
  readonly Resource?: readonly string[];
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;
}

/** A policy of IAM. */
export interface Policy {
  readonly Version: '2012-10-17';
  readonly Statement: readonly Statement[];
}

/** A policy of statements. */
function policy(...statements: readonly Statement[]): Policy {
  return { Version: '2012-10-17', Statement: statements };
}

/** Lets a service of AWS assume a role. */
export function trustService(service: string): Policy {
  return policy({ Effect: 'Allow', Principal: { Service: service }, Action: ['sts:AssumeRole'] });
}

/**
 * Lets the Pods of one service account of one cluster assume a role
 * (https://docs.aws.amazon.com/eks/latest/userguide/pod-id-role.html).
 */
export function trustPods(cluster: string, namespace: string, serviceAccount: string): Policy {
  return policy({
    Effect: 'Allow',
    Principal: { Service: 'pods.eks.amazonaws.com' },
    Action: ['sts:AssumeRole', 'sts:TagSession'],
    Condition: {
      StringEquals: {
        'aws:RequestTag/eks-cluster-name': cluster,
        'aws:RequestTag/kubernetes-namespace': namespace,
        'aws:RequestTag/kubernetes-service-account': serviceAccount,
      },
    },
  });
}

/** What a key is used for, by the services of AWS and by Pods. */
const USE = [
  'kms:Decrypt',
  'kms:DescribeKey',
  'kms:Encrypt',
  'kms:GenerateDataKey',
  'kms:GenerateDataKeyWithoutPlaintext',
];

/** What whoever administers the account does with a key. Each action by its name: `kms:*` would be what tomorrow's AWS makes of it. */
const ADMINISTER = [
  ...['kms:CancelKeyDeletion', 'kms:CreateAlias', 'kms:CreateGrant', 'kms:DeleteAlias', 'kms:DisableKey'],
  ...[
    'kms:DisableKeyRotation',
    'kms:EnableKey',
    'kms:EnableKeyRotation',
    'kms:GetKeyPolicy',
    'kms:GetKeyRotationStatus',
  ],
  ...['kms:ListAliases', 'kms:ListGrants', 'kms:ListKeyPolicies', 'kms:ListResourceTags', 'kms:PutKeyPolicy'],
  ...['kms:ReEncryptFrom', 'kms:ReEncryptTo', 'kms:RetireGrant', 'kms:RevokeGrant', 'kms:ScheduleKeyDeletion'],
  ...['kms:TagResource', 'kms:UntagResource', 'kms:UpdateAlias', 'kms:UpdateKeyDescription'],
];

/** Lets the account say by policies of its roles who administers and uses a key. */
function accountKeeps(account: string): Statement {
  return {
    Sid: 'AccountKeepsIt',
    Effect: 'Allow',
    Principal: { AWS: `arn:aws:iam::${account}:root` },
    Action: [...ADMINISTER, ...USE],
    Resource: ['*'],
  };
}

/**
 * The policy of the key that data is encrypted with. Whoever may read an object may have it decrypted, but by S3 alone: that a role opens a
 * bucket is said once, in the role.
 */
export function dataKeyPolicy(account: string, region: string): Policy {
  return policy(accountKeeps(account), {
    Sid: 'ByStore',
    Effect: 'Allow',
    Principal: { AWS: '*' },
    Action: ['kms:Decrypt', 'kms:GenerateDataKey'],
    Resource: ['*'],
    Condition: { StringEquals: { 'kms:CallerAccount': account, 'kms:ViaService': `s3.${region}.amazonaws.com` } },
  });
}

/** The policy of the key that the secret store unseals with. */
export function sealKeyPolicy(account: string): Policy {
  return policy(accountKeeps(account));
}

/** What the servers of a secret store do with their key (https://developer.hashicorp.com/vault/docs/configuration/seal/awskms#authentication). */
export function unsealPolicy(key: string): Policy {
  return policy({ Effect: 'Allow', Action: ['kms:Decrypt', 'kms:DescribeKey', 'kms:Encrypt'], Resource: [key] });
}

/** What the driver of volumes does with the key of the data, beside what AWS allows it (AmazonEBSCSIDriverPolicy). */
export function volumeKeyPolicy(key: string): Policy {
  return policy(
    {
      Effect: 'Allow',
      Action: [
        'kms:Decrypt',
        'kms:DescribeKey',
        'kms:GenerateDataKeyWithoutPlaintext',
        'kms:ReEncryptFrom',
        'kms:ReEncryptTo',
      ],
      Resource: [key],
    },
    {
      Effect: 'Allow',
      Action: ['kms:CreateGrant'],
      Resource: [key],
      Condition: { Bool: { 'kms:GrantIsForAWSResource': 'true' } },
    },
  );
}

/** What the cluster's autoscaler does, to the groups of its own cluster alone. */
export function autoscalerPolicy(cluster: string): Policy {
  return policy(
    {
      Effect: 'Allow',
      Action: [
        'autoscaling:DescribeAutoScalingGroups',
        'autoscaling:DescribeAutoScalingInstances',
        'autoscaling:DescribeLaunchConfigurations',
        'autoscaling:DescribeScalingActivities',
        'ec2:DescribeImages',
        'ec2:DescribeInstanceTypes',
        'ec2:DescribeLaunchTemplateVersions',
        'ec2:GetInstanceTypesFromInstanceRequirements',
      ],
      Resource: ['*'],
    },
    {
      Effect: 'Allow',
      Action: ['autoscaling:SetDesiredCapacity', 'autoscaling:TerminateInstanceInAutoScalingGroup'],
      Resource: ['*'],
      Condition: { StringEquals: { [`aws:ResourceTag/k8s.io/cluster-autoscaler/${cluster}`]: 'owned' } },
    },
    { Effect: 'Allow', Action: ['eks:DescribeNodegroup'], Resource: [`arn:aws:eks:*:*:nodegroup/${cluster}/*`] },
  );
}

/** What Traefik does to prove that a zone is the office's (https://go-acme.github.io/lego/dns/route53/#least-privilege-policy-for-production-purposes). */
export function dnsPolicy(zone: string): Policy {
  return policy(
    { Effect: 'Allow', Action: ['route53:GetChange'], Resource: ['arn:aws:route53:::change/*'] },
    {
      Effect: 'Allow',
      Action: ['route53:ListResourceRecordSets'],
      Resource: [`arn:aws:route53:::hostedzone/${zone}`],
    },
    {
      Effect: 'Allow',
      Action: ['route53:ChangeResourceRecordSets'],
      Resource: [`arn:aws:route53:::hostedzone/${zone}`],
      Condition: { 'ForAllValues:StringEquals': { 'route53:ChangeResourceRecordSetsRecordTypes': ['TXT'] } },
    },
  );
}

/** What closes a bucket to whoever calls it without TLS, or puts an object that is not encrypted with the key of the data. */
export function bucketPolicy(bucket: string): Policy {
  const arn = `arn:aws:s3:::${bucket}`;
  return policy({
    Sid: 'OnlyEncryptedConnections',
    Effect: 'Deny',
    Principal: '*',
    Action: ['s3:*'],
    Resource: [arn, `${arn}/*`],
    Condition: { Bool: { 'aws:SecureTransport': 'false' } },
  });
}
