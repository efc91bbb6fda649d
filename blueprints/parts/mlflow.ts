import type { z } from 'zod';
import { MlflowServer } from '../../constructs/mlops';
import type { IExposure, Platform } from '../../constructs/platform';
import type { IDatabaseServer, IObjectStore } from '../../constructs/storage';
import type { mlflow } from '../sections/mlflow';

type Section = z.output<typeof mlflow>;

/**
 * The MLflow of a section.
 *
 * @param exposure how the world comes in, if it does
 */
export function makeMlflow(
  platform: Platform,
  section: Section,
  objectStore: IObjectStore,
  server: IDatabaseServer,
  exposure: IExposure | undefined,
): MlflowServer {
  const { bucket, database, artifacts, authentication, defaultPermission, garbageCollection, metrics } = section;
  const { replicas, workers, resources, subdomain } = section;
  const { enabled, ...collection } = garbageCollection;
  const made = new MlflowServer(platform, 'mlflow', {
    database: server.addDatabase(database),
    artifacts: { bucket: objectStore.addBucket(bucket), transfer: artifacts },
    authentication: authentication ? { defaultPermission } : 'none',
    workers,
    garbageCollection: enabled ? collection : 'off',
    ...(replicas === undefined ? {} : { replicas }),
    ...(resources === undefined ? {} : { resources }),
  });
  if (metrics !== undefined) made.allowMetricsFrom(metrics.allowFrom);
  if (exposure !== undefined) made.exposeVia(exposure, subdomain);
  return made;
}
