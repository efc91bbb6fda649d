import { createRequire } from 'node:module';

/**
 * Runs a program in TypeScript or JavaScript and takes what it exports.
 *
 * @param file its absolute path
 * @throws Error when ts-node is missing beside a program in TypeScript, and whatever the program throws
 */
export function loadProgram(file: string): Readonly<Record<string, unknown>> {
  const load = createRequire(file);
  if (/\.[cm]?ts$/.test(file)) compileTypeScript(load);
  return load(file) as Readonly<Record<string, unknown>>;
}

/** With ts-node, which `init` puts into an office's folder. Pulumi and ts-node themselves have done so already. */
export function compileTypeScript(load: NodeJS.Require): void {
  // eslint-disable-next-line @typescript-eslint/no-deprecated -- deprecated for who adds one; nothing else tells that it was added
  if ('.ts' in load.extensions) return;
  let tool: { readonly register: (options: object) => unknown };
  try {
    tool = load('ts-node') as typeof tool;
  } catch (error) {
    throw new Error('TypeScript needs ts-node: npm install --save-dev ts-node typescript', { cause: error });
  }
  tool.register({ transpileOnly: true, compilerOptions: { module: 'commonjs', moduleResolution: 'node10' } });
}
