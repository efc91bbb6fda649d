import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import {
  alertGroups,
  alertName,
  type MetricsDashboard,
  MinioTenant,
  type Platform,
  PrometheusServer,
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
import { run } from './support/commands';
import { LocalMinio } from './support/local-minio';
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

/** Every metric of a job that rules and dashboards ask for. */
function askedOf(job: string): readonly string[] {
  const panels = Object.entries(monitoring)
    .filter(([name]) => name.endsWith('_DASHBOARD'))
    .flatMap(([, dashboard]) => (dashboard as MetricsDashboard).panels);
  const queries = [...ALL_ALERTS, ...panels.flatMap(({ queries: each }) => each)].map(({ expr }) => expr);
  return [...new Set(queries.flatMap((expr) => readQuery(expr).metrics))].filter((name) => name.startsWith(`${job}_`));
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
