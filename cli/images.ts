import { loadConfig, synthesizeLoaded } from '../blueprints/load';
import { imagesOf as imagesOfChart, readPackage } from '../constructs/catalog';
import {
  type ImageCatalogue,
  type ImageReference,
  type KubernetesManifest,
  parseImageReference,
  type Synthesis,
} from '../constructs/platform';
import { ObjectView } from '../constructs/platform/rules';

/** A container that runs an image, or a chart of the platform's catalog that may. */
interface ImageUser {
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  /** Null for a chart. */
  readonly container: string | null;
}

/** An image that the platform's Pods name, or its catalog's charts. Null where nothing is known. */
export interface UsedImage {
  /** As the Pods and charts name it. */
  readonly reference: string;
  readonly repository: string | null;
  readonly tag: string | null;
  /** `sha256:` and 64 hexadecimal digits. */
  readonly digest: string | null;
  /** Key in the lock file. */
  readonly key: string | null;
  /** SPDX identifier. */
  readonly licence: string | null;
  /** Where its source is. */
  readonly source: string | null;
  readonly usedBy: readonly ImageUser[];
}

/**
 * The images that the rendered Pods name, and the charts in rendered ConfigMaps, sorted by reference.
 *
 * @param catalogue what the platform resolved its images with
 * @param keys of the lock file
 */
export function usedImages(
  synthesis: Synthesis,
  catalogue: ImageCatalogue,
  keys: readonly string[],
): readonly UsedImage[] {
  const users = new Map<string, ImageUser[]>();
  const use = (image: string, user: ImageUser): void => {
    users.set(image, [...(users.get(image) ?? []), user]);
  };
  for (const { manifest } of synthesis.objects) {
    const { kind, namespace = '', name, pod } = new ObjectView(manifest);
    for (const container of pod?.containers ?? []) {
      use(container.at('image').text ?? '', { kind, namespace, name, container: container.at('name').text ?? '' });
    }
    for (const [file, bytes] of chartsIn(manifest)) {
      for (const image of imagesOfChart(readPackage(file, bytes))) {
        use(image, { kind: 'Chart', namespace, name: file, container: null });
      }
    }
  }
  const known = new Map(keys.flatMap((key) => resolved(catalogue, key)).map((image) => [image.reference, image]));
  return [...users]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([reference, usedBy]) => {
      const parts = parseImageReference(reference);
      const locked = known.get(reference);
      return {
        reference,
        repository: parts?.repository ?? null,
        tag: parts?.tag ?? null,
        digest: parts?.digest ?? null,
        key: locked?.key ?? null,
        licence: locked?.licence ?? null,
        source: locked?.source ?? null,
        usedBy,
      };
    });
}

/** The packages of charts in a ConfigMap. */
function chartsIn({ kind, binaryData }: KubernetesManifest): readonly (readonly [string, Uint8Array])[] {
  if (kind !== 'ConfigMap' || typeof binaryData !== 'object' || binaryData === null) return [];
  return Object.entries(binaryData).flatMap(([file, content]) =>
    file.endsWith('.tgz') && typeof content === 'string' ? [[file, Buffer.from(content, 'base64')] as const] : [],
  );
}

/** The images that the Pods of a configuration file name, and the charts of its catalog. @throws ConfigError when the file cannot be used */
export function imagesOf(config: string): readonly UsedImage[] {
  const loaded = loadConfig(config);
  const platform = loaded.compose();
  return usedImages(synthesizeLoaded(loaded, platform), platform.images, Object.keys(loaded.images));
}

/** The image of a key; none where the platform does not use it and so need not be able to resolve it. */
function resolved(catalogue: ImageCatalogue, key: string): readonly ImageReference[] {
  try {
    return [catalogue.get(key)];
  } catch {
    return [];
  }
}

/** Images for people: the reference first on its line, what is known of it below. */
export function describeImages(images: readonly UsedImage[]): string {
  return images
    .map(({ reference, digest, licence, source, usedBy }) => {
      const users = usedBy.map(
        ({ kind, namespace, name, container }) =>
          `${kind} ${namespace}/${name}${container === null ? '' : ` (${container})`}`,
      );
      return [
        reference,
        `  digest   ${digest ?? 'none: the tag alone names it'}`,
        `  licence  ${licence ?? 'unknown: not in the lock file'}`,
        `  source   ${source ?? 'unknown'}`,
        ...users.map((user, index) => `${index === 0 ? '  used by  ' : '           '}${user}`),
        '',
      ].join('\n');
    })
    .join('\n');
}
