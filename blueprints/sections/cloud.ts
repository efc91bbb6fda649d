import { z } from 'zod';
import { subnetPlan, ZONES_MAX } from '../../constructs/platform/cloud-network';
import { cidr } from '../config/hosts';
import { label, labelValue, qualifiedName, refusal } from '../config/names';
import { choice, scalar, wholeNumber } from '../config/scalar';

/** A name in the cloud's own words. */
function cloudName(what: string, pattern: RegExp, example: string): z.ZodString {
  return scalar(
    `${what} such as ${example}`,
    (text) => (pattern.test(text) ? undefined : { message: `no such name can be: ${what}` }),
    { pattern: pattern.source, examples: [example] },
  );
}

const machineType = (example: string) =>
  cloudName('a type of machine', /^[A-Za-z0-9][A-Za-z0-9._-]{1,62}$/, example).describe(
    "Type of machine, in the cloud's own words.",
  );

const taint = z.strictObject({
  key: qualifiedName().describe('Key of the taint.'),
  value: labelValue().exactOptional().describe('Value of the taint. Default: none.'),
  effect: choice('NoSchedule', 'PreferNoSchedule', 'NoExecute').describe(
    'What happens to Pods that do not tolerate it.',
  ),
});

/** The pools of nodes of a cluster. @param example type of machine, for editors */
const nodePools = (example: string) =>
  z
    .array(
      z
        .strictObject({
          name: label(12).describe('Name of the pool.'),
          machineType: machineType(example),
          minNodes: wholeNumber('a number of nodes', 0, 1000).describe('Nodes that are always there.'),
          maxNodes: wholeNumber('a number of nodes', 1, 1000).describe('Nodes that there may be.'),
          diskGigabytes: wholeNumber('a number of GiB', 20, 16_000)
            .exactOptional()
            .describe("Size of each node's disk in GiB. Default: 100."),
          labels: z
            .record(qualifiedName(), labelValue())
            .exactOptional()
            .describe('Labels of the nodes. Default: those of the cloud.'),
          taints: z.array(taint).max(20).exactOptional().describe('Keep Pods off that do not tolerate them.'),
          gpus: z
            .strictObject({
              count: wholeNumber('a number of GPUs', 1, 16).describe('GPUs of each node.'),
              type: cloudName('a type of GPU', /^[a-z0-9-]{3,40}$/, 'nvidia-l4')
                .exactOptional()
                .describe('Their type, at Google. Default: the machine says it.'),
            })
            .exactOptional()
            .describe("GPUs of each node, with NVIDIA's driver. Pods that ask for none are kept off. Default: none."),
        })
        .check(({ value, issues }) => {
          if (issues.length > 0 || value.minNodes <= value.maxNodes) return;
          const message = `a pool of at most ${value.maxNodes} nodes never has ${value.minNodes}`;
          issues.push({ code: 'custom', input: value.minNodes, path: ['minNodes'], message });
        }),
    )
    .min(1)
    .max(50)
    .check(({ value, issues }) => {
      if (issues.length > 0) return;
      for (const [index, { name }] of value.entries()) {
        if (value.findIndex((other) => other.name === name) === index) continue;
        const message = 'another pool has this name already';
        issues.push({ code: 'custom', input: name, path: [index, 'name'], message });
      }
      if (value.some(({ minNodes, taints, gpus }) => minNodes > 0 && taints === undefined && gpus === undefined))
        return;
      const message = 'one pool must always have nodes without a taint: the platform itself runs there';
      issues.push({ code: 'custom', input: value, path: [], message });
    })
    .describe('Pools of nodes, which grow and shrink between their bounds.');

const network = scalar(
  'a private network from /16 to /20, such as 10.80.0.0/16',
  (text) => {
    const message = refusal(() => subnetPlan(text, ZONES_MAX));
    if (message !== undefined) return { message: 'no such network' };
    return /^(10\.|172\.(1[6-9]|2\d|3[01])\.|192\.168\.)/.test(text)
      ? undefined
      : { message: 'an address of the world: others have it' };
  },
  { examples: ['10.80.0.0/16'] },
)
  .default('10.80.0.0/16')
  .describe("Network of nodes, Pods, databases and the cloud's services. Chosen once.");

const email = scalar('an e-mail address', (text) =>
  /^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(text) ? undefined : { message: 'no e-mail address' },
);

/** What is the same in every cloud. */
const common = (zoneExample: string, machines: { readonly node: string; readonly database: string }) => ({
  kubernetesVersion: cloudName('a minor version', /^1\.\d{2}$/, '1.34')
    .default('1.34')
    .describe('Minor version of Kubernetes, in quotes.'),
  network,
  nodePools: nodePools(machines.node).default([
    { name: 'platform', machineType: machines.node, minNodes: 3, maxNodes: 6 },
  ]),
  apiAccessFrom: z
    .array(cidr())
    .max(50)
    .default([])
    .describe(
      "Networks outside from which the cluster's API may be called, such as those of whoever deploys. Default: from inside the network alone.",
    ),
  dns: z
    .strictObject({
      zone: cloudName('a zone', /^[A-Za-z0-9][A-Za-z0-9._/-]{0,254}$/, zoneExample).describe(
        "Zone of the cloud's DNS that holds the domains.",
      ),
      email: email.describe("Whom Let's Encrypt may write to, which signs the certificates."),
    })
    .exactOptional()
    .describe(
      'Where the hosts of an exposure without ingress or gateway are made: a load balancer, a wildcard in DNS and its certificate. ' +
        'Default: the exposure says the way in.',
    ),
  database: z
    .strictObject({
      machineType: machineType(machines.database).default(machines.database),
      storageGigabytes: wholeNumber('a number of GiB', 20, 65_536).default(50).describe('Size of its disk in GiB.'),
      highlyAvailable: z
        .boolean()
        .exactOptional()
        .describe('A second server in another zone takes over. Default: in production.'),
      backupDays: wholeNumber('a number of days', 1, 35)
        .default(14)
        .describe("Days that the cloud's own backups are kept."),
    })
    .prefault({})
    .describe('The PostgreSQL of the cloud, where the section database is left out.'),
});

const region = (example: string) =>
  cloudName('a region', /^[a-z][a-z0-9-]{3,30}$/, example).describe('Region of everything.');

/** `cluster.aws`: a cluster that is made at AWS. */
export const aws = z
  .strictObject({
    region: region('eu-west-3'),
    account: cloudName('the number of an account: 12 digits, in quotes', /^\d{12}$/, '"123456789012"').describe(
      'Account that everything is in, in quotes.',
    ),
    zones: z
      .array(cloudName('the letter of a zone', /^[a-z]$/, 'a'))
      .min(2)
      .max(ZONES_MAX)
      .default(['a', 'b', 'c'])
      .describe('Letters of the zones of the region, 2 or 3. Chosen once.'),
    ...common('Z0123456789ABCDEFGHIJ', { node: 'm7i.xlarge', database: 'db.m7g.large' }),
    administrators: z
      .array(cloudName('an ARN', /^arn:aws:iam::\d{12}:(role|user)\/.+$/, 'arn:aws:iam::123456789012:role/platform'))
      .max(50)
      .default([])
      .describe('ARNs of roles or users that administer the cluster, beside whoever makes it.'),
    rolePrefix: cloudName('a beginning of names of roles', /^[A-Za-z0-9_+=,.@-]{1,20}$/, 'lab-')
      .exactOptional()
      .describe('What names of roles begin with, where the account has a rule. Default: nothing.'),
    userBuckets: z
      .array(label())
      .max(5000)
      .default([])
      .describe('Names of people whose buckets are made: at S3 nobody makes a bucket for themselves.'),
  })
  .describe('A cluster that Pulumi makes at AWS, with its network, object store, database and keys.');

/** `cluster.gcp`: a cluster that is made at Google Cloud. */
export const gcp = z
  .strictObject({
    region: region('europe-west9'),
    project: cloudName('the id of a project', /^[a-z][a-z0-9-]{4,28}[a-z0-9]$/, 'office-data').describe(
      'Project that everything is in.',
    ),
    ...common('office-zone', { node: 'n2-standard-4', database: 'db-custom-2-8192' }),
    administrators: z
      .array(cloudName('a member', /^(group|user|serviceAccount):[^\s@]+@[^\s@]+$/, 'group:platform@example.org'))
      .max(50)
      .default([])
      .describe('Groups and users who administer the cluster.'),
  })
  .describe('A cluster that Pulumi makes at Google Cloud, with its network, object store, database and keys.');

const uuid = (what: string) =>
  cloudName(what, /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/, '00000000-0000-0000-0000-000000000000');

/** `cluster.azure`: a cluster that is made at Azure. */
export const azure = z
  .strictObject({
    region: region('francecentral'),
    subscription: uuid('the id of a subscription').describe('Subscription that everything is in.'),
    tenant: uuid('the id of a tenant').describe('Tenant of Entra ID.'),
    ...common('data.example.org', { node: 'Standard_D4s_v5', database: 'GP_Standard_D2ds_v5' }),
    administrators: z
      .array(uuid('the id of a group'))
      .min(1)
      .max(50)
      .describe('Ids of the Entra groups that administer the cluster: it has no other accounts.'),
  })
  .describe(
    'A cluster that Pulumi makes at Azure, with its network, database and keys. It has no object store of its own.',
  );
