import type { ImageLock } from '../blueprint';
import type { Conflict, Partially, Rule } from '../config/check';
import type { MinimalInput } from './schema';

type Config = Partially<MinimalInput>;

/** What holds between the parts of the configuration. */
export function minimalRules(images: ImageLock): readonly Rule<MinimalInput>[] {
  return [mlflowNeedsItsStores, backupNeedsAnObjectStore, (config) => everyImageCanBePulled(config, images)];
}

function* mlflowNeedsItsStores(config: Config): Iterable<Conflict> {
  if (config.mlflow === undefined) return;
  const needs = [
    ['objectStore', 'its artifacts'],
    ['database', 'its runs and models'],
  ] as const;
  for (const [section, what] of needs) {
    if (config[section] !== undefined) continue;
    yield {
      path: ['mlflow'],
      reads: [[section]],
      message: `MLflow keeps ${what} in the ${section} section, which is missing`,
      expected: `${section}, made here or external; or no mlflow`,
    };
  }
}

function* backupNeedsAnObjectStore(config: Config): Iterable<Conflict> {
  if (config.database?.postgres?.backup === undefined || config.objectStore !== undefined) return;
  yield {
    path: ['database', 'postgres', 'backup'],
    reads: [['objectStore']],
    message: 'backups go to an object store, and there is none',
    expected: 'objectStore, made here or external; or no backup',
  };
}

/** The keys of the images that a configuration uses. */
function usedImages(config: Config): string[] {
  return [
    ...(config.objectStore?.minio === undefined ? [] : ['minio']),
    ...(config.database?.postgres === undefined ? [] : ['postgres']),
    ...(config.mlflow === undefined ? [] : ['mlflow']),
  ];
}

function* everyImageCanBePulled(config: Config, images: ImageLock): Iterable<Conflict> {
  for (const key of usedImages(config)) {
    const override = config.images?.overrides?.[key];
    const locked = images[key];
    if (override === undefined && locked === undefined) continue;
    if (override === undefined && locked?.build !== undefined && config.images?.mirror === undefined) {
      yield {
        path: ['images', 'mirror'],
        message: `the image ${key} is published by nobody: build it from ${locked.build} and push it to your registry`,
        expected: `that registry here, or the image in images.overrides.${key}`,
      };
    }
  }
}
