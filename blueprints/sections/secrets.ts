import { z } from 'zod';
import { schedule } from '../config/schedule';
import { bucket, label } from '../config/names';
import { resources, storageSize } from '../config/quantities';
import { choice, wholeNumber } from '../config/scalar';
import { serverTls } from './server-tls';
import { unseal } from './unseal';

/** `secrets`: where people keep secrets. */
export const secrets = z
  .strictObject({
    flavour: choice('vault', 'openbao')
      .default('vault')
      .describe('Whose server it is. Both speak the same interface. Chosen once.'),
    subdomain: label().default('vault').describe('First label of its host.'),
    servers: wholeNumber('a number of servers', 1, 5)
      .exactOptional()
      .describe('Servers: 1, 3 or 5. Default: 1 for a pilot, 3 in production.'),
    volumeSize: storageSize().default('5Gi').describe('Size of the volume of each server.'),
    tokenMaxSeconds: wholeNumber('a number of seconds', 3600, 604_800)
      .default(28_800)
      .describe(
        'Seconds after which people log in anew: the bound within which who left a project no longer reaches its directory.',
      ),
    resources: resources(
      'pilot 100m to 1 CPU and 256Mi to 768Mi; production 250m to 2 CPU and 512Mi to 2Gi',
    ).exactOptional(),
    tls: serverTls('the secret store').exactOptional(),
    unseal: unseal.exactOptional(),
    snapshots: z
      .strictObject({
        bucket: bucket().default('vault-snapshots').describe('Bucket of the object store that snapshots go to.'),
        schedule: schedule().default('30 1 * * *').describe('When a snapshot is made, in UTC.'),
      })
      .exactOptional()
      .describe('Snapshots of everything in the store. Left out, there are none.'),
  })
  .check(({ value, issues }) => {
    if (issues.length > 0 || value.servers === undefined || value.servers % 2 === 1) return;
    const message = 'a majority decides, and an even number survives no more than one less: choose 1, 3 or 5';
    issues.push({ code: 'custom', input: value.servers, path: ['servers'], message });
  })
  .describe('Vault or OpenBao, where people keep secrets. Left out, there is none.');
