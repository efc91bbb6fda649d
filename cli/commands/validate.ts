import { ConfigError } from '../../blueprints/config/problems';
import { loadConfig } from '../../blueprints/load';
import { BAD_INPUT, problemReport } from '../problems';

/**
 * `bouture validate CONFIG [--json]`: tells every problem of a configuration at once. With `--json`, one object on the standard
 * output: `{ "file", "valid", "problems": [{ "file", "line", "column", "path", "message", "given", "expected", "suggestion" }] }`.
 *
 * @returns 0 when the configuration can be used, 2 when it cannot
 */
export function run(args: readonly string[], options: Readonly<Record<string, unknown>>): Promise<number> {
  const [file = ''] = args;
  const error = errorOf(file);
  if (options['json'] === true) {
    const report = { file, valid: error === undefined, problems: error?.problems ?? [] };
    process.stdout.write(`${JSON.stringify(report, undefined, 2)}\n`);
  } else if (error === undefined) {
    process.stdout.write(`${file}: valid\n`);
  } else {
    process.stderr.write(problemReport(error));
  }
  return Promise.resolve(error === undefined ? 0 : BAD_INPUT);
}

function errorOf(file: string): ConfigError | undefined {
  try {
    loadConfig(file);
    return undefined;
  } catch (error) {
    if (error instanceof ConfigError) return error;
    throw error;
  }
}
