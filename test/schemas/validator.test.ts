import { StrictSchemas, readSchemaSet, schemaMinors } from '../../tools/schemas/validator';
import { isClusterScoped } from '../../constructs/platform/rules/objects/cluster-scoped';
import { Fixture } from '../rules/fixture';

const minors = schemaMinors();
const schemas = new Map(minors.map((minor) => [minor, new StrictSchemas(minor)]));

function problems(minor: string, fixture: Fixture): string[] {
  return fixture.input.objects.flatMap(({ manifest }) =>
    (schemas.get(minor)?.problems(manifest) ?? []).map(
      ({ path, message }) => `${manifest.kind}/${manifest.metadata.name} ${path}: ${message}`,
    ),
  );
}

test('there is a file for each minor from 1.30 on, without a gap', () => {
  const numbers = minors.map((minor) => Number(minor.split('.')[1]));
  expect(numbers[0]).toBe(30);
  expect(numbers.length).toBeGreaterThanOrEqual(8);
  expect(numbers).toEqual(numbers.map((_, index) => 30 + index));
});

describe.each(minors)('Kubernetes %s', (minor) => {
  test('accepts a sound manifest of each kind', () => {
    expect(problems(minor, new Fixture())).toEqual([]);
  });

  const container = 'spec|template|spec|containers|0';
  test.each([
    ['an unknown field', container, 'imagePullPolice', 'Always', 'spec/template/spec/containers/0/imagePullPolice: is an unknown field'],
    ['an unknown field at the top', '', 'specs', {}, 'specs: is an unknown field'],
    ['a text for a number', 'spec', 'replicas', '2', 'spec/replicas: must be integer'],
    ['a number for a text', `${container}|env|1`, 'value', 5, 'spec/template/spec/containers/0/env/1/value: must be string'],
    ['a number beyond 32 bits', 'spec', 'replicas', 2 ** 31, 'spec/replicas: must match format "int32"'],
    ['a missing required field', 'spec', 'selector', undefined, "spec: must have required property 'selector'"],
    ['null', 'spec', 'strategy', null, 'spec/strategy: must be object'],
    [
      'a value outside an enumeration',
      container,
      'imagePullPolicy',
      'Sometimes',
      'spec/template/spec/containers/0/imagePullPolicy: must be equal to one of the allowed values: Always, IfNotPresent, Never',
    ],
    [
      'what is no quantity',
      `${container}|resources|limits`,
      'memory',
      '1GB',
      'spec/template/spec/containers/0/resources/limits/memory: must match format "quantity"',
    ],
    [
      'an object where a port or a name stands',
      `${container}|livenessProbe|tcpSocket`,
      'port',
      { number: 1 },
      'spec/template/spec/containers/0/livenessProbe/tcpSocket/port: must be integer,string',
    ],
  ])('refuses %s', (_what, path, key, value, expected) => {
    const fixture = new Fixture().set('Deployment/server', path === '' ? key : `${path}|${key}`, value);
    expect(problems(minor, fixture)).toEqual([`Deployment/server ${expected}`]);
  });

  test('refuses a fraction for a whole number', () => {
    expect(problems(minor, new Fixture().set('Deployment/server', 'spec|replicas', 1.5))).toContain(
      'Deployment/server spec/replicas: must be integer',
    );
  });

  test('refuses a kind that it does not have', () => {
    const fixture = new Fixture().set('CronJob/clean', 'apiVersion', 'batch/v1beta1');
    expect(problems(minor, fixture)).toEqual([`CronJob/clean apiVersion: Kubernetes ${minor} has no batch/v1beta1/CronJob`]);
  });

  test('judges custom resources by their definitions', () => {
    expect(problems(minor, new Fixture().set('HTTPRoute/server', 'spec|hostname', 'a'))).toEqual([
      'HTTPRoute/server spec/hostname: is an unknown field',
    ]);
    expect(problems(minor, new Fixture().set('Gateway/gateway', 'spec|listeners|0|port', 70000))).toEqual([
      'Gateway/gateway spec/listeners/0/port: must be <= 65535',
    ]);
    const certificate = { apiVersion: 'cert-manager.io/v1', kind: 'Certificate', metadata: { name: 'a' } };
    const { problems: judge } = { problems: (value: unknown) => schemas.get(minor)?.problems(value) };
    const spec = { secretName: 'a', dnsNames: ['a.example.org'], issuerRef: { name: 'a', kind: 'ClusterIssuer' } };
    expect(judge({ ...certificate, spec })).toEqual([]);
    expect(judge({ ...certificate, spec: { ...spec, issuerRef: undefined } })).toEqual([
      { path: 'spec', message: "must have required property 'issuerRef'" },
    ]);
  });

  test('knows which kinds live in no namespace, as the rules do', () => {
    const { kinds, clusterScoped } = readSchemaSet(`kubernetes/v${minor}`);
    // Nobody can create a ComponentStatus.
    const creatable = Object.keys(kinds).filter((id) => id !== 'v1/ComponentStatus');
    const different = creatable.filter((id) => {
      const [group, kind] = id.split('/').length === 2 ? ['', id.split('/')[1]] : [id.split('/')[0], id.split('/')[2]];
      return isClusterScoped(group ?? '', kind ?? '') !== clusterScoped.includes(id);
    });
    expect(different).toEqual([]);
  });
});

test('the cluster-scoped custom resources are those that the rules know', () => {
  const sets = ['crds/cert-manager', 'crds/gateway-api'].map(readSchemaSet);
  const ids = sets.flatMap(({ kinds }) => Object.keys(kinds));
  const scoped = ids.filter((id) => isClusterScoped(id.split('/')[0] ?? '', id.split('/')[2] ?? ''));
  expect(scoped.sort()).toEqual(sets.flatMap(({ clusterScoped }) => clusterScoped).sort());
});

test('a deprecated kind is told from the minor on that warns of it', () => {
  const endpoints = { apiVersion: 'v1', kind: 'Endpoints', metadata: { name: 'a' } };
  expect(minors.filter((minor) => schemas.get(minor)?.deprecation(endpoints) !== undefined)[0]).toBe('1.33');
  const flowSchema = { apiVersion: 'flowcontrol.apiserver.k8s.io/v1beta3', kind: 'FlowSchema', metadata: { name: 'a' } };
  expect(schemas.get('1.30')?.deprecation(flowSchema)).toBe('1.29');
  expect(schemas.get('1.32')?.problems(flowSchema)).toEqual([
    { path: 'apiVersion', message: 'Kubernetes 1.32 has no flowcontrol.apiserver.k8s.io/v1beta3/FlowSchema' },
  ]);
});
