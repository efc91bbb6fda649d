import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { buildCatalog, type ChartFiles, imagesOf, lintChart } from '../../constructs';
import { catalogChanges, describeCatalogChanges } from '../catalog/changes';
import { exampleFiles } from '../catalog/example';
import { CatalogInputError, readCharts, readReleased } from '../catalog/folder';
import { mirrorCatalog } from '../catalog/mirror';
import { loadProgram } from '../catalog/program';
import { BAD_INPUT } from '../problems';

type Options = Readonly<Record<string, unknown>>;

/** Does something with catalogs and tells bad input on the standard error. @returns what it returns, or 2 for bad input */
async function withInputTold(act: () => number | Promise<number>): Promise<number> {
  try {
    return await act();
  } catch (error) {
    if (!(error instanceof CatalogInputError)) throw error;
    process.stderr.write(`bouture: ${error.message}\n`);
    return BAD_INPUT;
  }
}

/** A text among the options. */
function textOption(options: Options, name: string): string | undefined {
  const value = options[name];
  return typeof value === 'string' ? value : undefined;
}

/**
 * `bouture catalog build [DIR|PROGRAM] --out DIR [--check]`: packages and index of a catalog. Versions that the output folder has stay; one
 * that would change is refused. Nothing is written unless all is well.
 *
 * @returns 0 when done, 1 with `--check` when the folder is stale, 2 when the program cannot be used
 */
export function build(args: readonly string[], options: Options): Promise<number> {
  const [path = '.'] = args;
  const out = textOption(options, 'out') ?? 'charts';
  return withInputTold(async () => {
    const { services, language } = await loadProgram(path);
    const released = readReleased(out);
    const { files } = orRefused(() => buildCatalog(services, { language, released }));
    const changed = [...files].filter(([name, bytes]) => !holds(join(out, name), bytes));
    if (options['check'] === true) {
      for (const [name] of changed) process.stdout.write(`stale    ${join(out, name)}\n`);
      return changed.length === 0 ? 0 : 1;
    }
    mkdirSync(out, { recursive: true });
    for (const [name, bytes] of changed) {
      writeFileSync(join(out, name), bytes);
      process.stdout.write(`written  ${join(out, name)}\n`);
    }
    process.stdout.write(`${out}: ${files.size - 1} packages, ${changed.length} files written\n`);
    return 0;
  });
}

/** What services make of themselves fails with the chart and the path in it: bad input, not a crash. */
function orRefused<T>(make: () => T): T {
  try {
    return make();
  } catch (error) {
    throw new CatalogInputError(error instanceof Error ? error.message : String(error), { cause: error });
  }
}

function holds(file: string, bytes: Uint8Array): boolean {
  return existsSync(file) && readFileSync(file).equals(bytes);
}

/**
 * `bouture catalog lint DIR [--json]`: what is wrong with charts, whoever made them: packages, folders, or a folder of either.
 *
 * @returns 0 when nothing but warnings is, 1 when errors are, 2 when there is no chart
 */
export function lint(args: readonly string[], options: Options): Promise<number> {
  const [path = '.'] = args;
  return withInputTold(() => {
    const charts = readCharts(path).map((chart) => ({ source: chart.source, findings: lintChart(chart) }));
    if (options['json'] === true) process.stdout.write(`${JSON.stringify({ charts }, undefined, 2)}\n`);
    else {
      for (const { source, findings } of charts) {
        for (const { level, rule, file, path: place, message, remedy } of findings) {
          const where = [source, file, place].filter((part) => part !== '').join(': ');
          process.stdout.write(`${level} ${rule}\n  ${where}\n  ${message}\n  remedy: ${remedy}\n`);
        }
      }
      process.stdout.write(`${path}: ${summary(charts.map(({ findings }) => findings))}\n`);
    }
    return charts.some(({ findings }) => findings.some(({ level }) => level === 'error')) ? 1 : 0;
  });
}

function summary(findings: readonly (readonly { readonly level: string }[])[]): string {
  const all = findings.flat();
  const errors = all.filter(({ level }) => level === 'error').length;
  return `${findings.length} charts, ${errors} errors, ${all.length - errors} warnings`;
}

/**
 * `bouture catalog diff A B [--exit-code] [--json]`: charts and versions that come, go or were rewritten, and what differs in the values
 * and the images of the newest ones.
 *
 * @returns 0 when done; with `--exit-code`, 1 when there are changes; 2 when one of both is no catalog
 */
export function diff(args: readonly string[], options: Options): Promise<number> {
  const [before = '', after = ''] = args;
  return withInputTold(() => {
    const changes = catalogChanges(readCharts(before), readCharts(after));
    if (options['json'] === true) process.stdout.write(`${JSON.stringify({ changes }, undefined, 2)}\n`);
    else process.stdout.write(changes.length === 0 ? 'no changes\n' : describeCatalogChanges(changes));
    return options['exitCode'] === true && changes.length > 0 ? 1 : 0;
  });
}

/**
 * `bouture catalog init DIR`: an office's own catalog, with one service and its test. A folder that holds anything is left alone.
 *
 * @returns 0 when done, 2 when the folder is not empty; nothing is written then
 */
export function init(args: readonly string[]): Promise<number> {
  const [folder = '.'] = args;
  return withInputTold(() => {
    if (existsSync(folder)) {
      if (!statSync(folder).isDirectory()) throw new CatalogInputError(`${folder} is a file: name a folder`);
      const [first] = readdirSync(folder).filter((name) => name !== '.git');
      if (first !== undefined) {
        throw new CatalogInputError(`${folder} is not empty (${first} is there): name a new folder`);
      }
    }
    const name = basename(resolve(folder))
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, '-')
      .replace(/^-+|-+$/g, '');
    for (const [path, text] of exampleFiles(name === '' ? 'catalog' : name)) {
      const file = join(folder, path);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, text);
      process.stdout.write(`created  ${file}\n`);
    }
    process.stdout.write(`\nNext: cd ${folder} && npm install && npm test && npm run build\n`);
    return 0;
  });
}

/**
 * `bouture catalog mirror DIR|URL --out DIR [--charts NAME...]`: a copy of a catalog for a network without internet: the packages, each with
 * its digest verified, an index that names them, and `images.txt` with every image that their values name.
 *
 * @returns 0 when done, 1 when a package cannot be fetched or has another digest, 2 when there is no catalog
 */
export function mirror(args: readonly string[], options: Options): Promise<number> {
  const [source = '.'] = args;
  const out = textOption(options, 'out') ?? 'mirror';
  const charts = Array.isArray(options['charts']) ? options['charts'].map(String) : [];
  return withInputTold(async () => {
    const { files, packages, problems } = await mirrorCatalog(source, charts);
    if (problems.length > 0) {
      for (const problem of problems) process.stderr.write(`bouture: ${problem}\n`);
      return 1;
    }
    mkdirSync(out, { recursive: true });
    const images = listImages(packages);
    for (const [name, bytes] of [...files, ['images.txt', Buffer.from(images)] as const]) {
      writeFileSync(join(out, name), bytes);
      process.stdout.write(`written  ${join(out, name)}\n`);
    }
    return 0;
  });
}

function listImages(packages: readonly ChartFiles[]): string {
  const images = [...new Set(packages.flatMap(imagesOf))].sort();
  return images.map((image) => `${image}\n`).join('');
}
