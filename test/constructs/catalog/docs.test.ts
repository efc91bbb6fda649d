import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import ts from 'typescript';
import { exampleFiles } from '../../../cli/catalog/example';
import * as library from '../../../constructs';

const ROOT = join(__dirname, '..', '..', '..');
const DOC = readFileSync(join(ROOT, 'docs', 'catalog.md'), 'utf8');
const [service = '', test1 = ''] = [...DOC.matchAll(/^```ts example\n(.*?)^```$/gms)].map(([, code = '']) => code);

/** What a program in TypeScript exports, with this library as `bouture` and other programs by name. */
function run(code: string, others: Readonly<Record<string, unknown>> = {}): Readonly<Record<string, unknown>> {
  const { outputText } = ts.transpileModule(code, {
    compilerOptions: { module: ts.ModuleKind.CommonJS, target: ts.ScriptTarget.ES2022 },
  });
  const exported = {};
  const load = (name: string): unknown => (name === 'bouture' ? library : others[name]);
  // eslint-disable-next-line @typescript-eslint/no-implied-eval, @typescript-eslint/no-unsafe-call -- the example is this repository's own
  new Function('exports', 'require', outputText)(exported, load);
  return exported;
}

test('the examples of docs/catalog.md and of catalog init compile', () => {
  const folder = mkdtempSync(join(tmpdir(), 'bouture-docs-'));
  try {
    const files = new Map([
      ['survey-page.ts', service],
      ['survey-page.test.ts', test1],
      ...[...exampleFiles('x')].filter(([name]) => name.endsWith('.ts')),
    ]);
    mkdirSync(join(folder, 'services'));
    for (const [name, code] of files) writeFileSync(join(folder, name), code);
    const { options } = ts.parseJsonConfigFileContent(
      ts.readConfigFile(join(ROOT, 'tsconfig.json'), ts.sys.readFile.bind(ts.sys)).config,
      ts.sys,
      ROOT,
    );
    const program = ts.createProgram(
      [...files.keys()].map((name) => join(folder, name)),
      {
        ...options,
        types: ['node'],
        typeRoots: [join(ROOT, 'node_modules', '@types')],
        paths: { bouture: [join(ROOT, 'constructs', 'index.ts')] },
      },
    );
    const problems = program
      .getSourceFiles()
      .filter(({ fileName }) => fileName.startsWith(folder))
      .flatMap((file) => [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)])
      .map(({ file, messageText }) => `${file?.fileName ?? ''}: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`);
    expect(problems).toEqual([]);
  } finally {
    rmSync(folder, { recursive: true });
  }
}, 120_000);

test('the worked example makes the template that docs/catalog.md shows, and the objects that its test reads', () => {
  const { surveyPage } = run(service) as { surveyPage: library.CatalogService };
  const chart = library.chartOf(surveyPage, 'en');
  const [, name = '', template = ''] = /^```yaml template=(\S+)\n(.*?)^```$/ms.exec(DOC) ?? [];
  expect(chart.files.get(`templates/${name}`)?.endsWith(template)).toBe(true);
  expect(template).toContain('$.Values.page.title');
  const { page } = run(test1, { './survey-page': { surveyPage } }) as { page: library.LaunchOptions };
  expect(page).toMatchObject({ data: { 'index.html': '<h1>Prices</h1><p></p>\n' } });
  expect(library.lintChart({ source: 'x', files: chart.files })).toEqual([]);
});

test('the example of catalog init makes a chart, and keeps the promises of its test', () => {
  const { greeter } = run(exampleFiles('x').get('services/greeter.ts') ?? '') as { greeter: library.CatalogService };
  const objects = library.launch(greeter, { values: { greeting: 'Bonjour', global: { suspend: true } } });
  expect(objects.find(({ kind }) => kind === 'ConfigMap')).toMatchObject({
    data: { 'index.html': '<h1>Bonjour</h1>\n' },
  });
  expect(objects[1]).toMatchObject({ kind: 'StatefulSet', spec: { replicas: 0 } });
  expect(() => library.launch(greeter, { values: { greting: 'x' } })).toThrow('values.greting: there is no such value');
});

test('docs/catalog.md names every part', () => {
  const table = DOC.slice(DOC.indexOf('## Parts'), DOC.indexOf('## Languages'));
  expect(Object.keys(library.parts).filter((part) => !table.includes(`\`${part}\``))).toEqual([]);
});
