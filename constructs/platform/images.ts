import { hasRegistryHost, parseImageReference } from './image-reference';

/** One entry of `images.lock.yaml`. */
export interface LockedImage {
  /** Repository; with its registry host for a published image, without one for an image that is built from `images/`. */
  readonly repository: string;
  readonly tag: string;
  /** `sha256:` and 64 hexadecimal digits. @default - the tag alone names the image, which the production profile refuses */
  readonly digest?: string;
  /** SPDX identifier of the packaged software. */
  readonly licence: string;
  /** Where its source is. */
  readonly source: string;
  /** Folder under `images/` that builds it. @default - the image is published by its makers */
  readonly build?: string;
}

/** What a container spec needs to know of an image. */
export interface ImageReference {
  /** Key in the lock file, for example `minio`. */
  readonly key: string;
  /** Full reference, for example `registry.example.org/bouture/minio:2026-02-12@sha256:...`. */
  readonly reference: string;
  /** The tag, used for `app.kubernetes.io/version`. */
  readonly version: string;
  readonly licence: string;
  readonly source: string;
}

export interface ImageCatalogueProps {
  /** Entries by key, as in `images.lock.yaml`. */
  readonly lock: Readonly<Record<string, LockedImage>>;
  /**
   * Registry host, with an optional path, that every image is pulled from; digests stay.
   * @default - published images come from their own registry; images built from `images/` are refused, for nobody publishes them
   */
  readonly mirror?: string;
  /** Full references that replace entries of the lock, by key. @default - none */
  readonly overrides?: Readonly<Record<string, string>>;
  /** Refuse an image without digest, and the tag `latest`. @default false */
  readonly requireDigest?: boolean;
}

/** Resolves the key of an image to the reference that a container pulls. */
export class ImageCatalogue {
  constructor(private readonly props: ImageCatalogueProps) {}

  /**
   * The image of a key.
   *
   * @throws Error when the key is unknown, when an image that nobody publishes has no mirror, or when a digest is required and absent
   */
  get(key: string): ImageReference {
    const locked = this.props.lock[key];
    if (locked === undefined) {
      throw new Error(`no image "${key}" in the lock file: it has ${Object.keys(this.props.lock).sort().join(', ')}`);
    }
    const { repository, tag, digest } = this.parts(key, locked);
    if (this.props.requireDigest === true && (digest === undefined || tag === 'latest')) {
      throw new Error(
        `image "${key}" (${repository}:${tag}) has no digest: the production profile pins every image; ` +
          `give images.overrides.${key} as repository:tag@sha256:..., or build it and record its digest in the lock file`,
      );
    }
    return {
      key,
      reference: `${repository}:${tag}${digest === undefined ? '' : `@${digest}`}`,
      version: tag,
      licence: locked.licence,
      source: locked.source,
    };
  }

  private parts(key: string, locked: LockedImage): { repository: string; tag: string; digest: string | undefined } {
    const override = this.props.overrides?.[key];
    if (override !== undefined) {
      const parts = parseImageReference(override);
      if (parts === undefined) {
        throw new Error(
          `images.overrides.${key}: "${override}" is not an image reference: expected repository:tag@sha256:...`,
        );
      }
      return { repository: this.mirrored(parts.repository), tag: parts.tag ?? 'latest', digest: parts.digest };
    }
    if (locked.build !== undefined && this.props.mirror === undefined) {
      throw new Error(
        `image "${key}" is published by nobody: build it from ${locked.build}, push it to your registry and give that registry as images.mirror`,
      );
    }
    return { repository: this.mirrored(locked.repository), tag: locked.tag, digest: locked.digest };
  }

  private mirrored(repository: string): string {
    const { mirror } = this.props;
    // An override may name the mirror itself, as whoever has pushed to it does.
    if (mirror === undefined || repository.startsWith(`${mirror}/`)) return repository;
    const path = hasRegistryHost(repository) ? repository.slice(repository.indexOf('/') + 1) : repository;
    return `${mirror}/${path}`;
  }
}
