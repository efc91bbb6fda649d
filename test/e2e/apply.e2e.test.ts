import { join } from 'node:path';
import { attempt, type Finished, ROOT, run } from './support/commands';
import { canaries, CommandLines, leaksIn } from './support/canaries';
import { kubectl } from './support/kubectl';
import { train } from './support/mlflow';
import { TwoWays } from './support/other-ways';
import { pulumi } from './support/pulumi';
import { sharedSnapshotOf, versionsOf } from './support/snapshot';
import { CLI } from './support/stack';
import { say } from './support/waiting';

/** The platform without Pulumi: rendered files and printed Secrets, by the documented script, become what `up` makes. */

const PLATFORM = 'e2e-apply';
const MLFLOW = `${PLATFORM}-mlflow`;
const ways = new TwoWays(PLATFORM);
let made: Readonly<Record<string, unknown>>;

beforeAll(async () => {
  made = await ways.upAndDown();
}, 30 * 60_000);
afterAll(async () => {
  await ways.dispose();
});

/** The documented line, with the Secrets of the stack. */
async function apply(): Promise<Finished> {
  const script = 'set -euo pipefail; node "$1" secrets "$2" --stack "$3" | bash "$4" "$5" -';
  const given = [CLI, ways.config, PLATFORM, join(ROOT, 'examples/gitops/apply.sh'), ways.charts];
  return run('bash', ['-c', script, 'bash', ...given], { timeoutSeconds: 1200 });
}

test('the script makes the same objects as up, with the same values, and everything is ready', async () => {
  const watch = new CommandLines();
  const { output, seconds } = await apply();
  const lines = watch.stop();
  say(`apply.sh: ${seconds.toFixed(0)} s`);
  await ways.isReady();
  expect(Object.keys(made).length).toBeGreaterThan(50);
  expect(await sharedSnapshotOf(PLATFORM)).toEqual(made);
  const values = await canaries(ways.config);
  expect(lines.some((line) => line.includes('kubectl apply --server-side'))).toBe(true);
  expect(leaksIn(`${output}\n${lines.join('\n')}`, values)).toEqual([]);
});

test('a model is trained, registered and kept there', async () => {
  expect((await train(MLFLOW)).runId).toMatch(/^[0-9a-f]{32}$/);
});

test('a second time changes nothing', async () => {
  const before = await versionsOf(PLATFORM);
  await apply();
  expect(await versionsOf(PLATFORM)).toEqual(before);
});

test('nothing is listed as gone', async () => {
  const { stdout } = await run('bash', [join(ROOT, 'examples/gitops/gone.sh'), ways.charts, PLATFORM]);
  expect(stdout).toBe('');
});

test('a value is rotated by what the command says, and everything is ready with the new one', async () => {
  const before = await canaries(ways.config);
  await pulumi(['config', 'set', '--path', 'bouture:rotations["minio-user-mlflow"]', '1', '--stack', PLATFORM]);
  const { stdout, stderr } = await attempt('node', [CLI, 'secrets', ways.config, '--stack', PLATFORM]);
  const commands = stderr.split('\n').filter((line) => line.startsWith('  kubectl '));
  expect(commands.length).toBeGreaterThan(1);
  await kubectl(['apply', '--server-side', '--field-manager=bouture', '--filename', '-'], { input: stdout });
  for (const command of commands) await run('sh', ['-c', command.trim()]);
  await apply();
  await ways.isReady();
  const after = await canaries(ways.config);
  const changed = after.filter(({ value }, index) => value !== before[index]?.value).map(({ id }) => id);
  expect(changed).toEqual(['minio-user-mlflow']);
  expect((await train(MLFLOW)).runId).toMatch(/^[0-9a-f]{32}$/);
});

test('what goes back to up is adopted with its data', async () => {
  const claims = () =>
    kubectl([
      ...['get', 'persistentvolumeclaims', '--all-namespaces', '--output', 'jsonpath={.items[*].metadata.uid}'],
      ...['--selector', `app.kubernetes.io/part-of=${PLATFORM}`],
    ]);
  const before = await claims();
  await ways.up();
  expect(await claims()).toBe(before);
  await ways.isReady();
});
