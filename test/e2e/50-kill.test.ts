import { start } from './support/commands';
import { variant } from './support/configs';
import { list } from './support/kubectl';
import { FULL } from './support/level';
import { descendantsOf } from './support/processes';
import { objectsInState, stateOf } from './support/pulumi';
import { seededRandom } from './support/random';
import { everythingIn, identityOf, namespacesOf, snapshotOf } from './support/snapshot';
import { boutureOk, CLI, leftovers } from './support/stack';
import { eventually, say, sleep } from './support/waiting';

/** A platform of the test's own, with what is cheap to start. */
const PLATFORM = 'bouture-e2e-kill';
const STACK = 'e2e-kill';
const MOMENTS = FULL ? 10 : 3;

/** Objects that Bouture made in the cluster: whoever made the rest, it was not `up`. */
async function madeByUs(): Promise<readonly string[]> {
  const label = 'app.kubernetes.io/managed-by=bouture';
  const namespaces = (await list('namespaces', '-l', `app.kubernetes.io/part-of=${PLATFORM}`)).map(identityOf);
  const inside = (await Promise.all((await namespacesOf(PLATFORM)).map(everythingIn))).flat();
  const [key = '', value] = label.split('=');
  const ours = inside.filter(
    ({ kind, metadata }) =>
      metadata.labels?.[key] === value &&
      metadata.ownerReferences === undefined &&
      !['PersistentVolumeClaim', 'Endpoints', 'EndpointSlice'].includes(kind),
  );
  return [...namespaces, ...ours.map(identityOf)].sort();
}

describe(`SIGKILL of pulumi at ${MOMENTS} random moments of up`, () => {
  const config = variant('kill', () => ({
    name: PLATFORM,
    objectStore: { minio: { volumeSize: '1Gi', buckets: [{ name: 'kept' }] } },
    database: undefined,
    mlflow: undefined,
  }));
  const args = [config, '--stack', STACK];
  let seconds: number;
  let reference: Readonly<Record<string, unknown>>;
  const random = seededRandom();
  const moments = Array.from({ length: MOMENTS }, random);

  const removeAll = async (): Promise<void> => {
    await boutureOk(['down', ...args, '--delete-data']);
    expect(await leftovers(PLATFORM)).toEqual([]);
  };

  beforeAll(async () => {
    await removeAll();
    seconds = (await boutureOk(['up', ...args])).seconds;
    reference = await snapshotOf(PLATFORM);
    expect(Object.keys(reference).length).toBeGreaterThan(15);
    say(`an up that nobody kills takes ${seconds.toFixed(0)} s and makes ${Object.keys(reference).length} objects`);
    await removeAll();
  });

  afterAll(removeAll);

  test.each(moments)(
    'at %f of its time: the state stays readable, the next up makes the same objects',
    async (moment) => {
      const up = start('node', [CLI, 'up', ...args], { timeoutSeconds: 900 });
      await sleep(moment * 0.95 * seconds * 1000);
      const victim = await eventually(
        'a pulumi process',
        () => Promise.resolve(descendantsOf(up.pid).find(({ program }) => program === 'pulumi')),
        { seconds: 30, everySeconds: 0.02 },
      );
      process.kill(victim.pid, 'SIGKILL');
      const { code, output } = await up.finished;
      expect({ code, output }).toEqual({ code: 1, output: expect.not.stringContaining('    at ') as unknown });

      const half = await stateOf(STACK);
      say(
        `killed after ${(moment * 0.95 * seconds).toFixed(1)} s: ${half.length} resources in the state, ${(await madeByUs()).length} in the cluster`,
      );

      await boutureOk(['up', ...args]);
      expect(await snapshotOf(PLATFORM)).toEqual(reference);
      expect(await madeByUs()).toEqual(await objectsInState(STACK));
      await boutureOk(['up', ...args, '--preview', '--expect-no-changes']);
      await removeAll();
    },
  );
});
