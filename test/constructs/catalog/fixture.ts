import type { ImageReference } from '../../../constructs';

/** An image as the lock file gives it. */
export function image(key: string): ImageReference {
  return {
    key,
    reference: `registry.example.org/bouture/${key}:1.2.3@sha256:${'0123456789abcdef'.repeat(4)}`,
    version: '1.2.3',
    licence: 'Apache-2.0',
    source: `https://example.org/${key}`,
  };
}

export const ICON = '<svg xmlns="http://www.w3.org/2000/svg"/>';

/** What every service of the tests has. */
export const PLAIN = {
  name: 'sample',
  version: '1.0.0',
  description: 'A sample.',
  icon: ICON,
  home: 'https://example.org',
} as const;
