import { z } from 'zod';
import { serverUrl } from '../config/hosts';
import { scalar } from '../config/scalar';
import { exactlyOne } from './choice';

const aws = z
  .strictObject({
    account: scalar(
      'the number of an account: 12 digits, in quotes',
      (text) => (/^\d{12}$/.test(text) ? undefined : { message: 'no number of an account' }),
      { pattern: String.raw`^\d{12}$` },
    ).describe('Account that the buckets and roles are in.'),
    partition: scalar('a partition such as aws or aws-eusc', (text) =>
      /^aws(-[a-z]+)*$/.test(text) ? undefined : { message: 'no partition' },
    )
      .exactOptional()
      .describe('Partition of the account. Default: aws; another has addresses of its own: set stsEndpoint.'),
    rolePrefix: scalar('a beginning of names of roles, such as lab-', (text) =>
      /^[A-Za-z0-9_+=,.@-]{1,20}$/.test(text) ? undefined : { message: 'no beginning of a name of a role' },
    )
      .exactOptional()
      .describe('What names of roles begin with, where the account has a rule. Default: nothing.'),
  })
  .describe('Amazon S3.');

const ceph = z
  .strictObject({
    account: scalar('the name of a tenant or an account', (text) =>
      /^[A-Za-z0-9_]{1,64}$/.test(text) ? undefined : { message: 'no name of a tenant' },
    )
      .exactOptional()
      .describe("Tenant or account that the buckets and roles are in. Default: the gateway's own, which has no name."),
  })
  .describe("Ceph's object gateway. Each person has a role there, of the name of the bucket.");

const minio = z.strictObject({}).describe('A MinIO with a role policy for its OpenID provider.');

/** `objectStore.external.people`: what a store of somebody else is for people. */
export const peopleStorage = exactlyOne(
  { aws, ceph, minio },
  {
    stsEndpoint: serverUrl()
      .exactOptional()
      .describe(
        "Where tokens are exchanged for credentials. Default: at AWS the region's own, elsewhere the endpoint.",
      ),
  },
)
  .check(({ value, issues }) => {
    if (issues.length > 0) return;
    if ((value.aws?.partition ?? 'aws') !== 'aws' && value.stsEndpoint === undefined) {
      const message = 'this partition has addresses of its own: set stsEndpoint';
      issues.push({ code: 'custom', input: value, path: ['aws', 'partition'], message });
    }
    if (value.stsEndpoint?.startsWith('http://') === true) {
      const message = 'tokens of people would be read on the way: use https://';
      issues.push({ code: 'custom', input: value.stsEndpoint, path: ['stsEndpoint'], message });
    }
  })
  .describe(
    'Buckets for people: the store exchanges their tokens for credentials of a role. OBJECT-STORE.md beside the manifests holds what to set up there. ' +
      'Default: it serves programs alone.',
  );
