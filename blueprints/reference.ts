import { z } from 'zod';
import type { Blueprint } from './blueprint';
import { facets } from './config/scalar';

/** The JSON Schema of a blueprint's configuration, as editors read it: draft 7, which they know best. */
export function jsonSchemaOf({ schema }: Blueprint): string {
  return `${JSON.stringify(z.toJSONSchema(schema, { io: 'input', target: 'draft-7' }), undefined, 2)}\n`;
}

/** The reference of a blueprint's configuration in Markdown: every key with what is right, its default and its meaning. */
export function referenceOf({ name, title, schema }: Blueprint): string {
  const sections = rowsOf(schema, []).reduce((groups, row) => {
    const group = groups.get(row.section) ?? [];
    return groups.set(row.section, [...group, row]);
  }, new Map<string, Row[]>());
  const simple = [...sections].filter(([, rows]) => rows.length === 1).flatMap(([, rows]) => rows);
  const blocks = [...sections].filter(([, rows]) => rows.length > 1);
  return [
    `## Blueprint ${name}`,
    '',
    `${title}.`,
    '',
    ...table(simple),
    ...blocks.flatMap(([section, [head, ...rows]]) => [
      '',
      `### ${section}`,
      '',
      ...(head === undefined ? [] : [head.meaning, '']),
      ...table(rows),
    ]),
    '',
  ].join('\n');
}

interface Row {
  /** First key of the path. */
  readonly section: string;
  readonly path: string;
  readonly expected: string;
  readonly standard: string;
  readonly meaning: string;
}

function table(rows: readonly Row[]): string[] {
  return [
    '| Key | Expected | Default | Meaning |',
    '| --- | --- | --- | --- |',
    ...rows.map(
      ({ path, expected, standard, meaning }) =>
        `| ${[`\`${path}\``, expected, standard, meaning].map(cell).join(' | ')} |`,
    ),
  ];
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|');
}

function rowsOf(schema: z.ZodType, path: readonly string[]): Row[] {
  const { inner, standard } = unwrap(schema);
  const nested = childrenOf(inner).flatMap(([key, child]) => rowsOf(child, [...path, key]));
  const [section] = path;
  if (section === undefined) return nested;
  const meaning = schema.description ?? inner.description ?? '';
  const stated = / ?Default: (.*)\.$/s.exec(meaning);
  const row = {
    section,
    path: path.join('.').replaceAll('.[]', '[]'),
    expected: expectedOf(inner),
    standard: stated?.[1] ?? standard,
    meaning: meaning.slice(0, stated?.index),
  };
  return [row, ...nested];
}

function childrenOf(schema: z.ZodType): (readonly [string, z.ZodType])[] {
  if (schema instanceof z.ZodObject) return Object.entries(schema.shape);
  if (schema instanceof z.ZodArray) {
    const element = unwrap(schema.element as z.ZodType).inner;
    return element instanceof z.ZodObject ? childrenOf(element).map(([key, child]) => [`[].${key}`, child]) : [];
  }
  if (schema instanceof z.ZodRecord) {
    const value = unwrap(schema.valueType as z.ZodType).inner;
    return value instanceof z.ZodObject ? childrenOf(value).map(([key, child]) => [`NAME.${key}`, child]) : [];
  }
  return [];
}

/** What stands inside the wrappers of a schema, and the default that they give. */
function unwrap(schema: z.ZodType): { inner: z.ZodType; standard: string } {
  let inner = schema;
  let standard = 'required';
  while (
    inner instanceof z.ZodOptional ||
    inner instanceof z.ZodExactOptional ||
    inner instanceof z.ZodDefault ||
    inner instanceof z.ZodPrefault
  ) {
    const value: unknown = inner instanceof z.ZodDefault ? inner.def.defaultValue : undefined;
    standard = value === undefined || isEmpty(value) ? '' : `\`${JSON.stringify(value).replace(/^"|"$/g, '')}\``;
    inner = inner.unwrap() as z.ZodType;
  }
  return { inner, standard };
}

function isEmpty(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0;
}

function expectedOf(schema: z.ZodType): string {
  const { expected } = facets.get(schema) ?? {};
  if (expected !== undefined) return expected;
  if (schema instanceof z.ZodBoolean) return 'true or false';
  if (schema instanceof z.ZodArray) return 'a list';
  if (schema instanceof z.ZodLiteral) return [...schema.values].join(' or ');
  if (schema instanceof z.ZodEnum) return schema.options.join(' or ');
  return 'a block of keys';
}
