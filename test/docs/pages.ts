import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The root of the repository. */
export const ROOT = join(__dirname, '..', '..');

/** A block of code of a page. */
export interface Block {
  /** `docs/pulumi.md:12`, of its first line. */
  readonly where: string;
  readonly page: string;
  readonly language: string;
  /** What stands behind the language. */
  readonly info: string;
  readonly text: string;
}

const folders = ['docs', 'blueprints'];

/** Every page that people read: those of docs/, the blueprints' and those of the root. */
export const PAGES: readonly string[] = [
  ...['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md'],
  ...folders.flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
      .filter((path) => path.endsWith('.md'))
      .map((path) => join(folder, path)),
  ),
].sort();

/** The text of a page. */
export function textOf(page: string): string {
  return readFileSync(join(ROOT, page), 'utf8');
}

/** Its blocks of code. */
export function blocksOf(page: string): readonly Block[] {
  const text = textOf(page);
  return [...text.matchAll(/^( *)```(\w*) ?(.*)\n([^]*?)^\1```$/gm)].map((found) => {
    const [, , language = '', info = '', code = ''] = found;
    const line = text.slice(0, found.index).split('\n').length + 1;
    return { page, language, info, text: code, where: `${page}:${line}` };
  });
}
