import { ConfigError } from '../../blueprints/config/problems';
import { formatProblems } from '../../blueprints/config/format';
import { readText } from '../../blueprints/config/source';
import { loadConfig } from '../../blueprints/load';

/**
 * `bouture validate CONFIG [--json]`: tells every problem of a configuration at once. With `--json`, one object on the standard
 * output: `{ "file", "valid", "problems": [{ "file", "line", "column", "path", "message", "given", "expected", "suggestion" }] }`.
 *
 * @returns 0 when the configuration can be used, 2 when it cannot
 */
export function run(args: readonly string[], options: Readonly<Record<string, unknown>>): Promise<number> {
  const [file = ''] = args;
  const problems = problemsOf(file);
  if (options['json'] === true) {
    process.stdout.write(`${JSON.stringify({ file, valid: problems.length === 0, problems }, undefined, 2)}\n`);
  } else if (problems.length === 0) {
    process.stdout.write(`${file}: valid\n`);
  } else {
    const count = problems.length === 1 ? '1 problem' : `${problems.length} problems`;
    process.stderr.write(`${formatProblems(problems, textOf(file))}\n${file}: ${count}\n`);
  }
  return Promise.resolve(problems.length === 0 ? 0 : 2);
}

function problemsOf(file: string) {
  try {
    loadConfig(file);
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
}

function textOf(file: string): string | undefined {
  try {
    return readText(file);
  } catch (error) {
    if (error instanceof ConfigError) return undefined;
    throw error;
  }
}
