import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseSums, SUMS } from './bundle.js';
import type { MlflowClient, ModelVersion } from './mlflow.js';

/** The version that is served and the one before it. */
const KEPT = 2;
const LAST = 'last.json';
const UNFINISHED = '.fetching-';

/**
 * Versions of one model on the disk. A folder is always whole, because it takes its name when everything is in it; whoever loads it
 * verifies it.
 */
export class ModelCache {
  /** @param folder holds nothing else */
  constructor(
    private readonly folder: string,
    private readonly registry: MlflowClient,
  ) {}

  /** Folder of a version. It is fetched unless it is here with the same sums. @throws RegistryError, ModelError */
  async fetch(version: ModelVersion): Promise<string> {
    const sums = await this.registry.text(version, SUMS);
    const folder = join(this.folder, version.version);
    const here = await readFile(join(folder, SUMS), 'utf8').catch(() => undefined);
    if (here === sums) return folder;

    await mkdir(this.folder, { recursive: true });
    const unfinished = join(this.folder, `${UNFINISHED}${version.version}`);
    await rm(unfinished, { recursive: true, force: true });
    await mkdir(unfinished);
    try {
      for (const name of parseSums(sums, SUMS).keys()) {
        await this.registry.download(version, name, join(unfinished, name));
      }
      await writeFile(join(unfinished, SUMS), sums);
      await rm(folder, { recursive: true, force: true });
      await rename(unfinished, folder);
    } finally {
      await rm(unfinished, { recursive: true, force: true });
    }
    return folder;
  }

  /** Removes a version, so that it is fetched again. */
  async forget(version: string): Promise<void> {
    await rm(join(this.folder, version), { recursive: true, force: true });
  }

  /** Remembers which version serves, and removes all but the newest of the others. */
  async remember(version: ModelVersion): Promise<void> {
    const file = join(this.folder, LAST);
    await writeFile(`${file}.new`, JSON.stringify(version));
    await rename(`${file}.new`, file);
    const names = (await readdir(this.folder)).filter((name) => /^[0-9]+$/.test(name) && name !== version.version);
    const aged = await Promise.all(
      names.map(async (name) => ({ name, at: (await stat(join(this.folder, name))).mtimeMs })),
    );
    aged.sort((a, b) => b.at - a.at);
    for (const { name } of aged.slice(KEPT - 1)) await this.forget(name);
  }

  /** Lets a start while the registry is away find nothing. */
  async forgetLast(): Promise<void> {
    await rm(join(this.folder, LAST), { force: true });
  }

  /** What served last, for a start while the registry is away. */
  async last(): Promise<{ readonly version: ModelVersion; readonly folder: string } | undefined> {
    const text = await readFile(join(this.folder, LAST), 'utf8').catch(() => undefined);
    if (text === undefined) return undefined;
    const version = JSON.parse(text) as ModelVersion;
    return { version, folder: join(this.folder, version.version) };
  }
}
