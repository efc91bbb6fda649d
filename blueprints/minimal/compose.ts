import type { App } from 'cdk8s';
import { MlflowServer } from '../../constructs/mlops';
import type { Platform } from '../../constructs/platform';
import type { IDatabaseServer, IObjectStore } from '../../constructs/storage';
import { Project } from '../../constructs/tenancy';
import type { ImageLock } from '../blueprint';
import { makeDatabase } from '../parts/database';
import { makeExposure } from '../parts/exposure';
import { makePlatform } from '../parts/installation';
import { makeObjectStore } from '../parts/object-store';
import type { MinimalConfig } from './schema';

/** Builds the platform of a configuration of the blueprint `minimal`. */
export function composeMinimal(app: App, config: MinimalConfig, images: ImageLock): Platform {
  const platform = makePlatform(app, config, images);
  const exposure = makeExposure(platform, config.exposure);
  const objectStore = makeObjectStore(platform, config.objectStore, exposure);
  const database = makeDatabase(platform, config.database, objectStore, `${config.name}-mlflow`);
  const mlflow = makeMlflow(platform, config.mlflow, objectStore, database);
  if (exposure !== undefined && config.mlflow !== undefined) mlflow?.exposeVia(exposure, config.mlflow.subdomain);
  for (const { name, quota } of config.projects) {
    const project = new Project(platform, name, quota);
    if (mlflow !== undefined) project.useMlflow(mlflow);
  }
  return platform;
}

function makeMlflow(
  platform: Platform,
  section: MinimalConfig['mlflow'],
  objectStore: IObjectStore | undefined,
  server: IDatabaseServer | undefined,
): MlflowServer | undefined {
  if (section === undefined || objectStore === undefined || server === undefined) return undefined;
  const { bucket, database, artifacts, authentication, defaultPermission, garbageCollection, metrics } = section;
  const { replicas, workers, resources } = section;
  const { enabled, ...collection } = garbageCollection;
  const mlflow = new MlflowServer(platform, 'mlflow', {
    database: server.addDatabase(database),
    artifacts: { bucket: objectStore.addBucket(bucket), transfer: artifacts },
    authentication: authentication ? { defaultPermission } : 'none',
    workers,
    garbageCollection: enabled ? collection : 'off',
    ...(replicas === undefined ? {} : { replicas }),
    ...(resources === undefined ? {} : { resources }),
  });
  if (metrics !== undefined) mlflow.allowMetricsFrom(metrics.allowFrom);
  return mlflow;
}
