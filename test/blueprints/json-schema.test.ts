import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import Ajv, { type ValidateFunction } from 'ajv';
import { parse } from 'yaml';
import { packageFile } from '../../blueprints/package-root';
import { blueprints } from '../../blueprints/registry';

const FOLDER = join(__dirname, '..', 'fixtures', 'config');
const ajv = new Ajv({ allErrors: true, allowUnionTypes: true });
const validators = new Map(
  Object.keys(blueprints).map((name) => [
    name,
    ajv.compile(JSON.parse(readFileSync(packageFile('schemas', `${name}.schema.json`), 'utf8')) as object),
  ]),
);
const isRight = validators.get('minimal') as ValidateFunction;
const files = readdirSync(FOLDER);
const read = (file: string) => parse(readFileSync(join(FOLDER, file), 'utf8')) as unknown;

test.each(files.filter((file) => file.endsWith('.happy.yaml')))('an editor has nothing against %s', (file) => {
  const config = read(file) as { readonly blueprint: string };
  const accepts = validators.get(config.blueprint);
  expect([accepts?.(config), accepts?.errors]).toEqual([true, null]);
});

test.each([
  'key-unknown',
  'key-typo',
  'key-missing',
  'name-upper-case',
  'name-too-long',
  'shape-yes-no-on-off',
  'shape-number-for-text',
  'quantity-gigabytes',
  'quantity-cpu-number',
  'port-too-high',
  'replicas-zero',
  'secret-literal',
  'cross-two-stores',
  'cross-no-store',
  'exposure-both',
])('an editor marks %s while one types', (name) => {
  expect(isRight(read(`${name}.error.yaml`))).toBe(false);
});
