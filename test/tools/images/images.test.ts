import { load } from 'js-yaml';
import { platformImages } from '../../../tools/cluster/image-manifest';
import { withDigests } from '../../../tools/images/release';
import { commandFor, tryCommands } from '../../../tools/images/try';

const LOCK = `# About the images.
images:
  minio:
    repository: bouture/minio
    tag: '1'
    licence: MIT # of the server
  web:
    repository: docker.io/example/web
    tag: 2.0
`;

describe('the lock file of what was pushed', () => {
  const text = withDigests(LOCK, [{ name: 'minio', tag: '1-20261123', digest: 'sha256:ab' }]);

  test('names it by its tag and digest, and leaves the others as they are', () => {
    expect(load(text)).toEqual({
      images: {
        minio: { repository: 'bouture/minio', tag: '1-20261123', licence: 'MIT', digest: 'sha256:ab' },
        web: { repository: 'docker.io/example/web', tag: 2 },
      },
    });
  });

  test('keeps what was remarked', () => {
    expect(text).toContain('# About the images.\n');
    expect(text).toContain('licence: MIT # of the server\n');
  });

  test('is refused for an image that the lock does not have', () => {
    expect(() => withDigests(LOCK, [{ name: 'vault', tag: '1', digest: 'sha256:ab' }])).toThrow('no image "vault"');
  });
});

describe('an image is tried', () => {
  test.each([
    ['by its own command, where that ends', 'argo', ['argo', 'version'], ['argo', 'version']],
    ['by the command that is given for it', 'minio', ['minio', 'server'], ['minio', '--version']],
  ])('%s', (_, name, own, expected) => {
    expect(commandFor(name, own, { minio: ['minio', '--version'] })).toEqual(expected);
  });

  test('by no server', () => {
    expect(() => commandFor('web', ['nginx'], {})).toThrow('image "web" starts "nginx", which does not end: add');
  });

  test('if it is one of this repository', () => {
    const names = platformImages().map(({ name }) => name);
    expect(Object.keys(tryCommands()).filter((name) => !names.includes(name))).toEqual([]);
  });
});
