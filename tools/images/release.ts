import { isMap, parseDocument } from 'yaml';
import { attempt } from '../cluster/commands';
import { digestOf } from '../cluster/image-layout';
import type { BuiltImage } from '../cluster/image-manifest';
import { pushImage } from '../cluster/images';
import type { Progress } from '../cluster/progress';
import { builtFolder } from './try';

/** Where an image is to be had. */
export interface Released {
  /** Key in the lock file. */
  readonly name: string;
  readonly tag: string;
  readonly digest: string;
}

export interface ReleaseOptions {
  /** Host, with an optional path, that the images' own repositories follow. */
  readonly registry: string;
  /** What follows the version in a tag: the day. */
  readonly suffix: string;
  /** Whether the registry must prove who it is. @default true */
  readonly verifyTls?: boolean;
}

/**
 * Pushes images under tags of their own, which never move: the version and a suffix.
 *
 * @throws Error when a registry has other content under such a tag, or gives another digest than the image has
 */
export async function releaseImages(
  images: readonly BuiltImage[],
  all: readonly BuiltImage[],
  { registry, suffix, verifyTls = true }: ReleaseOptions,
  progress: Progress,
): Promise<readonly Released[]> {
  const released: Released[] = [];
  for (const image of images) {
    const folder = builtFolder(image, all);
    const digest = digestOf(folder);
    const tag = `${image.tag}-${suffix}`;
    const reference = `${registry}/${image.repository}:${tag}`;
    const before = await digestAt(reference, verifyTls);
    if (before !== undefined && before !== digest) {
      throw new Error(`${reference} is there already, with other content (${before}): give another --suffix`);
    }
    await progress.step(`push ${reference}`, () => pushImage(folder, reference, { verifyTls }));
    const now = await digestAt(reference, verifyTls);
    if (now !== digest) throw new Error(`${reference} has the digest ${now ?? 'none'}, and was pushed as ${digest}`);
    released.push({ name: image.name, tag, digest });
  }
  return released;
}

/** The digest that a registry has under a tag. */
async function digestAt(reference: string, verifyTls: boolean): Promise<string | undefined> {
  const { code, stdout, stderr } = await attempt('skopeo', [
    ...['inspect', '--no-tags', '--format', '{{.Digest}}', ...(verifyTls ? [] : ['--tls-verify=false'])],
    `docker://${reference}`,
  ]);
  if (code === 0) return stdout.trim();
  if (/manifest unknown|name unknown|not found/i.test(stderr)) return undefined;
  throw new Error(`cannot ask for ${reference}: ${stderr.trim()}`);
}

/** A lock file with the tags and digests of what was released; all else stays, comments too. */
export function withDigests(lock: string, released: readonly Released[]): string {
  const document = parseDocument(lock);
  for (const { name, tag, digest } of released) {
    if (!isMap(document.getIn(['images', name]))) throw new Error(`the lock file has no image "${name}"`);
    document.setIn(['images', name, 'tag'], tag);
    document.setIn(['images', name, 'digest'], digest);
  }
  return document.toString({ lineWidth: 0 });
}
