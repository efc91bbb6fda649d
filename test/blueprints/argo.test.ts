import { stringify } from 'yaml';
import { parseConfig } from '../../blueprints';
import { synthesize } from '../../constructs';
import { at, listAt, objectOf } from '../support/objects';

const API = { apiServer: { cidrs: ['192.0.2.10/32'], ports: [6443] } };

/** What a configuration makes, with a catalog of the library's services. */
function synthesized(change: {
  readonly cluster?: object;
  readonly builtIn?: object;
  readonly resourceDefinitions?: object;
}) {
  const { cluster = {}, builtIn, resourceDefinitions } = change;
  const text = stringify({
    apiVersion: 'bouture.dev/v1',
    blueprint: 'sspcloud',
    name: 'office',
    cluster,
    images: { mirror: 'registry.example.org' },
    exposure: { domain: 'data.example.org', ingress: { className: 'web', controller: { namespace: 'web' } } },
    objectStore: { minio: {} },
    database: { postgres: {} },
    identity: { keycloak: {} },
    people: {
      services: { domain: 'lab.example.org', ingressClassName: 'web' },
      projects: [{ name: 'census' }],
      ...(resourceDefinitions === undefined ? {} : { resourceDefinitions }),
    },
    onyxia: { catalogs: builtIn === undefined ? [] : [{ id: 'services', name: 'Services', builtIn }] },
  });
  const synthesis = synthesize(parseConfig('office.yaml', text).compose());
  const quota = synthesis.objects.find(
    ({ manifest: { kind, metadata } }) => kind === 'ResourceQuota' && metadata.namespace === 'projet-census',
  );
  const names = (kind: string, part: string) =>
    synthesis.objects
      .map(({ manifest }) => manifest)
      .filter((one) => one.kind === kind && one.metadata.name.includes(part))
      .map(({ metadata }) => metadata.name);
  return {
    synthesis,
    charts: Object.keys(at(objectOf(synthesis, 'ConfigMap', /^catalog/), 'binaryData') ?? {}).filter((file) =>
      file.startsWith('argo'),
    ),
    definitions: names('CustomResourceDefinition', 'argoproj.io'),
    roles: names('ClusterRole', '-argo-'),
    most: at(quota?.manifest, 'spec', 'hard', 'count/workflows.argoproj.io'),
  };
}

test('where services may call the API of Kubernetes, the catalog has both of Argo, and the platform what they need', () => {
  const { synthesis, charts, definitions, roles, most } = synthesized({ cluster: API, builtIn: {} });
  expect([...charts].sort()).toEqual([expect.stringMatching(/^argo-cd-/), expect.stringMatching(/^argo-workflows-/)]);
  expect(definitions).toHaveLength(7 + 3);
  expect([...roles].sort()).toEqual([
    ...['admin', 'view'].map((role) => `office-argo-cd-${role}`),
    ...['admin', 'edit', 'view'].map((role) => `office-argo-workflows-${role}`),
  ]);
  expect(most).toBe('500');
  expect(listAt(objectOf(synthesis, 'NetworkPolicy', 'allow-out'), 'spec', 'egress')).toContainEqual({
    to: [{ ipBlock: { cidr: '192.0.2.10/32' } }],
    ports: [{ port: 6443, protocol: 'TCP' }],
  });
});

test('where they may not, or other services are named, there is nothing of Argo', () => {
  const nothing = { charts: [], definitions: [], roles: [], most: undefined };
  expect(synthesized({ builtIn: {} })).toMatchObject(nothing);
  expect(synthesized({ cluster: API, builtIn: { services: ['postgresql'] } })).toMatchObject(nothing);
});

test('definitions that the cluster has are not made, and people may have their objects nevertheless', () => {
  const resourceDefinitions = { 'argo-workflows': 'existing', 'argo-cd': 'existing' };
  const { definitions, roles, most } = synthesized({ cluster: API, builtIn: {}, resourceDefinitions });
  expect({ definitions, roles: roles.length, most }).toEqual({ definitions: [], roles: 3 + 2, most: '500' });
});

test('definitions are made for a catalog of others when they are asked for', () => {
  const { definitions, roles } = synthesized({
    builtIn: { services: ['postgresql'] },
    resourceDefinitions: { 'argo-cd': 'install' },
  });
  expect(definitions).toEqual(
    ['applications', 'applicationsets', 'appprojects'].map((plural) => `${plural}.argoproj.io`),
  );
  expect(roles).toEqual(['office-argo-cd-admin', 'office-argo-cd-view']);
});
