import { join, relative } from 'node:path';
import { allImages, type BuiltImage } from '../cluster/image-manifest';
import { inOrder } from '../cluster/images';
import { packageRoot } from '../cluster/paths';
import { findWorkloads, type Workload } from '../workloads/folders';

/** A program below `workloads/` and the image that it becomes. */
export interface Target {
  readonly workload: Workload;
  readonly image: BuiltImage;
}

/** What every image is built with: a change there is a change of all. Folders end with a slash. */
export const SHARED = [
  '.github/workflows/workload-image.yaml',
  '.github/workflows/workloads.yaml',
  'images.lock.yaml',
  'tools/cluster/image',
  'tools/images/',
  'tools/pipeline/',
  'tools/workloads/',
] as const;

/** Every image that one of the platform's may stand on. */
export const ALL_IMAGES: readonly BuiltImage[] = allImages();

/**
 * The programs below `workloads/` with their images.
 *
 * @throws Error naming the programs that no entry of `images.lock.yaml` builds; all at once
 */
export function findTargets(
  workloads: readonly Workload[] = findWorkloads(join(packageRoot(), 'workloads')),
  images: readonly BuiltImage[] = ALL_IMAGES,
): readonly Target[] {
  const of = ({ folder }: Workload) => images.find((image) => image.folder === folder);
  const without = workloads.filter((workload) => of(workload) === undefined);
  if (without.length > 0) {
    const folders = without.map(({ name }) => `workloads/${name}`).join(', ');
    throw new Error(`no image is made of ${folders}: add an entry with "build: workloads/..." to images.lock.yaml`);
  }
  return workloads.flatMap((workload) => {
    const image = of(workload);
    return image === undefined ? [] : [{ workload, image }];
  });
}

/** Folders whose content decides what an image is: its own, and those of the images that it stands on. */
export function foldersOf({ image }: Target): readonly string[] {
  return inOrder([image], ALL_IMAGES).map(({ folder }) => `${relative(packageRoot(), folder)}/`);
}

/**
 * The targets that a change concerns.
 *
 * @param files paths in the repository that are not as they were
 */
export function targetsTouchedBy(files: readonly string[], targets: readonly Target[]): readonly Target[] {
  return targets.filter((target) => {
    const places = [...SHARED, ...foldersOf(target)];
    return files.some((file) => places.some((place) => file.startsWith(place)));
  });
}
