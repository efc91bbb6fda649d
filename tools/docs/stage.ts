import { existsSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, join, posix, relative } from 'node:path';

/** What the site is built from: texts and files by their path below its source folder. */
export interface Staged {
  /** Pages in Markdown. */
  readonly pages: ReadonlyMap<string, string>;
  /** Files of the repository, by where the site serves them: their path there. */
  readonly assets: ReadonlyMap<string, string>;
  /** `file:line: what is wrong`. */
  readonly problems: readonly string[];
}

/** Where a file of the repository stands in the site: pages of docs/ at the root, every other file below `repository/`. */
export function placeOf(file: string): string {
  const inDocs = file.startsWith('docs/') ? file.slice('docs/'.length) : posix.join('repository', file);
  return basename(inDocs) === 'README.md' ? posix.join(dirname(inDocs), 'index.md') : inDocs;
}

/**
 * Collects pages and all that they link to inside the repository, with links that fit where each stands in the site.
 *
 * @param root folder of the repository
 * @param start pages to begin with, as paths below the root
 */
export function stage(root: string, start: readonly string[]): Staged {
  const pages = new Map<string, string>();
  const assets = new Map<string, string>();
  const problems: string[] = [];
  const left = [...start];
  const seen = new Set(left);
  for (let file = left.shift(); file !== undefined; file = left.shift()) {
    const from = file;
    const text = rewritten(readFileSync(join(root, from), 'utf8'), (target, line) => {
      const linked = targetOf(root, from, target);
      if (linked === undefined) {
        problems.push(`${from}:${line}: ${target}: there is no such file in the repository`);
        return target;
      }
      const [, fragment = ''] = /(#.*)?$/.exec(target) ?? [];
      const place = placeOf(linked);
      if (!linked.endsWith('.md')) {
        const picture = /\.(png|svg)$/.test(linked);
        // Pictures are taken by the bundler from beside the page; anything else is served as text.
        assets.set(picture ? place : posix.join('public', `${place}.txt`), linked);
        return picture ? hrefOf(from, place) : `/${place}.txt`;
      }
      if (!seen.has(linked)) left.push(linked);
      seen.add(linked);
      return `${hrefOf(from, place)}${fragment}`;
    });
    pages.set(placeOf(from), text);
  }
  return { pages, assets, problems };
}

function hrefOf(from: string, place: string): string {
  const path = relative(dirname(placeOf(from)), place);
  return path.startsWith('.') ? path : `./${path}`;
}

/** The file that a link of a page leads to, below the root. @default - undefined when there is none */
function targetOf(root: string, from: string, target: string): string | undefined {
  const [path = ''] = target.split('#');
  const file = posix.join(dirname(from), decodeURIComponent(path));
  if (file.startsWith('..') || !existsSync(join(root, file))) return undefined;
  if (!statSync(join(root, file)).isDirectory()) return file;
  const readme = posix.join(file, 'README.md');
  return existsSync(join(root, readme)) ? readme : undefined;
}

/** A page with other targets of its relative links; code stays. @param replace is given the target and its line, from 1 */
function rewritten(text: string, replace: (target: string, line: number) => string): string {
  let fence: string | undefined;
  return text
    .split('\n')
    .map((line, index) => {
      const [, mark] = /^\s*(```+|~~~+)/.exec(line) ?? [];
      if (mark !== undefined && (fence === undefined || mark.startsWith(fence))) {
        fence = fence === undefined ? mark : undefined;
        return line;
      }
      if (fence !== undefined) return line;
      return line.replace(
        /(`[^`]*`)|(\]\()([^)\s]+)(?=[)\s])/g,
        (all, code?: string, open?: string, target?: string) =>
          code !== undefined || open === undefined || target === undefined || /^([a-z]+:|#|\/)/.test(target)
            ? all
            : `${open}${replace(target, index + 1)}`,
      );
    })
    .join('\n');
}
