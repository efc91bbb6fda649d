import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { ConfigError, parseConfig } from '../../blueprints';
import { exampleFiles } from '../../cli/catalog/example';
import { officeFiles } from '../../cli/init/office';
import { readme } from '../../cli/init/readme';
import { program as commands } from '../../cli/program';
import { temporaryFolder } from '../support/temporary';
import { diagnosticsOf } from '../support/typescript';
import { type Block, blocksOf, PAGES, ROOT, textOf } from './pages';

const blocks = PAGES.flatMap(blocksOf);

describe('programs in TypeScript', () => {
  /** What fragments use without making it: what stands around them in a program, by the page's own words. */
  const AROUND: Readonly<Record<string, string>> = {
    app: "import('cdk8s').App",
    argo: "import('bouture').ArgoCd",
    coding: "import('bouture').PlatformNamespace",
    exposure: "import('bouture').IExposure",
    gpus: "import('bouture').GpuNodes",
    image: "import('bouture').ImageReference",
    images: "import('bouture').ImageCatalogue",
    keycloak: "import('bouture').KeycloakRealm",
    minio: "import('bouture').MinioTenant",
    mlflow: "import('bouture').MlflowServer",
    names: "import('bouture').SpaceNames",
    namespace: "import('bouture').PlatformNamespace",
    onyxiaServiceAccount: "import('cdk8s-plus-28').k8s.KubeServiceAccount",
    platform: "import('bouture').Platform",
    postgres: "import('bouture').PostgresDatabase",
    realm: "import('bouture').KeycloakRealm",
    resources: "import('bouture').ContainerResources",
    surveyPage: "import('bouture').CatalogService",
    url: 'string',
    vault: "import('bouture').VaultRealm",
  };

  /** What is wrong in files that the compiler finds in a folder below the root. */
  function problemsIn(sources: ReadonlyMap<string, string>): readonly string[] {
    return [...diagnosticsOf(sources)].flatMap(([name, messages]) =>
      messages.map((message) => `${name.slice(ROOT.length + 1)}: ${message}`),
    );
  }

  /** A fragment with what it takes from around it: what it uses and neither imports nor makes. */
  function completed({ text }: Block, index: number): string {
    const code = text
      .replace(/\/\/.*$/gm, '')
      .replace(/'[^'\n]*'/g, "''")
      .replaceAll('...', ' ');
    const made = (name: string) => new RegExp(`\\b(const|import|declare const)\\b[^=;]*\\b${name}\\b`).test(code);
    const used = (name: string) => new RegExp(`(?<![.\\w])${name}\\b(?!:)`).test(code);
    const library = Object.keys(LIBRARY).filter((name) => used(name) && !made(name));
    const around = Object.entries(AROUND).filter(([name]) => used(name) && !made(name));
    return [
      ...(library.length === 0 ? [] : [`import { ${library.join(', ')} } from 'bouture';`]),
      ...around.map(([name, type]) => `declare const ${name}: ${type};`),
      `export const fragment${index} = true;`,
      text,
    ].join('\n');
  }

  // eslint-disable-next-line @typescript-eslint/no-require-imports -- names alone: what the library exports as values
  const LIBRARY = require('../../constructs') as Readonly<Record<string, unknown>>;

  test('compile', () => {
    const known = new Map(
      [
        ...exampleFiles('x'),
        ...blocks.flatMap(({ info, text }) =>
          info.startsWith('file=') ? [[info.slice('file='.length), text] as const] : [],
        ),
      ].filter(([path]) => path.endsWith('.ts')),
    );
    const examples = blocks.filter(({ language, info }) => language === 'ts' && info === '');
    expect(examples.length).toBeGreaterThan(10);
    const sources = new Map([
      ...[...known].map(([path, text]) => [join(ROOT, 'snippets', path), text] as const),
      ...examples.map(
        (block, index) =>
          [join(ROOT, 'snippets', `${block.where.replace(/[/:]/g, '_')}.ts`), completed(block, index)] as const,
      ),
    ]);
    expect(problemsIn(sources)).toEqual([]);
  }, 180_000);

  test('that do not compile are told with page and line', () => {
    const wrong = completed(
      { where: '', page: '', language: 'ts', info: '', text: "new MinioTenant(platform, 'x', { sevrers: 4 });" },
      0,
    );
    expect(problemsIn(new Map([[join(ROOT, 'snippets/wrong.ts'), wrong]]))).toEqual([
      expect.stringMatching(/snippets\/wrong\.ts: .*'sevrers' does not exist/) as unknown,
    ]);
  }, 180_000);
});

describe('configurations', () => {
  const whole = blocks.filter(({ language, text }) => language === 'yaml' && /^blueprint:/m.test(text));
  test('there are some', () => {
    expect(whole.length).toBeGreaterThan(1);
  });

  const folder = temporaryFolder();
  const DIGEST = `sha256:${'0123456789abcdef'.repeat(4)}`;

  test.each(whole.map((block) => [block.where, block] as const))('%s is valid', (_where, { text }) => {
    // A lock of the office's own, with the digests that production demands.
    const { images } = parse(textOf('images.lock.yaml')) as { images: Readonly<Record<string, object>> };
    const lock = Object.fromEntries(Object.entries(images).map(([key, image]) => [key, { digest: DIGEST, ...image }]));
    writeFileSync(join(folder, 'images.lock.yaml'), JSON.stringify({ images: lock }));
    let message = '';
    try {
      parseConfig(join(folder, 'config.yaml'), text);
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      ({ message } = error);
    }
    expect(message).toBe('');
  });
});

describe('commands of bouture', () => {
  /** What a line says to the program, word by word, up to what the shell takes. */
  const linesOf = (text: string) =>
    [...text.matchAll(/(?:npx|npx --no-install) bouture\b([^\n`"|;&>)]*)/g)].map(([, rest = '']) =>
      rest
        .replace(/\s#.*$/, '')
        .trim()
        .split(/\s+/)
        .filter(Boolean),
    );

  /** What is wrong with a line: a command or an option that there is not. */
  function wrongWith(words: readonly string[]): string | undefined {
    let command: (typeof commands.commands)[number] = commands;
    let rest = [...words];
    for (let next = rest[0]; next !== undefined; next = rest[0]) {
      const name = next.replace(/[,.:]$/, '');
      const found = command.commands.find((one) => one.name() === name);
      if (found === undefined) break;
      command = found;
      rest = rest.slice(1);
    }
    if (command.commands.length > 0 && rest.length > 0 && rest[0] !== '--help' && /^[a-z]/.test(rest[0] ?? ''))
      return `there is no command ${rest[0] ?? ''}`;
    const options = new Set(command.options.flatMap(({ long }) => (long === undefined ? [] : [long])));
    const unknown = rest.filter(
      (word) => word.startsWith('--') && word !== '--help' && !options.has(word.split('=')[0] ?? ''),
    );
    return unknown.length === 0 ? undefined : `${command.name()} has no option ${unknown.join(', ')}`;
  }

  test('are those that there are, with the options that they have', () => {
    const texts = [
      ...PAGES.map((page) => [page, textOf(page)] as const),
      ['the README of an office', readme('x', 'minimal')] as const,
      ...officeFiles({ name: 'x', blueprint: 'minimal' }),
    ];
    const lines = texts.flatMap(([page, text]) => linesOf(text).map((words) => ({ page, words })));
    expect(lines.length).toBeGreaterThan(50);
    const wrong = lines.flatMap(({ page, words }) => {
      const problem = wrongWith(words);
      return problem === undefined ? [] : [`${page}: bouture ${words.join(' ')}: ${problem}`];
    });
    expect(wrong).toEqual([]);
  });

  test('that there are not are told', () => {
    expect(wrongWith(['valdiate', 'config.yaml'])).toBe('there is no command valdiate');
    expect(wrongWith(['up', '--previw'])).toBe('up has no option --previw');
    expect(wrongWith(['catalog', 'build', '.', '--out', 'x'])).toBeUndefined();
  });
});

test('scripts of npm that pages name are those that there are', () => {
  const { scripts } = JSON.parse(textOf('package.json')) as { scripts: Readonly<Record<string, string>> };
  const office = JSON.parse(officeFiles({ name: 'x', blueprint: 'minimal' }).get('package.json') ?? '{}') as {
    scripts: Readonly<Record<string, string>>;
  };
  const known = new Set([...Object.keys(scripts), ...Object.keys(office.scripts)]);
  const named = PAGES.flatMap((page) =>
    [...textOf(page).matchAll(/npm run (?:--silent )?([a-z][\w:]*)/g)].map(([, name = '']) => ({ page, name })),
  );
  expect(named.length).toBeGreaterThan(20);
  expect(named.filter(({ name }) => !known.has(name))).toEqual([]);
});
