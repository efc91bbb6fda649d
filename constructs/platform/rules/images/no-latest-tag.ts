import { parseImageReference } from '../../image-reference';
import type { ObjectRule } from '../rule';

export const noLatestTag: ObjectRule = {
  id: 'no-latest-tag',
  level: 'error',
  scope: 'object',
  why: 'The tag latest, and no tag at all, name another program tomorrow.',
  source: 'https://kubernetes.io/docs/concepts/configuration/overview/#container-images',
  fix: 'name a version in images.lock.yaml, or in images.overrides of the configuration',
  *check({ pod }) {
    for (const container of pod?.containers ?? []) {
      const image = container.at('image');
      const parts = parseImageReference(image.text ?? '');
      if (parts === undefined) yield { field: image.path, message: `"${image.text ?? ''}" is not an image reference` };
      else if (parts.tag === 'latest' || (parts.tag === undefined && parts.digest === undefined)) {
        yield { field: image.path, message: `${image.text ?? ''} names no version` };
      }
    }
  },
};
