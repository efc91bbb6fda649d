import { type CatalogLanguage, inLanguage } from './localized';
import { defaultsOf } from './schema';
import type { SchemaDefinition } from './schema-definition';
import { yamlEntry } from './yaml';

/** The default values as YAML, each with what its schema says of it. */
export function valuesYaml(schema: SchemaDefinition, language: CatalogLanguage): string {
  const lines = Object.entries(schema.properties ?? {}).flatMap(([name, property]) => [
    '',
    ...valueLines(name, property, 0, language),
  ]);
  return `${lines.slice(1).join('\n')}\n`;
}

function valueLines(
  name: string,
  schema: SchemaDefinition,
  indent: number,
  language: CatalogLanguage,
): readonly string[] {
  const margin = ' '.repeat(indent);
  const comment = commentOf(schema, language).map((line) => `${margin}# ${line}`);
  const { properties } = schema;
  if (properties !== undefined && Object.keys(properties).length > 0) {
    return [
      ...comment,
      `${margin}${yamlKey(name)}:`,
      ...Object.entries(properties).flatMap(([key, property]) => valueLines(key, property, indent + 2, language)),
    ];
  }
  const text = yamlEntry(name, defaultsOf(schema)).trimEnd();
  return [...comment, ...text.split('\n').map((line) => (line === '' ? '' : margin + line))];
}

function yamlKey(name: string): string {
  return yamlEntry(name, null).replace(/: null\n$/, '');
}

function commentOf(schema: SchemaDefinition, language: CatalogLanguage): readonly string[] {
  const { title, description, enum: choices, minimum, slider } = schema;
  const says = [title, description].filter((text) => text !== undefined).map((text) => inLanguage(text, language));
  const limits = [
    ...(choices === undefined ? [] : [`one of ${choices.join(', ')}`]),
    ...(minimum === undefined ? [] : [`at least ${minimum}`]),
    ...(slider === undefined ? [] : [`${slider.min}${slider.unit} to ${slider.max}${slider.unit}`]),
  ];
  return [...says, ...limits].flatMap((text) => text.split('\n'));
}
