import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadConfig } from '../../blueprints/load';
import { DOCUMENTS, renderBlueprint, SECRETS_FILE } from '../../blueprints/render';
import { planOutput } from '../../blueprints/write';
import { fieldChanges } from '../diff/fields';
import { type ObjectChange, objectChanges, parseObjects, readObjects } from '../diff/objects';
import { countChanges, describeChanges } from '../diff/report';
import { withProblemsTold } from '../problems';

/**
 * `bouture diff CONFIG [--out DIR] [--exit-code] [--json]`: what `bouture synth` would change in the output folder, by object and field.
 * Values that may be secret are masked. Nothing is written.
 *
 * @returns 0 when done; with `--exit-code`, 1 when there are changes, as git does; 2 when the configuration cannot be used
 */
export function run(args: readonly string[], options: Readonly<Record<string, unknown>>): Promise<number> {
  const [config = ''] = args;
  const out = typeof options['out'] === 'string' ? options['out'] : 'charts-out';
  return withProblemsTold(() => {
    const rendered = renderBlueprint(loadConfig(config));
    const folder = join(out, rendered.folder);
    const manifests = [...rendered.files].filter(([file]) => !DOCUMENTS.includes(file));
    const changes = [
      ...objectChanges(
        readObjects(folder),
        manifests.flatMap(([file, text]) => parseObjects(file, text)),
      ),
      ...DOCUMENTS.flatMap((file) => documentChange(folder, file, rendered.files.get(file))),
    ];
    const stale = planOutput(out, [rendered]).some(({ change }) => change !== 'unchanged');
    if (options['json'] === true) process.stdout.write(`${JSON.stringify({ folder, changes }, undefined, 2)}\n`);
    else process.stdout.write(text(folder, changes, stale));
    return options['exitCode'] === true && (changes.length > 0 || stale) ? 1 : 0;
  });
}

function text(folder: string, changes: readonly ObjectChange[], stale: boolean): string {
  if (changes.length > 0) return `${describeChanges(changes)}\n${folder}: ${countChanges(changes)}\n`;
  return stale ? `${folder}: no object changes, only the form of the files\n` : `${folder}: no changes\n`;
}

/** What changes in a document for people: the list of the Secrets that the deployment makes, what to set up at a store of somebody else. */
function documentChange(folder: string, name: string, after = ''): readonly ObjectChange[] {
  const file = join(folder, name);
  const before = existsSync(file) ? readFileSync(file, 'utf8') : '';
  const fields = fieldChanges({ list: before }, { list: after });
  if (fields.length === 0) return [];
  return [{ change: 'changed', object: name === SECRETS_FILE ? 'Secrets' : name, file: name, fields }];
}
