import { EmbeddedCluster } from '../../tools/cluster';
import { ROOT, start } from './support/commands';
import { kubectl } from './support/kubectl';
import { descendantsOf } from './support/processes';
import { snapshotOf } from './support/snapshot';
import { boutureOk, CLI, CONFIG, ensureStack, NAMESPACES, PLATFORM, STACK, unready, up } from './support/stack';
import { eventually, say } from './support/waiting';

const cluster = new EmbeddedCluster(ROOT);

describe('an API server that goes away during up', () => {
  let before: Readonly<Record<string, unknown>>;

  beforeAll(async () => {
    await ensureStack();
    before = await snapshotOf(PLATFORM);
    // Work for the update: it waits for a database, then for an MLflow.
    await kubectl(['delete', '-n', NAMESPACES.postgres, 'statefulset', 'postgres']);
    await kubectl(['delete', '-n', NAMESPACES.mlflow, 'deployment', 'mlflow']);
  });

  afterAll(async () => {
    await cluster.startApiServer();
  });

  test('makes up fail in a few clear lines', async () => {
    const running = start('node', [CLI, 'up', CONFIG, '--stack', STACK], { timeoutSeconds: 600 });
    await eventually(
      'pulumi at work on the objects',
      () =>
        Promise.resolve(
          descendantsOf(running.pid).some(({ commandLine }) => commandLine.includes('pulumi-resource-kubernetes')),
        ),
      { seconds: 120, everySeconds: 0.05 },
    );
    await cluster.stopApiServer();
    const { code, output, seconds } = await running.finished;
    say(`up gave up after ${seconds.toFixed(0)} s: ${output.trim().split('\n').at(-1) ?? ''}`);
    expect(code).toBe(1);
    expect(output).toMatch(/connection refused|does not answer|was refused|unreachable/i);
    expect(output).not.toMatch(/^ {4}at /m);
  });

  test('is said to be away by an up that begins without it', async () => {
    const { code, output } = await start('node', [CLI, 'up', CONFIG, '--stack', STACK]).finished;
    expect(code).toBe(1);
    expect(output).toMatch(/does not answer|refused/);
    expect(output.trim().split('\n').length).toBeLessThan(10);
    expect(output).not.toMatch(/^ {4}at /m);
  });

  test('leaves a stack that the next up completes', async () => {
    await cluster.startApiServer();
    await up();
    expect(await unready()).toEqual([]);
    expect(await snapshotOf(PLATFORM)).toEqual(before);
    await boutureOk(['up', CONFIG, '--stack', STACK, '--preview', '--expect-no-changes']);
  });
});
