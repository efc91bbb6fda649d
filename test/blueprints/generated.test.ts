import { readFileSync } from 'node:fs';
import { generatedFiles } from '../../blueprints/generated-files';
import { packageFile } from '../../blueprints/package-root';

test.each([...generatedFiles()])('%s is fresh: npm run generate', (path, text) => {
  expect(readFileSync(packageFile(path), 'utf8')).toBe(text);
});
