import { type Canary, canaries } from './support/canaries';
import { start } from './support/commands';
import { kubectl, list, secretValue } from './support/kubectl';
import {
  administer,
  asPerson,
  CONFIG,
  curl,
  deployPlatform,
  groupId,
  mc,
  Person,
  person,
  PLATFORM,
  removePlatform,
  STACK,
  VAULT,
} from './support/people-platform';
import { descendantsOf } from './support/processes';
import { objectsInState, stateOf } from './support/pulumi';
import { seededRandom } from './support/random';
import { snapshotOf } from './support/snapshot';
import { bouture, boutureOk, CLI } from './support/stack';
import { eventually, say, sleep } from './support/waiting';

/** The larger stack: drift, parts that are away, rotation, a `down` that keeps data, kills. One person's work goes through all of it. */

/** How long a part stays away. */
const AWAY_SECONDS = 60;

const ARGUMENTS = [CONFIG, '--stack', STACK];

/** What somebody who is logged in keeps working with. */
interface Session {
  readonly person: Person;
  readonly storage: string;
  readonly vault: string;
  readonly kubernetes: string;
}

async function logIn(): Promise<Session> {
  const person = await Person.arrives('alpha');
  return {
    person,
    storage: await person.credentials(),
    vault: await person.vault(),
    kubernetes: await person.token('onyxia'),
  };
}

/** Everything that alpha works with answers, by a login of now. */
async function everythingWorks(): Promise<Session> {
  return eventually(
    'everything to work again',
    async () => {
      const session = await logIn();
      await works(session);
      return session;
    },
    { seconds: 300, everySeconds: 5 },
  );
}

async function works(session: Session, except: readonly ('storage' | 'vault' | 'kubernetes')[] = []): Promise<void> {
  if (!except.includes('storage')) {
    const { stdout, output } = await mc(session.storage, 'cat', 'store/projet-census/kept.csv');
    if (stdout !== 'content') throw new Error(`the bucket: ${output}`);
  }
  if (!except.includes('vault')) {
    const status = await session.person.secret(session.vault, 'GET', 'data/projet-census/kept');
    if (status !== 200) throw new Error(`Vault: ${status}`);
  }
  if (!except.includes('kubernetes')) {
    const { code, output } = await asPerson(session.kubernetes, 'get', 'configmap', 'kept', '-n', 'projet-census');
    if (code !== 0) throw new Error(`Kubernetes: ${output}`);
  }
}

async function scale(part: string, workload: string, replicas: number): Promise<void> {
  const namespace = `${PLATFORM}-${part}`;
  await kubectl(['scale', '-n', namespace, workload, `--replicas=${replicas}`]);
  if (replicas > 0) return;
  await eventually(
    `${part} to be gone`,
    async () => {
      const pods = await list('pods', '-n', namespace, '-l', `app.kubernetes.io/instance=${part}`);
      return pods.every(({ metadata }) => metadata.labels?.['app.kubernetes.io/component'] !== 'server');
    },
    { seconds: 120 },
  );
}

/** Lets a part be away for a minute, asks what still works meanwhile, and waits until it is back. */
async function away(part: string, workload: string, meanwhile: () => Promise<void>): Promise<void> {
  await scale(part, workload, 0);
  try {
    const begin = Date.now();
    await meanwhile();
    await sleep(Math.max(0, AWAY_SECONDS * 1000 - (Date.now() - begin)));
    await meanwhile();
  } finally {
    await scale(part, workload, 1);
  }
  await everythingWorks();
}

/** The lines of a preview that name objects and fields. */
function named(output: string): readonly string[] {
  return output
    .split('\n')
    .filter((line) => /^[+~!-] |^ {4}\S/.test(line))
    .sort();
}

beforeAll(async () => {
  await deployPlatform();
  await administer('PUT', `/users/${await person('alpha')}/groups/${await groupId('census')}`);
  const { person: alpha, storage, vault, kubernetes } = await logIn();
  expect(await mc(storage, 'pipe', 'store/projet-census/kept.csv')).toMatchObject({ code: 0 });
  expect(await alpha.secret(vault, 'POST', 'data/projet-census/kept')).toBe(200);
  const kept = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'kept', namespace: 'projet-census' } };
  // The API server asks for the keys of a realm that it has not found yet every ten seconds.
  await eventually(
    'the API server to know the realm',
    async () => {
      const { code, output } = await asPerson(kubernetes, 'apply', '-f', '-', { input: JSON.stringify(kept) });
      if (code !== 0) throw new Error(output);
      return true;
    },
    { seconds: 60 },
  );
});

afterAll(removePlatform);

describe('a part that is away for a minute', () => {
  test('PostgreSQL: buckets, secrets and namespaces go on; a new login says what is missing; all recover alone', async () => {
    const session = await logIn();
    await away('postgres', 'statefulset/postgres', async () => {
      await works(session);
      const page = await (await Person.arrives('alpha')).page.goto(`https://mlflow.data.test/health`);
      expect([200, 500, 502, 503, 504]).toContain(page?.status());
      await expect(logIn()).rejects.toThrow();
    });
  });

  test('Vault: buckets, namespaces and logins go on; it opens itself when it is back', async () => {
    const session = await logIn();
    await away('vault', 'statefulset/vault', async () => {
      await works(session, ['vault']);
      expect(await (await Person.arrives('alpha')).credentials()).not.toBe('');
      await expect(curl(`${VAULT}/v1/sys/health`)).rejects.toThrow(/requested URL returned error: (404|50[234])/);
    });
  });

  test('the object store: secrets, namespaces and logins go on', async () => {
    const session = await logIn();
    await away('minio', 'statefulset/minio', async () => {
      await works(session, ['storage']);
      expect(await (await Person.arrives('alpha')).vault()).not.toBe('');
      expect((await mc(session.storage, 'cat', 'store/projet-census/kept.csv')).code).not.toBe(0);
    });
  });

  test('Keycloak: whoever is logged in goes on', async () => {
    const session = await logIn();
    await away('keycloak', 'deployment/keycloak', async () => {
      await works(session);
      await expect(logIn()).rejects.toThrow();
    });
  });
});

describe('what people changed by hand', () => {
  test('a preview names it, and up restores it', async () => {
    const before = await snapshotOf(PLATFORM);
    const [keycloak, vault, spaces] = ['keycloak', 'vault', 'spaces'].map((part) => `${PLATFORM}-${part}`) as [
      string,
      string,
      string,
    ];
    await kubectl(['set', 'env', '-n', keycloak, 'deployment/keycloak', '-c', 'server', 'EDITED=by-hand']);
    await kubectl(['delete', 'networkpolicy', '-n', vault, 'vault']);
    await kubectl(['scale', '-n', spaces, 'deployment/spaces-keeper', '--replicas=0']);
    await kubectl([
      'delete',
      'validatingadmissionpolicybinding',
      `${PLATFORM}-space-is-being-prepared-try-again-in-a-minute`,
    ]);
    await kubectl(['delete', 'networkpolicy', '-n', 'projet-census', 'default-deny']);
    expect(named((await boutureOk(['up', ...ARGUMENTS, '--preview'])).stdout)).toEqual(
      [
        `+ NetworkPolicy ${vault}/vault  create`,
        `+ NetworkPolicy projet-census/default-deny  create`,
        `+ ValidatingAdmissionPolicyBinding ${PLATFORM}-space-is-being-prepared-try-again-in-a-minute  create`,
        `~ Deployment ${keycloak}/keycloak  spec.template.spec.containers[server].env[EDITED]: is not in the configuration (kubectl-set)`,
        `~ Deployment ${spaces}/spaces-keeper  update`,
        `    spec.replicas: 0 -> 1`,
      ].sort(),
    );
    await boutureOk(['up', ...ARGUMENTS]);
    expect(await snapshotOf(PLATFORM)).toEqual(before);
    await boutureOk(['up', ...ARGUMENTS, '--preview', '--expect-no-changes']);
  });
});

describe('rotation of every generated value that may be rotated', () => {
  let old: readonly Canary[];
  let before: Session;

  beforeAll(async () => {
    before = await everythingWorks();
    old = (await canaries(CONFIG)).filter(({ id }) => id !== 'vault-unseal');
    await boutureOk(['up', ...ARGUMENTS, '--rotate', ...old.map(({ id }) => id)]);
  });

  const oldValue = (id: string) => old.find((each) => each.id === id)?.value ?? '';

  test('makes each anew, and people go on', async () => {
    const now = new Map((await canaries(CONFIG)).map(({ id, value }) => [id, value]));
    expect(old.length).toBeGreaterThan(15);
    expect(old.filter(({ id, value }) => now.get(id) === value).map(({ id }) => id)).toEqual([]);
    // Vault starts anew; temporary credentials of the object store are signed with root's password, and end with it.
    await works(before, ['vault', 'storage']);
    expect((await mc(before.storage, 'cat', 'store/projet-census/kept.csv')).code).not.toBe(0);
    await everythingWorks();
  });

  test('Keycloak lets the reconciler in with the new secret, and not with the old', async () => {
    const master = 'https://auth.data.test/realms/master/protocol/openid-connect/token';
    const form = (secret: string) =>
      `grant_type=client_credentials&client_id=bouture-reconciler&client_secret=${secret}`;
    const secret = await secretValue(`${PLATFORM}-keycloak`, 'keycloak-reconciler', 'clientSecret');
    expect(await curl(master, '--data', form(secret))).toContain('access_token');
    await expect(curl(master, '--data', form(oldValue('keycloak-reconciler')))).rejects.toThrow(/401|unauthorized/i);
  });

  test('the object store lets root in with the new password, and not with the old', async () => {
    const password = await secretValue(`${PLATFORM}-minio`, 'minio-root', 'rootPassword');
    expect(await mc(`minio-root:${password}`, 'ls', 'store')).toMatchObject({ code: 0 });
    expect((await mc(`minio-root:${oldValue('minio-root')}`, 'ls', 'store')).code).not.toBe(0);
  });

  test('Vault lets its reconciler in with the new password, and not with the old', async () => {
    const login = async (secret: string) =>
      curl(`${VAULT}/v1/auth/bouture/login`, '--data', JSON.stringify({ role_id: 'reconciler', secret_id: secret }));
    const password = await secretValue(`${PLATFORM}-vault`, 'vault-access', 'reconciler');
    expect(await login(password)).toContain('client_token');
    await expect(login(oldValue('vault-reconciler'))).rejects.toThrow(/400|403/);
  });

  test('the key of Vault is refused, and nothing changes', async () => {
    const { code, output } = await bouture(['up', ...ARGUMENTS, '--rotate', 'vault-unseal']);
    expect({ code, output }).toEqual({ code: 2, output: expect.stringContaining('never rotated') as unknown });
    await kubectl(['delete', 'pod', '-n', `${PLATFORM}-vault`, 'vault-0']);
    await everythingWorks();
  });

  test('is over: the next up changes nothing', async () => {
    await boutureOk(['up', ...ARGUMENTS, '--preview', '--expect-no-changes']);
  });
});

describe('down', () => {
  test('keeps what people have: after the next up it is there', async () => {
    await boutureOk(['down', ...ARGUMENTS]);
    expect(await list('statefulsets', '-A', '-l', `app.kubernetes.io/part-of=${PLATFORM}`)).toEqual([]);
    await boutureOk(['up', ...ARGUMENTS]);
    const session = await eventually(
      'people to find their work',
      async () => {
        const found = await logIn();
        await works(found, ['kubernetes']);
        return found;
      },
      { seconds: 240, everySeconds: 5 },
    );
    // The namespace of a project is data of people: it was kept with all that is in it.
    await works(session);
  });
});

describe('SIGKILL of Pulumi', () => {
  const random = seededRandom();

  test.each([1, 2, 3])('number %i: the state stays readable, and the next up makes the same', async () => {
    const reference = await snapshotOf(PLATFORM, 'keys');
    await boutureOk(['down', ...ARGUMENTS]);
    const up = start('node', [CLI, 'up', ...ARGUMENTS], { timeoutSeconds: 900 });
    const engine = await eventually(
      'pulumi up',
      () =>
        Promise.resolve(
          descendantsOf(up.pid).find(
            ({ program, commandLine }) => program === 'pulumi' && commandLine.includes(' up '),
          ),
        ),
      { seconds: 120, everySeconds: 0.02 },
    );
    const seconds = 2 + random() * 40;
    await sleep(seconds * 1000);
    process.kill(engine.pid, 'SIGKILL');
    expect(await up.finished).toMatchObject({ code: 1 });
    say(`killed after ${seconds.toFixed(1)} s: ${(await stateOf(STACK)).length} resources in the state`);
    await boutureOk(['up', ...ARGUMENTS]);
    expect(await snapshotOf(PLATFORM, 'keys')).toEqual(reference);
    expect((await objectsInState(STACK)).length).toBeGreaterThan(150);
    expect(await bouture(['up', ...ARGUMENTS, '--preview', '--expect-no-changes'])).toMatchObject({ code: 0 });
    await everythingWorks();
  });
});
