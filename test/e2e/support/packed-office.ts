import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { OfficeFolder } from '../../support/office-folder';
import { attempt, type Finished, run } from './commands';

/** An office's own folder, with the library as npm packs it. */
export class PackedOffice extends OfficeFolder {
  /** Makes the folder with the `init` of a compiled library. */
  async make(library: string, ...options: readonly string[]): Promise<void> {
    await run('node', [join(library, 'bin/bouture.js'), 'init', this.folder, ...options]);
  }

  /** Packs a compiled library and installs it, with everything else from the registry. */
  async install(library: string): Promise<void> {
    const packed = mkdtempSync(join(this.root, 'packed-'));
    const { stdout } = await this.npm(['pack', '--ignore-scripts', '--silent', '--pack-destination', packed], library);
    const manifest = JSON.parse(this.read('package.json')) as { dependencies: Record<string, string> };
    manifest.dependencies['bouture'] = `file:${join(packed, stdout.trim())}`;
    this.write('package.json', `${JSON.stringify(manifest, undefined, 2)}\n`);
    await this.npm(['install', '--no-audit', '--no-fund', '--prefer-offline', '--ignore-scripts']);
  }

  /** Runs a script of its package.json, which must succeed. */
  script(name: string): Promise<Finished> {
    return this.npm(['run', '--silent', name]);
  }

  /** Runs a script of its package.json, whatever its exit code. */
  attempt(name: string): Promise<Finished> {
    return attempt('npm', ['run', '--silent', name], { cwd: this.folder });
  }

  private npm(args: readonly string[], cwd = this.folder): Promise<Finished> {
    return run('npm', args, { cwd, timeoutSeconds: 900 });
  }
}
