import { App } from 'cdk8s';
import {
  atStep,
  Component,
  GeneratedValue,
  k8s,
  Layer,
  Platform,
  PlatformNamespace,
  PlatformSecret,
  renderFiles,
  synthesize,
} from '../../../constructs';
import { testImages, testPlatform } from '../../support/platform';

class Demo extends Component {
  constructor(platform: Platform, id: string) {
    super(platform, id, Layer.PLATFORM);
    const metadata = (name: string) => ({ name, namespace: this.namespace.name });
    atStep(new k8s.KubeConfigMap(this, 'late', { metadata: metadata('late') }), 1);
    new k8s.KubeConfigMap(this, 'early', { metadata: metadata('early') });
    new PlatformSecret(this, 'secret', {
      namespace: this.namespace,
      name: 'keys',
      data: { user: 'demo', password: new GeneratedValue('demo') },
    });
  }
}

describe('synthesize', () => {
  test('orders by layer, then step: policies, then step 0, then step 1', () => {
    const platform = testPlatform();
    new Demo(platform, 'demo');
    const order = synthesize(platform).objects.map(
      ({ manifest, wave }) => `${wave} ${manifest.kind} ${manifest.metadata.name}`,
    );
    expect(order.slice(-2)).toEqual(['30 ConfigMap early', '31 ConfigMap late']);
    expect(order.slice(0, -2).every((line) => line.startsWith('10 '))).toBe(true);
  });

  test('writes the wave where Argo CD looks for it', () => {
    const platform = testPlatform();
    new Demo(platform, 'demo');
    expect(synthesize(platform).objects.at(-1)?.manifest.metadata.annotations).toEqual({
      'argocd.argoproj.io/sync-wave': '31',
    });
  });

  test('a workload names the workloads of the wave before it, and nothing else does', () => {
    const platform = testPlatform();
    const job = (id: string, step: number) =>
      atStep(
        new k8s.KubeJob(platform, id, { metadata: { name: id, namespace: 'demo' }, spec: { template: {} } }),
        step,
      );
    job('first', 0);
    job('second', 1);
    atStep(new k8s.KubeConfigMap(platform, 'map', { metadata: { name: 'map', namespace: 'demo' } }), 1);
    const dependsOn = synthesize(platform).objects.map(({ manifest }) => [
      manifest.metadata.name,
      manifest.metadata.annotations?.['config.kubernetes.io/depends-on'],
    ]);
    expect(dependsOn).toEqual([
      ['first', undefined],
      ['second', 'batch/namespaces/demo/Job/first'],
      ['map', undefined],
    ]);
  });

  test('makes one file a component in each layer', () => {
    const platform = testPlatform();
    new Demo(platform, 'b');
    new Demo(platform, 'a');
    expect([...renderFiles(synthesize(platform)).keys()]).toEqual([
      '10-namespaces/a.k8s.yaml',
      '10-namespaces/b.k8s.yaml',
      '30-platform/a.k8s.yaml',
      '30-platform/b.k8s.yaml',
    ]);
  });

  test('no manifest holds a Secret: they are listed beside, without values', () => {
    const platform = testPlatform();
    new Demo(platform, 'demo');
    const { objects, secrets } = synthesize(platform);
    expect(objects.filter(({ manifest }) => manifest.kind === 'Secret')).toEqual([]);
    expect(secrets).toMatchObject([
      { namespace: 'demo-demo', name: 'keys', data: { user: 'demo', password: { id: 'demo', length: 32 } } },
    ]);
  });

  test('gives the same bytes for the same constructs in another order', () => {
    const render = (ids: string[]) => {
      const platform = testPlatform();
      for (const id of ids) new Demo(platform, id);
      return [...renderFiles(synthesize(platform))];
    };
    expect(render(['x', 'y', 'z'])).toEqual(render(['z', 'x', 'y']));
  });

  test('refuses two constructs that make the same object, and names both', () => {
    const platform = testPlatform();
    new PlatformNamespace(platform, 'one', { name: 'same' });
    new PlatformNamespace(platform, 'two', { name: 'same' });
    expect(() => synthesize(platform)).toThrow(/same object .*"one\/.*" and "two\//);
  });
});

describe('Platform', () => {
  test('is found from any construct in it', () => {
    const platform = testPlatform();
    expect(new Demo(platform, 'demo').platform).toBe(platform);
  });

  test('a construct outside of one is refused with the remedy', () => {
    expect(() => new PlatformNamespace(new App(), 'ns', { name: 'x' })).toThrow('must stand inside a Platform');
  });

  test.each(['', 'Upper', 'a.b', '-a', 'a'.repeat(31)])('refuses the name "%s"', (name) => {
    expect(() => new Platform(new App(), 'p', { name, images: testImages() })).toThrow(/platform name/);
  });

  test('a step outside of 0 to 9 is refused', () => {
    const platform = testPlatform();
    const map = new k8s.KubeConfigMap(platform, 'm', { metadata: { name: 'm', namespace: 'n' } });
    expect(() => atStep(map, 10)).toThrow(RangeError);
  });
});

describe('PlatformSecret', () => {
  test('hands out references, and refuses a key that it lacks', () => {
    const platform = testPlatform();
    const namespace = new PlatformNamespace(platform, 'ns', { name: 'demo-x' });
    const secret = new PlatformSecret(platform, 's', {
      namespace,
      name: 'keys',
      data: { password: new GeneratedValue('x') },
    });
    expect(secret.ref('password')).toEqual({ namespace: 'demo-x', name: 'keys', key: 'password' });
    expect(() => secret.ref('pasword')).toThrow('has no key "pasword": it has password');
  });

  test.each([15, 1025, 20.5])('a generated value of length %p is refused', (length) => {
    expect(() => new GeneratedValue('x', length)).toThrow(RangeError);
  });
});

test('labels every object with its platform, so that whoever deploys finds what is theirs', () => {
  const platform = testPlatform();
  new k8s.KubeConfigMap(platform, 'bare', { metadata: { name: 'bare', namespace: 'demo' } });
  expect(synthesize(platform).objects[0]?.manifest.metadata.labels).toEqual({
    'app.kubernetes.io/part-of': 'demo',
    'app.kubernetes.io/managed-by': 'bouture',
  });
});
