import { mkdtempSync, readdirSync, readFileSync, chmodSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { KeycloakRealm } from '../../constructs';
import { testPlatform } from '../support/platform';
import { FakeObjectStore } from '../support/storage';
import type { Finished } from './support/commands';
import { KeycloakAdmin } from './support/keycloak-admin';
import { type DeclaredRealm, LocalKeycloak, PUBLIC_URL } from './support/local-keycloak';
import { type Application, claimsOf, OidcBrowser } from './support/oidc-browser';

const PASSWORD = 'a long Password of the test 1';
const MINIO: Application = { clientId: 'onyxia-minio', redirect: 'https://datalab.example.org/' };
const KEY = 'demo-keycloak/keycloak-backup/key';

/** A realm that is backed up; the newest two backups stay in any case. */
const DECLARED: DeclaredRealm = {
  build: (realm: KeycloakRealm): void => {
    const minio = realm.addPublicClient('onyxia-minio', { audience: 'minio', permissionsClaim: 'policy' });
    minio.allowRedirect(MINIO.redirect);
    minio.grantEveryone('own-bucket');
    minio.grantGroup('census', 'project-census');
  },
  props: {
    roles: ['gpu'],
    backup: {
      bucket: new FakeObjectStore(testPlatform(), 'store').addBucket('realms'),
      keepAtLeast: 2,
      retentionDays: 1,
    },
  },
};

describe('the backup of a KeycloakRealm, of a real Keycloak', () => {
  let keycloak: LocalKeycloak;
  let admin: KeycloakAdmin;
  /** Stands for the store. */
  const store = mkdtempSync('/var/tmp/bk-store-');
  const folder = join(store, 'realms/keycloak');

  const files = () => readdirSync(folder).sort();
  const logIn = async (server: LocalKeycloak, username: string) => {
    const browser = new OidcBrowser(`${PUBLIC_URL}/realms/datalab`, server.url);
    return (await browser.tokens(MINIO, username, PASSWORD)).access_token;
  };
  const kid = (token: string) =>
    (JSON.parse(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString()) as { kid: string }).kid;
  const backUp = async () => succeeded(await keycloak.job('backup', DECLARED, store));

  async function person(username: string, groups: readonly string[] = []): Promise<void> {
    await admin.change('POST', 'users', {
      username,
      enabled: true,
      email: `${username}@example.org`,
      firstName: 'A',
      lastName: 'Person',
      groups,
      credentials: [{ type: 'password', value: PASSWORD }],
    });
  }

  async function make(): Promise<LocalKeycloak> {
    const made = await LocalKeycloak.create();
    for (const role of ['backup', 'restore']) {
      made.secrets[`demo-keycloak/keycloak-${role}-s3/accessKeyId`] = 'unused';
      made.secrets[`demo-keycloak/keycloak-${role}-s3/secretAccessKey`] = 'UNUSEDcanaryUNUSED';
    }
    made.secrets[KEY] = 'KEYcanaryKEYcanaryKEYcanaryKEYcanaryKEYcana';
    await made.serve(DECLARED);
    succeeded(await made.reconcile(DECLARED));
    return made;
  }

  beforeAll(async () => {
    chmodSync(store, 0o777);
    keycloak = await make();
    admin = new KeycloakAdmin(keycloak);
    await person('alice', ['census']);
  });

  afterAll(async () => {
    await keycloak.dispose();
    rmSync(store, { recursive: true, force: true });
  });

  test('is made beside the running server, and says what is in it, and no secret', async () => {
    const before = await logIn(keycloak, 'alice');
    const output = await backUp();
    expect(output).toMatch(
      / backup: datalab-\d{8}T\d{6}Z\.json\.gz: \d+ bytes, 1 users, 1 groups, \d+ clients, \d+ s\n/,
    );
    expect(output).not.toContain('canary');
    expect(output).not.toContain(PASSWORD);
    expect(kid(await logIn(keycloak, 'alice'))).toBe(kid(before));
  });

  test('can be read by nobody who has the bucket alone', () => {
    const [name = ''] = files();
    expect(name).toMatch(/^datalab-\d{8}T\d{6}Z\.json\.gz\.bin$/);
    const content = readFileSync(join(folder, name));
    // rclone's own mark, and nothing of gzip's or the realm's
    expect(content.subarray(0, 8).toString('latin1')).toBe('RCLONE\0\0');
    expect(content.includes('alice')).toBe(false);
  });

  test('goes when it is old, but never the newest, nor what is somebody else’s', async () => {
    for (const stamp of ['20200101T000000Z', '20200102T000000Z']) {
      writeFileSync(join(folder, `datalab-${stamp}.json.gz.bin`), '');
    }
    writeFileSync(join(folder, 'other-20200101T000000Z.json.gz.bin'), '');
    const output = await backUp();
    expect(output).toContain('20200101T000000Z removed');
    expect(files().filter((name) => name.includes('-2020'))).toEqual(['other-20200101T000000Z.json.gz.bin']);
    expect(files()).toHaveLength(3);
  });

  test('is not restored into a server that runs', async () => {
    const { code, output } = await keycloak.job('restore', DECLARED, store);
    expect({ code, output }).toEqual({
      code: 1,
      output: expect.stringContaining('Keycloak runs, and would go on with what it keeps in memory') as string,
    });
    expect(await admin.person('alice')).toBeDefined();
  });

  test('brings back who and what was deleted: the same person logs in with the same password', async () => {
    const before = await logIn(keycloak, 'alice');
    const [alice, minio] = [await admin.person('alice'), await admin.client('onyxia-minio')];
    await admin.change('DELETE', `users/${alice ?? ''}`);
    await admin.change('DELETE', `clients/${minio ?? ''}`);
    await person('mallory');
    await expect(logIn(keycloak, 'alice')).rejects.toThrow();
    await keycloak.stop();

    const times = succeeded(await keycloak.job('restore', DECLARED, store, { RESTORE_BACKUP: 'list' }));
    const stored = files().flatMap((name) => /^datalab-(\d{8}T\d{6}Z)\.json/.exec(name)?.[1] ?? []);
    expect(times.trim().split('\n')).toEqual(stored);
    const absent = await keycloak.job('restore', DECLARED, store, { RESTORE_BACKUP: '20010101T000000Z' });
    expect(absent).toMatchObject({ code: 1, output: expect.stringContaining('no backup 20010101T000000Z;') as string });

    const output = succeeded(await keycloak.job('restore', DECLARED, store));
    expect(output).toMatch(/what was changed in the \d+ s since is not in it/);
    expect(output).toMatch(/restored realm datalab: 1 users, 1 groups, \d+ clients/);
    expect(output).not.toContain('canary');
    await keycloak.serve(DECLARED);

    const after = await logIn(keycloak, 'alice');
    expect(claimsOf(after)['sub']).toBe(claimsOf(before)['sub']);
    expect(claimsOf(after)).toMatchObject({ groups: ['census'], aud: 'minio' });
    expect(claimsOf(after)['policy']).toEqual(expect.arrayContaining(['own-bucket', 'project-census']));
    // tokens of before are still signed by a key of the realm
    expect(kid(after)).toBe(kid(before));
    expect(await admin.client('onyxia-minio')).toBe(minio);
    expect(await admin.person('mallory')).toBeUndefined();
    expect(succeeded(await keycloak.reconcile(DECLARED, 'CronJob'))).toBe('the realm is as declared; changed: 0\n');
  });

  test('is refused with another value than the one that encrypted it, and changes nothing', async () => {
    await keycloak.stop();
    const value = keycloak.secrets[KEY] ?? '';
    keycloak.secrets[KEY] = 'OTHERcanaryOTHERcanaryOTHERcanaryOTHERcanar';
    const { code, output } = await keycloak.job('restore', DECLARED, store);
    keycloak.secrets[KEY] = value;
    expect({ code, output }).toEqual({
      code: 1,
      output: expect.stringContaining('was it encrypted with another value than this Secret has now?') as string,
    });
    await keycloak.serve(DECLARED);
    expect(await admin.person('alice')).toBeDefined();
  });

  test('is enough for a Keycloak that has lost its database', async () => {
    const before = await logIn(keycloak, 'alice');
    await keycloak.dispose();
    keycloak = await make();
    admin = new KeycloakAdmin(keycloak);
    expect(await admin.person('alice')).toBeUndefined();
    await keycloak.stop();
    succeeded(await keycloak.job('restore', DECLARED, store));
    await keycloak.serve(DECLARED);
    const after = await logIn(keycloak, 'alice');
    expect(claimsOf(after)['sub']).toBe(claimsOf(before)['sub']);
    expect(kid(after)).toBe(kid(before));
  });
});

/** What a Job that succeeded has said. */
function succeeded({ code, output }: Finished): string {
  if (code !== 0) throw new Error(`ended with ${code}:\n${output}`);
  return output;
}
