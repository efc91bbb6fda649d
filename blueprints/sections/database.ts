import { z } from 'zod';
import { postgresConfigurationProblems } from '../../constructs/storage/postgres-configuration';
import { port, reachableHost, serverNetworks } from '../config/hosts';
import { bucket, databaseName, objectName } from '../config/names';
import { resources, storageSize } from '../config/quantities';
import { schedule } from '../config/schedule';
import { choice, facets, reason, wholeNumber, words } from '../config/scalar';
import { secretReference } from '../config/secret-references';
import { certificateAuthority } from './authority';
import { exactlyOne } from './choice';
import { serverTls } from './server-tls';

const backup = z
  .strictObject({
    bucket: bucket().default('postgres-backups').describe('Bucket of the object store that backups go to.'),
    schedule: schedule().default('0 2 * * *').describe('When a backup is made, in UTC.'),
    retentionDays: wholeNumber('a number of days', 1, 3650)
      .default(30)
      .describe('Days after which a backup is removed.'),
    keepAtLeast: wholeNumber('a number of backups', 1, 1000)
      .default(3)
      .describe('Newest complete backups that stay however old they are.'),
    scratchSize: storageSize()
      .exactOptional()
      .describe('Local disk for the compressed dump of the largest database. Default: the size of the volume.'),
  })
  .describe('Scheduled logical backups to the object store. Left out, there are none.');

const configuration = z
  .record(
    words('a parameter of PostgreSQL'),
    z
      .union([z.string(), z.number(), z.boolean()])
      .register(facets, { expected: 'a text, a number or a boolean' })
      .meta({ type: ['string', 'number', 'boolean'], anyOf: undefined }),
  )
  .check(({ value, issues }) => {
    if (issues.length > 0) return;
    for (const [name, problem] of postgresConfigurationProblems(value)) {
      issues.push({ code: 'custom', input: value[name], path: [name], message: `the parameter ${name} ${problem}` });
    }
  })
  .describe(
    "Parameters of postgresql.conf. Default: PostgreSQL's own, but for UTC, and for memory that follows from the limit.",
  );

/** `database.postgres`: a PostgreSQL server on one volume of the cluster. */
const postgres = z
  .strictObject({
    volumeSize: storageSize().default('10Gi').describe('Size of its volume.'),
    storageClassName: objectName()
      .exactOptional()
      .describe('StorageClass of its volume. Default: that of the cluster section.'),
    resources: resources(
      'pilot 100m to 1 CPU and 256Mi to 1Gi; production 500m to 4 CPU and 2Gi to 4Gi',
    ).exactOptional(),
    sharedMemory: storageSize()
      .exactOptional()
      .describe('Memory for parallel queries, which counts towards the memory limit. Default: 256Mi.'),
    configuration: configuration.exactOptional(),
    tls: serverTls('the server').exactOptional(),
    backup: backup.exactOptional(),
  })
  .describe('A PostgreSQL server on one volume of the cluster.');

const existingDatabase = z
  .strictObject({
    database: databaseName().exactOptional().describe('Its name over there. Default: the name that it has here.'),
    user: databaseName().exactOptional().describe('Role that owns it. Default: the name that it has here.'),
    password: secretReference('the password of its role')
      .exactOptional()
      .describe("Secret in the consumer's namespace. Default: key password of Secret mlflow-db-mlflow."),
  })
  .describe('A database that exists over there.');

/** `database.external`: a PostgreSQL server that somebody else runs. */
const external = z
  .strictObject({
    host: reachableHost().describe('Its host.'),
    port: port().default(5432).describe('Its port.'),
    databases: z
      .record(databaseName(), existingDatabase)
      .default({})
      .describe(
        'What exists over there, by the name that it has here. Default: databases and roles of the same names.',
      ),
    tlsMode: choice('disable', 'require', 'verify-ca', 'verify-full')
      .default('verify-full')
      .describe('sslmode of libpq: how far clients check whom they talk to.'),
    plainTextBecause: reason()
      .exactOptional()
      .describe('Why a connection without TLS is right. Default: production refuses one.'),
    certificateAuthority: certificateAuthority.exactOptional(),
    cidrs: serverNetworks(100),
  })
  .check(({ value, issues }) => {
    if (issues.length > 0) return;
    if (value.certificateAuthority !== undefined && !value.tlsMode.startsWith('verify')) {
      const message = `with tlsMode ${value.tlsMode} nobody looks at a certificate: leave the authority out, or use verify-full`;
      issues.push({ code: 'custom', input: value, path: ['certificateAuthority'], message });
    }
    if (value.plainTextBecause !== undefined && value.tlsMode !== 'disable') {
      issues.push({
        code: 'custom',
        input: value,
        path: ['plainTextBecause'],
        message: 'this connection is no plain text',
      });
    }
  })
  .describe('A PostgreSQL server that somebody else runs: its databases and roles exist already.');

/** `database`: where relational data is kept. */
export const database = exactlyOne({ postgres, external }, {}).describe(
  "PostgreSQL: made here, or somebody else's. Left out, it is that of the cloud which the cluster is made in; else there is none.",
);
