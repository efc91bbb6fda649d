import { type BucketProps, Connections, MinioTenant, PlatformNamespace, synthesize } from '../../../constructs';
import { testPlatform } from '../../support/platform';

/** A store, with the declared state and the name of its provisioning Job. */
function provisioned(declare: (store: MinioTenant, consumer: (name: string) => ReturnType<typeof consumerOf>) => void) {
  const platform = testPlatform();
  const store = new MinioTenant(platform, 'minio');
  declare(store, (name) => consumerOf(platform, name));
  const { objects } = synthesize(platform);
  const job = objects.find(({ manifest }) => manifest.kind === 'Job');
  const state = objects.find(({ manifest }) => manifest.kind === 'ConfigMap');
  return {
    job: job?.manifest.metadata.name,
    wave: job?.wave,
    spec: job?.manifest['spec'] as Record<string, unknown>,
    stateName: state?.manifest.metadata.name,
    files: state?.manifest['data'] as Record<string, string>,
  };
}

function consumerOf(platform: ReturnType<typeof testPlatform>, name: string) {
  const namespace = new PlatformNamespace(platform, `${name}-namespace`, { name: `demo-${name}` });
  const podLabels = { 'app.kubernetes.io/name': name, 'app.kubernetes.io/instance': name };
  return { consumerName: name, connections: new Connections(platform, name, { namespace, name, podLabels }) };
}

const policyOf = (files: Record<string, string>, user: string) =>
  JSON.parse(files[`policy.${user}.json`] ?? 'null') as {
    Statement: { Effect: string; Action: string[]; Resource: string[]; Condition?: unknown }[];
  } | null;

describe('the provisioning of a MinioTenant', () => {
  test('lists buckets and users by name, whatever the order in which they were asked for', () => {
    const { files } = provisioned((store, consumer) => {
      store.addBucket('models', { versioning: true, quota: '1Gi' }).grantReadWrite(consumer('zeno'));
      store.addBucket('data').grantRead(consumer('anna'));
    });
    expect(files['buckets.tsv']).toBe('data\toff\t0\nmodels\ton\t1073741824\n');
    expect(files['users.txt']).toBe('anna\nzeno\n');
  });

  test('runs once the servers are ready', () => {
    expect(provisioned(() => undefined).wave).toBe(21);
  });

  test('is another Job when anything that is declared changes, and the same one when nothing does', () => {
    const name = (props: BucketProps) => provisioned((store) => store.addBucket('data', props)).job;
    const names = [{}, { versioning: true }, { quota: '1Gi' }, { expireAfterDays: 1 }].map(name);
    expect(new Set(names).size).toBe(4);
    expect(name({})).toBe(names[0]);
    const granted = provisioned((store, consumer) => store.addBucket('data').grantRead(consumer('anna'))).job;
    expect(names).not.toContain(granted);
  });

  test('never vanishes by itself, for it would be made again', () => {
    const { spec, job, stateName } = provisioned(() => undefined);
    expect(spec).not.toHaveProperty('ttlSecondsAfterFinished');
    expect(stateName).toBe(job);
  });

  test('names buckets exactly, so that nobody reaches a bucket whose name begins alike', () => {
    const { files } = provisioned((store, consumer) => {
      store.addBucket('data').grantReadWrite(consumer('anna'));
      store.addBucket('data2');
    });
    const resources = policyOf(files, 'anna')?.Statement.flatMap(({ Resource = [] }) => Resource);
    expect(new Set(resources)).toEqual(new Set(['arn:aws:s3:::data', 'arn:aws:s3:::data/*']));
  });

  test('lets a program put below its folder and do nothing else', () => {
    const { files } = provisioned((store, consumer) => {
      store.addBucket('data').grantPut(consumer('anna'), 'nace/records');
    });
    const [location, put, ...rest] = policyOf(files, 'anna')?.Statement ?? [];
    expect(location).toEqual({
      Effect: 'Allow',
      Action: ['s3:GetBucketLocation'],
      Resource: ['arn:aws:s3:::data'],
    });
    expect(put).toEqual({
      Effect: 'Allow',
      Action: ['s3:AbortMultipartUpload', 's3:ListMultipartUploadParts', 's3:PutObject'],
      Resource: ['arn:aws:s3:::data/nace/records/*'],
    });
    expect(rest.map(({ Effect }) => Effect)).toEqual(['Deny']);
  });

  test('lists a folder for who may read it, by a condition that MinIO takes', () => {
    const { files } = provisioned((store, consumer) => {
      const bucket = store.addBucket('data');
      const anna = consumer('anna');
      bucket.grantRead(anna, 'nace/records');
      bucket.grantReadWrite(anna, 'nace/parquet');
    });
    const { Statement = [] } = policyOf(files, 'anna') ?? {};
    const listing = Statement.filter(({ Condition }) => Condition);
    expect(listing).toEqual(
      ['nace/parquet/*', 'nace/records/*'].map((folder) => ({
        Effect: 'Allow',
        Action: ['s3:ListBucket', 's3:ListBucketVersions'],
        Resource: ['arn:aws:s3:::data'],
        Condition: { StringLike: { 's3:prefix': [folder] } },
      })),
    );
    const mayPut = Statement.filter(({ Action }) => Action.includes('s3:PutObject'));
    expect(mayPut.flatMap(({ Resource = [] }) => Resource)).toEqual(['arn:aws:s3:::data/nace/parquet/*']);
    expect(JSON.stringify(Statement)).not.toContain('ListBucketMultipartUploads');
  });

  test.each(['', '/logs', 'logs/', 'a//b', '../b', 'a/*', 'a/${x}', 'a b'])('knows no folder "%s"', (folder) => {
    expect(() => provisioned((store, consumer) => store.addBucket('data').grantPut(consumer('anna'), folder))).toThrow(
      /is not a folder of a bucket/,
    );
  });

  test('lets a reader do nothing but list and read', () => {
    const { files } = provisioned((store, consumer) => store.addBucket('data').grantRead(consumer('anna')));
    expect(policyOf(files, 'anna')).toMatchInlineSnapshot(`
      {
        "Statement": [
          {
            "Action": [
              "s3:GetBucketLocation",
              "s3:GetBucketVersioning",
              "s3:ListBucket",
              "s3:ListBucketVersions",
            ],
            "Effect": "Allow",
            "Resource": [
              "arn:aws:s3:::data",
            ],
          },
          {
            "Action": [
              "s3:GetObject",
              "s3:GetObjectTagging",
              "s3:GetObjectVersion",
            ],
            "Effect": "Allow",
            "Resource": [
              "arn:aws:s3:::data/*",
            ],
          },
          {
            "Action": [
              "admin:CreateServiceAccount",
              "admin:UpdateServiceAccount",
            ],
            "Effect": "Deny",
          },
        ],
        "Version": "2012-10-17",
      }
    `);
  });

  test('keeps the wider of two grants, whichever came first', () => {
    const writes = (first: 'grantRead' | 'grantReadWrite', second: 'grantRead' | 'grantReadWrite') => {
      const { files } = provisioned((store, consumer) => {
        const anna = consumer('anna');
        const bucket = store.addBucket('data');
        bucket[first](anna);
        bucket[second](anna);
      });
      return files['policy.anna.json']?.includes('s3:PutObject"');
    };
    expect(writes('grantRead', 'grantReadWrite')).toBe(true);
    expect(writes('grantReadWrite', 'grantRead')).toBe(true);
    expect(writes('grantRead', 'grantRead')).toBe(false);
  });

  test('has no lifecycle for a bucket that keeps everything', () => {
    const { files } = provisioned((store) => store.addBucket('data', { versioning: true }));
    expect(Object.keys(files).filter((name) => name.startsWith('lifecycle'))).toEqual([]);
  });

  test.each<[BucketProps, string]>([
    [{ quota: '10GB' }, 'quota of bucket "data" "10GB" is not a size: use a Kubernetes quantity such as 100Gi or 500M'],
    [{ quota: '-1' }, 'quota of bucket "data" "-1" is not a size'],
    [{ quota: '0.3' }, 'quota of bucket "data" "0.3" is not a size'],
    [{ expireAfterDays: 0 }, 'bucket "data": objects expire after a whole number of days, 1 or more, given 0'],
    [{ expireAfterDays: 1.5 }, 'given 1.5'],
    [{ expireNoncurrentAfterDays: 3 }, 'bucket "data": expireNoncurrentAfterDays needs versioning: true'],
  ])('refuses a bucket with %j', (props, message) => {
    expect(() => provisioned((store) => store.addBucket('data', props))).toThrow(message);
  });

  test('refuses a bucket that is asked for twice', () => {
    const twice = () =>
      provisioned((store) => {
        store.addBucket('data');
        store.addBucket('data');
      });
    expect(twice).toThrow('bucket "data" of store "minio" is asked for twice: pass the first one on');
  });
});
