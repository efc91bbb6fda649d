import { formatProblems } from '../blueprints/config/format';
import { ConfigError } from '../blueprints/config/problems';
import { readText } from '../blueprints/config/source';

/** The exit code of bad input. */
export const BAD_INPUT = 2;

/**
 * Does something with configurations and tells their problems on the standard error.
 *
 * @returns what it returns, or 2 when a configuration cannot be used
 */
export async function withProblemsTold(act: () => number | Promise<number>): Promise<number> {
  try {
    return await act();
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    process.stderr.write(problemReport(error));
    return BAD_INPUT;
  }
}

/** The problems of a configuration for people, with the lines of the file that they stand in. */
export function problemReport({ file, problems }: ConfigError): string {
  const count = problems.length === 1 ? '1 problem' : `${problems.length} problems`;
  return `${formatProblems(problems, textOf(file))}\n${file}: ${count}\n`;
}

function textOf(file: string): string | undefined {
  try {
    return readText(file);
  } catch (error) {
    if (error instanceof ConfigError) return undefined;
    throw error;
  }
}
