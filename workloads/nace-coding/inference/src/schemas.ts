import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { configSchema } from './config.js';
import { recordSchema } from './records/record.js';

const FOLDER = fileURLToPath(new URL('../schemas', import.meta.url));

const jsonOf = (schema: z.ZodType, title: string, io: 'input' | 'output'): string => {
  const { $schema, ...rest } = z.toJSONSchema(schema, { io });
  return `${JSON.stringify({ $schema, title, ...rest }, null, 2)}\n`;
};

/** The JSON Schemas that others read, by file name. */
export const schemas: Readonly<Record<string, string>> = {
  'config.schema.json': jsonOf(configSchema, 'Configuration of the inference service', 'input'),
  'record.schema.json': jsonOf(recordSchema, 'Record of an answer', 'output'),
};

/** `npm run schemas` writes them. */
if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const [name, content] of Object.entries(schemas)) {
    const path = join(FOLDER, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content);
  }
}
