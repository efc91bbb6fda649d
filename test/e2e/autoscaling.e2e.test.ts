import { WEB_DOMAIN } from '../../tools/cluster/addresses';
import { allImages, platformImages } from '../../tools/cluster/image-manifest';
import { ensureImages } from '../../tools/cluster/images';
import { silentProgress } from '../../tools/cluster/progress';
import { attempt, ROOT } from './support/commands';
import { variant } from './support/configs';
import { apply, at, find, get, hasCondition, list, listAt } from './support/kubectl';
import { MetricsServer } from './support/metrics-server';
import { Client, NAMESPACES, type Phrase, phrases, PLATFORM, submit, versionOf } from './support/nace-coding';
import { boutureOk, CLI, leftovers } from './support/stack';
import { eventually, say } from './support/waiting';

/**
 * The coding service under more people and fewer: the number of its Pods follows, by the readings of a real metrics-server and the
 * autoscaler of Kubernetes.
 */

const STACK = 'e2e-autoscaling';
const IMAGES = ['argo-workflows', 'minio', 'mlflow', 'postgres'];
/** Pods at most. */
const MOST = 3;
const CONFIG = variant(
  'autoscaling',
  (shipped) => ({
    name: PLATFORM,
    exposure: {
      domain: WEB_DOMAIN,
      gateway: { className: 'traefik', controller: { namespace: 'traefik' }, tls: { secretName: 'web' } },
    },
    training: { grid: { dim: [10], epoch: [30] }, parallelism: 1, minimumAccuracy: 0.2, cpu: '100m' },
    coding: {
      ...(shipped['coding'] as object),
      serves: { alias: 'challenger' },
      shadow: undefined,
      replicas: { upTo: MOST },
      resources: { cpu: { request: '100m', limit: '500m' }, memory: { request: '256Mi', limit: '1Gi' } },
    },
    retraining: undefined,
  }),
  ROOT,
  'blueprints/nace-coding/config.yaml',
);

let readings: MetricsServer | undefined;
let known: readonly Phrase[];

beforeAll(async () => {
  await ensureImages(
    platformImages().filter(({ name }) => name.startsWith('nace-') || IMAGES.includes(name)),
    allImages(),
    silentProgress,
  );
  known = await phrases();
  const web = await get('secret', 'web', 'traefik');
  await apply(
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: NAMESPACES.gateway } },
    { ...web, metadata: { name: 'web', namespace: NAMESPACES.gateway } },
  );
}, 60 * 60_000);

afterAll(async () => {
  await readings?.dispose();
  await boutureOk(['down', CONFIG, '--stack', STACK, '--delete-data']);
  expect(await leftovers(PLATFORM)).toEqual([]);
}, 20 * 60_000);

/** Pods of the service that answer. */
async function answering(): Promise<number> {
  const pods = await list('pods', '-n', NAMESPACES.coding, '-l', 'app.kubernetes.io/name=fasttext-inference');
  return pods.filter((pod) => hasCondition(pod, 'Ready') && pod.metadata.deletionTimestamp === undefined).length;
}

/** What doctor says of the readings. */
async function doctor(): Promise<string> {
  const { output } = await attempt('node', [CLI, 'doctor', CONFIG]);
  return output.split('\n').find((line) => line.includes('metrics.k8s.io')) ?? output;
}

test(
  'without readings doctor tells what is missing, and the service answers with the Pods that it began with',
  async () => {
    expect(await doctor()).toMatch(/^fail +metrics.k8s.io: no readings of any node/);
    await boutureOk(['up', CONFIG, '--stack', STACK]);
    await submit('workflowtemplate', 'training');
    expect(await versionOf('challenger')).toBe('1');
    await eventually('the service', async () => (await answering()) === 1, { seconds: 240, everySeconds: 2 });
    const scaler = await get('horizontalpodautoscaler', 'coding', NAMESPACES.coding);
    expect(hasCondition(scaler, 'ScalingActive')).toBe(false);
  },
  20 * 60_000,
);

test(
  'with readings there are more Pods under load, up leaves them, and there are fewer afterwards',
  async () => {
    readings = await MetricsServer.start();
    expect(await doctor()).toMatch(/^ok +metrics.k8s.io: readings of 1 nodes/);
    await eventually(
      'the autoscaler to read',
      async () => hasCondition(await get('horizontalpodautoscaler', 'coding', NAMESPACES.coding), 'ScalingActive'),
      { seconds: 180, everySeconds: 5 },
    );
    expect(await answering()).toBe(1);

    const people = await Promise.all(Array.from({ length: 4 }, async () => Client.create()));
    const texts = known.slice(0, 1000).map(({ text }) => text);
    let busy = true;
    const work = Promise.all(
      people.map(async (each) => {
        while (busy) await each.code(texts, 50);
      }),
    );
    try {
      const begun = Date.now();
      await eventually(`${MOST} Pods`, async () => (await answering()) === MOST, { seconds: 300, everySeconds: 2 });
      say(`from one Pod to ${MOST} under load: ${((Date.now() - begun) / 1000).toFixed(0)} s`);
      const { output } = await boutureOk(['up', CONFIG, '--stack', STACK, '--preview', '--expect-no-changes']);
      expect(output).toContain('nothing would change');
      await boutureOk(['up', CONFIG, '--stack', STACK]);
      expect(at(await get('deployment', 'coding', NAMESPACES.coding), 'spec', 'replicas')).toBe(MOST);
    } finally {
      busy = false;
      await work;
      for (const each of people) each.close();
    }

    const quiet = Date.now();
    // Kubernetes waits five minutes before it believes that there are fewer.
    await eventually('one Pod again', async () => (await answering()) === 1, { seconds: 600, everySeconds: 5 });
    say(`back to one Pod: ${((Date.now() - quiet) / 1000).toFixed(0)} s`);
    expect(people.reduce((sum, { answered }) => sum + answered.size, 0)).toBeGreaterThan(0);
    expect(await find('horizontalpodautoscaler', 'coding', NAMESPACES.coding)).toBeDefined();
    const events = await list('events', '-n', NAMESPACES.coding);
    expect(events.filter((event) => at(event, 'reason') === 'SuccessfulRescale').length).toBeGreaterThanOrEqual(2);
    expect(
      listAt(await get('horizontalpodautoscaler', 'coding', NAMESPACES.coding), 'status', 'currentMetrics'),
    ).not.toEqual([]);
  },
  30 * 60_000,
);
