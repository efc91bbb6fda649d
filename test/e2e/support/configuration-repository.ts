import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { attempt, type Finished, ROOT, run } from './commands';

/** A repository of configurations, as examples/gitops describes it: a bare one that others push to, and clones of it. */
export class ConfigurationRepository {
  /**
   * @param blueprint whose own configuration it begins with
   * @param mirror registry that images are pulled from
   */
  static async of(blueprint: string, mirror: string): Promise<ConfigurationRepository> {
    const folder = mkdtempSync(join(tmpdir(), 'bouture-configuration-'));
    await run('git', ['init', '--quiet', '--bare', '--initial-branch=main', join(folder, 'bare.git')]);
    const repository = new ConfigurationRepository(folder);
    const first = await repository.clone();
    const config = readFileSync(join(ROOT, 'blueprints', blueprint, 'config.yaml'), 'utf8');
    writeFileSync(join(first, 'config.yaml'), config.replace(/^ {2}mirror: .*$/m, `  mirror: ${mirror}`));
    for (const file of ['promote.mjs', 'promote.sh'])
      copyFileSync(join(ROOT, 'examples/gitops', file), join(first, file));
    writeFileSync(join(first, '.gitignore'), 'node_modules\n');
    await run('npx', ['--no-install', 'bouture', 'synth', 'config.yaml'], { cwd: first });
    await repository.git(first, 'add', '--all');
    await repository.git(first, 'commit', '--quiet', '--message', 'The configuration of the office');
    await repository.git(first, 'push', '--quiet', 'origin', 'HEAD:main');
    return repository;
  }

  private clones = 0;

  private constructor(private readonly folder: string) {}

  /** Makes a clone with its packages: this repository's own build of the library. */
  async clone(branch?: string): Promise<string> {
    const clone = join(this.folder, `clone-${++this.clones}`);
    const chosen = branch === undefined ? [] : ['--branch', branch];
    await run('git', ['clone', '--quiet', ...chosen, join(this.folder, 'bare.git'), clone]);
    const modules = join(clone, 'node_modules');
    mkdirSync(join(modules, '.bin'), { recursive: true });
    symlinkSync(ROOT, join(modules, 'bouture'));
    symlinkSync(join(ROOT, 'bin/bouture.js'), join(modules, '.bin/bouture'));
    symlinkSync(join(ROOT, 'node_modules/yaml'), join(modules, 'yaml'));
    return clone;
  }

  /** Asks the bare repository. */
  async ask(...args: readonly string[]): Promise<string> {
    return (await this.git(join(this.folder, 'bare.git'), ...args)).stdout.trim();
  }

  /** What the workflow `check.yaml` asks of a change. */
  async check(clone: string): Promise<readonly Finished[]> {
    const bouture = ['--no-install', 'bouture'];
    return [
      await attempt('npx', [...bouture, 'validate', 'config.yaml'], { cwd: clone }),
      await attempt('npx', [...bouture, 'synth', 'config.yaml', '--check'], { cwd: clone }),
    ];
  }

  /** Forgets it. */
  dispose(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  private async git(cwd: string, ...args: readonly string[]): Promise<Finished> {
    return run('git', ['-c', 'user.name=Ada', '-c', 'user.email=ada@example.org', ...args], { cwd });
  }
}
