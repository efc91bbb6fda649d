import { parseImageReference } from '../../image-reference';
import type { ObjectRule } from '../rule';

export const imageDigest: ObjectRule = {
  id: 'image-digest',
  level: 'error',
  scope: 'object',
  profiles: ['production'],
  why: 'A tag can be moved to another program by whoever holds the registry; a digest cannot.',
  source: 'https://kubernetes.io/docs/concepts/containers/images/#image-names',
  fix: 'record the digest in images.lock.yaml, or give it in images.overrides: repository:tag@sha256:...',
  *check({ pod }) {
    for (const container of pod?.containers ?? []) {
      const image = container.at('image');
      if (parseImageReference(image.text ?? '')?.digest === undefined) {
        yield { field: image.path, message: `${image.text ?? '(none)'} has no digest` };
      }
    }
  },
};
