import { join } from 'node:path';
import ts from 'typescript';
import { packageFile } from '../../blueprints/package-root';

const ROOT = packageFile();
const entry = ts.readConfigFile(join(ROOT, 'tsconfig.json'), ts.sys.readFile.bind(ts.sys)).config as unknown;
const OPTIONS: ts.CompilerOptions = {
  ...ts.parseJsonConfigFileContent(entry, ts.sys, ROOT).options,
  types: ['node'],
  noUnusedLocals: false,
  paths: { bouture: [join(ROOT, 'constructs/index.ts')], 'bouture/*': [join(ROOT, '*/index.ts')] },
};

/**
 * What the compiler says of programs that stand in no file, all compiled at once by the options of this repository.
 *
 * @param sources texts by the path of the file that each is taken for
 * @returns messages by that path
 */
export function diagnosticsOf(sources: ReadonlyMap<string, string>): ReadonlyMap<string, readonly string[]> {
  const host = ts.createCompilerHost(OPTIONS);
  const plain = ts.createCompilerHost(OPTIONS);
  host.getSourceFile = (name, ...rest) => {
    const source = sources.get(name);
    return source === undefined
      ? plain.getSourceFile(name, ...rest)
      : ts.createSourceFile(name, source, ts.ScriptTarget.ES2022);
  };
  host.directoryExists = () => true;
  host.fileExists = (name) => sources.has(name) || plain.fileExists(name);
  host.readFile = (name) => sources.get(name) ?? plain.readFile(name);
  const compiled = ts.createProgram([...sources.keys()], OPTIONS, host);
  const messages = (name: string) => {
    const file = compiled.getSourceFile(name);
    return [...compiled.getSyntacticDiagnostics(file), ...compiled.getSemanticDiagnostics(file)].map(
      ({ messageText }) => ts.flattenDiagnosticMessageText(messageText, ' '),
    );
  };
  return new Map([...sources.keys()].map((name) => [name, messages(name)]));
}
