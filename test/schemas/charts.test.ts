import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { StrictSchemas, schemaMinors } from '../../tools/schemas/validator';

const CHARTS = join(__dirname, '../../charts-out');

/** Every rendered object, by file and position. */
function rendered(): { place: string; manifest: unknown }[] {
  if (!existsSync(CHARTS)) return [];
  return readdirSync(CHARTS, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.k8s.yaml'))
    .sort()
    .flatMap((file) =>
      // kubectl and Argo CD read YAML 1.1, in which `on` is no text.
      parseAllDocuments(readFileSync(join(CHARTS, file), 'utf8'), { version: '1.1' }).map((document, index) => ({
        place: `${file}#${index}`,
        manifest: document.toJS() as unknown,
      })),
    );
}

const objects = rendered();

test('there are rendered manifests to judge', () => {
  expect(objects.length).toBeGreaterThan(0);
});

describe.each(schemaMinors())('on Kubernetes %s', (minor) => {
  const schemas = new StrictSchemas(minor);

  test('every rendered object is valid', () => {
    const problems = objects.flatMap(({ place, manifest }) =>
      schemas.problems(manifest).map(({ path, message }) => `${place} ${path}: ${message}`),
    );
    expect(problems).toEqual([]);
  });

  test('no rendered object is of a kind that the API server warns of', () => {
    expect(objects.filter(({ manifest }) => schemas.deprecation(manifest) !== undefined).map(({ place }) => place)).toEqual([]);
  });
});
