import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import Ajv from 'ajv/dist/2020';
import {
  type Component,
  Connections,
  ExposureTls,
  IngressExposure,
  type IProgramScheduler,
  ModelMonitoring,
  type ModelMonitoringProps,
  type Platform,
  type ProgramContainer,
  type ProgramProps,
  synthesize,
} from '../../../constructs';
import { at, listAt, objectOf } from '../../support/objects';
import { type Case, problemsOf, PRODUCTION, testCase, testService } from './fixture';

const SCHEMA = join(__dirname, '../../../workloads/nace-coding/etl/schemas/monitoring.schema.json');

function make(props: Partial<ModelMonitoringProps> = {}, basis: Case = testCase()) {
  const service = testService(basis);
  const monitoring = new ModelMonitoring(basis.platform, 'monitoring', { service, nomenclature: 'naf2', ...props });
  return { ...basis, service, monitoring };
}

const jobOf = (platform: Platform, role: string) => objectOf(synthesize(platform), 'CronJob', `monitoring-${role}`);
const containerOf = (platform: Platform, role: string) =>
  at(jobOf(platform, role), 'spec', 'jobTemplate', 'spec', 'template', 'spec', 'containers', 0);

function variables(container: unknown): Record<string, unknown> {
  return Object.fromEntries(
    listAt(container, 'env').map((each) => [String(at(each, 'name')), at(each, 'value') ?? at(each, 'valueFrom')]),
  );
}

/** What a user of the store may do, by the first word of what it does. */
function foldersOf(platform: Platform, user: string): Record<'read' | 'write', string[]> {
  const state = objectOf(synthesize(platform), 'ConfigMap', /^minio-provisioning/);
  const { Statement } = JSON.parse(String(at(state, 'data', `policy.${user}.json`))) as {
    Statement: { Effect: string; Action: string[]; Resource: string[] }[];
  };
  const having = (action: string) =>
    Statement.filter(({ Effect, Action }) => Effect === 'Allow' && Action.includes(action)).flatMap(
      ({ Resource }) => Resource,
    );
  return { read: having('s3:GetObject'), write: having('s3:PutObject') };
}

const settingsOf = (platform: Platform) => {
  const maps = synthesize(platform).objects.filter(
    ({ manifest: { kind, metadata } }) => kind === 'ConfigMap' && metadata.name.startsWith('monitoring-drift-'),
  );
  return JSON.parse(String(at(maps[0]?.manifest, 'data', 'settings.json'))) as Record<string, unknown>;
};

describe('ModelMonitoring', () => {
  test('breaks no rule, and no API server refuses an object of it, in either profile', () => {
    expect(problemsOf(make().platform)).toEqual([]);
    const { platform, monitoring } = make(
      { dashboard: { openBecause: 'A gateway in front asks for a login.' } },
      testCase(PRODUCTION),
    );
    monitoring.exposeVia(
      new IngressExposure(platform, 'exposure', {
        domain: 'data.example.org',
        className: 'traefik',
        controller: { namespace: 'traefik' },
        tls: ExposureTls.controller(),
      }),
      'quality',
    );
    expect(problemsOf(platform)).toEqual([]);
    expect(platform.accesses.find(({ title }) => title === 'Monitoring monitoring')?.url).toBe(
      'https://quality.data.example.org',
    );
  });

  test('reads what the service writes, and nothing that nobody writes', () => {
    const { platform, records } = make();
    expect(variables(containerOf(platform, 'etl'))['NACE_DATA']).toBe(records.url);
    const written = [
      ...foldersOf(platform, 'coding').write,
      ...foldersOf(platform, 'monitoring-etl').write,
      ...foldersOf(platform, 'monitoring-drift').write,
    ];
    const read = ['monitoring-etl', 'monitoring-drift', 'monitoring-dashboard'].flatMap(
      (user) => foldersOf(platform, user).read,
    );
    const gold = 'arn:aws:s3:::nace/coding/gold/*';
    expect(read.filter((folder) => !written.includes(folder) && folder !== gold)).toEqual([]);
    expect(foldersOf(platform, 'monitoring-etl').read).toContain('arn:aws:s3:::nace/coding/records/*');
    expect(foldersOf(platform, 'monitoring-etl').write).not.toContain('arn:aws:s3:::nace/coding/records/*');
    expect(foldersOf(platform, 'monitoring-dashboard')).toEqual({
      read: ['drift', 'gold', 'manifests', 'parquet', 'words'].map((folder) => `arn:aws:s3:::nace/coding/${folder}/*`),
      write: [],
    });
  });

  test('judges by the confidence of the service', () => {
    expect(settingsOf(make().platform)).toEqual({
      confidence: { index: 'margin', threshold: 0.8 },
      nomenclature: 'naf2',
      windows: { currentDays: 7, referenceDays: 28 },
      drift: { alpha: 0.01, minimumRows: 50 },
    });
  });

  test('writes settings of the form that the workload owns', () => {
    expect(existsSync(SCHEMA)).toBe(true);
    const validate = new Ajv({ strict: false, allErrors: true }).compile(
      JSON.parse(readFileSync(SCHEMA, 'utf8')) as object,
    );
    validate(
      settingsOf(make({ drift: { reference: { from: '2026-01-01', to: '2026-01-31' }, alpha: 0.05 } }).platform),
    );
    expect(validate.errors ?? []).toEqual([]);
    const { platform } = make();
    const files = objectOf(synthesize(platform), 'ConfigMap', /^monitoring-dashboard-/);
    validate(JSON.parse(String(at(files, 'data', 'settings.json'))));
    expect(validate.errors ?? []).toEqual([]);
  });

  test('starts its programs each night, one run at a time, without a token', () => {
    const { platform } = make();
    expect(at(jobOf(platform, 'etl'), 'spec')).toMatchObject({
      schedule: '0 3 * * *',
      timeZone: 'Etc/UTC',
      concurrencyPolicy: 'Forbid',
      jobTemplate: { spec: { backoffLimit: 2, activeDeadlineSeconds: 21600 } },
    });
    expect(at(jobOf(platform, 'etl'), 'spec', 'jobTemplate', 'spec', 'template', 'spec')).toMatchObject({
      automountServiceAccountToken: false,
      restartPolicy: 'Never',
    });
    expect(at(containerOf(platform, 'etl'), 'command')).toEqual(['python', '-m', 'nace_monitoring', 'etl']);
  });

  test('gives DuckDB less memory than the Pod has', () => {
    const resources = { cpu: { request: '1', limit: '2' }, memory: { request: '1Gi', limit: '2Gi' } };
    const told = variables(containerOf(make({ etl: { resources } }).platform, 'etl'))['NACE_ETL_MEMORY_MEGABYTES'];
    expect(Number(told)).toBe(1417);
    const little = { ...resources, memory: { request: '128Mi', limit: '256Mi' } };
    expect(() => make({ etl: { resources: little } })).toThrow(/whole number from 256/);
  });

  test('takes drift for an answer and not for a failure', () => {
    const [shell, option, script] = listAt(containerOf(make().platform, 'drift'), 'command');
    expect([shell, option]).toEqual(['sh', '-c']);
    expect(script).toContain('3|4) exit 0');
  });

  test('hands its programs to an engine, in the engine’s own namespace', () => {
    const basis = testCase();
    const started = new Map<string, { props: ProgramProps; container?: ProgramContainer }>();
    const engine: IProgramScheduler = {
      addProgram: (component: Component, props) => {
        const name = `${component.componentName}-${props.role}`;
        started.set(name, { props });
        return {
          consumerName: name,
          connections: new Connections(component, `${props.role}-steps`, {
            namespace: basis.mlflow.namespace,
            name,
            podLabels: { 'app.kubernetes.io/name': name, 'app.kubernetes.io/instance': name },
          }),
          runs: (container) => started.set(name, { props, container }),
        };
      },
    };
    const { platform } = make({ programs: engine, dashboard: 'none' }, basis);
    expect([...started.keys()]).toEqual(['monitoring-etl', 'monitoring-drift']);
    expect(started.get('monitoring-drift')).toMatchObject({ props: { schedule: '30 4 * * *' } });
    const { secrets, objects } = synthesize(platform);
    expect(secrets.find(({ name }) => name === 'monitoring-etl-s3')?.namespace).toBe('demo-mlflow');
    const settings = objects.find(({ manifest }) => manifest.metadata.name.startsWith('monitoring-drift-'));
    expect(settings?.manifest.metadata.namespace).toBe('demo-mlflow');
    expect(
      objects.filter(({ manifest }) => manifest.kind === 'CronJob' && manifest.metadata.name !== 'mlflow-gc'),
    ).toEqual([]);
  });

  test.each<[string, Partial<ModelMonitoringProps>, RegExp]>([
    ['a schedule', { etl: { schedule: 'nightly' } }, /schedule of "monitoring-etl" "nightly" has 1 fields/],
    [
      'a day',
      { drift: { reference: { from: '2026-13-01', to: '2026-01-31' } } },
      /drift.reference.from "2026-13-01" is no day/,
    ],
    ['an order', { drift: { reference: { from: '2026-02-01', to: '2026-01-31' } } }, /before it begins/],
    ['an alpha', { drift: { alpha: 0.5 } }, /drift.alpha is a number above 0, at most 0.2, given 0.5/],
    ['rows', { drift: { minimumRows: 5 } }, /from 20 to/],
    ['a time', { dashboard: { rebuildAt: '24:00' } }, /"24:00" is no time of the day/],
  ])('refuses %s that is none', (_, props, message) => {
    expect(() => make(props)).toThrow(message);
  });

  test('needs a service that keeps records', () => {
    const basis = testCase();
    const service = testService(basis, {}, false);
    expect(() => new ModelMonitoring(basis.platform, 'monitoring', { service, nomenclature: 'naf2' })).toThrow(
      /reads the records of "platform\/coding", which keeps none/,
    );
  });
});

describe('the pages', () => {
  const podOf = (platform: Platform) =>
    at(objectOf(synthesize(platform), 'Deployment', 'monitoring-dashboard'), 'spec', 'template', 'spec');

  test('are served by a container without credentials of the store, behind a password', () => {
    const { platform } = make();
    const [render, pages] = listAt(podOf(platform), 'containers');
    expect(Object.keys(variables(render))).toContain('AWS_SECRET_ACCESS_KEY');
    expect(Object.keys(variables(pages))).toEqual(['READERS_USERNAME', 'READERS_PASSWORD']);
    const files = objectOf(synthesize(platform), 'ConfigMap', /^monitoring-dashboard-/);
    expect(at(files, 'data', 'nginx.conf')).toContain('auth_basic_user_file');
    expect(platform.accesses.find(({ title }) => title === 'Monitoring monitoring')).toMatchObject({
      username: 'reader',
      password: { name: 'monitoring-dashboard-readers', key: 'password' },
    });
  });

  test('are open only for a reason', () => {
    const { platform } = make({ dashboard: { openBecause: 'A gateway in front asks for a login.' } });
    const files = objectOf(synthesize(platform), 'ConfigMap', /^monitoring-dashboard-/);
    expect(at(files, 'data', 'nginx.conf')).not.toContain('auth_basic');
    expect(synthesize(platform).secrets.map(({ name }) => name)).not.toContain('monitoring-dashboard-readers');
    const blank = make({ dashboard: { openBecause: ' ' } }).platform;
    expect(at(objectOf(synthesize(blank), 'ConfigMap', /^monitoring-dashboard-/), 'data', 'nginx.conf')).toContain(
      'auth_basic',
    );
  });

  test('can be left out, and are not exposed then', () => {
    const { monitoring, platform } = make({ dashboard: 'none' });
    expect(synthesize(platform).objects.map(({ manifest }) => manifest.metadata.name)).not.toContain(
      'monitoring-dashboard',
    );
    expect(() => monitoring.exposeVia({ expose: () => ({ host: '', url: '' }) })).toThrow(/has no pages to expose/);
  });
});
