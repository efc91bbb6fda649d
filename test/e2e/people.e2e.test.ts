import { WEB_DOMAIN } from '../../tools/cluster/addresses';
import { kubectl, list, secretValue } from './support/kubectl';
import { claimsOf } from './support/oidc-browser';
import {
  administer,
  asPerson,
  CONFIG,
  deployPlatform,
  groupId,
  mc,
  PASSWORD,
  Person,
  person,
  PLATFORM,
  REALM,
  removePlatform,
  screenshot,
  STACK,
} from './support/people-platform';
import { alerts, health, watchedComponents } from './support/platform-metrics';
import { boutureOk } from './support/stack';
import { eventually } from './support/waiting';

/**
 * People on the whole platform: somebody new logs in with a real browser at the real Keycloak, and with the tokens works in the real MinIO,
 * Vault and Kubernetes. Onyxia's own programs cannot be had here; an empty page stands in for them, and the test is its script.
 */

beforeAll(deployPlatform);
afterAll(removePlatform);

test('a second up changes nothing', async () => {
  const { output } = await boutureOk(['up', CONFIG, '--stack', STACK, '--preview', '--expect-no-changes']);
  expect(output).toContain('nothing would change');
});

describe('the own Prometheus', () => {
  test('reads every endpoint, through NetworkPolicies that deny everything else', async () => {
    const components = watchedComponents(CONFIG);
    expect(components).toEqual(expect.arrayContaining(['keycloak', 'vault']));
    const expected = components.map((component) => `${component}: up`);
    await eventually(
      'every endpoint',
      async () => {
        const found = await health(PLATFORM);
        if (found.join() !== expected.join()) throw new Error(found.join('; '));
        return true;
      },
      { seconds: 120, everySeconds: 5 },
    );
  });

  test('calls nobody while all is well', async () => {
    // A rule that saw a server start takes its alert back when it is next evaluated.
    await eventually(
      'no alert',
      async () => {
        const found = await alerts(PLATFORM);
        if (found.length > 0) throw new Error(found.join('; '));
        return true;
      },
      { seconds: 30, everySeconds: 5 },
    );
  });
});

describe('pages', () => {
  test('the first administrator has to choose a password, and then administers', async () => {
    const { page } = await Person.arrives('admin');
    await page.goto(`https://auth.${WEB_DOMAIN}/admin/`);
    await page.fill('#username', 'admin');
    await page.fill('#password', await secretValue(`${PLATFORM}-keycloak`, 'keycloak-admin', 'password'));
    await page.click('#kc-login');
    await page.waitForSelector('#password-new');
    await screenshot(page, 'first-administrator.png');
    await page.fill('#password-new', PASSWORD);
    await page.fill('#password-confirm', PASSWORD);
    await page.click('[type=submit]');
    await page.waitForSelector('text=master realm', { timeout: 60_000 });
    await screenshot(page, 'administration.png');
  });

  test('somebody sees the own account', async () => {
    await person('gamma');
    const gamma = await Person.arrives('gamma');
    await gamma.token('onyxia');
    await gamma.page.goto(`${REALM}/account/`);
    await gamma.page.waitForSelector('#email', { timeout: 60_000 });
    expect(await gamma.page.inputValue('#email')).toBe('gamma@example.org');
    await screenshot(gamma.page, 'account.png');
  });
});

describe('somebody new', () => {
  let alpha: Person;
  let beta: Person;

  beforeAll(async () => {
    const [id] = [await person('alpha'), await person('beta'), await person('al')];
    await administer('PUT', `/users/${id}/groups/${await groupId('census')}`);
    alpha = await Person.arrives('alpha');
    beta = await Person.arrives('beta');
  });

  test('logs in with a browser, and the tokens say what the others expect', async () => {
    const onyxia = claimsOf(await alpha.token('onyxia', 'login.png'));
    expect(onyxia).toMatchObject({ iss: REALM, preferred_username: 'alpha', groups: ['census'] });
    expect([onyxia['aud']].flat()).toEqual(['onyxia']);
    const minio = claimsOf(await alpha.token('onyxia-minio'));
    expect([minio['aud']].flat()).toEqual(['minio']);
    expect([...(minio['policy'] as string[])].sort()).toEqual(['own_bucket', 'projet-census']);
    expect([claimsOf(await alpha.token('vault'))['aud']].flat()).toEqual(['vault']);
  });

  test('works in the own bucket and in that of the project, and in no other', async () => {
    const [hers, his] = [await alpha.credentials(), await beta.credentials()];
    expect(await mc(hers, 'mb', 'store/user-alpha')).toMatchObject({ code: 0 });
    expect(await mc(hers, 'pipe', 'store/user-alpha/survey.csv')).toMatchObject({ code: 0 });
    expect(await mc(hers, 'pipe', 'store/projet-census/shared.csv')).toMatchObject({ code: 0 });
    expect((await mc(his, 'cat', 'store/user-alpha/survey.csv')).output).toMatch(/Access Denied|Insufficient/);
    expect((await mc(his, 'ls', 'store/projet-census')).output).toMatch(/Access Denied|Insufficient/);
    const al = await (await Person.arrives('al')).credentials();
    expect((await mc(al, 'ls', 'store/user-alpha')).output).toMatch(/Access Denied|Insufficient/);
  });

  test('keeps secrets in the own directory and in that of the project, and in no other', async () => {
    const [hers, his] = [await alpha.vault(), await beta.vault()];
    expect(await alpha.secret(hers, 'POST', 'data/user-alpha/key')).toBe(200);
    expect(await alpha.secret(hers, 'GET', 'data/user-alpha/key')).toBe(200);
    expect(await alpha.secret(hers, 'LIST', 'metadata/user-alpha')).toBe(200);
    expect(await alpha.secret(hers, 'POST', 'data/projet-census/key')).toBe(200);
    expect(await beta.secret(his, 'GET', 'data/user-alpha/key')).toBe(403);
    expect(await beta.secret(his, 'GET', 'data/projet-census/key')).toBe(403);
  });

  test('works with kubectl in the project, by the token alone, and nowhere else', async () => {
    const [hers, his] = [await alpha.token('onyxia'), await beta.token('onyxia')];
    expect((await asPerson(hers, 'auth', 'whoami', '-o', 'json')).stdout).toContain('oidc:alpha');
    expect(await asPerson(hers, 'create', 'configmap', 'hers', '-n', 'projet-census')).toMatchObject({ code: 0 });
    expect((await asPerson(hers, 'get', 'pods', '-n', `${PLATFORM}-minio`)).output).toContain('Forbidden');
    expect((await asPerson(his, 'get', 'configmaps', '-n', 'projet-census')).output).toContain('Forbidden');
    expect((await asPerson(hers, 'delete', 'networkpolicy', 'default-deny', '-n', 'projet-census')).code).not.toBe(0);
    // A token for another server is none for this one.
    expect((await asPerson(await alpha.token('vault'), 'auth', 'whoami')).output).toMatch(
      /Unauthorized|must be logged in/,
    );
  });

  test('who leaves the project loses it with the next login', async () => {
    const [found] = (await administer('GET', '/users?username=alpha&exact=true')) as { id: string }[];
    await administer('DELETE', `/users/${found?.id ?? ''}/groups/${await groupId('census')}`);
    const again = await Person.arrives('alpha');
    expect((await mc(await again.credentials(), 'ls', 'store/projet-census')).output).toMatch(
      /Access Denied|Insufficient/,
    );
    expect(await again.secret(await again.vault(), 'GET', 'data/projet-census/key')).toBe(403);
    const token = await again.token('onyxia');
    expect((await asPerson(token, 'get', 'configmaps', '-n', 'projet-census')).output).toContain('Forbidden');
  });
});

describe('what goes on while a part is away', () => {
  test('the object store starts and serves programs while Keycloak is away, and people come in again by themselves', async () => {
    const namespace = `${PLATFORM}-keycloak`;
    await kubectl(['scale', '-n', namespace, 'deployment/keycloak', '--replicas=0']);
    await eventually(
      'Keycloak to be gone',
      async () => (await list('pods', '-n', namespace, '-l', 'app.kubernetes.io/component=server')).length === 0,
      { seconds: 120 },
    );
    await kubectl(['delete', 'pod', '-n', `${PLATFORM}-minio`, 'minio-0']);
    await kubectl(['rollout', 'status', '-n', `${PLATFORM}-minio`, 'statefulset/minio', '--timeout=120s'], {
      timeoutSeconds: 150,
    });
    await kubectl(['scale', '-n', namespace, 'deployment/keycloak', '--replicas=1']);
    await kubectl(['rollout', 'status', '-n', namespace, 'deployment/keycloak', '--timeout=240s'], {
      timeoutSeconds: 260,
    });
    await eventually('people to come in', async () => (await (await Person.arrives('beta')).credentials()) !== '', {
      seconds: 120,
      everySeconds: 5,
    });
  });
});
