import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** A folder of `workloads/` that has tests: one program with its own pinned dependencies. */
export interface Workload {
  /** `nace-coding/etl`. */
  readonly name: string;
  readonly folder: string;
  readonly language: 'node' | 'python';
}

/** What pins the dependencies of a program, by language. The files of Python are installed together. */
export const LOCKS = {
  node: ['package-lock.json'],
  python: ['requirements.txt', 'requirements-test.txt'],
} as const;

/**
 * The programs below `workloads/`, by name.
 *
 * @throws Error when there is none, or when one has a folder `tests` and nothing that pins what they need; all are named at once
 */
export function findWorkloads(root: string): Workload[] {
  const folders = readdirSync(root, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .flatMap((entry) =>
      readdirSync(join(root, entry.name), { withFileTypes: true })
        .filter((inner) => inner.isDirectory() && existsSync(join(root, entry.name, inner.name, 'tests')))
        .map((inner) => `${entry.name}/${inner.name}`),
    )
    .sort();
  const problems: string[] = [];
  const found = folders.flatMap((name): Workload[] => {
    const folder = join(root, name);
    const has = (file: string) => existsSync(join(folder, file));
    if (LOCKS.node.every(has)) return [{ name, folder, language: 'node' }];
    if (LOCKS.python.every(has)) return [{ name, folder, language: 'python' }];
    problems.push(`${name}: has tests, and neither ${LOCKS.node.join()} nor both ${LOCKS.python.join(' and ')}`);
    return [];
  });
  if (problems.length > 0) throw new Error(`tests that cannot be run in ${root}:\n${problems.join('\n')}`);
  if (found.length === 0) throw new Error(`no folder of ${root} has tests`);
  return found;
}
