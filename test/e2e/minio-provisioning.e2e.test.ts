import {
  type BucketProps,
  CertificateAuthority,
  Connections,
  type MinioBucket,
  MinioTenant,
  type MinioTenantProps,
  ServerTls,
  type Platform,
  PlatformNamespace,
} from '../../constructs';
import { testPlatform } from '../support/platform';
import { LocalMinio, type SecretValues } from './support/local-minio';

const ROOT = { 'minio-root/rootUser': 'minio-root', 'minio-root/rootPassword': 'ROOTcanaryROOTcanary' };
const SECRETS: SecretValues = {
  ...ROOT,
  'minio-user-writer/secretAccessKey': 'WRITERcanaryWRITER',
  'minio-user-reader/secretAccessKey': 'READERcanaryREADER',
};

interface Declared {
  readonly buckets: Readonly<Record<string, BucketProps>>;
  /** Buckets that the user `writer` may write. */
  readonly written?: readonly string[];
  /** Buckets that the user `reader` may read. */
  readonly read?: readonly string[];
  readonly props?: MinioTenantProps;
}

/** A platform with one store that declares this. */
function declare({ buckets, written = [], read = [], props = {} }: Declared): Platform {
  const platform = testPlatform();
  const store = new MinioTenant(platform, 'minio', props);
  const made = new Map<string, MinioBucket>(
    Object.entries(buckets).map(([name, bucket]) => [name, store.addBucket(name, bucket)]),
  );
  const consumer = (consumerName: string) => {
    const namespace = new PlatformNamespace(platform, `${consumerName}-namespace`, { name: `demo-${consumerName}` });
    const podLabels = { 'app.kubernetes.io/name': consumerName, 'app.kubernetes.io/instance': consumerName };
    const connections = new Connections(platform, consumerName, { namespace, name: consumerName, podLabels });
    return { consumerName, connections };
  };
  if (written.length > 0) {
    const writer = consumer('writer');
    for (const name of written) made.get(name)?.grantReadWrite(writer);
  }
  if (read.length > 0) {
    const reader = consumer('reader');
    for (const name of read) made.get(name)?.grantRead(reader);
  }
  return platform;
}

/** How mc says that the store answered AccessDenied. */
const DENIED = /Access Denied|Insufficient permissions/;

const FIRST: Declared = {
  buckets: {
    data: { versioning: true, quota: '1Gi', expireAfterDays: 30, expireNoncurrentAfterDays: 7 },
    data2: {},
  },
  written: ['data'],
  read: ['data'],
};

describe('the provisioning Job, against a real MinIO', () => {
  let minio: LocalMinio;
  const admin = (...args: readonly string[]) => minio.mc('minio-root', ROOT['minio-root/rootPassword'], ...args);
  const writer = (...args: readonly string[]) => minio.mc('writer', 'WRITERcanaryWRITER', ...args);
  const reader = (...args: readonly string[]) => minio.mc('reader', 'READERcanaryREADER', ...args);
  const provision = async (declared: Declared, secrets: SecretValues = SECRETS) => {
    const { code, output } = await minio.provision(declare(declared), secrets);
    return { code, output };
  };

  /** Everything that the Job decides, as the store tells it. */
  async function state(): Promise<string> {
    const answers: string[] = [];
    for (const bucket of ['data', 'data2']) {
      const target = `store/${bucket}`;
      for (const args of [
        ['version', 'info', target],
        ['quota', 'info', target],
        ['ilm', 'rule', 'export', target],
        ['anonymous', 'get', target],
      ]) {
        answers.push((await admin(...args)).output.trim());
      }
    }
    for (const user of ['writer', 'reader']) {
      answers.push((await admin('admin', 'user', 'info', 'store', user)).output.trim());
      answers.push((await admin('admin', 'policy', 'info', 'store', `consumer-${user}`, '--json')).output.trim());
    }
    // dates change with each run, and MinIO gives the actions of a policy in any order
    return answers
      .join('\n')
      .replace(/"(Create|Update)Date":"[^"]*"/g, '')
      .replace(/"Action":\[([^\]]*)\]/g, (_, actions: string) => actions.split(',').sort().join());
  }

  beforeAll(async () => {
    minio = await LocalMinio.create();
    await minio.serve(declare(FIRST), SECRETS);
    expect(await provision(FIRST)).toMatchObject({ code: 0 });
  });

  afterAll(async () => {
    await minio.dispose();
  });

  test('makes buckets with the versioning, quota and lifecycle that are declared', async () => {
    const found = await state();
    expect(found).toContain('store/data versioning is enabled');
    expect(found).toContain('Bucket `data` has hard quota of 1.0 GiB');
    expect(found).toContain('store/data2 is un-versioned');
    const { stdout } = await admin('ilm', 'rule', 'export', 'store/data');
    expect(JSON.parse(stdout)).toMatchObject({
      Rules: [
        { ID: 'expire', Status: 'Enabled', Expiration: { Days: 30 } },
        { ID: 'expire-noncurrent', Status: 'Enabled', NoncurrentVersionExpiration: { NoncurrentDays: 7 } },
        { ID: 'remove-delete-markers', Status: 'Enabled', Expiration: { ExpiredObjectDeleteMarker: true } },
      ],
    });
  });

  test('changes nothing when it runs again', async () => {
    const before = await state();
    expect(await provision(FIRST)).toMatchObject({ code: 0 });
    expect(await state()).toBe(before);
  });

  test('lets a writer list, write, read and delete in its bucket', async () => {
    expect(await writer('pipe', 'store/data/object')).toMatchObject({ code: 0 });
    expect(await writer('cat', 'store/data/object')).toMatchObject({ code: 0, stdout: 'content' });
    expect((await writer('ls', 'store/data')).stdout).toContain('object');
    expect(await writer('rm', 'store/data/object')).toMatchObject({ code: 0 });
  });

  test('keeps the versions of a versioned bucket from its writer', async () => {
    await writer('pipe', 'store/data/kept');
    await writer('rm', 'store/data/kept');
    const purge = await writer('rm', '--versions', '--force', 'store/data/kept');
    expect(purge.output).toMatch(DENIED);
    expect((await admin('ls', '--versions', 'store/data/kept')).stdout).toMatch(/ v1 PUT/);
  });

  test('lets a reader read and not write', async () => {
    await writer('pipe', 'store/data/read-me');
    expect(await reader('cat', 'store/data/read-me')).toMatchObject({ code: 0, stdout: 'content' });
    for (const attempt of [
      await reader('pipe', 'store/data/forbidden'),
      await reader('rm', 'store/data/read-me'),
      await reader('quota', 'clear', 'store/data'),
      await reader('anonymous', 'set', 'public', 'store/data'),
    ]) {
      expect(attempt.code).not.toBe(0);
      expect(attempt.output).toMatch(DENIED);
    }
  });

  test('keeps both out of a bucket whose name begins with the name of theirs', async () => {
    await admin('pipe', 'store/data2/secret');
    for (const user of [writer, reader]) {
      for (const args of [
        ['cat', 'store/data2/secret'],
        ['ls', 'store/data2/'],
        ['rm', 'store/data2/secret'],
        ['pipe', 'store/data2/mine'],
        ['rb', 'store/data2'],
        ['mb', 'store/data3'],
      ]) {
        const { code, output } = await user(...args);
        expect({ args, denied: code !== 0 && DENIED.test(output) }).toEqual({ args, denied: true });
      }
    }
    expect((await writer('ls', 'store')).stdout).not.toContain('data2');
  });

  test('answers nobody who gives no credentials, even where somebody opened a bucket by hand', async () => {
    await admin('pipe', 'store/data2/secret');
    await admin('anonymous', 'set', 'download', 'store/data2');
    expect((await minio.curl('/data2/secret')).stdout).toBe('200');
    await provision(FIRST);
    for (const path of [
      '/',
      '/data/',
      '/data2/',
      '/data2/secret',
      '/minio/v2/metrics/cluster',
      '/minio/admin/v3/info',
    ]) {
      expect({ path, status: (await minio.curl(path)).stdout }).toEqual({ path, status: '403' });
    }
  });

  test('takes back what a user holds beyond what is declared', async () => {
    await admin('admin', 'policy', 'attach', 'store', 'readwrite', '--user', 'reader');
    expect(await reader('cat', 'store/data2/secret')).toMatchObject({ code: 0 });
    await provision(FIRST);
    expect((await reader('cat', 'store/data2/secret')).output).toMatch(DENIED);
    expect(await reader('ls', 'store/data')).toMatchObject({ code: 0 });
  });

  test('puts a changed declaration in the place of the first, and tells what is no longer declared', async () => {
    const { code, output } = await provision({ buckets: { data: { quota: '2Gi' } }, written: ['data'] });
    expect(code).toBe(0);
    expect(output).toContain('bucket "data2" is not declared: left as it is');
    expect(output).toContain('user "reader" is not declared: left as it is');
    const found = await state();
    expect(found).toContain('store/data versioning is suspended');
    expect(found).toContain('Bucket `data` has hard quota of 2.0 GiB');
    expect((await admin('ilm', 'rule', 'export', 'store/data')).output).toContain(
      'lifecycle configuration does not exist',
    );
    expect(await admin('cat', 'store/data2/secret')).toMatchObject({ code: 0, stdout: 'content' });

    await provision({ buckets: { data: {} }, written: ['data'] });
    expect(await state()).not.toContain('hard quota');
  });

  test('lets a new key count and an old one no more', async () => {
    await provision(FIRST, { ...SECRETS, 'minio-user-writer/secretAccessKey': 'ROTATEDcanaryROTATED' });
    expect((await writer('ls', 'store/data')).code).not.toBe(0);
    expect(await minio.mc('writer', 'ROTATEDcanaryROTATED', 'ls', 'store/data')).toMatchObject({ code: 0 });
    await provision(FIRST);
  });

  test('says what is wrong and ends with an error when the root password is another', async () => {
    const { code, output } = await provision(FIRST, { ...SECRETS, 'minio-root/rootPassword': 'WRONGcanaryWRONG' });
    expect(code).not.toBe(0);
    expect(output).toContain('signature');
    expect(output).not.toContain('WRONGcanaryWRONG');
  });

  test('works on after the root password has changed and the server has started again', async () => {
    const rotated = { ...SECRETS, 'minio-root/rootPassword': 'NEWcanaryNEWcanary' };
    await minio.serve(declare(FIRST), rotated);
    expect((await admin('ls', 'store')).code).not.toBe(0);
    expect(await provision(FIRST, rotated)).toMatchObject({ code: 0 });
    expect(await writer('cat', 'store/data/read-me')).toMatchObject({ code: 0, stdout: 'content' });
    await minio.serve(declare(FIRST), SECRETS);
  });

  test('puts no secret on a command line', () => {
    expect(minio.commandLines.filter((line) => line.startsWith('admin user add'))).not.toHaveLength(0);
    expect(minio.commandLines.filter((line) => line.includes('canary'))).toEqual([]);
  });
});

describe('the provisioning Job, against a MinIO that serves TLS and metrics', () => {
  test('trusts the authority that the store was given, and metrics answer without credentials', async () => {
    const declared: Declared = {
      ...FIRST,
      props: {
        tls: ServerTls.secret('minio-tls', CertificateAuthority.secret('office-ca')),
        metrics: { allowFrom: { namespace: 'monitoring' } },
      },
    };
    const minio = await LocalMinio.create({ tls: true });
    try {
      await minio.serve(declare(declared), SECRETS);
      expect(minio.url).toMatch(/^https:/);
      expect(await minio.provision(declare(declared), SECRETS)).toMatchObject({ code: 0 });
      expect((await minio.curl('/minio/v2/metrics/cluster')).stdout).toBe('200');
    } finally {
      await minio.dispose();
    }
  });
});
