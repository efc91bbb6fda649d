import {
  chmodSync,
  copyFileSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
} from 'node:fs';
import { join, relative } from 'node:path';
import { REGISTRY_PORT } from './addresses';
import { run } from './commands';
import { contextOf } from './folder-hash';
import { digestOf } from './image-layout';
import { type BuiltImage, groundOf, imageFolder, localReference, registryReference } from './image-manifest';
import { ImageStorage } from './image-storage';
import { exclusively } from './lock';
import { forgetOnNodes } from './node-images';
import { cacheRoot } from './paths';
import { recipeOfProgram } from './program-manifest';
import { ensurePrograms, programPath } from './programs';
import type { Progress } from './progress';

/** Debian release of the base image. */
const RELEASE = 'bookworm';

/** Where buildah and skopeo, when root runs them, note which registry has which layer; no option of theirs moves it. */
const BLOB_CACHE = '/var/lib/containers';

/**
 * Makes images be in the cache, and in the registry: builds those whose key is not cached, and pushes those that the registry does not
 * have or has in another version.
 *
 * @param wanted what is needed; their grounds are built before them
 * @param all every image that one of them may start from
 */
export async function ensureImages(
  wanted: readonly BuiltImage[],
  all: readonly BuiltImage[],
  progress: Progress,
): Promise<void> {
  await withImages(progress, async () => {
    await build(wanted, all, progress);
    await Promise.all(wanted.map((image) => publish(image, all, progress)));
  });
}

/**
 * Makes images be in the cache, and in no registry.
 *
 * @param wanted what is needed; their grounds are built before them
 * @param all every image that one of them may start from
 */
export async function buildImages(
  wanted: readonly BuiltImage[],
  all: readonly BuiltImage[],
  progress: Progress,
): Promise<void> {
  await withImages(progress, () => build(wanted, all, progress));
}

/** Works on the cache of images while nobody else does. */
async function withImages(progress: Progress, work: () => Promise<void>): Promise<void> {
  const untouched = !existsSync(BLOB_CACHE);
  try {
    await exclusively(join(cacheRoot(), 'images'), work, (holder) => {
      progress.say(`waiting for process ${holder}, which builds images`);
    });
  } finally {
    if (untouched) rmSync(BLOB_CACHE, { recursive: true, force: true });
  }
}

async function build(wanted: readonly BuiltImage[], all: readonly BuiltImage[], progress: Progress): Promise<void> {
  const missing = inOrder(wanted, all).filter((image) => !existsSync(imageFolder(image, all)));
  if (missing.length > 0) {
    await ensurePrograms([...new Set(missing.flatMap(({ programs }) => programs).map(recipeOfProgram))], progress);
    const builder = new ImageBuilder(all);
    try {
      await builder.begin();
      for (const image of missing) {
        await progress.step(`build image ${image.repository}:${image.tag}`, () => builder.build(image));
      }
    } finally {
      await builder.dispose();
    }
  }
}

/** Images with the grounds that they stand on before them, each once. */
export function inOrder(wanted: readonly BuiltImage[], all: readonly BuiltImage[]): BuiltImage[] {
  const ordered = new Set<BuiltImage>();
  const visit = (image: BuiltImage) => {
    groundOf(image, all).forEach(visit);
    ordered.add(image);
  };
  wanted.forEach(visit);
  return [...ordered];
}

async function publish(image: BuiltImage, all: readonly BuiltImage[], progress: Progress): Promise<void> {
  const folder = imageFolder(image, all);
  if ((await publishedDigest(image)) === digestOf(folder)) return;
  await progress.step(`push ${registryReference(image)}`, () =>
    pushImage(folder, registryReference(image), { verifyTls: false }),
  );
  await forgetOnNodes(registryReference(image));
}

/**
 * Copies an OCI layout to a registry, to the byte.
 *
 * @param reference `registry.example.org/bouture/mlflow:3.17.2`
 */
export async function pushImage(
  folder: string,
  reference: string,
  { verifyTls = true }: { readonly verifyTls?: boolean } = {},
): Promise<void> {
  const options = verifyTls ? [] : ['--dest-tls-verify=false'];
  await run('skopeo', ['copy', '--quiet', '--preserve-digests', ...options, `oci:${folder}`, `docker://${reference}`]);
}

async function publishedDigest({ repository, tag }: BuiltImage): Promise<string | undefined> {
  const response = await fetch(`http://127.0.0.1:${REGISTRY_PORT}/v2/${repository}/manifests/${tag}`, {
    method: 'HEAD',
    headers: { accept: 'application/vnd.oci.image.manifest.v1+json' },
  });
  return response.ok ? (response.headers.get('docker-content-digest') ?? undefined) : undefined;
}

/** Builds images with buildah. */
class ImageBuilder {
  private readonly storage = new ImageStorage(join(cacheRoot(), 'images', '.building'));
  private readonly loaded = new Set<string>();

  constructor(private readonly all: readonly BuiltImage[]) {}

  begin(): Promise<void> {
    return this.storage.begin();
  }

  dispose(): Promise<void> {
    return this.storage.dispose();
  }

  async build(image: BuiltImage): Promise<void> {
    for (const ground of groundOf(image, this.all)) await this.load(ground);
    const context = join(this.storage.folder, `context-${image.name}`);
    const belongs = contextOf(image.folder);
    cpSync(image.folder, context, {
      recursive: true,
      filter: (source) =>
        source === image.folder || belongs(relative(image.folder, source), lstatSync(source).isDirectory()),
    });
    await this.complete(image, context);
    const result = join(this.storage.folder, `result-${image.name}`);
    const name = localReference(image);
    await this.storage.buildah('bud', [
      ...['--isolation', 'chroot', '--network', 'host', '--format', 'oci', '--pull=never'],
      ...hostSettings(),
      ...labels(image).flatMap((label) => ['--label', label]),
      ...['--tag', name, '--file', join(context, 'Dockerfile'), context],
    ]);
    await this.storage.buildah('push', [name, `oci:${result}`]);
    this.loaded.add(image.name);
    const folder = imageFolder(image, this.all);
    rmSync(folder, { recursive: true, force: true });
    renameSync(result, folder);
    rmSync(context, { recursive: true, force: true });
  }

  /** Brings an image of the cache into the storage, for others to stand on. */
  private async load(image: BuiltImage): Promise<void> {
    if (this.loaded.has(image.name)) return;
    await this.storage.load(imageFolder(image, this.all), localReference(image));
    this.loaded.add(image.name);
  }

  /** Adds to a context what is not in the repository: programs of the cache, and the root file system of the base. */
  private async complete(image: BuiltImage, context: string): Promise<void> {
    if (image.programs.length > 0) {
      rmSync(join(context, 'programs'));
      mkdirSync(join(context, 'programs'));
    }
    for (const program of image.programs) {
      const target = join(context, 'programs', program);
      copyFileSync(programPath(program), target);
      chmodSync(target, 0o755);
    }
    const packages = join(context, 'packages');
    if (image.name === 'base') {
      const include = readFileSync(packages, 'utf8').trim().split('\n').join(',');
      await run('mmdebstrap', [
        ...['--variant=minbase', `--include=${include}`, '--quiet'],
        ...['man', 'doc', 'info', 'locale'].map((kind) => `--dpkgopt=path-exclude=/usr/share/${kind}/*`),
        '--dpkgopt=path-include=/usr/share/doc/*/copyright',
        ...[RELEASE, join(context, 'rootfs.tar')],
        ...mirror(),
      ]);
    }
  }
}

/** The Debian mirror of the base image. */
function mirror(): string[] {
  const chosen = process.env['BOUTURE_DEBIAN_MIRROR'];
  return chosen === undefined || chosen === '' ? [] : [chosen];
}

/**
 * Builds reach package registries as the host does: with its certificates and its pip settings. None of it enters the image; the folder
 * of certificates is an overlay that is thrown away, since packages write there, too.
 */
function hostSettings(): string[] {
  return ['/etc/ssl/certs:/etc/ssl/certs:O', '/etc/pip.conf:/etc/pip.conf:ro']
    .filter((volume) => existsSync(volume.split(':')[0] ?? ''))
    .flatMap((volume) => ['--volume', volume]);
}

function labels({ tag, licence, source }: BuiltImage): string[] {
  return [
    `org.opencontainers.image.version=${tag}`,
    `org.opencontainers.image.licenses=${licence}`,
    `org.opencontainers.image.source=${source}`,
  ];
}
