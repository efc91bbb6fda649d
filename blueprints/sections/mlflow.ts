import { z } from 'zod';
import { schedule } from '../config/schedule';
import { bucket, databaseName, label } from '../config/names';
import { resources } from '../config/quantities';
import { choice, wholeNumber } from '../config/scalar';
import { foreignPods } from './installation';

/** The longest name of MLflow's database: `postgres-role-` and the name is the name of a Secret, 63 characters. */
const DATABASE_MAX = 49;

/** `mlflow`: a tracking server and model registry. */
export const mlflow = z
  .strictObject({
    subdomain: label().default('mlflow').describe('First label of its host, where there is an exposure.'),
    bucket: bucket().default('mlflow').describe('Bucket of the object store that holds artifacts.'),
    database: databaseName(DATABASE_MAX)
      .default('mlflow')
      .describe('Database that holds experiments, runs and models; users stand in a second one, with _auth added.'),
    authentication: z.boolean().default(true).describe('Ask for a user and a password.'),
    replicas: wholeNumber('a number of Pods', 1, 20)
      .exactOptional()
      .describe('Pods. Default: 1 for a pilot, 2 in production.'),
    workers: wholeNumber('a number of processes', 1, 64)
      .default(2)
      .describe('Processes in each Pod that answer requests.'),
    resources: resources('250m to 2 CPU; 256Mi to 512Mi of memory for each worker and the parent').exactOptional(),
    artifacts: choice('proxied', 'direct')
      .default('proxied')
      .describe(
        'proxied: clients send artifacts to the server. direct: clients carry them to the bucket with keys of their own.',
      ),
    defaultPermission: choice('NO_PERMISSIONS', 'READ', 'USE', 'EDIT', 'MANAGE')
      .default('NO_PERMISSIONS')
      .describe('What a user may do with what others made and did not share.'),
    metrics: z
      .strictObject({ allowFrom: foreignPods('Pods that may read the counters, such as Prometheus.') })
      .exactOptional()
      .describe('Who may read the counters for Prometheus. Default: nobody.'),
    garbageCollection: z
      .strictObject({
        enabled: z.boolean().default(true).describe('Delete for good what users deleted.'),
        schedule: schedule().default('30 2 * * *').describe('When, in UTC.'),
        olderThanDays: wholeNumber('a number of days', 1, 36500)
          .default(30)
          .describe('Days that what was deleted can still be restored.'),
      })
      .prefault({})
      .describe('When what users deleted is deleted for good, with its artifacts.'),
  })
  .describe('MLflow, with its data in the database and its artifacts in the object store. Left out, there is none.');
