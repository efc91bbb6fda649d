import { allImages, platformImages } from '../../tools/cluster/image-manifest';
import { ensureImages } from '../../tools/cluster/images';
import { silentProgress } from '../../tools/cluster/progress';
import { ROOT } from './support/commands';
import { variant } from './support/configs';
import { apply } from './support/kubectl';
import { health, watchedComponents } from './support/platform-metrics';
import { boutureOk, leftovers } from './support/stack';
import { eventually } from './support/waiting';

/**
 * The coding case under its own Prometheus: the service, though it waits for its first model, and what runs the workflows; then what follows a
 * repository, which need not answer for that.
 */

const PLATFORM = 'e2e-metrics-coding';
const STACK = 'e2e-metrics-coding';
const SHIPPED = 'blueprints/nace-coding/config.yaml';
const common = { name: PLATFORM, metrics: { prometheus: { intervalSeconds: 5 } } };
const CONFIG = variant('metrics-coding', () => common, ROOT, SHIPPED);
const DELIVERED = variant(
  'metrics-coding-delivery',
  () => ({
    ...common,
    delivery: {
      repository: {
        url: 'https://git.example.org/office.git',
        token: { secret: 'git', key: 'token' },
        cidrs: ['192.0.2.1/32'],
      },
    },
  }),
  ROOT,
  SHIPPED,
);
const IMAGES = ['argo-cd', 'argo-workflows', 'minio', 'mlflow', 'postgres', 'postgres-exporter', 'prometheus'];

beforeAll(async () => {
  await ensureImages(
    platformImages().filter(({ name }) => name.startsWith('nace-') || IMAGES.includes(name)),
    allImages(),
    silentProgress,
  );
  for (const namespace of [`${PLATFORM}-argo-cd`, `${PLATFORM}-argo-runs`]) {
    await apply(
      { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } },
      { apiVersion: 'v1', kind: 'Secret', metadata: { namespace, name: 'git' }, stringData: { token: 'none' } },
    );
  }
});

afterAll(async () => {
  await boutureOk(['down', DELIVERED, '--stack', STACK, '--delete-data']);
  expect(await leftovers(PLATFORM)).toEqual([]);
});

/**
 * Deploys a configuration, and waits until every endpoint that it names is read.
 *
 * @param absent components that somebody else has to deploy first
 */
async function everyEndpointIsUp(config: string, absent: readonly string[] = []): Promise<void> {
  await boutureOk(['up', config, '--stack', STACK]);
  const expected = expectedComponents(config)
    .filter((component) => !absent.includes(component))
    .map((component) => `${component}: up`)
    .sort();
  await eventually(
    'every endpoint',
    async () => {
      const found = [...new Set(await health(PLATFORM))];
      if (found.join() !== expected.join()) throw new Error(found.join('; '));
      return true;
    },
    { seconds: 180, everySeconds: 5 },
  );
}

const expectedComponents = (config: string) => [...new Set(watchedComponents(config))];

test('the service that waits for a model and what runs workflows are read', async () => {
  expect(expectedComponents(CONFIG)).toEqual(expect.arrayContaining(['argo', 'coding', 'mlflow', 'postgres']));
  await everyEndpointIsUp(CONFIG);
});

test('what follows the repository is read', async () => {
  expect(expectedComponents(DELIVERED)).toContain('argo-cd');
  await everyEndpointIsUp(DELIVERED, ['coding']);
});
