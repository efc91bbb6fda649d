import type { EngineEvent, StepEventMetadata } from '@pulumi/pulumi/automation';
import { isRecord } from '../../stacks/manifests';
import { describeObject, keyOf, type ObjectName, objectOfUrn } from './resources';

/** What happens to one object. */
export interface Change {
  readonly object: ObjectName;
  readonly action: 'create' | 'update' | 'replace' | 'delete';
  /** Fields that change, with the value that is there and the one that comes; empty unless it is updated or replaced. */
  readonly fields: readonly FieldChange[];
}

/** One field that changes. */
export interface FieldChange {
  readonly path: string;
  /** As JSON; `(secret)` for what a Secret holds. @default - the field is new */
  readonly from?: string;
  /** As JSON. @default - the field goes */
  readonly to?: string;
}

const ACTIONS: Readonly<Record<string, Change['action']>> = {
  create: 'create',
  update: 'update',
  replace: 'replace',
  'create-replacement': 'replace',
  'delete-replaced': 'replace',
  delete: 'delete',
};

const SIGNS: Readonly<Record<Change['action'], string>> = { create: '+', update: '~', replace: '!', delete: '-' };

/** Longer values are cut: a preview is read by people. */
const VALUE_MAX = 100;

/** Collects what an update changes, or would change, from the engine's events. */
export class Changes {
  private readonly byObject = new Map<string, Change>();

  handle(event: EngineEvent): void {
    const metadata = event.resourcePreEvent?.metadata;
    const object = metadata === undefined ? undefined : objectOfUrn(metadata.urn);
    const action = metadata === undefined ? undefined : ACTIONS[metadata.op];
    if (metadata === undefined || object === undefined || action === undefined || isForgotten(metadata)) return;
    const key = keyOf(object);
    const known = this.byObject.get(key);
    const fields = fieldsOf(metadata, object);
    // A replacement is told in steps; the one that says which fields force it counts.
    if (known !== undefined && known.fields.length >= fields.length) return;
    this.byObject.set(key, { object, action: known?.action === 'replace' ? 'replace' : action, fields });
  }

  /** By object, in the order in which Pulumi came to them. */
  get all(): readonly Change[] {
    return [...this.byObject.values()];
  }
}

/** Whether Pulumi only forgets an object, which stays in the cluster. */
export function isForgotten({ op, old }: Pick<StepEventMetadata, 'op' | 'old'>): boolean {
  return op === 'delete' && old?.retainOnDelete === true;
}

function fieldsOf({ detailedDiff, old, new: next }: StepEventMetadata, { kind }: ObjectName): FieldChange[] {
  return Object.entries(detailedDiff ?? {}).map(([path, { diffKind }]) => {
    const text = (state: unknown): string =>
      kind === 'Secret' && /^(data|stringData)\b/.test(path) ? '(secret)' : show(at(state, path));
    const added = diffKind.startsWith('add');
    const removed = diffKind.startsWith('delete');
    return {
      path,
      ...(added ? {} : { from: text(old?.outputs) }),
      ...(removed ? {} : { to: text(next?.inputs) }),
    };
  });
}

/** The value at a property path of Pulumi: `spec.ports[0].port`, `metadata.labels["app.kubernetes.io/name"]`. */
function at(state: unknown, path: string): unknown {
  let value = state;
  for (const [, index, quoted, word] of path.matchAll(/\[(\d+)\]|\["((?:[^"\\]|\\.)*)"\]|([^.[\]]+)/g)) {
    if (index !== undefined) value = Array.isArray(value) ? (value as unknown[])[Number(index)] : undefined;
    else value = isRecord(value) ? value[quoted ?? word ?? ''] : undefined;
  }
  return value;
}

function show(value: unknown): string {
  const text = value === undefined ? '(nothing)' : JSON.stringify(value);
  return text.length > VALUE_MAX ? `${text.slice(0, VALUE_MAX - 3)}...` : text;
}

/** A change in lines: the object, then each field. */
export function describeChange({ object, action, fields }: Change): readonly string[] {
  return [
    `${SIGNS[action]} ${describeObject(object)}  ${action}`,
    ...fields.map(({ path, from, to }) => {
      if (from === undefined) return `    ${path}: + ${to ?? ''}`;
      return to === undefined ? `    ${path}: - ${from}` : `    ${path}: ${from} -> ${to}`;
    }),
  ];
}
