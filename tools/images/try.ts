import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { readLayout } from '../cluster/image-layout';
import { type BuiltImage, imageFolder } from '../cluster/image-manifest';
import { ImageStorage } from '../cluster/image-storage';
import { cacheRoot } from '../cluster/paths';
import type { Progress } from '../cluster/progress';

/** Last words of commands that end by themselves. */
const TELLS = new Set(['--version', 'version', '--help']);

/** Commands by image, from `try.yaml`. */
export function tryCommands(): Readonly<Record<string, readonly string[]>> {
  const text = readFileSync(join(__dirname, 'try.yaml'), 'utf8');
  return z.record(z.string(), z.array(z.string()).min(1)).parse(parse(text));
}

/**
 * The command that shows that the program of an image starts.
 *
 * @param own what the image itself starts
 * @throws Error when that is no command that ends, and `try.yaml` has none
 */
export function commandFor(
  name: string,
  own: readonly string[],
  commands: Readonly<Record<string, readonly string[]>>,
): readonly string[] {
  const command = commands[name] ?? own;
  if (commands[name] === undefined && !TELLS.has(own.at(-1) ?? '')) {
    throw new Error(
      `image "${name}" starts "${own.join(' ')}", which does not end: add a command that does to tools/images/try.yaml`,
    );
  }
  return command;
}

/** The folder of an image in the cache. @throws Error when it is not built */
export function builtFolder(image: BuiltImage, all: readonly BuiltImage[]): string {
  const folder = imageFolder(image, all);
  if (!existsSync(folder)) throw new Error(`image "${image.name}" is not built: npm run images -- build ${image.name}`);
  return folder;
}

/**
 * Starts the program of each image once, as the image's own user.
 *
 * @throws Error with what a program said that failed
 */
export async function tryImages(
  images: readonly BuiltImage[],
  all: readonly BuiltImage[],
  progress: Progress,
): Promise<void> {
  const commands = tryCommands();
  for (const image of images) {
    const folder = builtFolder(image, all);
    const command = commandFor(image.name, readLayout(folder).command, commands);
    const storage = new ImageStorage(join(cacheRoot(), 'images', '.trying'));
    try {
      await storage.begin();
      await storage.load(folder, image.name);
      const container = (await storage.buildah('from', ['--pull=never', image.name])).trim();
      await progress.step(`try ${image.name}: ${command.join(' ')}`, () =>
        storage.buildah('run', ['--isolation', 'chroot', container, '--', ...command]),
      );
    } finally {
      await storage.dispose();
    }
  }
}
