import { run } from '../cluster/commands';
import { packageRoot } from '../cluster/paths';
import { plainProgress } from '../cluster/progress';
import { lintFiles } from './lint';

/**
 * `npm run lint:pipelines [FILE...]`: actionlint, shellcheck and hadolint over the workflows, the scripts and the Dockerfiles of the
 * repository, or over those that are named. Exit 1 when one of them finds anything.
 */
async function main(named: readonly string[]): Promise<number> {
  const files = named.length > 0 ? named : (await run('git', ['ls-files'], { cwd: packageRoot() })).split('\n');
  const { said, read } = await lintFiles(files, plainProgress());
  if (read === 0) throw new Error(`no workflow, script or Dockerfile among ${files.length} files`);
  process.stdout.write(said === '' ? `${read} files, nothing found\n` : `${said}\n`);
  return said === '' ? 0 : 1;
}

void main(process.argv.slice(2)).then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    process.stderr.write(`lint:pipelines: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  },
);
