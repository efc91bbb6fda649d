import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { loadConfig } from '../../blueprints/load';
import { renderBlueprint } from '../../blueprints/render';
import { checkRules, describeViolation } from '../../constructs/platform/rules';
import { StrictSchemas, schemaMinors } from '../../tools/schemas/validator';

const FIXTURES = join(__dirname, '../fixtures/config');
const configs = readdirSync(FIXTURES).filter((file) => file.endsWith('.happy.yaml'));
const schemas = schemaMinors().map((minor) => new StrictSchemas(minor));

test('there are configurations to judge', () => {
  expect(configs.length).toBeGreaterThan(5);
});

describe.each(configs)('%s', (config) => {
  const { synthesis, profile } = renderBlueprint(loadConfig(join(FIXTURES, config)));

  test('breaks no rule', () => {
    expect(checkRules(synthesis, { profile }).map(describeViolation)).toEqual([]);
  });

  test('is valid on every Kubernetes minor', () => {
    const problems = schemas.flatMap((schema) =>
      synthesis.objects.flatMap(({ manifest }) =>
        schema
          .problems(JSON.parse(JSON.stringify(manifest)))
          .map(({ path, message }) => `${schema.minor} ${manifest.kind}/${manifest.metadata.name} ${path}: ${message}`),
      ),
    );
    expect(problems).toEqual([]);
  });
});
