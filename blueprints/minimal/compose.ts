import type { App } from 'cdk8s';
import type { Platform } from '../../constructs/platform';
import { Project } from '../../constructs/tenancy';
import type { ImageLock } from '../blueprint';
import { serveDomains, withCloud } from '../parts/cloud';
import { makeDatabase } from '../parts/database';
import { makeExposure } from '../parts/exposure';
import { makePlatform } from '../parts/installation';
import { makeMetrics } from '../parts/metrics';
import { makeMlflow } from '../parts/mlflow';
import { makeObjectStore } from '../parts/object-store';
import type { MinimalConfig } from './schema';

/** Builds the platform of a configuration of the blueprint `minimal`. */
export function composeMinimal(app: App, written: MinimalConfig, images: ImageLock): Platform {
  const config = withCloud(written);
  const platform = makePlatform(app, config, images);
  serveDomains(platform, written.exposure);
  const exposure = makeExposure(platform, config.exposure);
  const objectStore = makeObjectStore(platform, config.objectStore, exposure);
  const isUsed = config.database !== undefined || config.mlflow !== undefined;
  const database = isUsed
    ? makeDatabase(platform, config.database, objectStore, () => `${config.name}-mlflow`)
    : undefined;
  const mlflow =
    config.mlflow === undefined || objectStore === undefined || database === undefined
      ? undefined
      : makeMlflow(platform, config.mlflow, objectStore, database, exposure);
  for (const { name, quota } of config.projects) {
    const project = new Project(platform, name, quota);
    if (mlflow !== undefined) project.useMlflow(mlflow);
  }
  makeMetrics(platform, config.metrics);
  return platform;
}
