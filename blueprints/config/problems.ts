/** One thing that is wrong in a configuration, with where it stands and what would be right. */
export interface Problem {
  /** File as the caller named it. */
  readonly file: string;
  /** 1-based. @default - the problem concerns the file as a whole */
  readonly line?: number;
  /** 1-based, in characters. @default - the problem concerns the file as a whole */
  readonly column?: number;
  /** Where in the document: `objectStore.minio.volumeSize`, `tenants[0].name`; empty for the document itself. */
  readonly path: string;
  /** What is wrong, and why where that is not plain. Never holds a secret's value. */
  readonly message: string;
  /** The value as it was given, as JSON. @default - none was given, or it is or may be a secret */
  readonly given?: string;
  /** What would be right. @default - the message says it */
  readonly expected?: string;
  /** Probably meant: the nearest key or value. @default - nothing is near */
  readonly suggestion?: string;
}

/** A configuration that cannot be used, with every problem found in it. Never a bug of the library: exit code 2. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';

  /** In the order of the file, then of a lock file that it names, each once, a hundred at most. */
  readonly problems: readonly Problem[];

  /** @param found at least one, in any order */
  constructor(
    readonly file: string,
    found: readonly Problem[],
  ) {
    const problems = inOrder(file, found);
    const count = problems.length === 1 ? '1 problem' : `${problems.length} problems`;
    super(`${file}: ${count}\n${problems.map((problem) => describe(problem)).join('\n')}`);
    this.problems = problems;
  }
}

/** The most problems that are reported: whoever has more has another kind of file. */
const MAX_PROBLEMS = 100;

function inOrder(file: string, found: readonly Problem[]): readonly Problem[] {
  const unique = [...new Map(found.map((problem) => [JSON.stringify(problem), problem])).values()];
  const other = (problem: Problem) => (problem.file === file ? 0 : 1);
  unique.sort((a, b) => other(a) - other(b) || (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0));
  if (unique.length <= MAX_PROBLEMS) return unique;
  const rest = { file, path: '', message: `and ${unique.length - MAX_PROBLEMS} more problems` };
  return [...unique.slice(0, MAX_PROBLEMS), rest];
}

/** A problem in one line: place, path, message, expectation, suggestion. */
export function describe(problem: Problem): string {
  const place = problem.line === undefined ? problem.file : `${problem.file}:${problem.line}:${problem.column ?? 1}`;
  return [place, problem.path, sentence(problem)].filter((part) => part !== '').join(': ');
}

/** What a problem says, without its place. */
export function sentence(problem: Problem): string {
  return [
    problem.message,
    problem.given === undefined ? '' : `given ${problem.given}`,
    problem.expected === undefined ? '' : `expected ${problem.expected}`,
    problem.suggestion === undefined ? '' : `did you mean ${problem.suggestion}?`,
  ]
    .filter((part) => part !== '')
    .join('; ');
}

/** A place in a document: keys and list positions from the top. */
export type Path = readonly (string | number)[];

/** `['tenants', 0, 'name']` as `tenants[0].name`; a key that is no plain word stands in quotes. */
export function formatPath(path: Path): string {
  let text = '';
  for (const part of path) {
    if (typeof part === 'number') text += `[${part}]`;
    else if (/^[A-Za-z_][A-Za-z0-9_-]*$/.test(part)) text += text === '' ? part : `.${part}`;
    else text += `[${JSON.stringify(part.length > 80 ? `${part.slice(0, 77)}...` : part)}]`;
  }
  return text;
}
