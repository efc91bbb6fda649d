import { readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import ts from 'typescript';

const ROOT = join(__dirname, '..', '..');
const ENTRY = join(ROOT, 'constructs', 'index.ts');
const options: ts.CompilerOptions = {
  ...ts.parseJsonConfigFileContent(
    ts.readConfigFile(join(ROOT, 'tsconfig.json'), ts.sys.readFile.bind(ts.sys)).config,
    ts.sys,
    ROOT,
  ).options,
  types: ['node'],
  paths: { bouture: [ENTRY] },
  noUnusedLocals: false,
};

const program = ts.createProgram([ENTRY], options, ts.createCompilerHost(options, true));
const files = program.getSourceFiles().filter(({ fileName }) => fileName.startsWith(join(ROOT, 'constructs')));

const docOf = (node: ts.Node): ts.JSDoc[] => ts.getJSDocCommentsAndTags(node).filter(ts.isJSDoc);
const tagsOf = (node: ts.Node): string[] => ts.getJSDocTags(node).map((tag) => tag.tagName.text);
const isHidden = (node: ts.Node): boolean =>
  ts.canHaveModifiers(node) &&
  (ts.getModifiers(node) ?? []).some(
    ({ kind }) =>
      kind === ts.SyntaxKind.PrivateKeyword ||
      kind === ts.SyntaxKind.ProtectedKeyword ||
      kind === ts.SyntaxKind.OverrideKeyword,
  );

/** What a reader of the library sees and cannot look up: `file:line name`, for each declaration without a docstring. */
function undocumented(): string[] {
  const missing: string[] = [];
  const report = (file: ts.SourceFile, node: ts.Node, what: string) =>
    missing.push(
      `${relative(ROOT, file.fileName)}:${file.getLineAndCharacterOfPosition(node.getStart()).line + 1} ${what}`,
    );
  for (const file of files) {
    for (const statement of file.statements) {
      const exported =
        ts.canHaveModifiers(statement) &&
        (ts.getModifiers(statement) ?? []).some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword);
      if (!exported) continue;
      if (ts.isInterfaceDeclaration(statement)) {
        const isProps = statement.name.text.endsWith('Props');
        if (!isProps && docOf(statement).length === 0) report(file, statement, statement.name.text);
        for (const member of statement.members) {
          const name = `${statement.name.text}.${member.name?.getText() ?? '?'}`;
          if (
            ts.isPropertySignature(member) &&
            member.questionToken !== undefined &&
            !tagsOf(member).includes('default')
          )
            report(file, member, `${name} has no @default`);
        }
      } else if (ts.isClassDeclaration(statement)) {
        if (docOf(statement).length === 0) report(file, statement, statement.name?.text ?? 'class');
        for (const member of statement.members) {
          if (
            isHidden(member) ||
            !(ts.isMethodDeclaration(member) || ts.isGetAccessor(member)) ||
            ts.isPrivateIdentifier(member.name)
          )
            continue;
          const inherited = (statement.heritageClauses ?? []).some(
            ({ token }) => token === ts.SyntaxKind.ImplementsKeyword,
          );
          if (docOf(member).length === 0 && !inherited)
            report(file, member, `${statement.name?.text ?? ''}.${member.name.getText()}`);
        }
      } else if (
        ts.isFunctionDeclaration(statement) ||
        ts.isTypeAliasDeclaration(statement) ||
        ts.isEnumDeclaration(statement)
      ) {
        if (docOf(statement).length === 0) report(file, statement, statement.name?.text ?? 'function');
      }
    }
  }
  return missing;
}

/** Every `@example` of the library, as source text by where it stands. */
function examples(): Map<string, string> {
  const found = new Map<string, string>();
  const visit = (file: ts.SourceFile, node: ts.Node): void => {
    for (const tag of ts.getJSDocTags(node)) {
      if (tag.tagName.text !== 'example') continue;
      const text = ts.getTextOfJSDocComment(tag.comment) ?? '';
      const line = file.getLineAndCharacterOfPosition(tag.getStart()).line + 1;
      found.set(`${relative(ROOT, file.fileName)}:${line}`, text.replace(/^```\w*\n?|```$/gm, ''));
    }
    node.forEachChild((child) => {
      visit(file, child);
    });
  };
  for (const file of files) visit(file, file);
  return found;
}

describe('the documentation in the code', () => {
  test('every public thing has a docstring, every optional prop a @default', () => {
    expect(undocumented()).toEqual([]);
  });

  test('every @example compiles', () => {
    const sources = new Map(
      [...examples()].map(([where, text], index) => {
        const imports = text.match(/^import .*$/gm)?.join('\n') ?? '';
        const body = text.replace(/^import .*$/gm, '');
        const known = /\b(Platform|App|ImageCatalogue)\b/g;
        const imported = new Set(imports.match(known) ?? []);
        const lend = (name: string, from: string) => (imported.has(name) ? '' : `import { ${name} } from '${from}';`);
        const declared = (name: string, type: string) =>
          new RegExp(`\\bconst ${name}\\b`).test(body) ? '' : `declare const ${name}: ${type};`;
        const source = [
          imports,
          lend('Platform', 'bouture'),
          lend('ImageCatalogue', 'bouture'),
          lend('App', 'cdk8s'),
          declared('images', 'ImageCatalogue'),
          declared('app', 'App'),
          declared('platform', 'Platform'),
          'export {};',
          body,
        ].join('\n');
        return [join(ROOT, 'constructs', `example-${index}.ts`), { where, source }];
      }),
    );
    expect(sources.size).toBeGreaterThan(0);
    const host = ts.createCompilerHost(options);
    const plain = ts.createCompilerHost(options);
    host.getSourceFile = (name, ...rest) => {
      const example = sources.get(name);
      return example === undefined
        ? (program.getSourceFile(name) ?? plain.getSourceFile(name, ...rest))
        : ts.createSourceFile(name, example.source, ts.ScriptTarget.ES2022);
    };
    host.fileExists = (name) => sources.has(name) || plain.fileExists(name);
    host.readFile = (name) => sources.get(name)?.source ?? plain.readFile(name);
    const compiled = ts.createProgram([...sources.keys()], options, host);
    const problems = [...sources].flatMap(([name, { where }]) => {
      const file = compiled.getSourceFile(name);
      return [...compiled.getSyntacticDiagnostics(file), ...compiled.getSemanticDiagnostics(file)].map(
        ({ messageText }) => `${where}: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`,
      );
    });
    expect(problems).toEqual([]);
  });

  test('the library is what package.json exports', () => {
    const { exports } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
      exports: Record<string, { types?: string }>;
    };
    expect(exports['.']?.types).toBe('./dist/constructs/index.d.ts');
  });
});
