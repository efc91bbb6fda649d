import { run } from '../../cli/commands/up';
import { packageFile } from '../../blueprints/package-root';
import { capture } from './capture';

const CONFIG = packageFile('blueprints', 'sspcloud', 'config.yaml');

describe('bouture up --rotate', () => {
  test('refuses a value with which something is encrypted, and says why', async () => {
    const { code, err } = await capture(run, [CONFIG], { rotate: ['vault-unseal', 'minio-root'] });
    expect({ code, err }).toEqual({
      code: 2,
      err: 'vault-unseal is never rotated: the servers encrypt their key with it and would stay sealed\n',
    });
  });

  test('names the values that there are for one that there is not', async () => {
    const { code, err } = await capture(run, [CONFIG], { rotate: ['minio-rot'] });
    expect(code).toBe(2);
    expect(err).toContain('no generated secret is called minio-rot: there are ');
  });
});
