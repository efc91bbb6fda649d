import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { attempt, type Finished, run } from './commands';

/**
 * An office's own folder, outside the repository so that nothing of the repository's own dependencies is in reach, with the library as npm packs it.
 */
export class PackedOffice {
  private readonly root = mkdtempSync(join(tmpdir(), 'bouture-office-'));
  readonly folder: string;

  constructor(readonly name: string) {
    this.folder = join(this.root, name);
  }

  /** Makes the folder with the `init` of a compiled library. */
  async make(library: string, ...options: readonly string[]): Promise<void> {
    await run('node', [join(library, 'bin/bouture.js'), 'init', this.folder, ...options]);
  }

  /** Packs a compiled library and installs it, with everything else from the registry. */
  async install(library: string): Promise<void> {
    const packed = mkdtempSync(join(this.root, 'packed-'));
    const { stdout } = await this.npm(['pack', '--ignore-scripts', '--silent', '--pack-destination', packed], library);
    const file = join(this.folder, 'package.json');
    const manifest = JSON.parse(readFileSync(file, 'utf8')) as { dependencies: Record<string, string> };
    manifest.dependencies['bouture'] = `file:${join(packed, stdout.trim())}`;
    writeFileSync(file, `${JSON.stringify(manifest, undefined, 2)}\n`);
    await this.npm(['install', '--no-audit', '--no-fund', '--prefer-offline', '--ignore-scripts']);
  }

  read(path: string): string {
    return readFileSync(join(this.folder, path), 'utf8');
  }

  write(path: string, text: string): void {
    const file = join(this.folder, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }

  /** Runs a script of its package.json, which must succeed. */
  script(name: string): Promise<Finished> {
    return this.npm(['run', '--silent', name]);
  }

  /** Runs a script of its package.json, whatever its exit code. */
  attempt(name: string): Promise<Finished> {
    return attempt('npm', ['run', '--silent', name], { cwd: this.folder });
  }

  remove(): void {
    rmSync(this.root, { recursive: true, force: true });
  }

  private npm(args: readonly string[], cwd = this.folder): Promise<Finished> {
    return run('npm', args, { cwd, timeoutSeconds: 900 });
  }
}
