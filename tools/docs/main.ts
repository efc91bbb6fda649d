/**
 * `npm run docs:build`: builds the documentation site into `.bouture/docs/site`, from `docs/`, from the READMEs that it links to, from the docstrings of
 * the library and from the claims with their last results. Fails on a link that leads nowhere.
 */
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { claimsTable, MARK, readClaims, readResults } from './claims';
import { deadLinks } from './links';
import { stage } from './stage';

const ROOT = resolve(__dirname, '../..');
const WORK = join(ROOT, '.bouture/docs');
const SOURCE = join(WORK, 'source');
const SITE = join(WORK, 'site');
const PICTURES = ['minimal', 'sspcloud', 'nace-coding'];

function main(): void {
  rmSync(SOURCE, { recursive: true, force: true });
  rmSync(SITE, { recursive: true, force: true });
  const { pages, assets, problems } = stage(ROOT, startPages());
  if (problems.length > 0) throw new Error(problems.join('\n'));
  for (const [path, text] of pages) write(path, path === 'proofs.md' ? withClaims(text) : text);
  for (const [path, file] of assets) {
    mkdirSync(dirname(join(SOURCE, path)), { recursive: true });
    copyFileSync(join(ROOT, file), join(SOURCE, path));
  }
  pictures();
  run('npx', ['--no-install', 'typedoc', '--options', 'tools/docs/typedoc.json', '--out', join(SOURCE, 'reference')]);
  run('npx', ['--no-install', 'vitepress', 'build', 'docs']);
  const dead = deadLinks(SITE);
  if (dead.length > 0) throw new Error(`${dead.length} links lead nowhere:\n${dead.join('\n')}`);
  process.stdout.write(`${SITE}: ${pages.size} pages and the reference\n`);
}

/** Every page of docs/, and what stands beside it in the repository for readers. */
function startPages(): readonly string[] {
  const docs = readdirSync(join(ROOT, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.md') && !path.startsWith('.vitepress'))
    .map((path) => `docs/${path}`)
    .sort();
  return [...docs, ...PICTURES.map((name) => `blueprints/${name}/README.md`), 'CONTRIBUTING.md', 'CHANGELOG.md'];
}

function withClaims(text: string): string {
  if (!text.includes(MARK)) throw new Error(`docs/proofs.md lacks the line ${MARK}`);
  const { FULL_LEVEL_FILES: full } = JSON.parse(
    run(process.execPath, ['-p', "JSON.stringify(require('./test/e2e/support/full-level.js'))"]),
  ) as { readonly FULL_LEVEL_FILES: readonly string[] };
  return text.replace(MARK, claimsTable(readClaims(ROOT), readResults(ROOT), full));
}

/** The platform of each blueprint, drawn from what is rendered. */
function pictures(): void {
  for (const name of PICTURES) {
    const out = join(SOURCE, 'public/graphs', `${name}.svg`);
    run(process.execPath, [
      'bin/bouture.js',
      'graph',
      `blueprints/${name}/config.yaml`,
      '--format',
      'svg',
      '--out',
      out,
    ]);
  }
}

function write(path: string, text: string): void {
  mkdirSync(dirname(join(SOURCE, path)), { recursive: true });
  writeFileSync(join(SOURCE, path), text);
}

/** Runs a program from the root, which must succeed. @returns its standard output */
function run(command: string, args: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync(command, args, { cwd: ROOT, encoding: 'utf8', maxBuffer: 1 << 26 });
  if (status !== 0)
    throw new Error(`${command} ${args.join(' ')} ended with ${status ?? 'a signal'}:\n${stdout}${stderr}`);
  return stdout;
}

try {
  main();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
