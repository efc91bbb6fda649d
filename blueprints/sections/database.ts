import { z } from 'zod';
import { cidr, port, reachableHost } from '../config/hosts';
import { bucket, label, objectName, secretKey } from '../config/names';
import { resources, storageSize } from '../config/quantities';
import { schedule } from '../config/schedule';
import { choice, facets, scalar, wholeNumber } from '../config/scalar';
import { certificateAuthority } from './authority';
import { exactlyOne } from './choice';
import { serverTls } from './server-tls';

const backup = z
  .strictObject({
    bucket: bucket().default('postgres-backups').describe('Bucket of the object store that backups go to.'),
    schedule: schedule().default('0 1 * * *').describe('When a backup is made, in UTC.'),
    keepDays: wholeNumber('a number of days', 1, 3650).default(14).describe('Days after which a backup is deleted.'),
  })
  .describe('Scheduled logical backups to the object store.');

const parameters = z
  .record(
    scalar('a parameter of PostgreSQL such as shared_buffers', (name) =>
      /^[a-z][a-z0-9_.]*$/.test(name) ? undefined : { message: 'no parameter of PostgreSQL' },
    ),
    z.union([z.string(), z.number(), z.boolean()]).register(facets, { expected: 'a text, a number or a boolean' }),
  )
  .describe('Parameters of postgresql.conf, by name. Default: those that follow from the memory limit.');

/** `database.postgres`: a PostgreSQL server on one volume of the cluster. */
const postgres = z
  .strictObject({
    volumeSize: storageSize().default('10Gi').describe('Size of its volume.'),
    storageClassName: objectName()
      .exactOptional()
      .describe('StorageClass of its volume. Default: that of the cluster section.'),
    resources: resources('that of the profile').exactOptional(),
    parameters: parameters.default({}),
    tls: serverTls('the server').exactOptional(),
    backup: backup.exactOptional(),
  })
  .describe('A PostgreSQL server on one volume of the cluster.');

const credentials = z
  .strictObject({
    secretName: objectName().describe('Secret in the consumer’s namespace.'),
    key: secretKey().default('password').describe('Key of the password in it.'),
  })
  .register(facets, {
    secret: true,
    expected: '{secretName: NAME}: a Secret that holds the password, never the password itself',
  })
  .describe('Where one consumer finds the password.');

/** `database.external`: a PostgreSQL server that somebody else runs. */
const external = z
  .strictObject({
    host: reachableHost().describe('Its host.'),
    port: port().default(5432).describe('Its port.'),
    tlsMode: choice('disable', 'require', 'verify-ca', 'verify-full')
      .default('verify-full')
      .describe('sslmode of libpq: how far clients check whom they talk to.'),
    certificateAuthority: certificateAuthority.exactOptional(),
    cidrs: z
      .array(cidr())
      .min(1)
      .max(100)
      .exactOptional()
      .describe('Networks that it answers from. Default: every IPv4 address but the cloud’s metadata service.'),
    credentials: z
      .record(label(), credentials)
      .default({})
      .describe('Where each consumer finds the password, by consumer.'),
  })
  .describe('A PostgreSQL server that somebody else runs: its databases and roles exist already.');

/** `database`: where relational data is kept. */
export const database = exactlyOne({ postgres, external }).describe(
  'PostgreSQL: made here, or somebody else’s. Left out, there is none.',
);
