import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { GeneratedValue, PlatformNamespace, PlatformSecret, SignedToken, synthesize } from '../../constructs';
import { generate, generatedValues, sign, signedTokens } from '../../stacks/generated-values';
import { testPlatform } from '../support/platform';

const SEED = Buffer.alloc(32, 7).toString('base64');

describe('a generated value', () => {
  test('is what it has always been: changing the derivation would change every password of every office', () => {
    expect(generate(SEED, new GeneratedValue('minio-root'), 0)).toMatchInlineSnapshot(
      `"v7HUYJwwx8edUq0PmzWwqdAemNjjTTGs"`,
    );
    expect(generate(SEED, new GeneratedValue('minio-root'), 1)).toMatchInlineSnapshot(
      `"4QC8Bb8j74RVsQ4lJgjH6cmR3Lgb6CXm"`,
    );
    expect(generate(SEED, new GeneratedValue('mlflow-db', 16), 0)).toMatchInlineSnapshot(`"CtwcH822wyy2zpea"`);
  });

  test('has the length that was asked for, in letters and digits', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 16, max: 1024 }),
        fc.uint8Array({ minLength: 32, maxLength: 32 }),
        (length, seed) => {
          const text = generate(Buffer.from(seed).toString('base64'), new GeneratedValue('any', length), 0);
          expect(text).toMatch(new RegExp(`^[A-Za-z0-9]{${length}}$`));
        },
      ),
    );
  });

  test('favours no character', () => {
    const counts = new Map<string, number>();
    for (let i = 0; i < 62; i++) {
      for (const character of generate(SEED, new GeneratedValue(`value-${i}`, 1000), 0)) {
        counts.set(character, (counts.get(character) ?? 0) + 1);
      }
    }
    // 1000 expected for each of 62; the standard deviation is 31.
    expect(counts.size).toBe(62);
    expect(Math.min(...counts.values())).toBeGreaterThan(850);
    expect(Math.max(...counts.values())).toBeLessThan(1150);
  });

  test('depends on the seed, the id and the rotation', () => {
    const other = Buffer.alloc(32, 8).toString('base64');
    const values = [
      generate(SEED, new GeneratedValue('a-b'), 0),
      generate(other, new GeneratedValue('a-b'), 0),
      generate(SEED, new GeneratedValue('a-c'), 0),
      generate(SEED, new GeneratedValue('a-b'), 1),
      generate(SEED, new GeneratedValue('a-b'), 10),
    ];
    expect(new Set(values).size).toBe(values.length);
  });

  test('is refused a seed of another size, whose text is not told', () => {
    const seed = Buffer.from('canary-canary').toString('base64');
    expect(() => generate(seed, new GeneratedValue('any'), 0)).toThrow('the seed has 13 bytes');
    expect(() => generate(seed, new GeneratedValue('any'), 0)).not.toThrow(seed);
  });
});

describe('the generated values of a platform', () => {
  function platformWith(...values: readonly GeneratedValue[]) {
    const platform = testPlatform();
    const namespace = new PlatformNamespace(platform, 'part', { name: 'demo-part' });
    values.forEach((value, i) => {
      new PlatformSecret(platform, `secret-${i}`, { namespace, name: `secret-${i}`, data: { user: 'admin', value } });
    });
    return synthesize(platform);
  }

  test('are told once each, however many Secrets hold them', () => {
    const shared = new GeneratedValue('shared');
    expect([...generatedValues(platformWith(shared, shared, new GeneratedValue('own'))).keys()].sort()).toEqual([
      'own',
      'shared',
    ]);
  });

  test('must agree on their length', () => {
    const synthesis = platformWith(new GeneratedValue('shared', 32), new GeneratedValue('shared', 64));
    expect(() => generatedValues(synthesis)).toThrow('"shared" is asked for with 32 and with 64 characters');
  });
});

describe('a signed token', () => {
  const key = new GeneratedValue('minio-user-metrics-reader');
  const token = new SignedToken(key, { sub: 'metrics-reader', iss: 'prometheus' });
  const parts = (text: string) => text.split('.').map((part) => Buffer.from(part, 'base64url').toString());

  test('says what it was given and ends with the year 2099', () => {
    const [header = '', claims = ''] = parts(sign(token, 'a key'));
    expect(JSON.parse(header)).toEqual({ alg: 'HS512', typ: 'JWT' });
    expect(JSON.parse(claims)).toEqual({ exp: Date.UTC(2100, 0, 1) / 1000, sub: 'metrics-reader', iss: 'prometheus' });
  });

  test('is signed with the generated value, and is another after a rotation', () => {
    const text = generate(SEED, key, 0);
    const [header, claims, signature] = sign(token, text).split('.');
    const expected = createHmac('sha512', text)
      .update(`${header ?? ''}.${claims ?? ''}`)
      .digest('base64url');
    expect(signature).toBe(expected);
    expect(sign(token, generate(SEED, key, 1))).not.toBe(sign(token, text));
  });

  test('makes the value behind it one that the deployment generates', () => {
    const platform = testPlatform();
    const namespace = new PlatformNamespace(platform, 'namespace', { name: 'demo' });
    new PlatformSecret(platform, 'secret', { namespace, name: 'token', data: { token } });
    expect([...generatedValues(synthesize(platform)).keys()]).toEqual(['minio-user-metrics-reader']);
  });

  test('stands in one place of a store of secrets, whoever holds it', () => {
    const platform = testPlatform();
    const namespace = new PlatformNamespace(platform, 'namespace', { name: 'demo' });
    const add = (name: string, held: SignedToken) =>
      new PlatformSecret(platform, name, { namespace, name, data: { held } });
    add('one', token);
    add('two', new SignedToken(key, { sub: 'metrics-reader', iss: 'prometheus' }));
    expect([...signedTokens(synthesize(platform)).keys()]).toEqual(['minio-user-metrics-reader.token']);
    add('three', new SignedToken(key, { sub: 'another', iss: 'prometheus' }));
    expect(() => signedTokens(synthesize(platform))).toThrow(
      '"minio-user-metrics-reader" signs tokens of different claims',
    );
  });
});
