import { isDeepStrictEqual } from 'node:util';
import { diffArrays, diffLines } from 'diff';
import { keyed } from './keyed';
import { isHidden, masked, maskedLine } from './mask';

/** A line that comes or goes, of a text or of a list of plain values. */
export interface LineChange {
  readonly sign: '+' | '-';
  readonly line: string;
}

/** One field that differs. Values that may be secret are masked. */
export interface FieldChange {
  /** `spec.template.spec.containers[server].image` */
  readonly path: string;
  readonly change: 'added' | 'removed' | 'changed';
  /** @default - the field is added */
  readonly from?: unknown;
  /** @default - the field is removed */
  readonly to?: unknown;
  /** What differs within a text of several lines or a list of plain values. @default - the values are told whole */
  readonly lines?: readonly LineChange[];
}

/** The fields in which two objects differ, sorted by path. */
export function fieldChanges(before: object, after: object): readonly FieldChange[] {
  return [...differences([], keyed(before), keyed(after))].sort((a, b) => (a.path < b.path ? -1 : 1));
}

function* differences(path: readonly string[], from: unknown, to: unknown): Generator<FieldChange> {
  if (isDeepStrictEqual(from, to)) {
    if (isTree(from) && isTree(to)) yield* orderChange(path, from, to);
  } else if (isTree(from) && isTree(to)) {
    const keys = new Set([...Object.keys(from), ...Object.keys(to)]);
    for (const key of keys) yield* differences([...path, key], from[key], to[key]);
  } else {
    yield fieldChange(path, from, to);
  }
}

/** Equal lists in another order: containers and variables are read in theirs. */
function* orderChange(path: readonly string[], from: Tree, to: Tree): Generator<FieldChange> {
  const [before, after] = [Object.keys(from), Object.keys(to)];
  if (before[0]?.startsWith('[') === true && before.join() !== after.join()) {
    yield {
      path: pathText(path),
      change: 'changed',
      from: `order ${before.join(' ')}`,
      to: `order ${after.join(' ')}`,
    };
  } else {
    for (const key of before) {
      const [one, other] = [from[key], to[key]];
      if (isTree(one) && isTree(other)) yield* orderChange([...path, key], one, other);
    }
  }
}

/** The path of a field for people: keys with dots or slashes in quotes, items of lists in brackets. */
function pathText(parts: readonly string[]): string {
  return parts.reduce((path, part) => {
    if (part.startsWith('[')) return `${path}${part}`;
    if (!/^[\w$-]+$/.test(part)) return `${path}[${JSON.stringify(part)}]`;
    return path === '' ? part : `${path}.${part}`;
  }, '');
}

function fieldChange(path: readonly string[], from: unknown, to: unknown): FieldChange {
  const told = {
    path: pathText(path),
    change: from === undefined ? ('added' as const) : to === undefined ? ('removed' as const) : ('changed' as const),
    ...(from === undefined ? {} : { from: masked(path, from) }),
    ...(to === undefined ? {} : { to: masked(path, to) }),
  };
  const lines = isHidden(path) ? undefined : lineChanges(from, to);
  return lines === undefined ? told : { ...told, lines };
}

function lineChanges(from: unknown, to: unknown): readonly LineChange[] | undefined {
  if (typeof from === 'string' && typeof to === 'string' && (from.includes('\n') || to.includes('\n'))) {
    return diffLines(from, to).flatMap(({ added, removed, value }) =>
      signed(added, removed, value.replace(/\n$/, '').split('\n').map(maskedLine)),
    );
  }
  if (Array.isArray(from) && Array.isArray(to)) {
    const texts = (values: readonly unknown[]): string[] => values.map((value) => JSON.stringify(value));
    return diffArrays(texts(from), texts(to)).flatMap(({ added, removed, value }) =>
      signed(added, removed, value.map(maskedLine)),
    );
  }
  return undefined;
}

function signed(added: boolean, removed: boolean, lines: readonly string[]): readonly LineChange[] {
  if (!added && !removed) return [];
  return lines.map((line) => ({ sign: added ? '+' : '-', line }));
}

type Tree = Readonly<Record<string, unknown>>;

function isTree(value: unknown): value is Tree {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
