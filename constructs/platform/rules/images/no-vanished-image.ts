import { hasRegistryHost, parseImageReference } from '../../image-reference';
import type { ObjectRule } from '../rule';

/** Repositories that are gone or no longer maintained, with what to use instead. */
const VANISHED: readonly (readonly [RegExp, string])[] = [
  [/(^|\/)bitnami(legacy|secure)?\//, 'Bitnami’s public images stopped in August 2025'],
  [/^docker\.io\/minio\//, 'MinIO’s images on Docker Hub were deleted in September 2026'],
];

/** Why an image cannot be pulled for long. @default - undefined when it can */
export function vanishedImage(reference: string): string | undefined {
  const repository = withHost(parseImageReference(reference)?.repository ?? '');
  return VANISHED.find(([pattern]) => pattern.test(repository))?.[1];
}

export const noVanishedImage: ObjectRule = {
  id: 'no-vanished-image',
  level: 'error',
  scope: 'object',
  why: 'An image that its makers removed or abandoned cannot be pulled tomorrow, or is never repaired.',
  source: 'https://github.com/bitnami/containers/issues/83267',
  fix: 'use an image of images.lock.yaml, or build one from images/',
  *check({ pod }) {
    for (const container of pod?.containers ?? []) {
      const image = container.at('image');
      const reason = vanishedImage(image.text ?? '');
      if (reason !== undefined) yield { field: image.path, message: `${image.text ?? ''}: ${reason}` };
    }
  },
};

function withHost(repository: string): string {
  return hasRegistryHost(repository) ? repository : `docker.io/${repository}`;
}
