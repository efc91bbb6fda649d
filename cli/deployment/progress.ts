import type { EngineEvent } from '@pulumi/pulumi/automation';
import { WORKLOAD_KINDS } from '../../stacks/readiness/workload';
import { describeObject, keyOf, type ObjectName, objectOfUrn } from './resources';

/** Where progress is written: a terminal shows what is waited for in one line that changes; anything else gets lines. */
export interface Screen {
  write(text: string): void;
  readonly isTTY: boolean;
  /** Characters in a line. */
  readonly columns: number;
}

/** This process's standard output. */
export function standardOutput(): Screen {
  const { stdout } = process;
  // Whoever reads may go before the update ends; the update must not end with them.
  stdout.on('error', () => undefined);
  return {
    write: (text) => stdout.write(text),
    isTTY: stdout.isTTY,
    columns: stdout.isTTY ? stdout.columns : 120,
  };
}

/** Without a terminal, what is waited for is told this often. */
const REMINDER_MILLISECONDS = 15_000;

/** Shorter waits are not worth a word. */
const PATIENCE_MILLISECONDS = 2_000;

interface Part {
  readonly total: number;
  readonly done: Set<string>;
  readonly changed: Set<string>;
}

/** Tells a person how an update gets on, part by part, and what it waits for. */
export class Progress {
  private readonly parts = new Map<string, Part>();
  private readonly running = new Map<string, { object: ObjectName; since: number; status: string }>();
  private readonly start: number;
  private told: number;
  private status = '';

  /**
   * @param partOf the part of the platform that each object belongs to, by the key of the object
   * @param clock milliseconds
   */
  constructor(
    private readonly partOf: ReadonlyMap<string, string>,
    private readonly screen: Screen,
    private readonly clock: () => number = Date.now,
  ) {
    for (const part of partOf.values()) {
      this.parts.set(part, { total: (this.parts.get(part)?.total ?? 0) + 1, done: new Set(), changed: new Set() });
    }
    this.start = this.told = clock();
  }

  handle(event: EngineEvent): void {
    const { resourcePreEvent, resOutputsEvent, resOpFailedEvent, diagnosticEvent } = event;
    if (resourcePreEvent !== undefined) this.begin(resourcePreEvent.metadata.urn, resourcePreEvent.metadata.op);
    if (resOutputsEvent !== undefined) this.end(resOutputsEvent.metadata.urn, resOutputsEvent.metadata.op);
    if (resOpFailedEvent !== undefined) this.fail(resOpFailedEvent.metadata.urn);
    if (diagnosticEvent?.ephemeral === true && diagnosticEvent.urn !== undefined) {
      this.note(diagnosticEvent.urn, diagnosticEvent.message, diagnosticEvent.severity);
    }
    this.tick();
  }

  /** Writes a line that stays. */
  line(text: string): void {
    this.clear();
    this.screen.write(`${text}\n`);
    this.told = this.clock();
  }

  /** Shows what is waited for; to be called now and then, for an engine that waits says nothing. */
  tick(): void {
    const now = this.clock();
    const waits = [...this.running.values()].filter(({ since }) => now - since >= PATIENCE_MILLISECONDS);
    if (this.screen.isTTY) {
      this.clear();
      if (waits.length === 0) return;
      this.status = `  ${waits.map(describeWait).join('; ')}`.slice(0, this.screen.columns - 1);
      this.screen.write(this.status);
    } else if (waits.length > 0 && now - this.told >= REMINDER_MILLISECONDS) {
      this.line(`  ${waits.map(describeWait).join('; ')}`);
    }
  }

  /** Takes the changing line away. */
  clear(): void {
    if (this.status !== '') this.screen.write(`\r${' '.repeat(this.status.length)}\r`);
    this.status = '';
  }

  private begin(urn: string, op: string): void {
    const object = objectOfUrn(urn);
    if (object === undefined || op === 'refresh' || op === 'same') return;
    this.running.set(keyOf(object), { object, since: this.clock(), status: '' });
  }

  private end(urn: string, op: string): void {
    const object = objectOfUrn(urn);
    if (object === undefined || op === 'refresh') return;
    const key = keyOf(object);
    this.running.delete(key);
    const part = this.parts.get(this.partOf.get(key) ?? '');
    if (part !== undefined && op !== 'same') part.changed.add(key);
    // What makes Pods is done once they are ready; that is told apart.
    if (!WORKLOAD_KINDS.has(object.kind)) this.done(key);
  }

  private done(key: string): void {
    const name = this.partOf.get(key) ?? '';
    const part = this.parts.get(name);
    if (part === undefined || part.done.has(key)) return;
    part.done.add(key);
    if (part.done.size < part.total) return;
    const objects = part.total === 1 ? '1 object' : `${part.total} objects`;
    const { size } = part.changed;
    const changed = size === 0 ? 'unchanged' : size === part.total ? '' : `${size} changed`;
    this.line(`  ${[name.padEnd(24), objects.padEnd(14), this.elapsed(), changed].join('  ').trimEnd()}`);
  }

  private fail(urn: string): void {
    const object = objectOfUrn(urn);
    if (object !== undefined) this.running.delete(keyOf(object));
  }

  private note(urn: string, message: string, severity: string): void {
    const object = objectOfUrn(urn);
    const text = message.trim().split('\n')[0] ?? '';
    // Debug messages repeat the API's events; an empty one means that the step is over.
    if (object === undefined || text === '' || severity === 'debug') return;
    const key = keyOf(object);
    const wait = this.running.get(key);
    if (text === 'ready') {
      this.running.delete(key);
      this.done(key);
    } else if (wait !== undefined) {
      wait.status = text;
    } else if (text.startsWith('waiting for ')) {
      this.running.set(key, { object, since: this.clock(), status: text });
    }
  }

  private elapsed(): string {
    return `${((this.clock() - this.start) / 1000).toFixed(1)} s`.padStart(8);
  }
}

function describeWait({ object, status }: { readonly object: ObjectName; readonly status: string }): string {
  return `${describeObject(object)}${status === '' ? '' : `: ${status}`}`;
}
