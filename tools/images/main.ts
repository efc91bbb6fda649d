import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { allImages, type BuiltImage, platformImages } from '../cluster/image-manifest';
import { buildImages, inOrder } from '../cluster/images';
import { ensurePackages } from '../cluster/packages';
import { packageRoot } from '../cluster/paths';
import { plainProgress } from '../cluster/progress';
import { releaseImages, withDigests } from './release';
import { scanImages } from './scan';
import { tryImages } from './try';

/** `npm run images -- build|try|scan|push`: the images of `images.lock.yaml` that have a Dockerfile. */

const progress = plainProgress();
const all = allImages();

/** Images by name, those that others stand on first. @throws Error when there is none of a name */
function chosen(names: readonly string[]): readonly BuiltImage[] {
  const images = platformImages();
  const unknown = names.find((name) => !images.some((image) => image.name === name));
  if (unknown !== undefined) {
    throw new Error(`no image "${unknown}" is built here: there are ${images.map(({ name }) => name).join(', ')}`);
  }
  const wanted = images.filter(({ name }) => names.length === 0 || names.includes(name));
  return inOrder(wanted, all).filter((image) => wanted.some(({ name }) => name === image.name));
}

interface PushOptions {
  readonly registry: string;
  readonly lock: string;
  readonly suffix: string;
  readonly tlsVerify: boolean;
}

const program = new Command('images').description('builds, tries and pushes the images that nobody publishes');
program
  .command('build [image...]')
  .description('builds what is not in the cache, with what it stands on')
  .action(async (names: string[]) => {
    await ensurePackages(progress);
    await buildImages(chosen(names), all, progress);
  });
program
  .command('try [image...]')
  .description('starts the program of each image once')
  .action((names: string[]) => tryImages(chosen(names), all, progress));
program
  .command('scan [image...]')
  .description('lists the parts of each image, and refuses one with a critical flaw that has a repair')
  .requiredOption('--out <folder>', 'where the lists and the reports go')
  .action((names: string[], { out }: { out: string }) => scanImages(chosen(names), all, out, progress));
program
  .command('push [image...]')
  .description('pushes what is built, and writes a lock file with its tags and digests')
  .requiredOption('--registry <registry>', 'host of the registry, with an optional path')
  .requiredOption('--lock <file>', 'lock file to write: images.lock.yaml with what was pushed')
  .option(
    '--suffix <text>',
    'what follows the version in a tag',
    new Date().toISOString().slice(0, 10).replaceAll('-', ''),
  )
  .option('--no-tls-verify', 'for a registry without TLS, on this machine')
  .action(async (names: string[], { registry, lock, suffix, tlsVerify }: PushOptions) => {
    const released = await releaseImages(chosen(names), all, { registry, suffix, verifyTls: tlsVerify }, progress);
    writeFileSync(lock, withDigests(readFileSync(join(packageRoot(), 'images.lock.yaml'), 'utf8'), released));
    progress.say(`${lock} has ${released.length} digests`);
  });

program.parseAsync().catch((error: unknown) => {
  process.stderr.write(`images: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
