import { type Finished, start } from './support/commands';
import { variant } from './support/configs';
import { list } from './support/kubectl';
import { describeFull, FULL } from './support/level';
import { descendantsOf, type Process } from './support/processes';
import { objectsInState, stateOf } from './support/pulumi';
import { seededRandom } from './support/random';
import { everythingIn, identityOf, namespacesOf, snapshotOf } from './support/snapshot';
import { bouture, boutureOk, CLI, CONFIG, leftovers, PLATFORM, STACK } from './support/stack';
import { eventually, say, sleep } from './support/waiting';

/** What is deployed and killed. */
interface Subject {
  readonly what: string;
  readonly platform: string;
  readonly stack: string;
  readonly config: string;
  /** How often it is killed. */
  readonly kills: number;
}

const LIGHT = 'e2e-kill';
const STORE: Subject = {
  what: 'an object store',
  platform: LIGHT,
  stack: 'e2e-kill',
  config: variant('kill', () => ({
    name: LIGHT,
    objectStore: { minio: { volumeSize: '1Gi', buckets: [{ name: 'kept' }] } },
    database: undefined,
    mlflow: undefined,
  })),
  kills: FULL ? 7 : 2,
};
const SHIPPED: Subject = { what: 'the shipped blueprint', platform: PLATFORM, stack: STACK, config: CONFIG, kills: 3 };

const random = seededRandom();

/** Objects that Bouture made in the cluster: whoever made the rest, it was not `up`. */
async function madeByUs(platform: string): Promise<readonly string[]> {
  const namespaces = (await list('namespaces', '-l', `app.kubernetes.io/part-of=${platform}`)).map(identityOf);
  const inside = (await Promise.all((await namespacesOf(platform)).map(everythingIn))).flat();
  const ours = inside.filter(
    ({ kind, metadata }) =>
      metadata.labels?.['app.kubernetes.io/managed-by'] === 'bouture' &&
      metadata.ownerReferences === undefined &&
      !['PersistentVolumeClaim', 'Endpoints', 'EndpointSlice', 'Pod'].includes(kind),
  );
  return [...namespaces, ...ours.map(identityOf)].sort();
}

/** Pulumi's engine, once it updates the stack. */
async function engineOf(bouture: number): Promise<Process> {
  return eventually(
    'pulumi up',
    () =>
      Promise.resolve(
        descendantsOf(bouture).find(({ program, commandLine }) => program === 'pulumi' && commandLine.includes(' up ')),
      ),
    { seconds: 120, everySeconds: 0.02 },
  );
}

/** SIGKILL. False if the process had ended before. */
function killIfAlive(pid: number): boolean {
  try {
    process.kill(pid, 'SIGKILL');
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') {
      return false;
    }
    throw error;
  }
}

function killed({ platform, stack, config, kills }: Subject): void {
  const args = [config, '--stack', stack];
  let engineSeconds: number;
  let reference: Readonly<Record<string, unknown>>;

  const removeAll = async (): Promise<void> => {
    await boutureOk(['down', ...args, '--delete-data']);
    expect(await leftovers(platform)).toEqual([]);
  };

  /** An `up` that nobody kills. Gives the seconds that its engine ran. */
  async function upAlone(): Promise<number> {
    const up = start('node', [CLI, 'up', ...args], { timeoutSeconds: 900 });
    await engineOf(up.pid);
    const begin = Date.now();
    expect(await up.finished).toMatchObject({ code: 0 });
    return (Date.now() - begin) / 1000;
  }

  /** An `up` whose engine is killed after so many seconds; undefined if the engine had ended before. */
  async function upKilledAfter(seconds: number): Promise<Finished | undefined> {
    const up = start('node', [CLI, 'up', ...args], { timeoutSeconds: 900 });
    const engine = await engineOf(up.pid);
    await Promise.race([sleep(seconds * 1000), up.finished]);
    const isCaught = killIfAlive(engine.pid);
    const finished = await up.finished;
    return isCaught ? finished : undefined;
  }

  /** Kills at this part of the time that an undisturbed `up` takes; one that was quicker than that is undone and killed earlier. */
  async function killAt(moment: number): Promise<Finished & { readonly seconds: number }> {
    for (let seconds = moment * engineSeconds; seconds > 0.01; seconds *= 0.7) {
      const finished = await upKilledAfter(seconds);
      if (finished !== undefined) {
        return { ...finished, seconds };
      }
      say(`up had ended before ${seconds.toFixed(1)} s were over: once more, killed earlier`);
      await removeAll();
    }
    throw new Error('Pulumi was never caught at work');
  }

  beforeAll(async () => {
    await removeAll();
    engineSeconds = await upAlone();
    reference = await snapshotOf(platform, 'keys');
    expect(Object.keys(reference).length).toBeGreaterThanOrEqual(14);
    say(`nobody kills it: ${engineSeconds.toFixed(1)} s, ${Object.keys(reference).length} objects`);
    await removeAll();
  });

  const moments = Array.from({ length: kills }, (_, index): [number, number] => [index + 1, random() * 0.9]);

  test.each(moments)('number %i: the state stays readable, and the next up makes the same', async (_, moment) => {
    const { code, output, seconds } = await killAt(moment);
    expect({ code, output }).toEqual({ code: 1, output: expect.not.stringMatching(/^ {4}at /m) as unknown });
    const known = (await stateOf(stack)).length;
    const made = (await madeByUs(platform)).length;
    say(`killed after ${seconds.toFixed(1)} s: ${known} resources in the state, ${made} objects in the cluster`);

    await boutureOk(['up', ...args]);
    expect(await snapshotOf(platform, 'keys')).toEqual(reference);
    expect(await madeByUs(platform)).toEqual(await objectsInState(stack));
    expect(await bouture(['up', ...args, '--preview', '--expect-no-changes'])).toMatchObject({ code: 0 });
    await removeAll();
  });
}

describe(`SIGKILL of pulumi at ${STORE.kills} random moments of up, ${STORE.what}`, () => {
  killed(STORE);
});

describeFull(`SIGKILL of pulumi at ${SHIPPED.kills} random moments of up, ${SHIPPED.what}`, () => {
  killed(SHIPPED);
});
