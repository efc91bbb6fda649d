import { allImages, platformImages } from '../../tools/cluster/image-manifest';
import { ensureImages } from '../../tools/cluster/images';
import { silentProgress } from '../../tools/cluster/progress';
import { variant } from './support/configs';
import { kubectl } from './support/kubectl';
import { alerts, health } from './support/platform-metrics';
import { boutureOk, leftovers } from './support/stack';
import { eventually } from './support/waiting';

const PLATFORM = 'e2e-metrics';
const STACK = 'e2e-metrics';
const CONFIG = variant('metrics', () => ({ name: PLATFORM, metrics: { prometheus: { intervalSeconds: 5 } } }));

/** Switches the user off or on who reads the metrics of the store. The container has the client, and the password of the root user as a file. */
async function switchReader(how: 'disable' | 'enable'): Promise<void> {
  const script = [
    'export MC_CONFIG_DIR=/tmp/reader',
    'printf "%s\\n%s\\n" "$(</run/secrets/root/rootUser)" "$(</run/secrets/root/rootPassword)" | mc alias set store http://localhost:9000',
    `mc admin user ${how} store metrics-reader`,
  ].join(' && ');
  await kubectl(['exec', '-n', `${PLATFORM}-minio`, 'minio-0', '-c', 'minio', '--', 'bash', '-c', script]);
}

/** The images that the shipped configuration, without metrics, does not bring into the registry. */
const IMAGES = ['prometheus', 'postgres-exporter'];

beforeAll(async () => {
  await ensureImages(
    platformImages().filter(({ name }) => IMAGES.includes(name)),
    allImages(),
    silentProgress,
  );
  await boutureOk(['up', CONFIG, '--stack', STACK]);
});

afterAll(async () => {
  await boutureOk(['down', CONFIG, '--stack', STACK, '--delete-data']);
  expect(await leftovers(PLATFORM)).toEqual([]);
});

test('every endpoint is up, through NetworkPolicies that deny everything else', async () => {
  await eventually(
    'every endpoint',
    async () => {
      const found = await health(PLATFORM);
      if (found.join() !== 'metrics: up,minio: up,mlflow: up,postgres: up') throw new Error(found.join('; '));
      return true;
    },
    { seconds: 120, everySeconds: 5 },
  );
});

test('nothing calls while all is well', async () => {
  expect(await alerts(PLATFORM)).toEqual([]);
});

test('a store that refuses the token calls, and no longer once it takes it', async () => {
  await switchReader('disable');
  await eventually('the alert', async () => (await alerts(PLATFORM)).includes('TargetDown minio firing'), {
    seconds: 8 * 60,
    everySeconds: 5,
  });
  expect(await health(PLATFORM)).toContain('mlflow: up');
  await switchReader('enable');
  await eventually('the end of the alert', async () => (await alerts(PLATFORM)).length === 0, {
    seconds: 180,
    everySeconds: 5,
  });
});
