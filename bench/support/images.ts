import type { ImageReference } from '../../constructs';

/** An image as a lock file with digests gives it; nobody pulls it. */
export function placeholderImage(key: string): ImageReference {
  return {
    key,
    reference: `registry.example.org/bouture/image:1.2.3@sha256:${'0123456789abcdef'.repeat(4)}`,
    version: '1.2.3',
    licence: 'Apache-2.0',
    source: 'https://example.org/image',
  };
}
