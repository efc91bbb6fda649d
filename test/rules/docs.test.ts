import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { rulesReference } from '../../blueprints/rules-reference';

test('docs/rules.md is fresh: npm run generate', () => {
  expect(readFileSync(join(__dirname, '../../docs/rules.md'), 'utf8')).toBe(rulesReference());
});
