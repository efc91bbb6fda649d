import { z } from 'zod';
import type { LockedImage } from '../../constructs/platform/images';
import { check } from './check';
import { parseDocument } from './document';
import { judgeDigest } from './image-references';
import type { Problem } from './problems';
import { scalar } from './scalar';
import { readText } from './source';

const text = (expected: string) =>
  scalar(expected, (value) => (value.trim() === '' ? { message: 'the text is empty' } : undefined));

const schema = z.strictObject({
  images: z.record(
    scalar('an image key such as minio', (key) =>
      /^[a-z0-9][a-z0-9-]*$/.test(key) ? undefined : { message: 'no image key: a-z, 0-9 and dashes' },
    ),
    z.strictObject({
      repository: scalar('a repository such as quay.io/team/name', (value) =>
        /^[a-z0-9]([a-z0-9._:/-]*[a-z0-9])?$/.test(value) ? undefined : { message: 'no repository' },
      ),
      tag: scalar('a tag such as 1.2.3', (value) =>
        /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$/.test(value) && value !== 'latest'
          ? undefined
          : { message: 'no tag of one version' },
      ),
      digest: scalar('sha256: and 64 hexadecimal digits', judgeDigest).optional(),
      licence: text('an SPDX identifier'),
      source: text('where the source is'),
      build: text('a folder that builds the image').optional(),
    }),
  ),
});

/**
 * Reads a lock file of images.
 *
 * @param file path of the lock file
 * @throws ConfigError when it cannot be read
 */
export function readImageLock(file: string): {
  images?: Readonly<Record<string, LockedImage>>;
  problems: readonly Problem[];
} {
  const { document, problems } = parseDocument(file, readText(file));
  if (problems.length > 0) return { problems };
  const checked = check(document, schema, []);
  if ('problems' in checked) return checked;
  return { images: checked.config.images as Readonly<Record<string, LockedImage>>, problems: [] };
}
