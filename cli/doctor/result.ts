/** What one look at the machine or the cluster found. */
export interface Result {
  /** `fail` keeps the platform from working; `warn` may. */
  readonly level: 'ok' | 'warn' | 'fail';
  /** What was looked at: `Kubernetes version`. */
  readonly title: string;
  /** What was found. */
  readonly detail: string;
  /** What to do about it. @default - nothing to do */
  readonly remedy?: string;
}

/** All is well. */
export function ok(title: string, detail: string): Result {
  return { level: 'ok', title, detail };
}

/** Something may not work. */
export function warn(title: string, detail: string, remedy: string): Result {
  return { level: 'warn', title, detail, remedy };
}

/** The platform cannot work. */
export function fail(title: string, detail: string, remedy: string): Result {
  return { level: 'fail', title, detail, remedy };
}

/** Results for people: a line each, with the remedy below where one is needed, and a count at the end. */
export function describeResults(results: readonly Result[]): string {
  const lines = results.map(({ level, title, detail, remedy }) => {
    const line = `${level.padEnd(4)}  ${title}: ${detail}\n`;
    return remedy === undefined ? line : `${line}      remedy: ${remedy}\n`;
  });
  const count = (wanted: Result['level']): number => results.filter(({ level }) => level === wanted).length;
  return `${lines.join('')}\n${count('ok')} ok, ${count('warn')} warnings, ${count('fail')} failures\n`;
}
