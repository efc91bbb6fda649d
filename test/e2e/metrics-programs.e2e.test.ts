import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import {
  CertificateAuthority,
  alertGroups,
  alertName,
  type MetricsDashboard,
  MinioTenant,
  type Platform,
  PrometheusServer,
  ServerTls,
  SignedToken,
  synthesize,
} from '../../constructs';
import * as monitoring from '../../constructs/monitoring';
import { sign } from '../../stacks/generated-values';
import { programPath } from '../../tools/cluster/programs';
import { ALL_ALERTS, alertExamples } from '../support/alerts';
import { testPlatform } from '../support/platform';
import { readQuery } from '../support/promql';
import { recordedMetrics } from '../support/recorded-metrics';
import { TestAuthority } from './support/certificate-authority';
import { run } from './support/commands';
import { LocalMinio } from './support/local-minio';
import { type Build, type LocalExporter, LocalPostgres, LocalStore, preparePostgres } from './support/local-postgres';
import { LocalPrometheus, renderedFiles } from './support/local-prometheus';
import { eventually } from './support/waiting';

const ROOT_PASSWORD = 'ROOTcanaryROOTcanary';
const READER_KEY = 'READERcanaryREADERcanary';
const SECRETS = {
  'minio-root/rootUser': 'minio-root',
  'minio-root/rootPassword': ROOT_PASSWORD,
  'minio-user-metrics-reader/secretAccessKey': READER_KEY,
};

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'bouture-promtool-'));
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

function file(name: string, content: unknown): string {
  const path = join(folder, name);
  writeFileSync(path, typeof content === 'string' ? content : stringify(content));
  return path;
}

/** Runs promtool, which ends with an error when it finds one. */
const promtool = (...args: readonly string[]) => run(programPath('promtool'), args);

/** Metrics that are there once something has gone wrong, or where alerts are sent. */
const SOMETIMES = ['minio_s3_requests_5xx_errors_total', 'prometheus_notifications_dropped_total'];

/** How the names of a job's own metrics begin. @param job label of the series */
function prefixOf(job: string): string {
  return job === 'postgres' ? 'pg_' : `${job}_`;
}

/** Every metric of a job that rules and dashboards ask for. */
function askedOf(job: string): readonly string[] {
  const panels = Object.entries(monitoring)
    .filter(([name]) => name.endsWith('_DASHBOARD'))
    .flatMap(([, dashboard]) => (dashboard as MetricsDashboard).panels);
  const queries = [...ALL_ALERTS, ...panels.flatMap(({ queries: each }) => each)].map(({ expr }) => expr);
  return [...new Set(queries.flatMap((expr) => readQuery(expr).metrics))].filter((name) =>
    name.startsWith(prefixOf(job)),
  );
}

/** A platform with a store that is watched. */
function watched(): Platform {
  const platform = testPlatform();
  const store = new MinioTenant(platform, 'minio');
  store.addBucket('data');
  store.monitorVia(new PrometheusServer(platform, 'metrics', { intervalSeconds: 5 }));
  return platform;
}

describe('promtool', () => {
  const groups = alertGroups(ALL_ALERTS);

  test('finds every rule right', async () => {
    const { output } = await promtool('check', 'rules', file('rules.yml', { groups }));
    expect(output).toContain(`${ALL_ALERTS.length} rules found`);
  });

  test('finds what the construct renders right, and the file of rules beside it', async () => {
    const { configuration, rules } = renderedFiles(watched());
    const place = file('rendered-rules.yml', rules);
    const token = configuration.replaceAll(/credentials_file: .*/g, `credentials_file: ${file('token', 'token')}`);
    const path = file('prometheus.yml', token.replace('/etc/prometheus/rules.yml', place));
    const { output } = await promtool('check', 'config', path);
    expect(output).toContain('SUCCESS: 1 rule files found');
  });

  test('each rule fires on the series of its example, and is silent on the others', async () => {
    const rules = file('tested-rules.yml', { groups });
    const at = (id: string) => ALL_ALERTS.find((rule) => rule.id === id);
    const tests = [...alertExamples()].flatMap(([id, { at: time, firing, silent }]) => {
      const rule = at(id);
      if (rule === undefined) throw new Error(`no rule ${id}`);
      const { labels } = firing;
      const ask = { eval_time: time, alertname: alertName(id) };
      const fires = {
        exp_labels: { severity: rule.severity, ...labels },
        exp_annotations: {
          summary: rule.summary.replaceAll(/\{\{ \$labels\.(\w+) \}\}/g, (_, name: string) => labels[name] ?? ''),
          description: rule.why,
          runbook: rule.runbook,
        },
      };
      const test = (name: string, series: unknown, expected: unknown[]) => ({
        name: `${id} ${name}`,
        interval: '1m',
        input_series: series,
        alert_rule_test: [{ ...ask, exp_alerts: expected }],
      });
      return [test('fires', firing.series, [fires]), test('is silent', silent.series, [])];
    });
    expect(tests).toHaveLength(2 * ALL_ALERTS.length);
    await promtool('test', 'rules', file('tests.yml', { rule_files: [rules], evaluation_interval: '1m', tests }));
  });

  test('reads every query of every dashboard', async () => {
    const rules = Object.entries(monitoring)
      .filter(([name]) => name.endsWith('_DASHBOARD'))
      .flatMap(([, dashboard]) => (dashboard as MetricsDashboard).panels)
      .flatMap(({ queries }) => queries)
      .map(({ expr }, index) => ({ record: `dashboard:query:${index}`, expr }));
    const path = file('dashboards.yml', { groups: [{ name: 'dashboards', rules }] });
    const { output } = await promtool('check', 'rules', path);
    expect(output).toContain(`${rules.length} rules found`);
  });
});

describe('a Prometheus with the rendered configuration, and a MinIO', () => {
  const platform = watched();
  let minio: LocalMinio;
  let prometheus: LocalPrometheus;
  let token: string;

  beforeAll(async () => {
    minio = await LocalMinio.create();
    await minio.serve(platform, SECRETS);
    const { code, output } = await minio.provision(platform, SECRETS);
    if (code !== 0) throw new Error(output);
    const made = synthesize(platform).secrets.find(({ name }) => name === 'minio-metrics')?.data['token'];
    if (!(made instanceof SignedToken)) throw new Error('the token of the store is no signed token');
    token = sign(made, READER_KEY);
    prometheus = await LocalPrometheus.serve(platform, { minio: { address: new URL(minio.url).host, token } });
  }, 180_000);

  afterAll(async () => {
    await prometheus.dispose();
    await minio.dispose();
  });

  test('the store tells its numbers to the token, and to nobody without it', async () => {
    const path = `${minio.url}/minio/v2/metrics/cluster`;
    const status = async (headers: Record<string, string>) => (await fetch(path, { headers })).status;
    expect(await status({})).toBe(403);
    expect(await status({ authorization: `Bearer ${token.slice(0, -4)}AAAA` })).toBe(403);
    expect(await status({ authorization: `Bearer ${token}` })).toBe(200);
  });

  test('a reader who is switched off is refused', async () => {
    const admin = (how: string) =>
      minio.mc('minio-root', ROOT_PASSWORD, 'admin', 'user', how, 'store', 'metrics-reader');
    const status = async () =>
      (await fetch(`${minio.url}/minio/v2/metrics/cluster`, { headers: { authorization: `Bearer ${token}` } })).status;
    expect((await admin('disable')).code).toBe(0);
    expect(await status()).toBe(403);
    expect((await admin('enable')).code).toBe(0);
    expect(await status()).toBe(200);
  });

  test('the user behind the token reads no bucket', async () => {
    const { code, output } = await minio.mc('metrics-reader', READER_KEY, 'ls', 'store/data');
    expect(code).not.toBe(0);
    expect(output).toMatch(/Access Denied/);
  });

  test('every endpoint is up, and tells what rules and dashboards ask for, and nothing that was not recorded', async () => {
    await eventually('every endpoint', async () => {
      const targets = await prometheus.targets();
      return Object.keys(targets).length === 2 && Object.values(targets).every(({ health }) => health === 'up');
    });
    for (const name of ['/data', '/data/', '/nothing'])
      await minio.mc('minio-root', ROOT_PASSWORD, 'ls', `store${name}`);
    for (const [component, job] of [
      ['minio', 'minio'],
      ['metrics', 'prometheus'],
    ] as const) {
      await eventually(
        `what ${component} tells`,
        async () => {
          const told = await prometheus.metricsOf(component);
          const lacking = askedOf(job).filter((name) => !told.has(name) && !SOMETIMES.includes(name));
          if (lacking.length > 0) throw new Error(`it lacks ${lacking.join(', ')}`);
          const unknown = [...told].filter(
            (name) => name.startsWith(`${job}_`) && !recordedMetrics().get(job)?.has(name),
          );
          if (unknown.length > 0) throw new Error(`not recorded: ${unknown.join(', ')}`);
          return true;
        },
        { seconds: 60 },
      );
    }
  });

  test('nothing fires while all is well, and a store that stops calls somebody', async () => {
    const firing = async () => (await prometheus.alerts()).filter(({ state }) => state === 'firing');
    expect(await firing()).toEqual([]);
    await minio.stop();
    const alert = await eventually(
      'the alert',
      async () => (await firing()).find(({ labels }) => labels['alertname'] === 'TargetDown'),
      { seconds: 60 },
    );
    expect(alert.labels).toMatchObject({
      platform: 'demo',
      namespace: 'demo-minio',
      component: 'minio',
      severity: 'critical',
    });
    expect(alert.annotations['summary']).toContain('minio in demo-minio does not answer');
    await minio.serve(platform, SECRETS);
    await eventually('the end of the alert', async () => (await firing()).length === 0, { seconds: 60 });
  });
});

describe('a Prometheus with the rendered configuration, and a PostgreSQL with its exporter', () => {
  let store: LocalStore;
  let server: LocalPostgres;
  let exporter: LocalExporter;
  let prometheus: LocalPrometheus;

  /** Two databases with an owner each; nobody watches. */
  const unwatched: Build = (database) => {
    database.addDatabase('tracking');
    database.addDatabase('registers');
  };
  /** The same, watched. */
  const observed: Build = (database) => {
    unwatched(database, database.connections);
    database.monitorVia(new PrometheusServer(database.platform, 'metrics', { intervalSeconds: 5 }));
  };
  const firing = async () =>
    (await prometheus.alerts())
      .filter(({ state }) => state === 'firing')
      .map(({ labels }) => labels['alertname'] ?? '')
      .sort();
  const provision = async () => {
    const { code, output } = await server.provision();
    if (code !== 0) throw new Error(output);
  };

  beforeAll(async () => {
    const user = await preparePostgres();
    store = await LocalStore.start();
    server = await LocalPostgres.create(user, store, unwatched, { configuration: { max_connections: 20 } });
    await server.start();
    await provision();
    // Metrics are switched on for a server that has run without them.
    server.declare(observed);
    await provision();
    exporter = await server.startExporter();
    prometheus = await LocalPrometheus.serve(server.platform, { postgres: { address: exporter.address } });
  }, 600_000);

  afterAll(async () => {
    await prometheus.dispose();
    await exporter.running.stop();
    await server.remove();
    await store.stop();
  });

  test('the role may watch, and nothing else', async () => {
    const ask = (sql: string) => server.ask('postgres', 'postgres', sql);
    expect(
      await ask(
        "SELECT string_agg(role.rolname, ',') FROM pg_auth_members JOIN pg_roles role ON role.oid = roleid JOIN pg_roles member ON member.oid = pg_auth_members.member WHERE member.rolname = 'metrics_reader'",
      ),
    ).toBe('pg_monitor');
    expect(
      await ask(
        "SELECT rolsuper OR rolcreatedb OR rolcreaterole OR rolreplication OR rolbypassrls FROM pg_roles WHERE rolname = 'metrics_reader'",
      ),
    ).toBe('f');
    for (const database of ['tracking', 'registers', 'template1']) {
      const { code, output } = await server.query('metrics_reader', database, 'SELECT 1');
      expect(code).not.toBe(0);
      expect(output).toContain(`permission denied for database "${database}"`);
    }
    await ask('CREATE TABLE IF NOT EXISTS hidden (a int)');
    for (const [sql, refused] of [
      ['SELECT a FROM hidden', 'permission denied for table hidden'],
      ['CREATE TABLE mine (a int)', 'cannot execute CREATE TABLE in a read-only transaction'],
      ['BEGIN READ WRITE; CREATE TABLE mine (a int)', 'permission denied for schema public'],
      ['BEGIN READ WRITE; CREATE TEMPORARY TABLE mine (a int)', 'permission denied to create temporary tables'],
      ['SELECT rolpassword FROM pg_authid', 'permission denied for table pg_authid'],
      ["SELECT pg_read_file('PG_VERSION')", 'permission denied for function pg_read_file'],
      ["SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'postgres'", 'must be a superuser'],
    ] as const) {
      expect((await server.query('metrics_reader', 'postgres', sql)).output).toContain(refused);
    }
    await ask('DROP TABLE hidden');
  });

  test('a second run of the Job leaves it as it is, and the exporter connected', async () => {
    const rights =
      "SELECT rolname, rolcanlogin, rolconnlimit, (SELECT string_agg(setting, ' ' ORDER BY setting) FROM unnest(rolconfig) setting), pg_has_role(oid, 'pg_monitor', 'MEMBER'), has_database_privilege(oid, 'postgres', 'CONNECT') FROM pg_roles WHERE rolname = 'metrics_reader'";
    const before = await server.ask('postgres', 'postgres', rights);
    expect(before).toBe('metrics_reader|t|5|default_transaction_read_only=on statement_timeout=10s|t|t');
    await provision();
    expect(await server.ask('postgres', 'postgres', rights)).toBe(before);
    expect(await exporter.read()).toMatch(/^pg_up 1$/m);
  });

  test('it tells what rules and the dashboard ask for, and nothing that was not recorded', async () => {
    const recorded = recordedMetrics().get('postgres');
    await eventually(
      'what it tells',
      async () => {
        const told = await prometheus.metricsOf('postgres');
        const lacking = askedOf('postgres').filter((name) => !told.has(name));
        if (lacking.length > 0) throw new Error(`it lacks ${lacking.join(', ')}`);
        const unknown = [...told].filter((name) => name.startsWith('pg_') && recorded?.has(name) !== true);
        if (unknown.length > 0) throw new Error(`not recorded: ${unknown.join(', ')}`);
        return true;
      },
      { seconds: 60 },
    );
    const text = await exporter.read();
    expect(text).not.toContain('canary');
    expect(text).not.toMatch(/^pg_(stat_activity|stat_user_tables|locks)/m);
    expect(exporter.running.output).not.toContain('canary');
  });

  test('nothing fires while all is well, and a server whose connections are taken calls somebody until they are free', async () => {
    // Before the first reading, the target is missing.
    await eventually('silence', async () => (await firing()).length === 0, { seconds: 30 });
    const sessions = Array.from({ length: 17 }, () => server.query('postgres', 'tracking', 'SELECT pg_sleep(600)'));
    await eventually('the alert', async () => (await firing()).includes('PostgresConnectionsExhausted'), {
      seconds: 60,
    });
    // Nobody but the superuser is let in any more, and the exporter's own new connection neither.
    await eventually('the refusal', async () =>
      (await server.query('tracking', 'tracking', 'SELECT 1')).output.includes('remaining connection slots'),
    );
    await eventually(
      'the numbers to be lacking',
      async () => !(await prometheus.metricsOf('postgres')).has('pg_stat_database_numbackends'),
    );
    expect(await firing()).toEqual(['PostgresConnectionsExhausted']);
    await server.ask(
      'postgres',
      'postgres',
      "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE query = 'SELECT pg_sleep(600)'",
    );
    await Promise.all(sessions);
    await eventually('the end of the alert', async () => (await firing()).length === 0, { seconds: 60 });
  });

  test('a server that stops calls somebody, while the exporter lives on, until it is back', async () => {
    await server.stop();
    await eventually('the alert', async () => (await firing()).includes('PostgresDown'), { seconds: 60 });
    expect(await firing()).toEqual(['PostgresDown']);
    expect((await prometheus.targets())['postgres']).toMatchObject({ health: 'up' });
    await server.start();
    await eventually('the end of the alert', async () => (await firing()).length === 0, { seconds: 60 });
  });

  test('a server that speaks TLS alone is read, and one with the certificate of another authority is not', async () => {
    const authority = new TestAuthority();
    const stranger = new TestAuthority();
    const build = async (signer: TestAuthority) => {
      const user = await preparePostgres();
      const { certificate, key } = signer.issue('postgres', 'IP:127.0.0.1');
      const encrypted = await LocalPostgres.create(user, store, observed, {
        tls: ServerTls.secret('given', CertificateAuthority.pem(authority.certificate)),
      });
      encrypted.secrets['demo-postgres/given/tls.crt'] = certificate;
      encrypted.secrets['demo-postgres/given/tls.key'] = key;
      await encrypted.start();
      return encrypted;
    };
    const read = async (encrypted: LocalPostgres, isRead: boolean) => {
      const reader = await encrypted.startExporter();
      try {
        const text = await reader.read();
        expect(text).toMatch(isRead ? /^pg_up 1$/m : /^pg_up 0$/m);
        return reader.running.output;
      } finally {
        await reader.running.stop();
        await encrypted.remove();
      }
    };
    const right = await build(authority);
    // By the certificate of the right authority, and so in the way of the Job itself.
    expect((await right.provision()).code).toBe(0);
    await read(right, true);
    expect(await read(await build(stranger), false)).toContain('certificate signed by unknown authority');
    authority.remove();
    stranger.remove();
  });
});
