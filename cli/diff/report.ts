import type { FieldChange, LineChange } from './fields';
import type { ObjectChange } from './objects';

const SIGN = { added: '+', removed: '-', changed: '~', renamed: '~', moved: '~' } as const;

/** The longest value that is told whole, in characters. */
const VALUE_MAX = 100;

/** Changes for people: each object with its file, each field with what it was and what it becomes. */
export function describeChanges(changes: readonly ObjectChange[]): string {
  return changes.map((change) => `${heading(change)}\n${change.fields.map(describeField).join('')}`).join('\n');
}

/** `2 added, 1 changed` */
export function countChanges(changes: readonly ObjectChange[]): string {
  const kinds = ['added', 'removed', 'changed', 'renamed', 'moved'] as const;
  const counts = kinds.map((kind) => [changes.filter(({ change }) => change === kind).length, kind] as const);
  return counts.flatMap(([count, kind]) => (count === 0 ? [] : [`${count} ${kind}`])).join(', ');
}

function heading({ change, object, file, was }: ObjectChange): string {
  const history = change === 'renamed' ? `, was ${was ?? ''}` : change === 'moved' ? `, moved from ${was ?? ''}` : '';
  return `${SIGN[change]} ${object}  (${file}${history})`;
}

function describeField({ path, change, from, to, lines }: FieldChange): string {
  if (lines !== undefined) return `    ${path}:\n${lines.map(describeLine).join('')}`;
  switch (change) {
    case 'added':
      return `  + ${path}: ${valueText(to)}\n`;
    case 'removed':
      return `  - ${path}: ${valueText(from)}\n`;
    case 'changed':
      return `    ${path}: ${valueText(from)} -> ${valueText(to)}\n`;
  }
}

function describeLine({ sign, line }: LineChange): string {
  return `      ${sign} ${line}\n`;
}

function valueText(value: unknown): string {
  const text = typeof value === 'string' && /^[\x21-\x7e][\x20-\x7e]*$/.test(value) ? value : JSON.stringify(value);
  return text.length > VALUE_MAX ? `${text.slice(0, VALUE_MAX - 3)}...` : text;
}
