import { EmbeddedCluster } from '../../tools/cluster';
import { endPods } from '../../tools/cluster/pods';
import { withPortForward } from '../../tools/quickstart/port-forward';
import { ROOT } from './support/commands';
import { kubectl, list } from './support/kubectl';
import { administratorPassword, everythingOf, psql, status, train, withMlflow, type Work } from './support/mlflow';
import { ensureStack, NAMESPACES, unready } from './support/stack';
import { eventually, say } from './support/waiting';

const LIST_EXPERIMENTS = '/api/2.0/mlflow/experiments/search?max_results=1';
const STORE_HEALTH = '/minio/health/cluster';

const cluster = new EmbeddedCluster(ROOT);

/**
 * Waits until the platform works again, and gives the seconds that it took. A kubelet that has just begun does not know yet what ended
 * with the one before: what the API server says of the Pods is old news until each part has answered by itself.
 */
async function recovered(since: number): Promise<number> {
  await eventually(
    'everything to be ready again',
    async () => {
      const reasons = await unready();
      if (reasons.length > 0) throw new Error(reasons.join('; '));
      const password = await administratorPassword();
      expect(await withMlflow((url) => status(url, LIST_EXPERIMENTS, { password }))).toBe(200);
      expect(
        await withPortForward(NAMESPACES.minio, 'service/minio', 9000, ({ url }) => status(url, STORE_HEALTH)),
      ).toBe(200);
      expect(await psql('postgres', 'SELECT 1')).toEqual(['1']);
      return true;
    },
    { seconds: 300, everySeconds: 2 },
  );
  return (Date.now() - since) / 1000;
}

describe('the data is there again', () => {
  let work: Work;
  let before: unknown;

  beforeAll(async () => {
    await ensureStack();
    work = await train();
    before = await everythingOf(work);
  });

  test('after every Pod was deleted by force', async () => {
    const pods = (await Promise.all(Object.values(NAMESPACES).map((name) => list('pods', '-n', name)))).flat();
    const begin = Date.now();
    await Promise.all(
      Object.values(NAMESPACES).map((name) =>
        kubectl(['delete', 'pods', '--all', '-n', name, '--force', '--grace-period=0']),
      ),
    );
    say(`every Pod deleted; ready again after ${(await recovered(begin)).toFixed(0)} s`);
    const now = (await Promise.all(Object.values(NAMESPACES).map((name) => list('pods', '-n', name)))).flat();
    const uids = new Set(pods.map(({ metadata }) => metadata.uid));
    expect(now.filter(({ metadata }) => uids.has(metadata.uid))).toEqual([]);
    expect(await everythingOf(work)).toEqual(before);
  });

  test('after kubelet and containerd were killed', async () => {
    const begin = Date.now();
    await cluster.restartNode();
    say(`kubelet and containerd killed; ready again after ${(await recovered(begin)).toFixed(0)} s`);
    expect(await everythingOf(work)).toEqual(before);
  });

  test('after kubelet and containerd were killed together with every process of every Pod', async () => {
    const begin = Date.now();
    await cluster.daemons.kill('kubelet');
    await cluster.daemons.kill('containerd');
    await endPods(0);
    await cluster.start('containerd');
    await cluster.start('kubelet');
    say(`the node crashed; ready again after ${(await recovered(begin)).toFixed(0)} s`);
    expect(await everythingOf(work)).toEqual(before);
  });
});
