import { parse } from 'yaml';
import {
  CertificateAuthority,
  type KubernetesManifest,
  MinioTenant,
  MinioTopology,
  type Platform,
  PrometheusServer,
  type PrometheusServerProps,
  ServerTls,
  synthesize,
} from '../../../constructs';
import { checkRules } from '../../../constructs/platform/rules';
import { schemaMinors, StrictSchemas } from '../../../tools/schemas/validator';
import { testPlatform } from '../../support/platform';

const PEM = '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n';

/** A store with TLS that a Prometheus watches. */
function watched(
  props: PrometheusServerProps = {},
  build: (platform: Platform, metrics: PrometheusServer) => void = () => undefined,
): Platform {
  const platform = testPlatform();
  const metrics = new PrometheusServer(platform, 'metrics', props);
  const tls = ServerTls.secret('store-tls', CertificateAuthority.pem(PEM));
  new MinioTenant(platform, 'minio', { topology: MinioTopology.distributed({ servers: 4 }), tls }).monitorVia(metrics);
  build(platform, metrics);
  return platform;
}

function manifests(platform: Platform, kind: string): readonly KubernetesManifest[] {
  return synthesize(platform)
    .objects.map(({ manifest }) => manifest)
    .filter((manifest) => manifest.kind === kind);
}

function named(platform: Platform, kind: string, name: string | RegExp): KubernetesManifest {
  const found = manifests(platform, kind).find(({ metadata }) => metadata.name.match(name) !== null);
  if (found === undefined) throw new Error(`no ${kind} ${String(name)}`);
  return found;
}

interface Configuration {
  readonly alerting?: unknown;
  readonly scrape_configs: readonly Readonly<Record<string, unknown>>[];
}

function configuration(platform: Platform): Configuration {
  const data = named(platform, 'ConfigMap', /^metrics-[0-9a-f]+$/)['data'] as Record<string, string>;
  return parse(data['prometheus.yml'] ?? '') as Configuration;
}

function spec(platform: Platform): Record<string, unknown> {
  return named(platform, 'StatefulSet', /^metrics$/)['spec'] as Record<string, unknown>;
}

test('reads each Pod of a store by its address, over TLS, with a token', () => {
  const [, store] = configuration(watched()).scrape_configs;
  expect(store).toMatchInlineSnapshot(`
    {
      "authorization": {
        "credentials_file": "/etc/prometheus-tokens/demo-minio-minio-metrics",
        "type": "Bearer",
      },
      "dns_sd_configs": [
        {
          "names": [
            "minio-metrics.demo-minio.svc.cluster.local",
          ],
          "port": 9000,
          "refresh_interval": "15s",
          "type": "A",
        },
      ],
      "fallback_scrape_protocol": "PrometheusText0.0.4",
      "job_name": "demo-minio-minio-metrics",
      "metrics_path": "/minio/v2/metrics/cluster",
      "relabel_configs": [
        {
          "replacement": "demo",
          "target_label": "platform",
        },
        {
          "replacement": "demo-minio",
          "target_label": "namespace",
        },
        {
          "replacement": "minio",
          "target_label": "component",
        },
        {
          "replacement": "minio",
          "target_label": "job",
        },
      ],
      "scheme": "https",
      "tls_config": {
        "ca_file": "/etc/prometheus-authorities/demo-minio-minio-metrics.crt",
        "server_name": "minio.demo-minio.svc.cluster.local",
      },
    }
  `);
});

test('a Service without an address leads to every Pod of the endpoint, ready or not', () => {
  const service = named(watched(), 'Service', 'minio-metrics');
  expect(service.metadata.namespace).toBe('demo-minio');
  expect(service['spec']).toMatchObject({ clusterIP: 'None', publishNotReadyAddresses: true, ports: [{ port: 9000 }] });
});

test('a hole leads to each endpoint, and from there comes none back', () => {
  const platform = watched();
  const policy = named(platform, 'NetworkPolicy', /^metrics$/)['spec'];
  expect(policy).not.toHaveProperty('ingress');
  expect(policy).toMatchObject({
    policyTypes: expect.arrayContaining(['Ingress']) as unknown,
    egress: [
      { ports: [{ port: 9000 }], to: [{ podSelector: { matchLabels: { 'app.kubernetes.io/name': 'minio' } } }] },
    ],
  });
  const theirs = JSON.stringify(named(platform, 'NetworkPolicy', /^minio$/)['spec']);
  expect(theirs).toContain('"app.kubernetes.io/instance":"metrics-server"');
});

test('has no right at the API server, and no token for it', () => {
  const platform = watched();
  const own = [...manifests(platform, 'Role'), ...manifests(platform, 'ClusterRole')];
  expect(own.filter(({ metadata }) => metadata.namespace === 'demo-metrics')).toEqual([]);
  expect(spec(platform)).toMatchObject({ template: { spec: { automountServiceAccountToken: false } } });
});

test('the token of the store is signed with the key of a user who may read metrics and nothing else', () => {
  const platform = watched();
  const { secrets } = synthesize(platform);
  const token = secrets.find(({ namespace, name }) => namespace === 'demo-metrics' && name === 'minio-metrics');
  expect(token?.data['token']).toMatchObject({
    key: { id: 'minio-user-metrics-reader' },
    claims: { sub: 'metrics-reader', iss: 'prometheus' },
  });
  const policies = manifests(platform, 'ConfigMap').map(
    ({ data }) => (data as Record<string, string>)['policy.metrics-reader.json'],
  );
  const [policy] = policies.filter((text) => text !== undefined);
  expect(JSON.parse(policy ?? '')).toMatchObject({
    Statement: [{ Effect: 'Allow', Action: ['admin:Prometheus'] }, { Effect: 'Deny' }],
  });
});

test('keeps numbers for as long as said, and less than its volume holds', () => {
  const platform = watched({ retentionDays: 30, volumeSize: '20Gi' });
  const { template, volumeClaimTemplates } = spec(platform) as {
    template: { spec: { containers: { command: string[] }[] } };
    volumeClaimTemplates: unknown;
  };
  expect(template.spec.containers[0]?.command).toEqual(
    expect.arrayContaining(['--storage.tsdb.retention.time=30d', '--storage.tsdb.retention.size=16384MB']),
  );
  expect(volumeClaimTemplates).toMatchObject([{ spec: { resources: { requests: { storage: '20Gi' } } } }]);
});

test('alerts go to an Alertmanager that is named, and kube-state-metrics tells of Jobs', () => {
  const platform = watched({
    alertmanager: { namespace: 'alerting', service: 'alertmanager', port: 9093 },
    kubeState: { namespace: 'kube-system', service: 'kube-state-metrics', port: 80, containerPort: 8080 },
  });
  const { alerting, scrape_configs: jobs } = configuration(platform);
  expect(JSON.stringify(alerting)).toContain('alertmanager.alerting.svc.cluster.local:9093');
  expect(jobs.find(({ job_name: name }) => name === 'kube-state-metrics')).toMatchObject({
    honor_labels: true,
    metric_relabel_configs: [{ source_labels: ['namespace'], regex: 'demo-.+', action: 'keep' }],
  });
  const holes = JSON.stringify(named(platform, 'NetworkPolicy', /^metrics$/)['spec']);
  expect(holes).toContain('"port":9093');
  expect(holes).toContain('"port":8080');
});

test('without an Alertmanager nothing is said of one', () => {
  const data = named(watched(), 'ConfigMap', /^metrics-[0-9a-f]+$/)['data'] as Record<string, string>;
  expect(data['rules.yml']).not.toContain('PrometheusAlertsUndelivered');
  expect(data['rules.yml']).not.toContain('kube_');
});

test('every endpoint is missed by name', () => {
  const data = named(watched(), 'ConfigMap', /^metrics-[0-9a-f]+$/)['data'] as Record<string, string>;
  expect(data['rules.yml']).toContain(
    'absent(up{platform="demo",namespace="demo-minio",component="minio",job="minio"})',
  );
});

test('a new endpoint is a new configuration, which starts it anew', () => {
  const before = named(watched(), 'ConfigMap', /^metrics-[0-9a-f]+$/).metadata.name;
  const more = watched({}, (platform, metrics) => {
    new MinioTenant(platform, 'second').monitorVia(metrics);
  });
  const after = named(more, 'ConfigMap', /^metrics-[0-9a-f]+$/).metadata.name;
  expect(after).not.toBe(before);
  expect(JSON.stringify(spec(more))).toContain(after);
});

test('the same endpoint, rule or page twice is told', () => {
  expect(() =>
    watched({}, (_, metrics) => {
      const mlflow = { job: 'x', component: metrics, connections: metrics.connections, port: 1 };
      metrics.scrape(mlflow);
      metrics.scrape(mlflow);
    }),
  ).toThrow('declares its endpoint x to "platform/metrics" twice');
  expect(() =>
    watched({}, (_, metrics) => {
      metrics.dashboard({ uid: 'bouture-minio', title: 'Mine', panels: [] });
    }),
  ).toThrow('two dashboards of "platform/metrics" have the uid "bouture-minio"');
});

test.each([
  [{ retentionDays: 0 }, 'retentionDays is a whole number from 1 to 3650, given 0'],
  [{ intervalSeconds: 2.5 }, 'intervalSeconds is a whole number from 5 to 300, given 2.5'],
  [{ volumeSize: '10G' }, 'volumeSize "10G" is no size of Mi, Gi or Ti, such as 10Gi'],
])('%j is refused', (props, message) => {
  expect(() => watched(props)).toThrow(message);
});

test('a job that is no label is told', () => {
  const platform = testPlatform();
  const metrics = new PrometheusServer(platform, 'metrics');
  expect(() => {
    metrics.scrape({ job: 'Not A Label', component: metrics, connections: metrics.connections, port: 1 });
  }).toThrow('job "Not A Label" is not a DNS label');
});

test('passes the rules and every schema of Kubernetes', () => {
  const platform = watched({ allowFrom: { namespace: 'grafana' } });
  const synthesis = synthesize(platform);
  expect(
    checkRules(synthesis, { profile: 'production' }).filter(
      ({ level, rule }) => level === 'error' && rule !== 'image-digest',
    ),
  ).toEqual([]);
  for (const minor of schemaMinors()) {
    const schemas = new StrictSchemas(minor);
    expect(synthesis.objects.flatMap(({ manifest }) => schemas.problems(manifest))).toEqual([]);
  }
});
