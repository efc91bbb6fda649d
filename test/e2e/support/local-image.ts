import { existsSync, mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { allImages } from '../../../tools/cluster';
import { readLayout } from '../../../tools/cluster/image-layout';
import { imageFolder } from '../../../tools/cluster/image-manifest';
import { buildImages } from '../../../tools/cluster/images';
import { run, type Running, start } from './commands';
import type { LocalUser } from './local-pod';
import { say } from './waiting';

/** An image as a folder of this machine. */
export interface UnpackedImage {
  /** Its root file system. */
  readonly folder: string;
  /** Variables that it sets. */
  readonly env: Readonly<Record<string, string>>;
  readonly workingDir: string;
}

/**
 * Unpacks an image that is built here into a new folder, which the caller removes. What a later layer takes away stays there.
 *
 * @param key in `images.lock.yaml`
 */
export async function unpackImage(key: string): Promise<UnpackedImage> {
  const all = allImages();
  const image = all.find(({ name }) => name === key);
  if (image === undefined) throw new Error(`there is no image "${key}"`);
  const layout = imageFolder(image, all);
  if (!existsSync(layout)) await buildImages([image], all, { say, step: (_, act) => act() });
  return unpackLayout(layout);
}

/** Unpacks an OCI layout into a new folder, which the caller removes. What a later layer takes away stays there. */
export async function unpackLayout(layout: string): Promise<UnpackedImage> {
  const { layers, env, workingDir } = readLayout(layout);
  const folder = mkdtempSync('/tmp/bi-');
  for (const layer of layers) {
    await run('tar', ['--extract', '--gzip', '--exclude=.wh.*', '--file', layer, '--directory', folder]);
  }
  await run('chmod', ['755', folder]);
  // A container gets this file from the kubelet.
  writeFileSync(join(folder, 'etc/hosts'), '127.0.0.1 localhost\n');
  return { folder, env, workingDir };
}

/** Starts a command that sees the image's files and this machine's network, and nothing else. */
export function inImage(
  { folder, env, workingDir }: UnpackedImage,
  { uid, gid }: LocalUser,
  command: readonly string[],
  variables: Readonly<Record<string, string>> = {},
): Running {
  const mounts = ['dev', 'proc'].map((name) => `mount --rbind /${name} '${folder}/${name}' && `).join('');
  return start(
    'unshare',
    [
      ...['--mount', 'sh', '-c', `${mounts}exec "$0" "$@"`],
      ...['chroot', `--userspec=${uid}:${gid}`, `--groups=${gid}`, folder],
      ...['env', '-i', `--chdir=${workingDir}`],
      ...Object.entries({ ...env, ...variables }).map(([name, value]) => `${name}=${value}`),
      ...command,
    ],
    { timeoutSeconds: 3600 },
  );
}
