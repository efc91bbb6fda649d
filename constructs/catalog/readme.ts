import { inLanguage, type CatalogLanguage } from './localized';
import { Remembered } from './remembered';
import { defaultsOf } from './schema';
import type { SchemaDefinition } from './schema-definition';
import type { CatalogService } from './service';

/** Tables of values by their schema. */
const TABLES = new Remembered<readonly string[]>();

/** What people read of a chart outside of Onyxia: what it is, in every language there is, and all of its values. */
export function readme(service: CatalogService, language: CatalogLanguage): string {
  const { name, appVersion, description, home, schema } = service;
  const texts = typeof description === 'string' ? [description] : Object.values(description);
  return [
    `# ${name}`,
    '',
    ...texts.flatMap((text) => [text, '']),
    `Software ${appVersion}, ${home}`,
    '',
    '| value | default | what it is |',
    '|---|---|---|',
    ...TABLES.of(schema, language, () => rows(schema, [], language)),
    '',
  ].join('\n');
}

function rows(schema: SchemaDefinition, path: readonly string[], language: CatalogLanguage): readonly string[] {
  if (schema.properties !== undefined) {
    return Object.entries(schema.properties).flatMap(([name, property]) => rows(property, [...path, name], language));
  }
  const says = [schema.title, schema.description]
    .filter((text) => text !== undefined)
    .map((text) => inLanguage(text, language));
  return [`| \`${path.join('.')}\` | \`${cell(JSON.stringify(defaultsOf(schema)))}\` | ${cell(says.join(': '))} |`];
}

function cell(text: string): string {
  return text.replace(/\s+/g, ' ').replaceAll('|', '\\|');
}
