import { bucketName, CertificateAuthority } from '../../../constructs';

describe('the name of a bucket', () => {
  test.each(['abc', 'a.b-c', '1data', 'user-alpha', 'a'.repeat(63)])('may be %s', (name) => {
    expect(bucketName(name)).toBe(name);
  });

  test.each([
    ['ab', 'bucket "ab" has 2 characters: a bucket\'s name has 3 to 63'],
    ['a'.repeat(64), 'has 64 characters'],
    ['Data', 'may hold only a-z, 0-9, dots and dashes'],
    ['my_data', 'may hold only'],
    ['données', 'may hold only'],
    ['-data', 'must begin and end with a letter or a digit'],
    ['data.', 'must begin and end'],
    ['a..b', 'may not have a dot beside a dot or a dash'],
    ['a.-b', 'may not have a dot beside'],
    ['192.168.5.4', 'may not look like an IP address'],
    ['xn--data', 'may not begin with "xn--", which S3 reserves'],
    ['data-s3alias', 'may not end with "-s3alias", which S3 reserves'],
    ['minio', 'is a name that MinIO keeps for itself'],
  ])('may not be %s', (name, message) => {
    expect(() => bucketName(name)).toThrow(message);
  });
});

describe('a CertificateAuthority', () => {
  test.each([
    ['a path', '/etc/ssl/ca.crt', 'expected PEM, from -----BEGIN CERTIFICATE-----'],
    ['a private key', '-----BEGIN EC PRIVATE KEY-----\nM\n-----END EC PRIVATE KEY-----', 'holds a private key'],
  ])('is not %s', (_, text, message) => {
    expect(() => CertificateAuthority.pem(text)).toThrow(message);
  });
});
