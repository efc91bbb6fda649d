import { createHash } from 'node:crypto';
import {
  cephPersonRole,
  type ExpectedRole,
  ExternalIdentityProvider,
  ExternalObjectStore,
  type ExternalPeople,
  type PeopleSystem,
  SpaceNames,
} from '../../constructs';
import { objectStoreDocument } from '../../blueprints/object-store-document';
import { checkPeopleStore } from '../../cli/doctor/people-store';
import { ensurePrograms } from '../../tools/cluster/programs';
import { testPlatform } from '../support/platform';
import type { Credentials } from './support/people-store';
import { RoleStore, type StoreRole } from './support/role-store';
import { TokenIssuer } from './support/token-issuer';
import { silentProgress } from '../../tools/cluster/progress';

const DURATION = 3600;
const ORIGIN = 'https://datalab.example.org';
const ISSUER = 'https://auth.example.org/realms/datalab';
const NAMES = new SpaceNames();
const DENIED = /Access Denied|Insufficient permissions/;

let tokens: TokenIssuer;
let store: RoleStore;
let people: ExternalPeople;

/** What a store of somebody else is told, by system. */
function peopleAt(system: PeopleSystem): ExternalPeople {
  const platform = testPlatform();
  const realm = new ExternalIdentityProvider(platform, 'identity', { issuer: ISSUER });
  const made = new ExternalObjectStore(platform, 'object-store', {
    endpoint: 'https://s3.example.org',
    region: 'eu-west-3',
  }).federate(realm, { names: NAMES, system, durationSeconds: DURATION });
  made.allowOrigin(ORIGIN);
  made.addProject('census');
  return made;
}

/** Sets the role up that the document for people says, by its own words. */
function fromDocument({ setup }: ExternalPeople): StoreRole {
  const text = objectStoreDocument('demo', setup);
  const env = Object.fromEntries(
    [...text.matchAll(/^(MINIO_\w+)=(.*)$/gm)].map(([, key = '', value = '']) => [key, value]),
  );
  const [, policy = ''] = /```json\n([\s\S]*?)\n```/.exec(text) ?? [];
  return {
    name: env['MINIO_IDENTITY_OPENID_ROLE_POLICY_PEOPLE'] ?? '',
    policy: JSON.parse(policy) as object,
    env: {
      ...env,
      MINIO_IDENTITY_OPENID_CONFIG_URL_PEOPLE: tokens.discoveryUrl,
      MINIO_IDENTITY_OPENID_CLIENT_SECRET_PEOPLE: 'CLIENTcanaryCLIENTcanary',
    },
  };
}

/**
 * A role of another store with its permission policy. MinIO knows no trust policy: here a token's audience tells who may assume it, so that
 * what is seen is the permission policy alone.
 */
function withPermissionsOf({ name, permissionPolicy }: ExpectedRole, suffix: string): StoreRole {
  return {
    name,
    policy: permissionPolicy,
    env: {
      [`MINIO_IDENTITY_OPENID_CONFIG_URL_${suffix}`]: tokens.discoveryUrl,
      [`MINIO_IDENTITY_OPENID_CLIENT_ID_${suffix}`]: name,
      [`MINIO_IDENTITY_OPENID_CLIENT_SECRET_${suffix}`]: 'CLIENTcanaryCLIENTcanary',
      [`MINIO_IDENTITY_OPENID_ROLE_POLICY_${suffix}`]: name,
    },
  };
}

/** A token of a person, for the client of the store, as a realm makes it. */
function tokenOf(
  username: string,
  groups: readonly string[] = [],
  claims: Readonly<Record<string, unknown>> = {},
): string {
  const { clientId, audience } = people.client;
  return store.tokenOf(username, groups, { aud: [audience], azp: clientId, ...claims });
}

/** What Onyxia asks for. */
const profile = (made: ExternalPeople, name: string, value: string) => {
  const role = made.roles.find(({ profileName }) => profileName === name);
  const resolved = (text = '') => text.replaceAll('$1', value);
  return { roleARN: resolved(role?.roleArn), roleSessionName: resolved(role?.roleSessionName) };
};

const assume = (token: string, seconds = DURATION) => store.assumeRole(token, profile(people, 'default', ''), seconds);

/** The role that MinIO makes for a client of its own. */
const roleOf = (clientId: string) => ({
  roleARN: `arn:minio:iam:eu-west-3::role/${createHash('sha1').update(clientId).digest('base64url')}`,
  roleSessionName: 'test',
});

beforeAll(async () => {
  await ensurePrograms(['minio', 'mc'], silentProgress);
  tokens = await TokenIssuer.start();
  store = await RoleStore.create(tokens);
  people = peopleAt({ kind: 'minio' });
  const ceph: PeopleSystem = { kind: 'ceph' };
  const atCeph = peopleAt(ceph);
  const census = atCeph.setup.roles.find(({ name }) => name === 'projet-census');
  if (census === undefined) throw new Error('Ceph has no role for the project');
  const al = cephPersonRole(
    ceph,
    {
      platform: 'demo',
      issuer: ISSUER,
      clientId: 'onyxia-s3',
      audience: 'onyxia-s3',
      claims: { username: 'preferred_username', groups: 'groups', roles: 'roles' },
      names: NAMES,
      region: 'eu-west-3',
      durationSeconds: DURATION,
      projects: [],
    },
    'al',
  );
  await store.setUp(
    [fromDocument(people), withPermissionsOf(census, 'CENSUS'), withPermissionsOf(al, 'AL')],
    ['projet-census', 'projet-labour', 'of-a-program', 'user-al'],
  );
});

afterAll(async () => {
  await store.dispose();
  await tokens.stop();
});

test('the server makes the very role that Onyxia asks for', () => {
  expect(store.log).toContain(profile(people, 'default', '').roleARN);
});

describe('whoever has everyone’s role, set up as the document says,', () => {
  let alpha: Credentials | string;

  beforeAll(async () => {
    alpha = await assume(tokenOf('alpha', ['census']));
    const beta = await assume(tokenOf('beta'));
    await store.person(beta, 'mb', 'store/user-beta');
    await store.person(beta, 'pipe', 'store/user-beta/secret.txt');
    await store.person(alpha, 'mb', 'store/user-alpha');
  });

  test('works in the own bucket', async () => {
    expect(await store.person(alpha, 'pipe', 'store/user-alpha/survey.csv')).toMatchObject({ code: 0 });
    expect((await store.person(alpha, 'cat', 'store/user-alpha/survey.csv')).stdout).toBe('content');
    expect((await store.person(alpha, 'ls', 'store/user-alpha')).stdout).toContain('survey.csv');
    expect(await store.person(alpha, 'rm', 'store/user-alpha/survey.csv')).toMatchObject({ code: 0 });
  });

  test('works in the bucket of a project as a member of its group alone', async () => {
    expect(await store.person(alpha, 'pipe', 'store/projet-census/shared.csv')).toMatchObject({ code: 0 });
    for (const groups of [[], ['labour'], ['census2'], ['censu', 's']]) {
      const other = await assume(tokenOf('beta', groups));
      expect((await store.person(other, 'cat', 'store/projet-census/shared.csv')).output).toMatch(DENIED);
      expect((await store.person(other, 'ls', 'store/projet-census')).output).toMatch(DENIED);
    }
  });

  test.each([
    ['reads another’s bucket', ['cat', 'store/user-beta/secret.txt']],
    ['lists another’s bucket', ['ls', 'store/user-beta']],
    ['writes to another’s bucket', ['pipe', 'store/user-beta/x']],
    ['makes a bucket of another name', ['mb', 'store/user-alphabet']],
    ['makes its bucket public', ['anonymous', 'set', 'public', 'store/user-alpha']],
    ['reaches the bucket of another project', ['ls', 'store/projet-labour']],
    ['reaches the bucket of a program', ['ls', 'store/of-a-program']],
  ])('never %s', async (_, args) => {
    expect((await store.person(alpha, ...args)).output).toMatch(DENIED);
  });

  test('never reaches user-alpha as al', async () => {
    const al = await assume(tokenOf('al'));
    expect((await store.person(al, 'ls', 'store/user-alpha')).output).toMatch(DENIED);
    expect((await store.person(al, 'pipe', 'store/user-alpha/x')).output).toMatch(DENIED);
  });

  test('gets no credentials that live longer than is allowed', async () => {
    expect(await assume(tokenOf('alpha'), DURATION + 1)).toMatch(/AccessDenied/);
  });

  test.each<[string, () => string]>([
    ['for somebody else', () => tokenOf('alpha', [], { aud: ['vault'], azp: 'vault' })],
    ['that has ended', () => tokenOf('alpha', [], { exp: Math.floor(Date.now() / 1000) - 60 })],
    [
      'with a foreign signature',
      () => `${tokenOf('alpha').split('.').slice(0, 2).join('.')}.${tokenOf('beta').split('.')[2] ?? ''}`,
    ],
  ])('had no token %s', async (_, token) => {
    expect(await assume(token())).toMatch(/InvalidParameterValue|ExpiredToken|AccessDenied/);
  });

  test('had it under no other name', async () => {
    const role = { roleARN: 'arn:minio:iam:eu-west-3::role/none', roleSessionName: 'test' };
    expect(await store.assumeRole(tokenOf('alpha'), role, DURATION)).toMatch(/InvalidParameterValue/);
  });
});

describe('what roles of Ceph permit, read by a real server', () => {
  const assumed = async (clientId: string) =>
    store.assumeRole(store.tokenOf('somebody', [], { aud: [clientId], azp: clientId }), roleOf(clientId), DURATION);

  test('a person’s role opens that person’s bucket alone', async () => {
    const al = await assumed('user-al');
    expect(await store.person(al, 'pipe', 'store/user-al/survey.csv')).toMatchObject({ code: 0 });
    expect((await store.person(al, 'cat', 'store/user-al/survey.csv')).stdout).toBe('content');
    for (const bucket of ['user-alpha', 'user-beta', 'projet-census', 'of-a-program']) {
      expect((await store.person(al, 'ls', `store/${bucket}`)).output).toMatch(DENIED);
      expect((await store.person(al, 'pipe', `store/${bucket}/x`)).output).toMatch(DENIED);
    }
    expect((await store.person(al, 'mb', 'store/user-al-2')).output).toMatch(DENIED);
  });

  test('a project’s role opens that project’s bucket alone', async () => {
    const census = await assumed('projet-census');
    expect(await store.person(census, 'pipe', 'store/projet-census/by-role.csv')).toMatchObject({ code: 0 });
    expect((await store.person(census, 'ls', 'store/projet-census')).stdout).toContain('by-role.csv');
    for (const bucket of ['projet-labour', 'user-al', 'of-a-program']) {
      expect((await store.person(census, 'ls', `store/${bucket}`)).output).toMatch(DENIED);
    }
  });

  test('a token for one role does not open another', async () => {
    const token = store.tokenOf('somebody', [], { aud: ['user-al'], azp: 'user-al' });
    expect(await store.assumeRole(token, roleOf('projet-census'), DURATION)).toMatch(
      /InvalidParameterValue|AccessDenied/,
    );
  });
});

describe('the store', () => {
  test('answers pages of the allowed origin alone', async () => {
    const allowed = async (origin: string) =>
      (await fetch(`${store.url}/user-alpha`, { headers: { origin } })).headers.get('access-control-allow-origin');
    expect(await allowed(ORIGIN)).toBe(ORIGIN);
    expect(await allowed('https://evil.example.org')).toBeNull();
  });

  test('is what doctor looks for', async () => {
    const [sts] = await checkPeopleStore({ ...people.setup, stsUrl: store.url });
    expect(sts).toMatchObject({ level: 'ok' });
  });
});
