import type { CustomResourceOptions } from '@pulumi/pulumi';
import { Alias } from '@pulumi/aws/kms/alias';
import { Key } from '@pulumi/aws/kms/key';
import { type AwsSettings, type CloudNeeds, sealKeyAlias } from '../../../constructs';
import { dataKeyPolicy, type Policy, sealKeyPolicy } from './policies';

/** Days in which somebody who deletes a key may change their mind: the most that AWS gives. */
const DELETION_DAYS = 30;

/** The keys of a platform, which turn every year. */
export interface Keys {
  /** Of volumes, databases, buckets and the cluster's own Secrets. */
  readonly data: Key;
  /** Of the secret store. @default - it unseals otherwise, or there is none */
  readonly seal?: Key;
}

/** Makes the keys. Whoever loses one loses the data: they are protected, and outlive the stack. */
export function makeKeys({ platform, seal }: CloudNeeds, settings: AwsSettings, options: CustomResourceOptions): Keys {
  const { account, region } = settings;
  const key = (name: string, alias: string, description: string, document: Policy): Key => {
    const made = new Key(
      name,
      {
        description,
        enableKeyRotation: true,
        deletionWindowInDays: DELETION_DAYS,
        policy: JSON.stringify(document),
        tags: { Name: `${platform}-${name}` },
      },
      { ...options, protect: true, retainOnDelete: true },
    );
    new Alias(`${name}-alias`, { name: alias, targetKeyId: made.keyId }, { ...options, protect: true });
    return made;
  };
  const data = key('data', `alias/${platform}-data`, `data of ${platform}`, dataKeyPolicy(account, region));
  return {
    data,
    ...(seal === undefined
      ? {}
      : { seal: key('unseal', sealKeyAlias(platform), `secret store of ${platform}`, sealKeyPolicy(account)) }),
  };
}
