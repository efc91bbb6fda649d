import { execFileSync } from 'node:child_process';
import { chownSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CertificateAuthority, POSTGRES_PARAMETERS, reservedReason, ServerTls } from '../../constructs';
import { freePort } from '../../tools/quickstart/port-forward';
import { type Build, LocalPostgres, LocalStore, preparePostgres } from './support/local-postgres';
import { TestAuthority } from './support/certificate-authority';
import { attempt, start } from './support/commands';
import type { LocalUser } from './support/local-pod';
import { eventually } from './support/waiting';

/**
 * The scripts that run in the Pods of PostgresDatabase, taken from the synthesized manifests and run on this machine against the real
 * PostgreSQL, rclone and MinIO.
 */

let user: LocalUser;
let store: LocalStore;
const servers: LocalPostgres[] = [];

/** Two databases of one owner, one of another, and a reader of the first. */
const twoOwners: Build = (server, client) => {
  const tracking = server.addDatabase('tracking');
  tracking.grantConnect({ connections: client, consumerName: 'client' });
  server.addDatabase('tracking_users', { owner: tracking });
  server.addDatabase('other_office');
  server.addReader('reporting', { databases: [tracking] });
};

async function create(build: Build = twoOwners, props: Parameters<typeof LocalPostgres.create>[3] = {}) {
  const server = await LocalPostgres.create(user, store, build, props);
  servers.push(server);
  return server;
}

/** A volume with the roles and databases, copied for each test that begins with them. */
let template: string;

/** A server that runs, with its roles and databases. */
async function running() {
  const server = await create();
  server.useVolume(template);
  await server.start();
  return server;
}

const ROWS = "SELECT count(*), md5(string_agg(id || payload, ',' ORDER BY id)) FROM measure";

async function fill(server: LocalPostgres): Promise<string> {
  await server.ask(
    'tracking',
    'tracking',
    `CREATE TABLE measure (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, payload text NOT NULL, at timestamptz DEFAULT now());
     CREATE INDEX ON measure (payload);
     INSERT INTO measure (payload) SELECT 'é' || md5(n::text) FROM generate_series(1, 5000) n`,
  );
  return server.ask('tracking', 'tracking', ROWS);
}

beforeAll(async () => {
  user = await preparePostgres();
  store = await LocalStore.start();
  const first = await create();
  await first.start();
  const { code, output } = await first.provision();
  if (code !== 0) throw new Error(output);
  await first.stop();
  template = first.volume;
});

afterAll(async () => {
  for (const server of servers) await server.remove();
  await store.stop();
});

describe('the start of the server', () => {
  test('makes a database in UTF-8 with data checksums, and only SCRAM opens it', async () => {
    const server = await create(() => undefined);
    await server.start();
    expect(await server.ask('postgres', 'postgres', 'SHOW data_checksums')).toBe('on');
    expect(await server.ask('postgres', 'postgres', 'SHOW server_encoding')).toBe('UTF8');
    expect(await server.ask('postgres', 'postgres', 'SHOW lc_collate')).toBe('C.UTF-8');
    expect(
      await server.ask(
        'postgres',
        'postgres',
        "SELECT rolpassword LIKE 'SCRAM-SHA-256$%' FROM pg_authid WHERE rolname = 'postgres'",
      ),
    ).toBe('t');
    const wrong = await server.query('postgres', 'postgres', 'SELECT 1', 'wrong');
    expect(wrong.code).not.toBe(0);
    expect(wrong.output).toContain('password authentication failed');
    expect((await server.query('postgres', 'postgres', 'SELECT 1', '')).code).not.toBe(0);
  });

  test('takes a new superuser password from the Secret, and the old one opens nothing', async () => {
    const server = await create(() => undefined);
    await server.start();
    const old = server.passwordOf('postgres');
    expect(await server.stop()).toBe(0);
    server.rotate('postgres', 'another-canary-value');
    await server.start();
    expect((await server.query('postgres', 'postgres', 'SELECT 1')).code).toBe(0);
    expect((await server.query('postgres', 'postgres', 'SELECT 1', old)).code).not.toBe(0);
    expect(server.log).not.toContain('another-canary-value');
  });

  test('after a kill of everything at once, every committed row is there', async () => {
    const server = await running();
    const rows = await fill(server);
    await server.kill();
    expect(existsSync(join(server.volume, 'pgdata/postmaster.pid'))).toBe(true);
    await server.start();
    expect(await server.ask('tracking', 'tracking', ROWS)).toBe(rows);
    expect(server.log).toContain('database system was not properly shut down');
  });

  test('ends when the server itself is killed, so that the container starts again', async () => {
    const server = await create(() => undefined);
    const process_ = await server.start();
    process.kill(server.postmaster, 'SIGKILL');
    expect((await process_.finished).code).toBe(137);
    await server.start();
    expect(await server.ask('postgres', 'postgres', 'SELECT 1')).toBe('1');
  });

  test('is not held up by a lock file that names a process which lives', async () => {
    const server = await create(() => undefined);
    await server.start();
    await server.kill();
    const lock = join(server.volume, 'pgdata/postmaster.pid');
    const lines = readFileSync(lock, 'utf8').split('\n');
    const sleeper = start('setpriv', [`--reuid=${user.uid}`, '--clear-groups', 'sleep', '60']);
    writeFileSync(lock, [String(sleeper.pid), ...lines.slice(1)].join('\n'));
    await server.start();
    sleeper.killGroup('SIGKILL');
    await sleeper.finished;
    expect(await server.ask('postgres', 'postgres', 'SELECT 1')).toBe('1');
  });

  test('a second server on the same volume waits until the first has ended', async () => {
    const server = await running();
    const rows = await fill(server);
    const second = server.pod.start({ PGPORT: String(await freePort()) });
    await eventually('the second to wait', () => Promise.resolve(second.output.includes('still holds the volume')));
    expect(await server.ask('tracking', 'tracking', ROWS)).toBe(rows);
    second.killGroup('SIGKILL');
    await second.finished;
  });

  test('after a kill amid the making of the database, makes it anew', async () => {
    const server = await create(() => undefined);
    const first = server.launch();
    await eventually(
      'initdb to write',
      () => Promise.resolve(existsSync(join(server.volume, 'pgdata.new/PG_VERSION'))),
      { everySeconds: 0.01 },
    );
    first.killGroup('SIGKILL');
    await first.finished;
    expect(existsSync(join(server.volume, 'pgdata/PG_VERSION'))).toBe(false);
    await server.start();
    expect(await server.ask('postgres', 'postgres', 'SELECT 1')).toBe('1');
    expect(readdirSync(server.volume).sort()).toEqual(['pgdata', 'server.lock']);
  });

  test('ends with the status of a server that cannot start', async () => {
    const server = await create(() => undefined, { configuration: { shared_preload_libraries: 'nowhere' } });
    const { code, output } = await server.launch().finished;
    expect(output).toContain('could not access file "nowhere"');
    expect(code).toBe(1);
  });

  test('refuses a data folder that holds something else', async () => {
    const server = await create(() => undefined);
    const folder = join(server.volume, 'pgdata');
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'letter.txt'), 'dear office');
    chownSync(folder, user.uid, user.gid);
    const { code, output } = await server.launch().finished;
    expect(code).toBe(1);
    expect(output).toContain('holds files but no database');
    expect(readFileSync(join(folder, 'letter.txt'), 'utf8')).toBe('dear office');
  });

  test('ends sessions and writes everything when the kubelet asks it to end', async () => {
    const server = await running();
    const rows = await fill(server);
    const session = server.query('tracking', 'tracking', 'SELECT pg_sleep(60)');
    await eventually(
      'the session',
      async () =>
        (await server.ask(
          'postgres',
          'postgres',
          "SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%pg_sleep%' AND usename = 'tracking'",
        )) === '1',
    );
    const begin = Date.now();
    expect(await server.stop()).toBe(0);
    expect(Date.now() - begin).toBeLessThan(20_000);
    expect((await session).code).not.toBe(0);
    await server.start();
    expect(server.log).not.toContain('not properly shut down');
    expect(await server.ask('tracking', 'tracking', ROWS)).toBe(rows);
  });

  test('a full volume stops writing, not reading, and once it has room again nothing is lost', async () => {
    const server = await create(twoOwners, {
      configuration: { max_wal_size: '32MB', min_wal_size: '32MB', shared_buffers: '16MB' },
    });
    mkdirSync(server.volume, { recursive: true });
    const options = (size: string) => `size=${size},uid=${user.uid},gid=${user.gid},mode=0700`;
    execFileSync('mount', ['-t', 'tmpfs', '-o', options('160m'), 'tmpfs', server.volume]);
    try {
      await server.start();
      expect((await server.provision()).code).toBe(0);
      const rows = await fill(server);
      await server.ask(
        'tracking',
        'tracking',
        'CREATE TABLE heavy (payload text); ALTER TABLE heavy ALTER payload SET STORAGE EXTERNAL',
      );
      const grow = 'INSERT INTO heavy SELECT repeat(md5(random()::text), 3000) FROM generate_series(1, 200)';
      let refused = '';
      for (let turn = 0; turn < 40 && refused === ''; turn++) {
        const { code, output } = await server.query('tracking', 'tracking', grow);
        if (code !== 0) refused = output;
      }
      expect(refused).toMatch(/No space left on device|server closed the connection|Connection refused/);
      execFileSync('mount', ['-o', `remount,${options('600m')}`, server.volume]);
      await server.stop();
      await server.start();
      expect(await server.ask('tracking', 'tracking', ROWS)).toBe(rows);
      await server.ask('tracking', 'tracking', grow);
    } finally {
      await server.stop();
      execFileSync('umount', [server.volume]);
    }
  });
});

describe('TLS', () => {
  test('plain text is refused, a client verifies the certificate, and a renewed one is taken up without a restart', async () => {
    const authority = new TestAuthority();
    const stranger = new TestAuthority();
    const first = authority.issue('demo', 'IP:127.0.0.1');
    const tls = ServerTls.secret('given', CertificateAuthority.pem(authority.certificate));
    const server = await create(twoOwners, { tls });
    server.secrets['demo-postgres/given/tls.crt'] = first.certificate;
    server.secrets['demo-postgres/given/tls.key'] = first.key;
    await server.start();
    const provisioned = await server.provision();
    expect(provisioned.output).toContain('roles and databases are as wanted');
    const session = (mode: string, ca = authority.file) =>
      server.query('tracking', 'tracking', 'SELECT version FROM pg_stat_ssl WHERE pid = pg_backend_pid()', undefined, {
        PGSSLMODE: mode,
        PGSSLROOTCERT: ca,
      });
    expect((await session('verify-full')).stdout.trim()).toBe('TLSv1.3');
    expect((await session('disable')).output).toContain('no pg_hba.conf entry');
    expect((await session('verify-full', stranger.file)).output).toContain('certificate verify failed');

    const second = authority.issue('renewed', 'IP:127.0.0.1');
    server.replaceSecretFile('/run/secrets/tls/tls.key', second.key);
    server.replaceSecretFile('/run/secrets/tls/tls.crt', second.certificate);
    const address = ['-connect', `127.0.0.1:${server.port}`, '-starttls', 'postgres'];
    await eventually(
      'the renewed certificate',
      async () => {
        const shown = await attempt('openssl', ['s_client', ...address], { input: '' });
        return shown.output.includes('CN = renewed');
      },
      { seconds: 45, everySeconds: 2 },
    );
    expect((await session('verify-full')).stdout.trim()).toBe('TLSv1.3');
    authority.remove();
    stranger.remove();
  });
});

describe('the provisioning', () => {
  test("each owner reaches its own databases and no other's", async () => {
    const server = await running();
    expect(await server.ask('tracking', 'tracking', 'CREATE TABLE t (a int); SELECT current_user')).toBe('tracking');
    expect(await server.ask('tracking', 'tracking_users', 'CREATE TABLE t (a int); SELECT 1')).toBe('1');
    for (const database of ['other_office', 'postgres', 'template1']) {
      const { code, output } = await server.query('tracking', database, 'SELECT 1');
      expect(code).not.toBe(0);
      expect(output).toContain(`permission denied for database "${database}"`);
    }
    expect((await server.query('other_office', 'tracking', 'SELECT 1')).output).toContain(
      'permission denied for database',
    );
  });

  test('an owner cannot make itself more than it is', async () => {
    const server = await running();
    for (const sql of [
      'CREATE ROLE friend',
      'CREATE DATABASE more',
      'ALTER ROLE tracking SUPERUSER',
      "COPY (SELECT 1) TO PROGRAM 'id'",
      "SELECT pg_read_file('/etc/passwd')",
      'SELECT rolpassword FROM pg_authid',
    ]) {
      expect((await server.query('tracking', 'tracking', sql)).output).toMatch(/permission denied|must be superuser/);
    }
  });

  test('a reader reads its database, also tables made later, and writes nothing', async () => {
    const server = await running();
    await server.ask('tracking', 'tracking', 'CREATE TABLE late (a int); INSERT INTO late VALUES (7)');
    expect(await server.ask('reporting', 'tracking', 'SELECT a FROM late')).toBe('7');
    const write = 'BEGIN READ WRITE; INSERT INTO late VALUES (8)';
    expect((await server.query('reporting', 'tracking', write)).output).toContain('permission denied for table late');
    expect((await server.query('reporting', 'tracking_users', 'SELECT 1')).output).toContain(
      'permission denied for database',
    );
  });

  test('a second run changes nothing that clients see', async () => {
    const server = await running();
    const rows = await fill(server);
    const rights =
      "SELECT string_agg(datname || ' ' || pg_get_userbyid(datdba) || ' ' || coalesce(datacl::text, ''), '; ' ORDER BY datname) FROM pg_database";
    const before = await server.ask('postgres', 'postgres', rights);
    expect((await server.provision()).code).toBe(0);
    expect(await server.ask('postgres', 'postgres', rights)).toBe(before);
    expect(await server.ask('tracking', 'tracking', ROWS)).toBe(rows);
  });

  test('a rotated password holds after the Job runs again, and the old one opens nothing', async () => {
    const server = await running();
    const old = server.passwordOf('tracking');
    server.rotate('tracking', 'rotated-canary-value');
    const { code, output } = await server.provision();
    expect(code).toBe(0);
    expect(output).not.toContain('rotated-canary-value');
    expect((await server.query('tracking', 'tracking', 'SELECT 1')).code).toBe(0);
    expect((await server.query('tracking', 'tracking', 'SELECT 1', old)).output).toContain(
      'password authentication failed',
    );
  });

  test('no password stands in the log, even where every statement is logged', async () => {
    const server = await running();
    await server.provision();
    await server.ask('tracking', 'tracking', 'SELECT 1');
    expect(server.log).toContain('statement: SELECT 1');
    expect(server.log).not.toContain('canary');
    expect(server.log).not.toContain('SCRAM-SHA-256$');
  });

  test('a role that is no longer declared can log in no more, and its database stays', async () => {
    const server = await running();
    const rows = await fill(server);
    const passwords = { tracking: server.passwordOf('tracking'), reporting: server.passwordOf('reporting') };
    server.declare((again) => {
      again.addReader('reporting', { databases: [again.addDatabase('other_office')] });
    });
    expect((await server.provision()).code).toBe(0);
    expect((await server.query('tracking', 'tracking', 'SELECT 1', passwords.tracking)).output).toContain(
      'not permitted to log in',
    );
    expect(await server.ask('postgres', 'tracking', ROWS)).toBe(rows);
    expect((await server.query('reporting', 'tracking', 'SELECT 1')).output).toContain(
      'permission denied for database',
    );
    expect(await server.ask('reporting', 'other_office', 'SELECT 1')).toBe('1');
  });

  test('fails when the server does not know its password, and says so', async () => {
    const server = await running();
    server.rotate('postgres', 'not-what-the-server-has');
    const { code, output } = await server.provision();
    expect(code).not.toBe(0);
    expect(output).toContain('password authentication failed');
  });
});

describe('backup and restore', () => {
  test('a dropped database comes back with the same rows, owner, rights and settings', async () => {
    const server = await running();
    const rows = await fill(server);
    await server.ask('tracking', 'tracking', "SELECT lo_from_bytea(4711, 'a large object')");
    await server.ask('postgres', 'postgres', "ALTER DATABASE tracking SET work_mem = '7MB'");
    const backup = await server.backup();
    expect(backup.output).toContain('is complete: 3 databases');
    expect(backup.code).toBe(0);
    await server.ask('postgres', 'postgres', 'DROP DATABASE tracking WITH (FORCE)');
    const restore = await server.restore();
    expect(restore.output).toContain('tracking: restored in');
    expect(restore.code).toBe(0);
    expect(await server.ask('tracking', 'tracking', ROWS)).toBe(rows);
    expect(await server.ask('tracking', 'tracking', "SELECT convert_from(lo_get(4711), 'UTF8')")).toBe(
      'a large object',
    );
    expect(await server.ask('tracking', 'tracking', 'SHOW work_mem')).toBe('7MB');
    expect(
      await server.ask(
        'tracking',
        'tracking',
        "INSERT INTO measure (payload) VALUES ('new'); SELECT max(id) FROM measure",
      ),
    ).toBe('5001');
    expect((await server.query('other_office', 'tracking', 'SELECT 1')).output).toContain(
      'permission denied for database',
    );
    expect(await server.ask('reporting', 'tracking', 'SELECT count(*) FROM measure')).toBe('5001');
    expect(
      await server.ask('postgres', 'postgres', "SELECT count(*) FROM pg_database WHERE datname = 'bouture_restore'"),
    ).toBe('0');
  });

  test('one database of a named backup goes back in time, the others stay', async () => {
    const server = await running();
    const rows = await fill(server);
    await server.ask('other_office', 'other_office', 'CREATE TABLE kept (a int)');
    await server.backup();
    const [first] = (await store.backups()).slice(-1);
    await server.ask('tracking', 'tracking', 'DELETE FROM measure WHERE id > 10');
    await server.ask('other_office', 'other_office', 'INSERT INTO kept VALUES (1)');
    await new Promise((done) => setTimeout(done, 1100));
    await server.backup();
    const restore = await server.restore({ RESTORE_BACKUP: first ?? '', RESTORE_DATABASES: 'tracking' });
    expect(restore.code).toBe(0);
    expect(await server.ask('tracking', 'tracking', ROWS)).toBe(rows);
    expect(await server.ask('other_office', 'other_office', 'SELECT count(*) FROM kept')).toBe('1');
  });

  test('an empty server takes the backup of another, with roles that nobody declared', async () => {
    const old = await running();
    const rows = await fill(old);
    await old.ask('postgres', 'postgres', 'CREATE ROLE "Hand Made"; GRANT pg_monitor TO "Hand Made"');
    await old.ask('postgres', 'postgres', 'CREATE DATABASE "By Hand" OWNER "Hand Made"');
    await old.ask(
      'postgres',
      'By Hand',
      'CREATE TABLE "T" (a int); INSERT INTO "T" VALUES (42); ALTER TABLE "T" OWNER TO "Hand Made"',
    );
    expect((await old.backup()).code).toBe(0);
    await old.remove();
    const young = await running();
    const { code, output } = await young.restore();
    expect(output).toMatch(/what was written in the \d+ s since is not in it/);
    expect(code).toBe(0);
    expect(await young.ask('tracking', 'tracking', ROWS)).toBe(rows);
    expect(await young.ask('postgres', 'By Hand', 'SELECT a FROM "T"')).toBe('42');
    expect(await young.ask('postgres', 'By Hand', `SELECT tableowner FROM pg_tables WHERE tablename = 'T'`)).toBe(
      'Hand Made',
    );
    expect(
      await young.ask('postgres', 'postgres', `SELECT rolcanlogin FROM pg_roles WHERE rolname = 'Hand Made'`),
    ).toBe('f');
  });

  test('a damaged dump is refused, and the database in use is untouched', async () => {
    const server = await running();
    await fill(server);
    await server.backup();
    const [latest] = (await store.backups()).slice(-1);
    const file = join(server.root, 'damaged.dump');
    const dump = `store:backups/postgres/${latest ?? ''}/tracking.dump`;
    await store.rclone('copyto', dump, file);
    const bytes = readFileSync(file);
    bytes.writeUInt8(bytes.readUInt8(bytes.length - 100) ^ 1, bytes.length - 100);
    writeFileSync(file, bytes);
    await store.rclone('copyto', '--ignore-times', file, dump);
    await server.ask('tracking', 'tracking', "INSERT INTO measure (payload) VALUES ('after')");
    const { code, output } = await server.restore({ RESTORE_DATABASES: 'tracking' });
    expect(code).not.toBe(0);
    expect(output).toContain('tracking.dump is not what was stored');
    expect(await server.ask('tracking', 'tracking', 'SELECT count(*) FROM measure')).toBe('5001');
  });

  test('a restore that fails half-way leaves the database in use untouched', async () => {
    const server = await running();
    await server.ask(
      'postgres',
      'tracking',
      'CREATE ROLE passing; CREATE TABLE theirs (a int); ALTER TABLE theirs OWNER TO passing',
    );
    const rows = await fill(server);
    await server.backup();
    await server.ask('postgres', 'tracking', 'DROP OWNED BY passing; DROP ROLE passing');
    const spoiled = await server.restore({
      RESTORE_DATABASES: 'tracking',
      PGOPTIONS: '',
      PATH: await withoutRoles(server),
    });
    expect(spoiled.code).not.toBe(0);
    expect(spoiled.output).toContain('role "passing" does not exist');
    expect(await server.ask('tracking', 'tracking', ROWS)).toBe(rows);
  });

  test('half a backup is never taken for one, nor is a name that is none', async () => {
    const server = await running();
    const rows = await fill(server);
    await server.backup();
    await store.write('29991231T235959Z/tracking.dump', 'half of it');
    expect((await server.restore({ RESTORE_DATABASES: 'tracking' })).code).toBe(0);
    expect(await server.ask('tracking', 'tracking', ROWS)).toBe(rows);
    expect((await server.restore({ RESTORE_BACKUP: '29991231T235959Z' })).output).toContain(
      'no complete backup 29991231T235959Z; there are ',
    );
    expect((await server.restore({ RESTORE_DATABASES: 'trackin' })).output).toMatch(
      /has no database trackin; it has other_office tracking/,
    );
    const listed = (await server.restore({ RESTORE_BACKUP: 'list' })).stdout.trim().split('\n');
    expect(listed).toEqual((await store.backups()).filter((name) => name !== '29991231T235959Z'));
    await store.rclone('purge', 'store:backups/postgres/29991231T235959Z');
  });

  test('a backup that cannot be stored is no backup', async () => {
    const server = await running();
    await fill(server);
    const before = await store.backups();
    const { code } = await server.backup({ RCLONE_CONFIG_STORE_SECRET_ACCESS_KEY: 'wrong-key', RCLONE_RETRIES: '1' });
    expect(code).not.toBe(0);
    expect(await store.backups()).toEqual(before);
  });

  test('old backups go, the newest complete ones stay, and so does what is not a backup', async () => {
    const server = await running();
    const folder = 'store:backups/postgres';
    for (const stamp of await store.backups()) await store.rclone('purge', `${folder}/${stamp}`);
    for (const file of [
      '20200101T000000Z/SHA256SUMS',
      '20200101T000000Z/a.dump',
      '20200102T000000Z/half.dump',
      'notes/readme',
    ]) {
      await store.write(file, 'something');
    }
    await server.backup({ BACKUP_KEEP_AT_LEAST: '2' });
    expect((await store.backups()).filter((name) => name.startsWith('2020'))).toEqual(['20200101T000000Z']);
    await new Promise((done) => setTimeout(done, 1100));
    await server.backup({ BACKUP_KEEP_AT_LEAST: '2' });
    const left = await store.backups();
    expect(left.filter((name) => name.startsWith('2020'))).toEqual([]);
    expect(left).toContain('notes');
    expect(left).toHaveLength(3);
  });

  test('neither the passwords nor the keys stand in what the Jobs write or store', async () => {
    const server = await running();
    await fill(server);
    const backup = await server.backup();
    const [latest] = (await store.backups()).filter((name) => name !== 'notes').slice(-1);
    const globals = await store.rclone('cat', `store:backups/postgres/${latest ?? ''}/globals.sql`);
    expect(globals).toContain('CREATE ROLE tracking;');
    const restore = await server.restore();
    for (const text of [backup.output, restore.output, globals, server.log]) {
      expect(text).not.toMatch(/canary|SCRAM-SHA-256\$|a-secret-of-the-test/);
    }
  });
});

describe('the table of parameters', () => {
  test('has the names, kinds and bounds that the server itself gives', async () => {
    const server = await create(() => undefined);
    await server.start();
    const rows = await server.ask(
      'postgres',
      'postgres',
      `SELECT json_agg(json_build_object('name', name, 'type', vartype, 'min', min_val, 'max', max_val, 'unit', unit, 'values', enumvals)) FROM pg_settings WHERE context <> 'internal'`,
    );
    const real = new Map((JSON.parse(rows) as { name: string }[]).map((row) => [row.name, row]));
    const kind = { boolean: 'bool', text: 'string', choice: 'enum', integer: 'integer', real: 'real' } as const;
    for (const [name, parameter] of Object.entries(POSTGRES_PARAMETERS)) {
      expect(reservedReason(name)).toBeUndefined();
      const wanted: Record<string, unknown> = { name, type: kind[parameter.type] };
      if ('values' in parameter) wanted['values'] = parameter.values;
      if ('unit' in parameter) wanted['unit'] = parameter.unit ?? null;
      expect(real.get(name)).toMatchObject(wanted);
      if ('min' in parameter && parameter.max < Number.MAX_VALUE) {
        const { min, max } = real.get(name) as unknown as { min: string; max: string };
        expect([Number(min), Number(max)]).toEqual([parameter.min, parameter.max]);
      }
    }
  });
});

/** A folder whose `sed` gives nothing, in front of the PATH: the roles of the backup are then not made. */
async function withoutRoles(server: LocalPostgres): Promise<string> {
  const folder = join(server.root, 'no-roles');
  mkdirSync(folder);
  writeFileSync(join(folder, 'sed'), '#!/bin/sh\ncase "$*" in -n*) exit 0 ;; *) exec /usr/bin/sed "$@" ;; esac\n', {
    mode: 0o755,
  });
  return Promise.resolve(`${folder}:${process.env['PATH'] ?? ''}`);
}
