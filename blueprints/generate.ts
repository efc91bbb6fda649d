/**
 * Writes what is derived from the blueprints' schemas and compositions: `schemas/<blueprint>.schema.json`, `docs/configuration.md` and
 * what each blueprint costs in its README. Run as `npm run generate`; the tests tell when one of them is stale.
 */
import { writeFileSync } from 'node:fs';
import { generatedFiles } from './generated-files';
import { packageFile } from './package-root';

for (const [path, text] of generatedFiles()) writeFileSync(packageFile(path), text);
