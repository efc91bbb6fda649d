import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** An office's own folder, outside of the repository so that nothing of the repository's own dependencies is in reach. */
export class OfficeFolder {
  /** What is removed in the end, the folder and what stands beside it. */
  protected readonly root = mkdtempSync(join(tmpdir(), 'bouture-office-'));
  readonly folder: string;

  /** @param name of the folder, and of the office */
  constructor(readonly name: string) {
    this.folder = join(this.root, name);
  }

  read(path: string): string {
    return readFileSync(join(this.folder, path), 'utf8');
  }

  write(path: string, text: string): void {
    const file = join(this.folder, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }

  remove(): void {
    rmSync(this.root, { recursive: true, force: true });
  }
}
