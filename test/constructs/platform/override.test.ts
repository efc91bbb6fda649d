import { readFileSync } from 'node:fs';
import {
  Component,
  k8s,
  Layer,
  type ObjectOverride,
  override,
  OverrideError,
  type Platform,
  synthesize,
} from '../../../constructs';
import { API_NAMES } from '../../../constructs/platform/override';
import { at, objectOf } from '../../support/objects';
import { testPlatform } from '../../support/platform';

/** A Deployment that reads a ConfigMap whose name ends with the hash of its content, and a Service. */
class Sample extends Component {
  constructor(platform: Platform) {
    super(platform, 'sample', Layer.PLATFORM);
    const metadata = (name: string) => ({ name, namespace: this.namespace.name });
    new k8s.KubeConfigMap(this, 'files', { metadata: metadata('files-0123456789'), data: { a: 'b' } });
    new k8s.KubeService(this, 'service', {
      metadata: metadata('sample'),
      spec: { ports: [{ name: 'http', port: 80 }] },
    });
    new k8s.KubeDeployment(this, 'server', {
      metadata: metadata('sample'),
      spec: {
        selector: { matchLabels: { app: 'sample' } },
        template: {
          metadata: { labels: { app: 'sample' } },
          spec: {
            nodeSelector: { disk: 'hdd' },
            containers: [
              { name: 'server', image: 'example/one:1', args: ['--old'], env: [{ name: 'A', value: '1' }] },
              { name: 'side', image: 'example/two:1' },
            ],
            volumes: [{ name: 'files', configMap: { name: 'files-0123456789' } }],
          },
        },
      },
    });
  }
}

function rendered(...overrides: readonly ObjectOverride[]) {
  const platform = testPlatform({ name: 'office' });
  new Sample(platform);
  platform.override(...overrides);
  return synthesize(platform);
}

const deployment = { kind: 'Deployment', namespace: 'office-sample', name: 'sample' } as const;

/** What comes of the Pod template of the sample. */
function podOf(...overrides: readonly ObjectOverride[]): unknown {
  return at(objectOf(rendered(...overrides), 'Deployment', 'sample'), 'spec', 'template', 'spec');
}

test('changes the fields that it names, and no other', () => {
  const before = rendered();
  const after = rendered(override(deployment, { spec: { replicas: 3 } }));
  expect(objectOf(after, 'Deployment', 'sample')).toMatchObject({
    spec: { replicas: 3, selector: { matchLabels: { app: 'sample' } } },
  });
  const others = ({ objects }: typeof before) => objects.filter(({ manifest }) => manifest.kind !== 'Deployment');
  expect(others(after)).toEqual(others(before));
});

test('in lists of things with names changes the one that is meant; other lists are replaced', () => {
  const patch = { containers: [{ name: 'server', args: ['--new'], env: [{ name: 'B', value: '2' }] }] };
  expect(at(podOf(override(deployment, { spec: { template: { spec: patch } } })), 'containers')).toEqual([
    {
      name: 'server',
      image: 'example/one:1',
      args: ['--new'],
      env: [
        { name: 'A', value: '1' },
        { name: 'B', value: '2' },
      ],
    },
    { name: 'side', image: 'example/two:1' },
  ]);
});

test('null removes a field', () => {
  expect(podOf(override(deployment, { spec: { template: { spec: { nodeSelector: null } } } }))).not.toHaveProperty(
    'nodeSelector',
  );
});

test('overrides of one object come one after the other', () => {
  const both = [override(deployment, { spec: { replicas: 3 } }), override(deployment, { spec: { replicas: 4 } })];
  expect(objectOf(rendered(...both), 'Deployment', 'sample')).toMatchObject({ spec: { replicas: 4 } });
});

test('an object that is named by its content gets another name, and so what reads it restarts', () => {
  const change = override({ kind: 'ConfigMap', namespace: 'office-sample', name: 'files' }, { data: { a: 'c' } });
  const { metadata } = objectOf(rendered(change), 'ConfigMap', /^files/);
  expect(metadata.name).toMatch(/^files-[0-9a-f]{10}$/);
  expect(metadata.name).not.toBe('files-0123456789');
  expect(podOf(change)).toMatchObject({ volumes: [{ name: 'files', configMap: { name: metadata.name } }] });
});

test('an object that is not there is told, with the nearest of its kind', () => {
  expect(() => rendered(override({ kind: 'Deployment', namespace: 'office-sample', name: 'smaple' }, {}))).toThrow(
    'override of Deployment office-sample/smaple: there is no such object; the nearest of its kind are Deployment office-sample/sample. ' +
      'Name the object as charts-out has it, or remove the override if what it was for is gone',
  );
});

test('all that is wrong is told at once', () => {
  const missing = (name: string) => override({ kind: 'Role', name }, {});
  let problems: readonly string[] = [];
  try {
    rendered(missing('a'), missing('b'));
  } catch (error) {
    problems = error instanceof OverrideError ? error.problems : [];
  }
  expect(problems).toHaveLength(2);
  expect(problems[0]).toContain('nothing of kind Role is rendered');
});

test.each<[string, Readonly<Record<string, unknown>>, string]>([
  ['another name', { metadata: { name: 'other' } }, 'say which object it is and stay as they are'],
  ['another kind', { kind: 'StatefulSet' }, 'say which object it is and stay as they are'],
  [
    'a container that is not there',
    { spec: { template: { spec: { containers: [{ name: 'servr' }] } } } },
    'container servr has no image; those that are there are called server, side',
  ],
])('%s is refused', (_what, patch, message) => {
  expect(() => rendered(override({ ...deployment, apiVersion: 'apps/v1' }, patch))).toThrow(message);
});

test('the compiler knows the fields of a kind, as the API spells them', () => {
  // @ts-expect-error -- the API says clusterIP
  override({ kind: 'Service', namespace: 'n', name: 's' }, { spec: { clusterIp: 'None' } });
  // @ts-expect-error -- a Deployment has no data
  override(deployment, { data: {} });
  // @ts-expect-error -- a kind of another API needs its version
  override({ kind: 'HTTPRoute', namespace: 'n', name: 's' }, {});
  const service = override(
    { kind: 'Service', namespace: 'office-sample', name: 'sample' },
    { spec: { clusterIP: 'None' } },
  );
  expect(objectOf(rendered(service), 'Service', 'sample')).toMatchObject({ spec: { clusterIP: 'None' } });
});

test('every field that cdk8s spells in another way is known', () => {
  const source = readFileSync(require.resolve('cdk8s-plus-28/lib/imports/k8s.js'), 'utf8');
  const pairs = [...source.matchAll(/^\s+'([\w$-]+)': .*?obj\.([\w$]+)/gm)].map(([, api = '', own = '']) => [own, api]);
  expect(pairs.length).toBeGreaterThan(1000);
  expect(Object.fromEntries(pairs.filter(([own, api]) => own !== api))).toEqual(API_NAMES);
});

describe('a part of a platform', () => {
  const platform = testPlatform({ name: 'office' });
  const sample = new Sample(platform);

  test('is found by its class', () => {
    expect(platform.part(Sample)).toBe(sample);
  });

  test('that is not there is told', () => {
    class Absent extends Sample {}
    expect(() => platform.part(Absent)).toThrow('the platform "office" has no Absent');
  });

  test('of which there are several is told with their places', () => {
    expect(() => platform.part(k8s.KubeNetworkPolicy)).toThrow(
      /has \d+ parts that are a KubeNetworkPolicy, "sample\/namespace\//,
    );
  });
});
