import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { packageFile } from '../../blueprints/package-root';
import { type OfficeProps, officeFiles } from '../../cli/init/office';

/** How a command ended. */
interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** An office's own folder that finds this library and its packages without an installation. */
export class LinkedOffice {
  readonly folder = mkdtempSync(join(tmpdir(), 'bouture-office-'));

  constructor(props: OfficeProps) {
    for (const [path, text] of officeFiles(props)) this.write(path, text);
    const packages = ['@pulumi', '@types', 'cdk8s', 'cdk8s-plus-28', 'constructs', 'ts-node', 'typescript'];
    mkdirSync(join(this.folder, 'node_modules'));
    for (const name of packages) {
      symlinkSync(packageFile('node_modules', name), join(this.folder, 'node_modules', name));
    }
    symlinkSync(packageFile(), join(this.folder, 'node_modules/bouture'));
  }

  read(path: string): string {
    return readFileSync(join(this.folder, path), 'utf8');
  }

  write(path: string, text: string): void {
    const file = join(this.folder, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }

  /** `bouture ...` in the folder. */
  bouture(...args: readonly string[]): Ended {
    return this.node(packageFile('bin/bouture.js'), ...args);
  }

  /** `npm run types` in the folder. */
  types(): Ended {
    return this.node('node_modules/typescript/bin/tsc', '--noCheck', 'false');
  }

  remove(): void {
    rmSync(this.folder, { recursive: true });
  }

  private node(...args: readonly string[]): Ended {
    const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: this.folder, encoding: 'utf8' });
    return { code: status, out: stdout, err: stderr };
  }
}
