import { spawnSync } from 'node:child_process';
import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { packageFile } from '../../blueprints/package-root';
import { type OfficeProps, officeFiles } from '../../cli/init/office';
import { OfficeFolder } from './office-folder';

/** How a command ended. */
interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** An office's own folder that finds this library and its packages without an installation. */
export class LinkedOffice extends OfficeFolder {
  constructor(props: OfficeProps) {
    super(props.name);
    for (const [path, text] of officeFiles(props)) this.write(path, text);
    const packages = ['@pulumi', '@types', 'cdk8s', 'cdk8s-plus-28', 'constructs', 'ts-node', 'typescript'];
    mkdirSync(join(this.folder, 'node_modules'));
    for (const name of packages) {
      symlinkSync(packageFile('node_modules', name), join(this.folder, 'node_modules', name));
    }
    symlinkSync(packageFile(), join(this.folder, 'node_modules/bouture'));
  }

  /** `bouture ...` in the folder. */
  bouture(...args: readonly string[]): Ended {
    return this.node(packageFile('bin/bouture.js'), ...args);
  }

  /** `npm run types` in the folder. */
  types(): Ended {
    return this.node('node_modules/typescript/bin/tsc', '--noCheck', 'false');
  }

  private node(...args: readonly string[]): Ended {
    const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: this.folder, encoding: 'utf8' });
    return { code: status, out: stdout, err: stderr };
  }
}
