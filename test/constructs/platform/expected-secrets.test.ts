import { CertificateAuthority, ExternalObjectStore, MinioTenant, ServerTls, synthesize } from '../../../constructs';
import { checkRules } from '../../../constructs/platform/rules';
import { testPlatform } from '../../support/platform';

test('a certificate that somebody else provides is named with its keys, and the rules know it', () => {
  const platform = testPlatform();
  new MinioTenant(platform, 'minio', {
    tls: ServerTls.secret('office-certificate', CertificateAuthority.secret('office-ca')),
  });
  const synthesis = synthesize(platform);
  expect(synthesis.expectedSecrets).toEqual([
    {
      namespace: 'demo-minio',
      name: 'office-ca',
      keys: ['ca.crt'],
      purpose: 'certificate authority that clients trust',
    },
    {
      namespace: 'demo-minio',
      name: 'office-certificate',
      keys: ['tls.crt', 'tls.key'],
      purpose: 'certificate of object store minio',
    },
  ]);
  const missing = checkRules(synthesis).filter(({ rule }) => rule === 'secret-exists');
  expect(missing).toEqual([]);
  expect(checkRules({ ...synthesis, expectedSecrets: [] }).map(({ rule }) => rule)).toContain('secret-exists');
});

test('a Secret that is expected twice is one, with all of the keys', () => {
  const platform = testPlatform();
  const secret = { namespace: 'demo', name: 'keys', purpose: 'keys' };
  platform.expectSecret({ ...secret, keys: ['b'] });
  platform.expectSecret({ ...secret, keys: ['a', 'b'] });
  expect(platform.expectedSecrets).toEqual([{ ...secret, keys: ['a', 'b'] }]);
});

test('an external store that nobody uses expects no keys', () => {
  const platform = testPlatform();
  new ExternalObjectStore(platform, 'store', { endpoint: 'https://s3.example.org' });
  expect(synthesize(platform).expectedSecrets).toEqual([]);
});
