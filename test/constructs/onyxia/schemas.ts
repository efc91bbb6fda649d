import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import Ajv from 'ajv';

const ajv = new Ajv({ allErrors: true, strict: true, strictTypes: false, strictRequired: false });
const compiled = (file: string) =>
  ajv.compile(
    JSON.parse(readFileSync(join(__dirname, '../../../schemas/onyxia', `${file}.schema.json`), 'utf8')) as object,
  );
const regions = compiled('regions');
const catalogs = compiled('catalogs');

/** What is wrong with the setting `regions`: path and message. */
export function regionProblems(document: unknown): readonly string[] {
  return regions(document)
    ? []
    : (regions.errors ?? []).map(({ instancePath, message = '' }) => `${instancePath} ${message}`);
}

/** What is wrong with the setting `catalogs`. */
export function catalogProblems(document: unknown): readonly string[] {
  return catalogs(document)
    ? []
    : (catalogs.errors ?? []).map(({ instancePath, message = '' }) => `${instancePath} ${message}`);
}
