import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const FOLDER = join(__dirname, '../fixtures/metrics');

/** Names of metrics that programs of each `job` export, recorded from the programs themselves. The first lines say which, and how. */
export function recordedMetrics(): ReadonlyMap<string, ReadonlySet<string>> {
  return new Map(
    readdirSync(FOLDER).map((file) => [
      file.replace(/\.txt$/, ''),
      new Set(
        readFileSync(join(FOLDER, file), 'utf8')
          .split('\n')
          .filter((line) => line !== '' && !line.startsWith('#')),
      ),
    ]),
  );
}
