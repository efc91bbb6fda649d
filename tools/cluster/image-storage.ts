import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { attempt, run } from './commands';

/** A storage of buildah's own, which is thrown away at the end. */
export class ImageStorage {
  private readonly options: readonly string[];

  /** @param folder that nobody else uses */
  constructor(readonly folder: string) {
    this.options = [
      ...['--root', join(folder, 'storage'), '--runroot', join(folder, 'run')],
      ...['--storage-driver', 'overlay'],
    ];
  }

  /** Makes an empty place to work in; what a killed process left there goes. */
  async begin(): Promise<void> {
    await this.dispose();
    mkdirSync(this.folder, { recursive: true });
  }

  /** Runs buildah. @returns standard output */
  async buildah(command: string, args: readonly string[]): Promise<string> {
    return run('buildah', [...this.options, command, ...args]);
  }

  /** Brings an OCI layout into the storage. */
  async load(layout: string, name: string): Promise<void> {
    const storage = `[overlay@${join(this.folder, 'storage')}+${join(this.folder, 'run')}]`;
    await run('skopeo', ['copy', '--quiet', `oci:${layout}`, `containers-storage:${storage}${name}`]);
  }

  async dispose(): Promise<void> {
    const mounted = readFileSync('/proc/mounts', 'utf8')
      .split('\n')
      .map((line) => line.split(' ')[1] ?? '')
      .filter((point) => point.startsWith(`${this.folder}/`));
    for (const point of mounted.sort().reverse()) await attempt('umount', ['-l', point]);
    rmSync(this.folder, { recursive: true, force: true });
  }
}
