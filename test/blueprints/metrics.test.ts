import { join } from 'node:path';
import { parse } from 'yaml';
import { composeFromConfig, synthesizeConfig } from '../../blueprints';
import { isMonitored, type KubernetesManifest, VaultRealm } from '../../constructs';

const FOLDER = join(__dirname, '../fixtures/config');
const OWN = join(FOLDER, 'metrics-own-prometheus.happy.yaml');
const OPERATOR = join(FOLDER, 'metrics-by-operator.happy.yaml');

function manifests(file: string, kind: string): readonly KubernetesManifest[] {
  return synthesizeConfig(file)
    .objects.map(({ manifest }) => manifest)
    .filter((manifest) => manifest.kind === kind);
}

/** `prometheus.yml` of a configuration. */
function configuration(file: string): { scrape_configs: { job_name: string }[] } {
  const texts = manifests(file, 'ConfigMap').map(({ data }) => (data as Record<string, string>)['prometheus.yml']);
  return parse(texts.find((text) => text !== undefined) ?? '') as { scrape_configs: { job_name: string }[] };
}

test('every component that has metrics is read, by a Prometheus of its own', () => {
  expect(configuration(OWN).scrape_configs.map(({ job_name: name }) => name)).toEqual([
    'prometheus',
    'kube-state-metrics',
    'office-keycloak-keycloak-metrics',
    'office-minio-minio-metrics',
    'office-mlflow-mlflow-metrics',
    'office-postgres-postgres-metrics',
    'office-vault-vault-metrics',
  ]);
});

test('every component that has metrics is read, by the operator', () => {
  expect(manifests(OPERATOR, 'ServiceMonitor').map(({ metadata }) => metadata.name)).toEqual([
    ...['argo-cd-controller-metrics', 'argo-cd-repositories-metrics', 'argo-cd-server-metrics', 'argo-metrics'],
    ...['coding-metrics', 'minio-metrics', 'mlflow-metrics', 'postgres-metrics'],
  ]);
});

test.each([OWN, OPERATOR])('no component of %s is left out', (file) => {
  const components = composeFromConfig(file)
    .node.findAll()
    .filter((construct) => isMonitored(construct))
    .map(({ node }) => node.id);
  const services = manifests(file, 'Service').filter(({ metadata }) => metadata.name.endsWith('-metrics'));
  for (const id of components) {
    expect(services.filter(({ metadata }) => metadata.name.startsWith(`${id}-`))).not.toEqual([]);
  }
  expect(components.length).toBeGreaterThan(3);
});

test('without the section, nothing watches and no component opens a port for it', () => {
  const minimal = join(__dirname, '../../blueprints/minimal/config.yaml');
  expect(JSON.stringify(synthesizeConfig(minimal).objects)).not.toMatch(
    /prometheus\.yml|ServiceMonitor|metrics-reader/,
  );
});

test('Vault answers metrics where somebody watches', () => {
  const [vault] = manifests(OWN, 'ConfigMap').flatMap(
    ({ data }) => (data as Record<string, string>)['vault.json'] ?? [],
  );
  expect(vault).toContain('unauthenticated_metrics_access');
});

test('Onyxia links each service to the page that the office names', () => {
  const region = JSON.stringify(manifests(OWN, 'ConfigMap').concat(manifests(OWN, 'Deployment')));
  expect(region).toContain('https://grafana.example.org/d/pods?var-namespace=$NAMESPACE&var-release=$INSTANCE');
});

test('a component that answers no metrics says what is missing', () => {
  const platform = composeFromConfig(join(FOLDER, 'sspcloud-openbao-and-backups.happy.yaml'));
  const vault = platform.node.findAll().find((construct) => construct instanceof VaultRealm);
  const metrics = { scrape: jest.fn(), alert: jest.fn(), dashboard: jest.fn() };
  expect(() => {
    vault?.monitorVia(metrics);
  }).toThrow('secret store "vault" answers no metrics: give metrics: {}');
});
