import type { ImageCatalogue } from '../../platform';
import type { CatalogService } from '../service';
import { jupyterlabService } from './jupyterlab';
import { postgresqlService } from './postgresql';

/** The services of this library, each made with the images of a platform. */
const SERVICES = {
  'jupyter-python': (images) => jupyterlabService({ images: [images.get('jupyter-python')] }),
  'jupyter-python-gpu': (images) => jupyterlabService({ images: [images.get('jupyter-python')], gpus: 4 }),
  postgresql: (images) => postgresqlService({ image: images.get('postgres') }),
} as const satisfies Readonly<Record<string, (images: ImageCatalogue) => CatalogService>>;

/** Name of a service of this library. */
export type BuiltInService = keyof typeof SERVICES;

/** The names of the services of this library. */
export const BUILT_IN_SERVICES = Object.keys(SERVICES) as readonly BuiltInService[] as readonly [
  BuiltInService,
  ...BuiltInService[],
];

/**
 * Services of this library, with the images of a platform: its mirror, its digests.
 *
 * @param names which ones, and in which order. @default - all but those for GPUs
 * @throws Error when the platform has no image for one of them
 *
 * @example
 * import { buildCatalog, builtInServices } from 'bouture';
 * const catalog = buildCatalog(builtInServices(images, ['postgresql']));
 */
export function builtInServices(
  images: ImageCatalogue,
  names: readonly BuiltInService[] = BUILT_IN_SERVICES.filter((name) => !name.endsWith('-gpu')),
): readonly CatalogService[] {
  return names.map((name) => SERVICES[name](images));
}
