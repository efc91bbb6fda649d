import { BUILT_IN_IMAGES } from '../../constructs/catalog/services/names';
import type { ImageLock } from '../blueprint';
import type { Conflict } from '../config/check';
import { hasDigest } from '../config/image-references';
import { nearest } from '../config/nearest';
import { servicesOf } from '../sections/onyxia';
import { type Sections, servesPeople } from '../sections/platform';
import { apiServerIsKnown, isOfTheCloud } from './clouds';

/** Images of Onyxia, whose settings are written for one version of each. */
const ONYXIA = ['onyxia-web', 'onyxia-api'];

/** Images of the coding case, with what runs its workflows. */
const CODING = ['argo-workflows', 'nace-training', 'nace-inference', 'nace-etl', 'nace-dashboard', 'nace-annotation'];

/** Whether something keeps its tables on a server of the cloud. */
function usesCloudDatabase(config: Sections): boolean {
  const { mlflow, identity, coding } = config;
  return isOfTheCloud(config, 'database') && [mlflow, identity, coding].some((section) => section !== undefined);
}

/** The keys of the images that the sections use. */
function usedImages(config: Sections): string[] {
  const keys = [
    ...(config.objectStore?.minio === undefined ? [] : ['minio']),
    // The Job that makes roles and databases on a server of the cloud runs the image of PostgreSQL, too.
    ...(config.database?.postgres === undefined && !usesCloudDatabase(config) ? [] : ['postgres']),
    ...(config.metrics === undefined || config.database?.postgres === undefined ? [] : ['postgres-exporter']),
    ...(config.metrics?.prometheus === undefined ? [] : ['prometheus']),
    ...(config.mlflow === undefined ? [] : ['mlflow']),
    // The keeper of people's spaces, and the keys beside the object store.
    ...(servesPeople(config) ? ['toolbox'] : []),
    ...(config.identity?.keycloak === undefined ? [] : ['keycloak']),
    ...(config.secrets === undefined ? [] : [config.secrets.flavour ?? 'vault']),
    ...(config.onyxia === undefined ? [] : ONYXIA),
    ...((config.gpu?.pools ?? []).some(({ devicePlugin }) => devicePlugin !== 'existing')
      ? ['nvidia-device-plugin']
      : []),
    ...(config.gpu?.monitoring === undefined ? [] : ['dcgm-exporter']),
    ...(config.coding === undefined ? [] : CODING),
    ...(config.coding === undefined || config.identity === undefined ? [] : ['oauth2-proxy']),
    ...(config.coding === undefined || config.delivery === undefined ? [] : ['argo-cd']),
    ...(config.onyxia?.catalogs ?? [])
      .flatMap(({ builtIn }) => servicesOf(builtIn, apiServerIsKnown(config), config.gpu !== undefined))
      .flatMap((name) => BUILT_IN_IMAGES[name]),
  ];
  return [...new Set(keys)];
}

/** Every image can be pulled, and production pulls the very content that was tried. */
export function* imagesCanBePulled(config: Sections, images: ImageLock): Iterable<Conflict> {
  const { overrides = {}, mirror } = config.images ?? {};
  const keys = Object.keys(images);
  for (const key of Object.keys(overrides)) {
    if (Object.hasOwn(images, key)) continue;
    const expected = `one of ${keys.join(', ')}`;
    yield {
      path: ['images', 'overrides', key],
      message: 'the lock file has no such image',
      expected,
      suggestion: nearest(key, keys),
    };
  }
  for (const key of usedImages(config)) {
    const path = ['images', 'overrides', key];
    const locked = images[key];
    const override = overrides[key];
    if (locked === undefined) {
      yield { path: ['images', 'lock'], message: `the lock file lacks the image ${key}`, expected: `an entry ${key}` };
    } else if (override === undefined && locked.build !== undefined && mirror === undefined) {
      yield {
        path: ['images', 'mirror'],
        reads: [path],
        message: `the image ${key} is published by nobody: build it from ${locked.build} and push it to your registry`,
        expected: `that registry here, or the image in images.overrides.${key}`,
      };
    } else if (ONYXIA.includes(key) && override !== undefined && tagOf(override) !== locked.tag) {
      yield {
        path,
        message: `the settings of Onyxia are written for version ${locked.tag}`,
        expected: `an image with that tag`,
      };
    } else if (config.profile === 'production' && !isPinned(override, locked.digest)) {
      yield {
        path,
        reads: [['profile']],
        message: `production pins every image by digest, and ${override ?? `${locked.repository}:${locked.tag}`} has none`,
        expected: 'repository:tag@sha256:... here, or the digest in the lock file',
      };
    }
  }
}

/** The tag of a reference. @default - an empty text */
function tagOf(reference: string): string {
  return /:([^/:@]+)(?:@.*)?$/.exec(reference)?.[1] ?? '';
}

function isPinned(override: string | undefined, digest: string | undefined): boolean {
  return override === undefined ? digest !== undefined : hasDigest(override);
}
