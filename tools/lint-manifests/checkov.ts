import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { run } from '../cluster/commands';
import { exclusively } from '../cluster/lock';
import { cacheRoot } from '../cluster/paths';
import type { Progress } from '../cluster/progress';
import type { Finding } from './finding';

const REQUIREMENTS = join(__dirname, 'requirements.txt');

const Report = z.object({
  results: z.object({
    failed_checks: z.array(
      z.object({ check_id: z.string(), check_name: z.string(), resource: z.string(), file_path: z.string() }),
    ),
  }),
  summary: z.object({ parsing_errors: z.number() }),
});

/**
 * Runs checkov over a folder of manifests, without network.
 *
 * @throws Error when a file cannot be parsed
 */
export async function checkov(folder: string, progress: Progress): Promise<readonly Finding[]> {
  const python = await ensureCheckov(progress);
  const args = ['--directory', folder, '--framework', 'kubernetes', '--output', 'json', '--compact', '--quiet'];
  const output = await run(python, ['-m', 'checkov.main', ...args, '--skip-download', '--soft-fail'], {
    // It would otherwise ask for its newest version, and for a mapping of its checks.
    env: { BC_SKIP_MAPPING: 'TRUE', CKV_IGNORE_UPDATE: 'TRUE', LOG_LEVEL: 'ERROR' },
  });
  return readCheckov(output);
}

/** Reads checkov's JSON. */
export function readCheckov(output: string): readonly Finding[] {
  const { results, summary } = Report.parse(JSON.parse(output));
  if (summary.parsing_errors > 0) throw new Error(`checkov cannot parse ${summary.parsing_errors} files`);
  return results.failed_checks.map(({ check_id: id, check_name: message, resource, file_path: file }) => ({
    tool: 'checkov',
    id,
    object: objectOf(resource),
    file: file.replace(/^\//, ''),
    message,
  }));
}

/** `Kind.namespace.name` of checkov as `Kind/namespace/name`; names may hold dots. */
function objectOf(resource: string): string {
  const [kind = '', namespace = '', ...name] = resource.split('.');
  return `${kind}/${namespace}/${name.join('.')}`;
}

/** The Python of an environment that holds the locked checkov; made once, and then used without network. */
async function ensureCheckov(progress: Progress): Promise<string> {
  const key = createHash('sha256').update(readFileSync(REQUIREMENTS)).digest('hex').slice(0, 16);
  const folder = join(cacheRoot(), 'checkov', key);
  const [python, whole] = [join(folder, 'bin/python'), join(folder, 'complete')];
  if (existsSync(whole)) return python;
  mkdirSync(join(cacheRoot(), 'checkov'), { recursive: true });
  await exclusively(
    join(cacheRoot(), 'checkov'),
    async () => {
      if (existsSync(whole)) return;
      rmSync(folder, { recursive: true, force: true });
      await progress.step('install checkov from its locked requirements', async () => {
        await run('python3', ['-m', 'venv', folder]);
        const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--no-deps', '--require-hashes'];
        await run(python, [...pip, '--requirement', REQUIREMENTS]);
      });
      writeFileSync(whole, '');
    },
    (holder) => {
      progress.say(`waiting for process ${holder}, which installs checkov`);
    },
  );
  return python;
}
