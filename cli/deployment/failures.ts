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

/** A failure in lines: the object, and what went wrong with it. */
export function describeFailure({ object, message }: Failure): readonly string[] {
  const lines = readable(message);
  return object === undefined ? lines : [describeObject(object), ...lines.map((line) => `  ${line}`)];
}

/** Pulumi's message without what only Pulumi needs: URNs, counts, bullets. */
function readable(message: string): string[] {
  return message
    .split('\n')
    .map((line) => line.replace(/^\s*\* /, '').replace(/(resource )?"?urn:pulumi:\S+::([^"\s]+)"?/g, '$2'))
    .filter((line) => line.trim() !== '' && !/^\d+ errors? occurred:$/.test(line));
}
