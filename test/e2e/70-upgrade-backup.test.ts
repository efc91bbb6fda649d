import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT, run } from './support/commands';
import { variant } from './support/configs';
import { jobDone, kubectl, listAt, textAt } from './support/kubectl';
import { everythingOf, psql, rowCounts, train, type Work } from './support/mlflow';
import { previousVersion } from './support/previous';
import { pulumi } from './support/pulumi';
import { ensureStack, NAMESPACES, PLATFORM, removeEverything, STACK, unready, up } from './support/stack';
import { say } from './support/waiting';

/** Kinds whose replacement loses data, or could. */
const STATEFUL = ['StatefulSet', 'PersistentVolumeClaim', 'PersistentVolume', 'Namespace', 'Secret'];

/** Steps of a preview that would delete or replace something stateful. */
async function losses(): Promise<readonly string[]> {
  const { stdout } = await pulumi(['preview', '--json', '--stack', STACK]);
  return listAt(JSON.parse(stdout), 'steps')
    .filter((step) => /delete|replace|discard/.test(textAt(step, 'op')))
    .map((step) => `${textAt(step, 'op')} ${textAt(step, 'urn')}`)
    .filter((step) => STATEFUL.some((kind) => step.includes(`:${kind}::`)));
}

describe('an upgrade', () => {
  test('from the commit before replaces nothing that holds state, and loses nothing', async () => {
    await removeEverything();
    const previous = await previousVersion();
    if (previous === undefined) {
      say('the manifests have not changed since their first commit: a changed configuration stands for the upgrade');
      await up();
    } else {
      say(`made by ${previous.commit.slice(0, 12)}`);
      const cli = join(previous.folder, 'bin/bouture.js');
      const config = variant('previous', () => ({ name: PLATFORM }), previous.folder);
      await run('node', [cli, 'up', config, '--stack', STACK], { timeoutSeconds: 900 });
    }
    const work = await train();
    const before = await everythingOf(work);
    expect(await losses()).toEqual([]);
    await up();
    expect(await unready()).toEqual([]);
    expect(await everythingOf(work)).toEqual(before);
  });
});

/** The command of docs/backup-and-restore.md that starts a Job of this name, for the tests' platform. */
function documented(job: string): string {
  const lines = readFileSync(join(ROOT, 'docs/backup-and-restore.md'), 'utf8').split('\n');
  const command = lines.find((line) => line.startsWith('kubectl ') && line.includes(` create job ${job} `));
  if (command === undefined) throw new Error(`docs/backup-and-restore.md has no command that starts ${job}`);
  return command.replace('bouture-postgres', NAMESPACES.postgres);
}

describe('a backup', () => {
  const BACKUP = 'backup-now';
  const RESTORE = 'restore-now';

  let work: Work;
  let before: unknown;
  let rows: Readonly<Record<string, number>>;

  beforeAll(async () => {
    await ensureStack();
    await kubectl(['delete', 'jobs', '-n', NAMESPACES.postgres, BACKUP, RESTORE, '--ignore-not-found']);
    work = await train();
    before = await everythingOf(work);
    rows = { ...(await rowCounts('mlflow')), ...(await rowCounts('mlflow_auth')) };
  });

  afterAll(async () => {
    await kubectl(['delete', 'jobs', '-n', NAMESPACES.postgres, BACKUP, RESTORE, '--ignore-not-found']);
  });

  test('is made by the documented command', async () => {
    await run('bash', ['-c', documented(BACKUP)]);
    await jobDone(NAMESPACES.postgres, BACKUP);
  });

  test('brings dropped databases back with the same rows', async () => {
    for (const database of ['mlflow', 'mlflow_auth']) await psql('postgres', `DROP DATABASE ${database} WITH (FORCE)`);
    await expect(rowCounts('mlflow')).rejects.toThrow('database "mlflow" does not exist');
    await run('bash', ['-c', documented(RESTORE)]);
    await jobDone(NAMESPACES.postgres, RESTORE);
    expect({ ...(await rowCounts('mlflow')), ...(await rowCounts('mlflow_auth')) }).toEqual(rows);
  });

  test('serves MLflow as if nothing had happened', async () => {
    expect(await everythingOf(work)).toEqual(before);
  });
});
