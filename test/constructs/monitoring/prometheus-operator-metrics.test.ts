import {
  CertificateAuthority,
  type KubernetesManifest,
  MinioTenant,
  type Platform,
  PrometheusOperatorMetrics,
  type PrometheusOperatorMetricsProps,
  ServerTls,
  synthesize,
} from '../../../constructs';
import { checkRules } from '../../../constructs/platform/rules';
import { schemaMinors, StrictSchemas } from '../../../tools/schemas/validator';
import { testPlatform } from '../../support/platform';

const PEM = '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n';
const PROMETHEUS = { namespace: 'monitoring', podLabels: { 'app.kubernetes.io/name': 'prometheus' } };

function watched(props: Partial<PrometheusOperatorMetricsProps> = {}): Platform {
  const platform = testPlatform();
  const metrics = new PrometheusOperatorMetrics(platform, 'metrics', { prometheus: PROMETHEUS, ...props });
  const tls = ServerTls.secret('store-tls', CertificateAuthority.pem(PEM));
  new MinioTenant(platform, 'minio', { tls }).monitorVia(metrics);
  return platform;
}

function only(platform: Platform, kind: string): KubernetesManifest {
  const [found, ...more] = synthesize(platform)
    .objects.map(({ manifest }) => manifest)
    .filter((manifest) => manifest.kind === kind);
  if (found === undefined || more.length > 0) throw new Error(`${more.length + 1} objects of kind ${kind}`);
  return found;
}

test('a ServiceMonitor stands beside the endpoint, with its token and authority in its own namespace', () => {
  const platform = watched({ objectLabels: { release: 'stack' } });
  const monitor = only(platform, 'ServiceMonitor');
  expect(monitor.metadata).toMatchObject({ namespace: 'demo-minio', labels: { release: 'stack' } });
  expect(monitor['spec']).toMatchInlineSnapshot(`
    {
      "endpoints": [
        {
          "authorization": {
            "credentials": {
              "key": "token",
              "name": "minio-metrics",
            },
            "type": "Bearer",
          },
          "interval": "30s",
          "path": "/minio/v2/metrics/cluster",
          "port": "metrics",
          "relabelings": [
            {
              "replacement": "demo",
              "targetLabel": "platform",
            },
            {
              "replacement": "demo-minio",
              "targetLabel": "namespace",
            },
            {
              "replacement": "minio",
              "targetLabel": "component",
            },
            {
              "replacement": "minio",
              "targetLabel": "job",
            },
          ],
          "scheme": "https",
          "tlsConfig": {
            "ca": {
              "secret": {
                "key": "ca.crt",
                "name": "minio-metrics-ca",
              },
            },
            "serverName": "minio.demo-minio.svc.cluster.local",
          },
        },
      ],
      "selector": {
        "matchLabels": {
          "app.kubernetes.io/component": "metrics",
          "app.kubernetes.io/instance": "minio-metrics",
          "app.kubernetes.io/managed-by": "bouture",
          "app.kubernetes.io/name": "minio",
          "app.kubernetes.io/part-of": "demo",
        },
      },
    }
  `);
  const here = synthesize(platform).secrets.filter(({ namespace }) => namespace === 'demo-minio');
  expect(here.map(({ name }) => name)).toEqual(expect.arrayContaining(['minio-metrics', 'minio-metrics-ca']));
});

test('the ServiceMonitor finds exactly the Service of the endpoint', () => {
  const platform = watched();
  const { matchLabels } = (
    only(platform, 'ServiceMonitor')['spec'] as { selector: { matchLabels: Record<string, string> } }
  ).selector;
  const found = synthesize(platform).objects.filter(
    ({ manifest: { kind, metadata } }) =>
      kind === 'Service' && Object.entries(matchLabels).every(([key, value]) => metadata.labels?.[key] === value),
  );
  expect(found.map(({ manifest }) => manifest.metadata.name)).toEqual(['minio-metrics']);
});

test('the endpoint lets that Prometheus in, and nothing of a Prometheus runs here', () => {
  const platform = watched();
  const policies = synthesize(platform).objects.filter(({ manifest }) => manifest.kind === 'NetworkPolicy');
  const store = policies.find(({ manifest }) => manifest.metadata.name === 'minio')?.manifest['spec'];
  expect(store).toMatchObject({
    ingress: expect.arrayContaining([
      {
        from: [
          {
            namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'monitoring' } },
            podSelector: { matchLabels: PROMETHEUS.podLabels },
          },
        ],
        ports: [{ port: 9000, protocol: 'TCP' }],
      },
    ]) as unknown,
  });
  const kinds = synthesize(platform)
    .objects.filter(({ component }) => component === 'metrics')
    .map(({ manifest }) => manifest.kind);
  expect(kinds).not.toContain('StatefulSet');
  expect(kinds).not.toContain('Deployment');
});

test('rules are one PrometheusRule, with those of kube-state-metrics unless told otherwise', () => {
  const names = (platform: Platform) =>
    (only(platform, 'PrometheusRule')['spec'] as { groups: { name: string }[] }).groups.map(({ name }) => name);
  expect(names(watched())).toEqual(['bouture-cluster', 'bouture-minio', 'bouture-platform']);
  expect(names(watched({ kubeState: false }))).toEqual(['bouture-minio', 'bouture-platform']);
});

test("dashboards are ConfigMaps that Grafana's sidecar finds", () => {
  const labelled = (platform: Platform, label: string) =>
    synthesize(platform)
      .objects.filter(({ manifest }) => manifest.metadata.labels?.['grafana_dashboard'] === label)
      .map(({ manifest }) => manifest.metadata.name);
  const pages = ['metrics-dashboard-bouture-minio', 'metrics-dashboard-bouture-overview'];
  expect(labelled(watched(), '1')).toEqual(pages);
  expect(labelled(watched({ dashboardLabels: { grafana_dashboard: 'yes' } }), 'yes')).toEqual(pages);
});

test('an interval below five seconds is refused', () => {
  expect(() => watched({ intervalSeconds: 1 })).toThrow('intervalSeconds is a whole number of 5 or more, given 1');
});

test('passes the rules, every schema of Kubernetes, and those of the operator', () => {
  const synthesis = synthesize(watched({ objectLabels: { release: 'stack' } }));
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
