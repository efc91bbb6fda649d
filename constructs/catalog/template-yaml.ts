import { helmCondition, helmScalar } from './interpret-helm';
import { presence, shapeOf, type TemplateShape } from './template';
import { isPlain } from './yaml';

/** Lines that a literal block keeps as they are. */
const BLOCK_LINE = /^[\t\x20-\x7E\u00C0-\uD7FF]*$/;

/**
 * A template as Helm reads it: YAML with expressions in braces.
 *
 * @param template an object of Kubernetes whose values may be known at launch only
 * @throws TypeError, Error with the path of what cannot be written
 */
export function templateYaml(template: unknown, where = 'object'): string {
  const shape = shapeOf(template, where);
  const lines =
    shape.shape === 'conditional' || shape.shape === 'repeated' ? documents(shape, where) : map(shape, 0, where);
  return `${lines.join('\n')}\n`;
}

/** Whole objects under a condition, or one for each item of a list. */
function documents(shape: TemplateShape, where: string): readonly string[] {
  switch (shape.shape) {
    case 'conditional':
      return branches(shape, (branch) => documents(shapeOf(branch, where), where));
    case 'repeated':
      return [
        `{{- range ${shape.variable} := ${helmCondition(shape.list)} }}`,
        '---',
        ...documents(shapeOf(shape.item, where), where),
        '{{- end }}',
      ];
    default:
      return map(shape, 0, where);
  }
}

function branches(
  shape: Extract<TemplateShape, { shape: 'conditional' }>,
  lines: (branch: unknown) => readonly string[],
): readonly string[] {
  const { condition, then, otherwise } = shape;
  return [
    `{{- if ${helmCondition(condition)} }}`,
    ...lines(then),
    ...(otherwise === undefined ? [] : ['{{- else }}', ...lines(otherwise)]),
    '{{- end }}',
  ];
}

function map(shape: TemplateShape, indent: number, where: string): readonly string[] {
  if (shape.shape !== 'map') throw new TypeError(`${where}: expected a map, given a ${shape.shape}`);
  return shape.entries.flatMap(([key, part]) => entry(key, part, indent, `${where}.${key}`));
}

function entry(key: string, part: unknown, indent: number, where: string): readonly string[] {
  const shape = shapeOf(part, where);
  if (shape.shape === 'repeated') throw new TypeError(`${where}: each() makes items: put it into a list`);
  if (shape.shape === 'conditional') return branches(shape, (branch) => entry(key, branch, indent, where));
  return guarded(part, where, () => {
    const head = `${' '.repeat(indent)}${quoted(key)}:`;
    switch (shape.shape) {
      case 'scalar':
        return scalarLines(head, shape.value, indent);
      case 'expression':
        return [`${head} ${helmScalar(shape.node)}`];
      case 'map':
        return shape.entries.length === 0 ? [`${head} {}`] : [head, ...map(shape, indent + 2, where)];
      case 'list':
        return shape.items.length === 0 ? [`${head} []`] : [head, ...list(shape.items, indent + 2, where)];
    }
  });
}

/** Around what is there only when one of its parts is. */
function guarded(part: unknown, where: string, lines: () => readonly string[]): readonly string[] {
  const there = presence(part, where);
  if (there.op === 'literal') return there.value === true ? lines() : [];
  return [`{{- if ${helmCondition(there)} }}`, ...lines(), '{{- end }}'];
}

function list(items: readonly unknown[], indent: number, where: string): readonly string[] {
  return items.flatMap((part, index) => item(part, indent, `${where}[${index}]`));
}

function item(part: unknown, indent: number, where: string): readonly string[] {
  const shape = shapeOf(part, where);
  if (shape.shape === 'conditional') {
    return branches(shape, (branch) =>
      Array.isArray(branch) ? list(branch, indent, where) : item(branch, indent, where),
    );
  }
  if (shape.shape === 'repeated') {
    return [
      `{{- range ${shape.variable} := ${helmCondition(shape.list)} }}`,
      ...item(shape.item, indent, where),
      '{{- end }}',
    ];
  }
  return guarded(part, where, () => {
    const dash = `${' '.repeat(indent)}-`;
    switch (shape.shape) {
      case 'scalar':
        return scalarLines(dash, shape.value, indent);
      case 'expression':
        return [`${dash} ${helmScalar(shape.node)}`];
      case 'map':
        return shape.entries.length === 0 ? [`${dash} {}`] : behind(dash, map(shape, indent + 2, where));
      case 'list':
        return shape.items.length === 0 ? [`${dash} []`] : behind(dash, list(shape.items, indent + 2, where));
    }
  });
}

/** The first line stands behind the dash, unless only a condition decides which line is the first. */
function behind(dash: string, [first = '', ...rest]: readonly string[]): readonly string[] {
  return first.startsWith('{{-') ? [dash, first, ...rest] : [`${dash} ${first.trimStart()}`, ...rest];
}

function scalarLines(head: string, value: string | number | boolean, indent: number): readonly string[] {
  if (typeof value !== 'string') return [`${head} ${String(value)}`];
  const lines = blockLines(value);
  if (lines === undefined) return [`${head} ${quoted(value)}`];
  const margin = ' '.repeat(indent + 2);
  return [
    `${head} ${value.endsWith('\n') ? '|' : '|-'}`,
    ...lines.map((line) => (line === '' ? '' : margin + literal(line))),
  ];
}

/** The lines of a text that a literal block can hold. @default - undefined when it cannot: the text is quoted then */
function blockLines(value: string): readonly string[] | undefined {
  const text = value.endsWith('\n') ? value.slice(0, -1) : value;
  const lines = text.split('\n');
  const [first = ''] = lines;
  const last = lines.at(-1) ?? '';
  const isBlock =
    lines.length > 1 &&
    /^[^\s]/.test(first) &&
    last !== '' &&
    lines.every((line) => BLOCK_LINE.test(line) && (line === '' || /[^\s]/.test(line)));
  return isBlock ? lines : undefined;
}

function quoted(value: string): string {
  return literal(isPlain(value) ? value : JSON.stringify(value).replaceAll('\x7F', '\\u007f'));
}

/** A text in which Helm sees no expression. */
function literal(text: string): string {
  return text.replaceAll('{{', '{{ "{{" }}');
}
