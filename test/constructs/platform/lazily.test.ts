import { contentHash, k8s, lazily, synthesize } from '../../../constructs';
import { testPlatform } from '../../support/platform';

describe('lazily', () => {
  test('a name and a field take what was added after the object was made', () => {
    const platform = testPlatform();
    const words = ['first'];
    new k8s.KubeConfigMap(platform, 'map', {
      metadata: { name: lazily(() => `words-${contentHash(words)}`), namespace: 'demo' },
      data: lazily(() => Object.fromEntries(words.map((word) => [word, 'yes']))),
    });
    words.push('second');
    const [object] = synthesize(platform).objects;
    expect(object?.manifest).toMatchObject({
      metadata: { name: `words-${contentHash(['first', 'second'])}` },
      data: { first: 'yes', second: 'yes' },
    });
  });
});

describe('contentHash', () => {
  test('is stable across releases, for it stands in the names of objects', () => {
    expect(contentHash({ a: 1, b: ['x'] })).toMatchInlineSnapshot(`"fd5e92badb"`);
  });

  test('tells different data apart', () => {
    expect(contentHash({ a: 1 })).not.toBe(contentHash({ a: 2 }));
  });
});
