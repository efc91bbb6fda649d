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

describe('a backup', () => {
  const JOB = 'e2e-backup';
  const RESTORE = 'e2e-restore';
  /** What docs/backup-and-restore.md tells a person to type. */
  const COMMANDS = {
    backup: `kubectl -n ${NAMESPACES.postgres} create job ${JOB} --from=cronjob/postgres-backup`,
    restore: `kubectl -n ${NAMESPACES.postgres} create job ${RESTORE} --from=cronjob/postgres-restore`,
  };
  let work: Work;
  let before: unknown;
  let rows: Readonly<Record<string, number>>;

  beforeAll(async () => {
    await ensureStack();
    await kubectl(['delete', 'jobs', '-n', NAMESPACES.postgres, JOB, RESTORE, '--ignore-not-found']);
    work = await train();
    before = await everythingOf(work);
    rows = { ...(await rowCounts('mlflow')), ...(await rowCounts('mlflow_auth')) };
  });

  afterAll(async () => {
    await kubectl(['delete', 'jobs', '-n', NAMESPACES.postgres, JOB, RESTORE, '--ignore-not-found']);
  });

  test('is made by the documented command', async () => {
    await run('bash', ['-c', COMMANDS.backup]);
    await jobDone(NAMESPACES.postgres, JOB);
  });

  test('brings dropped databases back with the same rows', async () => {
    for (const database of ['mlflow', 'mlflow_auth']) await psql('postgres', `DROP DATABASE ${database} WITH (FORCE)`);
    await expect(rowCounts('mlflow')).rejects.toThrow('database "mlflow" does not exist');
    await run('bash', ['-c', COMMANDS.restore]);
    await jobDone(NAMESPACES.postgres, RESTORE);
    expect({ ...(await rowCounts('mlflow')), ...(await rowCounts('mlflow_auth')) }).toEqual(rows);
  });

  test('serves MLflow as if nothing had happened', async () => {
    expect(await everythingOf(work)).toEqual(before);
  });

  test('is documented with the commands that were used here', () => {
    const text = readFileSync(join(ROOT, 'docs/backup-and-restore.md'), 'utf8');
    for (const command of Object.values(COMMANDS))
      expect(text).toContain(command.replace(/e2e-\w+/, '').split('  ')[0]);
  });
});
