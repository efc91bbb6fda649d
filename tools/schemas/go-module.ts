import { execFileSync } from 'node:child_process';
import { object, text } from './json';

/**
 * Downloads Go modules with the ordinary Go client and holds them to their checksums.
 *
 * @param cache folder for the module cache; the caller removes it
 * @param checksums by `module@version`, as `go.sum` has them
 */
export class GoModules {
  constructor(
    private readonly cache: string,
    private readonly checksums: Readonly<Record<string, string>>,
  ) {}

  /** What was downloaded, by `module@version`, with its checksum. */
  readonly downloaded: Record<string, string> = {};

  /**
   * The folder of a module's files.
   *
   * @throws Error when the checksum differs from the recorded one
   */
  folder(module: string, version: string): string {
    const id = `${module}@${version}`;
    const answer: unknown = JSON.parse(
      execFileSync('go', ['mod', 'download', '-json', id], {
        cwd: this.cache,
        encoding: 'utf8',
        env: { ...process.env, GOMODCACHE: this.cache, GOFLAGS: '-modcacherw' },
        maxBuffer: 1 << 24,
      }),
    );
    const sum = text(object(answer)['Sum']);
    const expected = this.checksums[id];
    if (expected !== undefined && expected !== sum) throw new Error(`${id}: checksum ${sum}, expected ${expected}: do not use it`);
    this.downloaded[id] = sum;
    return text(object(answer)['Dir']);
  }
}
