import {
  CertificateAuthority,
  Connections,
  ExternalObjectStore,
  type ExternalObjectStoreProps,
  type Platform,
  PlatformNamespace,
  synthesize,
} from '../../../constructs';
import { testPlatform } from '../../support/platform';

const PEM = '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----';

function external(props: Partial<ExternalObjectStoreProps> = {}) {
  const platform = testPlatform();
  const store = new ExternalObjectStore(platform, 'object-store', { endpoint: 'https://s3.example.org', ...props });
  return { platform, store };
}

function consumer(platform: Platform, name = 'mlflow') {
  const namespace = new PlatformNamespace(platform, `${name}-namespace`, { name: `demo-${name}` });
  const podLabels = { 'app.kubernetes.io/name': name, 'app.kubernetes.io/instance': name };
  return { consumerName: name, connections: new Connections(platform, name, { namespace, name, podLabels }) };
}

function egress(platform: Platform, name = 'mlflow'): unknown {
  const { objects } = synthesize(platform);
  const policy = objects.find(({ manifest: { kind, metadata } }) => kind === 'NetworkPolicy' && metadata.name === name);
  return (policy?.manifest['spec'] as { egress: unknown }).egress;
}

describe('ExternalObjectStore', () => {
  test.each([
    ['https://s3.example.org', { url: 'https://s3.example.org', host: 's3.example.org', port: 443, tls: true }],
    ['https://s3.example.org/', { url: 'https://s3.example.org', port: 443 }],
    ['http://ceph.example.org:7480', { url: 'http://ceph.example.org:7480', port: 7480, tls: false }],
    ['http://ceph.example.org', { url: 'http://ceph.example.org', port: 80 }],
  ])('answers at %s', (endpoint, expected) => {
    expect(external({ endpoint }).store.endpoint).toMatchObject(expected);
  });

  test('is addressed by path in us-east-1, unless told', () => {
    expect(external().store.endpoint).toMatchObject({ region: 'us-east-1', forcePathStyle: true });
    expect(external({ region: 'eu-west-3', forcePathStyle: false }).store.endpoint).toMatchObject({
      region: 'eu-west-3',
      forcePathStyle: false,
    });
  });

  test.each([
    [
      's3.example.org',
      'object store endpoint "s3.example.org" is not a URL: expected https://host, or https://host:port',
    ],
    ['ftp://s3.example.org', 'has scheme "ftp"'],
    ['s3://bucket', 'has scheme "s3"'],
    ['https://s3.example.org/bucket', 'has a path, "/bucket"'],
    ['https://s3.example.org?region=a', 'has a query or a fragment'],
    ['https://s3.example.org:0', 'has port 0'],
    ['https://s3.example.org:99999', 'is not a URL'],
    ['', 'is not a URL'],
  ])('refuses the endpoint "%s"', (endpoint, message) => {
    expect(() => external({ endpoint })).toThrow(message);
  });

  test.each(['https://key:s3cr3t@s3.example.org', 'https://key:s3/cr3t@s3.example.org', 'key:s3cr3t@s3.example.org'])(
    'refuses credentials in the endpoint, and does not repeat them',
    (endpoint) => {
      const message = (() => {
        try {
          external({ endpoint });
          return 'accepted';
        } catch (error) {
          return String(error);
        }
      })();
      expect(message).toContain('***@s3.example.org');
      expect(message).not.toMatch(/cr3t/);
    },
  );

  test('finds credentials in the consumer’s own namespace, by the names that MinioTenant would use', () => {
    const { platform, store } = external();
    expect(store.addBucket('models').grantReadWrite(consumer(platform))).toMatchObject({
      bucket: 'models',
      accessKeyId: { namespace: 'demo-mlflow', name: 'mlflow-s3', key: 'accessKeyId' },
      secretAccessKey: { namespace: 'demo-mlflow', name: 'mlflow-s3', key: 'secretAccessKey' },
    });
    expect(synthesize(platform).secrets).toEqual([]);
  });

  test('finds them where it is told', () => {
    const credentials = { mlflow: { secretName: 'office-s3', accessKeyIdKey: 'id', secretAccessKeyKey: 'key' } };
    const { platform, store } = external({ credentials });
    expect(store.addBucket('models').grantRead(consumer(platform))).toMatchObject({
      accessKeyId: { namespace: 'demo-mlflow', name: 'office-s3', key: 'id' },
      secretAccessKey: { namespace: 'demo-mlflow', name: 'office-s3', key: 'key' },
    });
  });

  test('opens the network to its port in its networks, and to nothing else', () => {
    const { platform, store } = external({ endpoint: 'https://s3.example.org:9443', cidrs: ['192.0.2.0/24'] });
    store.addBucket('models').grantReadWrite(consumer(platform));
    expect(egress(platform)).toEqual([
      { to: [{ ipBlock: { cidr: '192.0.2.0/24' } }], ports: [{ port: 9443, protocol: 'TCP' }] },
    ]);
  });

  test('uses the name that a bucket has over there', () => {
    const { platform, store } = external({ bucketNames: { models: 'office-models' } });
    const bucket = store.addBucket('models', { versioning: true });
    expect(bucket.name).toBe('office-models');
    expect(bucket.grantRead(consumer(platform)).bucket).toBe('office-models');
    expect(store.expectedBuckets).toEqual([{ name: 'office-models', props: { versioning: true } }]);
  });

  test('refuses two buckets that are one over there, and a name that no bucket can have', () => {
    const { store } = external({ bucketNames: { models: 'shared', data: 'shared' } });
    store.addBucket('models');
    expect(() => store.addBucket('data')).toThrow('bucket "shared" of store "object-store" is asked for twice');
    expect(() => external({ bucketNames: { models: 'No' } })).toThrow('bucket "No" has 2 characters');
    expect(() => store.addBucket('Models')).toThrow('may hold only a-z');
  });

  test('brings an authority given as text to each consumer, once', () => {
    const { platform, store } = external({ certificateAuthority: CertificateAuthority.pem(PEM) });
    const mlflow = consumer(platform);
    const expected = { namespace: 'demo-mlflow', name: 'mlflow-s3-ca', key: 'ca.crt' };
    expect(store.addBucket('models').grantRead(mlflow).endpoint.certificateAuthority).toEqual(expected);
    expect(store.addBucket('data').grantRead(mlflow).endpoint.certificateAuthority).toEqual(expected);
    expect(synthesize(platform).secrets.map(({ namespace, name }) => `${namespace}/${name}`)).toEqual([
      'demo-mlflow/mlflow-s3-ca',
    ]);
  });

  test('is demanded to speak https in production, unless plain text is right', () => {
    const inProduction = (props: Partial<ExternalObjectStoreProps>) =>
      new ExternalObjectStore(testPlatform({ profile: 'production' }), 'object-store', {
        endpoint: 'http://s3.example.org',
        ...props,
      });
    expect(() => inProduction({})).toThrow('http://s3.example.org would be plain text in production');
    expect(() => inProduction({ plainTextBecause: ' ' })).toThrow('plain text in production');
    expect(inProduction({ plainTextBecause: 'the network encrypts' }).endpoint.tls).toBe(false);
  });

  test('refuses an authority for plain text', () => {
    const props = { endpoint: 'http://s3.example.org', certificateAuthority: CertificateAuthority.secret('office-ca') };
    expect(() => external(props)).toThrow(
      'http://s3.example.org is plain text, so that no certificate authority can matter',
    );
  });
});
