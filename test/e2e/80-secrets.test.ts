import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { attempt, ROOT } from './support/commands';
import { type Canary, canaries, CommandLines, leaksBelow, leaksIn } from './support/canaries';
import { list, secretValue } from './support/kubectl';
import {
  administratorPassword,
  everythingOf,
  objectsInBucket,
  status,
  train,
  withMlflow,
  type Work,
} from './support/mlflow';
import { pulumi } from './support/pulumi';
import { clusterScopedOf, everythingIn } from './support/snapshot';
import { ensureStack, LOGS, NAMESPACES, PLATFORM, removeEverything, STACK, unready, up } from './support/stack';
import { eventually } from './support/waiting';

const LIST_EXPERIMENTS = '/api/2.0/mlflow/experiments/search?max_results=1';

/** Logs of every container of every Pod of the platform, those of the run before included. */
async function podLogs(): Promise<string> {
  const pods = (await Promise.all(Object.values(NAMESPACES).map((name) => list('pods', '-n', name)))).flat();
  const logs = pods.flatMap(({ metadata: { name, namespace = '' } }) =>
    [[], ['--previous']].map((which) =>
      attempt('kubectl', ['logs', '-n', namespace, name, '--all-containers', '--tail=-1', ...which]),
    ),
  );
  return (await Promise.all(logs)).map(({ output }) => output).join('\n');
}

/** Everything in the platform's namespaces and of it outside of them, but for Secrets: events are among it. */
async function everythingButSecrets(): Promise<string> {
  const inside = (await Promise.all(Object.values(NAMESPACES).map(everythingIn))).flat();
  const outside = await clusterScopedOf(PLATFORM);
  return JSON.stringify([...inside, ...outside].filter(({ kind }) => kind !== 'Secret'));
}

/** Whether PostgreSQL lets the role of MLflow in with a password. */
async function databaseAccepts(password: string): Promise<boolean> {
  const script = 'read -r PGPASSWORD; export PGPASSWORD; psql -X -h 127.0.0.1 -U mlflow -d mlflow -c "SELECT 1"';
  const command = ['exec', '-i', '-n', NAMESPACES.postgres, 'postgres-0', '-c', 'postgres', '--', 'sh', '-c', script];
  const { code, output } = await attempt('kubectl', command, { input: `${password}\n` });
  if (code !== 0 && !output.includes('password authentication failed')) throw new Error(output);
  return code === 0;
}

describe('generated values', () => {
  let values: readonly Canary[];
  let commandLines: readonly string[];

  beforeAll(async () => {
    await removeEverything();
    const watch = new CommandLines();
    await up();
    commandLines = watch.stop();
    values = await canaries();
  });

  test('are there, each different and at least 16 characters long', () => {
    expect(values.length).toBeGreaterThanOrEqual(6);
    expect(new Set(values.map(({ value }) => value)).size).toBe(values.length);
    expect(values.filter(({ value }) => value.length < 16).map(({ id }) => id)).toEqual([]);
  });

  test('can be found by this test where they are', async () => {
    const secrets = (await Promise.all(Object.values(NAMESPACES).map((name) => list('secrets', '-n', name)))).flat();
    expect(leaksIn(JSON.stringify(secrets), values)).toEqual(values.map(({ id }) => id));
    expect(leaksIn(`--password=${values[0]?.value ?? ''}`, values)).toEqual([values[0]?.id]);
  });

  test('are not in charts-out', () => {
    expect(leaksBelow(join(ROOT, 'charts-out'), values)).toEqual([]);
  });

  test('are not in Pulumi’s state, nor in the stack’s configuration', async () => {
    const state = new URL(process.env['PULUMI_BACKEND_URL'] ?? '').pathname;
    expect(existsSync(state)).toBe(true);
    expect(leaksBelow(state, values)).toEqual([]);
    expect(leaksBelow(join(ROOT, `Pulumi.${STACK}.yaml`), values)).toEqual([]);
    expect(leaksIn((await pulumi(['stack', 'export', '--stack', STACK])).output, values)).toEqual([]);
  });

  test('are not in what up, down and previews say', async () => {
    expect(leaksBelow(LOGS, values)).toEqual([]);
    expect(leaksIn((await pulumi(['preview', '--diff', '--stack', STACK])).output, values)).toEqual([]);
    expect(leaksIn((await up('--preview')).output, values)).toEqual([]);
  });

  test('are on no command line while up runs', () => {
    expect(commandLines.length).toBeGreaterThan(20);
    expect(commandLines.some((line) => line.includes('pulumi'))).toBe(true);
    expect(leaksIn(commandLines.join('\n'), values)).toEqual([]);
  });

  test('are not in the logs of Pods', async () => {
    const logs = await podLogs();
    expect(logs.length).toBeGreaterThan(1000);
    expect(leaksIn(logs, values)).toEqual([]);
  });

  test('are in no object but Secrets, events included', async () => {
    expect(leaksIn(await everythingButSecrets(), values)).toEqual([]);
  });
});

describe('rotation', () => {
  let old: readonly Canary[];
  let work: Work;
  let before: unknown;
  let oldPasswords: { readonly administrator: string; readonly database: string };

  beforeAll(async () => {
    await ensureStack();
    work = await train();
    before = await everythingOf(work);
    old = await canaries();
    oldPasswords = {
      administrator: await administratorPassword(),
      database: await secretValue(NAMESPACES.mlflow, 'mlflow-db-mlflow', 'password'),
    };
    await up('--rotate', ...old.map(({ id }) => id));
  });

  test('makes every value anew, and everything ready with it', async () => {
    const now = new Map((await canaries()).map(({ id, value }) => [id, value]));
    expect(old.filter(({ id, value }) => now.get(id) === value).map(({ id }) => id)).toEqual([]);
    // `up` returns once the new Pods serve; the old ones may take their grace period to end.
    await eventually('the old Pods are gone', async () => {
      const reasons = await unready();
      if (reasons.length > 0) throw new Error(reasons.join('; '));
      return true;
    });
  });

  test('lets the new administrator’s password in, and the old one no more', async () => {
    const password = await administratorPassword();
    await withMlflow(async (url) => {
      expect(await status(url, LIST_EXPERIMENTS, { password })).toBe(200);
      expect(await status(url, LIST_EXPERIMENTS, { password: oldPasswords.administrator })).toBe(401);
    });
  });

  test('lets the new database password in, and the old one no more', async () => {
    expect(await databaseAccepts(await secretValue(NAMESPACES.mlflow, 'mlflow-db-mlflow', 'password'))).toBe(true);
    expect(await databaseAccepts(oldPasswords.database)).toBe(false);
  });

  test('lets the new key of the bucket in, and the old one no more', async () => {
    const secretAccessKey = old.find(({ id }) => id === 'minio-user-mlflow')?.value ?? '';
    expect(Object.keys(await objectsInBucket('artifacts/'))).not.toEqual([]);
    await expect(objectsInBucket('artifacts/', { secretAccessKey })).rejects.toThrow('SignatureDoesNotMatch');
  });

  test('loses nothing', async () => {
    expect(await everythingOf(work)).toEqual(before);
  });

  test('is over: the next up changes nothing', async () => {
    await up('--preview', '--expect-no-changes');
  });
});
