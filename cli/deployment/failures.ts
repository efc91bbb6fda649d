import type { EngineEvent } from '@pulumi/pulumi/automation';
import { describeObject, type ObjectName, objectOfUrn } from './resources';

/** An error that Pulumi reported: of one object, or of the update as a whole. */
export interface Failure {
  readonly object?: ObjectName;
  readonly message: string;
}

/** Collects the errors of an update from the engine's events. */
export class Failures {
  private readonly found: Failure[] = [];

  handle({ diagnosticEvent }: EngineEvent): void {
    if (diagnosticEvent?.severity !== 'error' || diagnosticEvent.ephemeral === true) return;
    const message = diagnosticEvent.message.trim();
    // The engine says at the end that it failed; the reasons have been told by then.
    if (message === 'update failed' || message === 'preview failed' || message === '') return;
    const object = diagnosticEvent.urn === undefined ? undefined : objectOfUrn(diagnosticEvent.urn);
    this.found.push(object === undefined ? { message } : { object, message });
  }

  /** Those of objects; without any, those of the update as a whole, which only sum them up. */
  get all(): readonly Failure[] {
    const ofObjects = this.found.filter(({ object }) => object !== undefined);
    return ofObjects.length > 0 ? ofObjects : this.found;
  }
}

/** Objects that fail alike are counted from here on: an API server that goes away fails them all. */
const ALIKE = 4;

/** Failures in lines: each object, and what went wrong with it. */
export function describeFailures(failures: readonly Failure[]): readonly string[] {
  const objects = new Map<string, ObjectName[]>();
  for (const { object, message } of failures) {
    const text = readable(message).join('\n');
    objects.set(text, [...(objects.get(text) ?? []), ...(object === undefined ? [] : [object])]);
  }
  return [...objects].flatMap(([text, names]) => {
    const lines = text.split('\n');
    const heads = names.length < ALIKE ? names.map(describeObject) : [`${names.length} objects`];
    return names.length === 0 ? lines : [...heads, ...lines.map((line) => `  ${line}`)];
  });
}

/** Pulumi's message without what only Pulumi needs: URNs, counts, bullets. */
function readable(message: string): string[] {
  // What the provider advises here would make Pulumi forget objects that are still there.
  if (/unreachable cluster|cluster is unreachable/.test(message)) return ['the cluster does not answer'];
  return message
    .split('\n')
    .map((line) => line.replace(/^\s*\* /, '').replace(/(resource )?"?urn:pulumi:\S+::([^"\s]+)"?/g, '$2'))
    .filter((line) => line.trim() !== '' && !/^\d+ errors? occurred:$/.test(line));
}
