import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { DOCUMENTS, type RenderedBlueprint } from './render';

/** What happens to one file of the output folder. */
export interface OutputChange {
  /** Path below the output folder, `minimal/20-foundations/minio.k8s.yaml`. */
  readonly path: string;
  readonly change: 'created' | 'changed' | 'removed' | 'unchanged';
  /** New text. @default - the file is removed */
  readonly text?: string;
}

/** Folders and files below a blueprint's folder that synthesis owns; anything else there is somebody else's. */
const LAYER_FOLDER = /^\d\d-[a-z-]+$/;
const MANIFEST = /\.k8s\.yaml$/;

/**
 * What writing would change in an output folder: a file that is no longer rendered is removed, and what synthesis does not own
 * is left alone.
 *
 * @param out the output folder, which need not exist
 */
export function planOutput(out: string, blueprints: readonly RenderedBlueprint[]): readonly OutputChange[] {
  return blueprints.flatMap(({ folder, files }) => {
    const rendered = [...files].map(([path, text]) => planFile(out, join(folder, path), text));
    const known = new Set(rendered.map(({ path }) => path));
    const stale = ownedFiles(out, folder).filter((path) => !known.has(path));
    return [...rendered, ...stale.map((path) => ({ path, change: 'removed' as const }))];
  });
}

function planFile(out: string, path: string, text: string): OutputChange {
  const file = join(out, path);
  if (!existsSync(file)) return { path, change: 'created', text };
  return { path, change: readFileSync(file, 'utf8') === text ? 'unchanged' : 'changed', text };
}

function ownedFiles(out: string, folder: string): string[] {
  const root = join(out, folder);
  if (!existsSync(root)) return [];
  const entries = readdirSync(root, { withFileTypes: true });
  const layers = entries.filter((entry) => entry.isDirectory() && LAYER_FOLDER.test(entry.name));
  const manifests = layers.flatMap(({ name }) =>
    readdirSync(join(root, name))
      .filter((file) => MANIFEST.test(file))
      .map((file) => join(folder, name, file)),
  );
  const documents = DOCUMENTS.filter((file) => existsSync(join(root, file))).map((file) => join(folder, file));
  return [...manifests, ...documents];
}

/**
 * Carries out a plan. All texts are on the disk under other names before the first file changes, and each file changes in one
 * step: whoever reads the folder meanwhile sees old files or new ones, never half of one.
 *
 * @throws Error of the file system; no file is half written then, and nothing else is left behind
 */
export function writeOutput(out: string, changes: readonly OutputChange[]): void {
  const staged = new Map<string, string>();
  try {
    for (const { path, change, text } of changes) {
      if (text === undefined || change === 'unchanged') continue;
      const file = join(out, path);
      const draft = join(dirname(file), `.${process.pid}-${staged.size}.draft`);
      mkdirSync(dirname(file), { recursive: true });
      staged.set(draft, file);
      writeFileSync(draft, text);
    }
    for (const [draft, file] of staged) renameSync(draft, file);
  } finally {
    for (const draft of staged.keys()) rmSync(draft, { force: true });
  }
  for (const { path, change } of changes) {
    if (change !== 'removed') continue;
    rmSync(join(out, path));
    removeIfEmpty(dirname(join(out, path)));
  }
}

function removeIfEmpty(folder: string): void {
  if (readdirSync(folder).length === 0) rmdirSync(folder);
}
