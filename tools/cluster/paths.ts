import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';

/**
 * The folder of the installed package, where the pinned recipes lie: the nearest one above this file that has them. It is the same
 * whether this file runs as TypeScript or compiled below `dist/`.
 */
export function packageRoot(): string {
  let folder = __dirname;
  while (!existsSync(join(folder, 'tools/cluster/programs.yaml'))) {
    const parent = dirname(folder);
    if (parent === folder)
      throw new Error(`the package is incomplete: no tools/cluster/programs.yaml above ${__dirname}`);
    folder = parent;
  }
  return folder;
}

/** A file of the embedded cluster's recipes. */
export function recipe(...path: readonly string[]): string {
  return join(packageRoot(), 'tools/cluster', ...path);
}

/**
 * Where built programs and images are kept, shared by every checkout of a user. The variable `BOUTURE_CACHE` chooses another folder.
 */
export function cacheRoot(): string {
  const chosen = process.env['BOUTURE_CACHE'];
  return chosen === undefined || chosen === '' ? join(homedir(), '.cache/bouture') : resolve(chosen);
}

/** Everything that one cluster keeps: certificates, etcd, containers, volumes, logs. */
export function stateRoot(directory: string = process.cwd()): string {
  return resolve(directory, '.bouture/cluster');
}

/** What does not outlive a boot of the machine, and paths that must be short, such as sockets. One cluster a machine, so one folder. */
export const RUNTIME_ROOT = '/run/bouture';

/** The kubeconfig of the cluster of a directory, readable by its owner only. */
export function kubeconfigPath(directory: string = process.cwd()): string {
  return join(stateRoot(directory), 'kubeconfig');
}
