import { secretShape } from '../../constructs/platform/secret-shapes';
import { type Problem, sentence } from './problems';
import { isSecretKey } from './secrecy';

/** The longest line of the file that is shown, in characters. */
const WIDTH = 100;

/**
 * Problems for people: each with its place, the line of the file and a mark under what is meant. A line that may hold a
 * secret is not shown.
 *
 * @param text the file's text. @default - no lines are shown
 */
export function formatProblems(problems: readonly Problem[], text?: string): string {
  const lines = text?.split(/\r\n|\n|\r/) ?? [];
  return problems.map((problem) => formatProblem(problem, lines)).join('\n');
}

function formatProblem(problem: Problem, lines: readonly string[]): string {
  const place = problem.line === undefined ? problem.file : `${problem.file}:${problem.line}:${problem.column ?? 1}`;
  const head = `${place}${problem.path === '' ? '' : `  ${problem.path}`}\n  ${sentence(problem)}\n`;
  const line = problem.line === undefined ? undefined : lines[problem.line - 1];
  return line === undefined || isDelicate(line, problem.path)
    ? head
    : `${head}${frame(line, problem.line ?? 1, problem.column ?? 1)}\n`;
}

function frame(line: string, number: number, column: number): string {
  const shown = Array.from(line.replace(/\p{Cc}/gu, ' '))
    .slice(0, WIDTH)
    .join('');
  const gutter = ' '.repeat(String(number).length);
  const mark = column <= shown.length + 1 ? `\n  ${gutter} | ${' '.repeat(column - 1)}^` : '';
  return `  ${number} | ${shown}${mark}`;
}

/** Whether a line, or the path to it, says that something on it is secret. */
function isDelicate(line: string, path: string): boolean {
  const words = `${path} ${line}`.match(/[A-Za-z0-9_-]+/g) ?? [];
  return line.includes('@') || secretShape(line) !== undefined || words.some(isSecretKey);
}
