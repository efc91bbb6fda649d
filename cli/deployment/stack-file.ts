import { closeSync, existsSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { type Document, parseDocument } from 'yaml';

/**
 * The configuration file of a stack, `Pulumi.<stack>.yaml`. Changes keep its comments, and replace the file in one step: it holds the seed, so
 * a process that is killed while it writes must leave either the old file or the new one.
 */
export class StackFile {
  constructor(readonly path: string) {}

  /** True when the key has a value, plain or secret. */
  has(key: string): boolean {
    return this.document().hasIn(['config', key]);
  }

  /** A plain value; undefined where there is none. */
  get(key: string): unknown {
    return (this.document().toJS() as { config?: Record<string, unknown> } | null)?.config?.[key];
  }

  /** Sets a plain value; `undefined` removes the key. Does nothing when the file says so already. */
  set(key: string, value: unknown): void {
    if (JSON.stringify(this.get(key)) === JSON.stringify(value)) return;
    const document = this.document();
    if (value === undefined) document.deleteIn(['config', key]);
    else document.setIn(['config', key], document.createNode(value));
    this.replace(document.toString());
  }

  /**
   * Lets something else write: it gets a copy, which then takes the file's place.
   *
   * @param write changes the file of this path
   */
  async rewrite(write: (draft: string) => Promise<void>): Promise<void> {
    writeDurably(this.draft, this.text());
    await write(this.draft);
    this.replace(readFileSync(this.draft, 'utf8'));
  }

  private replace(text: string): void {
    writeDurably(this.draft, text);
    renameSync(this.draft, this.path);
  }

  /** One name for all runs, so that what a killed one left is overwritten; Pulumi knows the format by its end. */
  private get draft(): string {
    return `${this.path}.draft.yaml`;
  }

  private document(): Document {
    return parseDocument(this.text());
  }

  private text(): string {
    return existsSync(this.path) ? readFileSync(this.path, 'utf8') : '';
  }
}

function writeDurably(path: string, text: string): void {
  const file = openSync(path, 'w', 0o600);
  try {
    writeSync(file, text);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}
