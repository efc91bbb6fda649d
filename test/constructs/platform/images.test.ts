import { ImageCatalogue } from '../../../constructs';
import { TEST_LOCK, testImages } from '../../support/platform';

const digest = `sha256:${'a'.repeat(64)}`;

describe('ImageCatalogue', () => {
  test('a published image comes from its own registry when no mirror is given', () => {
    expect(new ImageCatalogue({ lock: TEST_LOCK }).get('busybox').reference).toMatch(
      /^docker\.io\/library\/busybox:1\.37@sha256:/,
    );
  });

  test('the mirror replaces the registry host and keeps path and digest', () => {
    const reference = testImages({ mirror: 'mirror.example.org/cache' }).get('busybox').reference;
    expect(reference).toBe(`mirror.example.org/cache/library/busybox:1.37@${TEST_LOCK['busybox']?.digest ?? ''}`);
  });

  test('an image that nobody publishes needs a mirror, and the error tells what to do', () => {
    expect(() => new ImageCatalogue({ lock: TEST_LOCK }).get('minio')).toThrow(
      /build it from images\/minio.*images\.mirror/,
    );
  });

  test('an override replaces repository, tag and digest', () => {
    const images = testImages({ overrides: { minio: `quay.example.org/team/silo:2026.9@${digest}` } });
    expect(images.get('minio')).toMatchObject({
      reference: `registry.example.org/team/silo:2026.9@${digest}`,
      version: '2026.9',
    });
  });

  test('an override that names the mirror already is taken as it is', () => {
    const reference = `mirror.example.org/cache/bouture/nace-etl:1.0.1@${digest}`;
    const images = testImages({ mirror: 'mirror.example.org/cache', overrides: { minio: reference } });
    expect(images.get('minio').reference).toBe(reference);
  });

  test.each(['UPPER/case:1', 'https://host/name:1', 'name:1@sha256:short', ''])(
    'the override "%s" is refused',
    (override) => {
      expect(() => testImages({ overrides: { minio: override } }).get('minio')).toThrow(/not an image reference/);
    },
  );

  test('an override with a registry port keeps its tag apart from the port', () => {
    const images = new ImageCatalogue({ lock: TEST_LOCK, overrides: { minio: 'localhost:5000/minio:7' } });
    expect(images.get('minio')).toMatchObject({ reference: 'localhost:5000/minio:7', version: '7' });
  });

  test('production refuses an image without digest', () => {
    expect(() => testImages({ requireDigest: true }).get('minio')).toThrow(/"minio" .* has no digest/);
    expect(testImages({ requireDigest: true }).get('busybox').version).toBe('1.37');
  });

  test('an unknown key names the keys there are', () => {
    expect(() => testImages().get('mino')).toThrow(
      'no image "mino" in the lock file: it has busybox, dcgm-exporter, keycloak, minio, mlflow, nace-',
    );
  });
});
