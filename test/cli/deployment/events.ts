import type { EngineEvent, OpType, StepEventMetadata } from '@pulumi/pulumi/automation';

const TREE = 'bouture:platform:Platform$bouture:platform:Construct';

/** The URN of an object: `apps/v1:Deployment`, `demo/web`. */
export function urnOf(type: string, name: string): string {
  return `urn:pulumi:dev::bouture::${TREE}$kubernetes:${type}::${name}`;
}

/** What the engine says about one step. */
export function step(op: OpType, type: string, name: string, more: Partial<StepEventMetadata> = {}): StepEventMetadata {
  return { op, urn: urnOf(type, name), type: `kubernetes:${type}`, provider: '', ...more };
}

/** An event with the fields that all have. */
export function event(content: Omit<EngineEvent, 'sequence' | 'timestamp'>): EngineEvent {
  return { sequence: 0, timestamp: 0, ...content };
}

/** What an object is before or after a step. */
export function state(inputs: Readonly<Record<string, unknown>>): NonNullable<StepEventMetadata['old']> {
  return { type: '', urn: '', id: '', parent: '', provider: '', inputs, outputs: inputs };
}
