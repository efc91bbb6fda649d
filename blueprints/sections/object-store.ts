import { z } from 'zod';
import { MinioTopology } from '../../constructs/storage/minio-topology';
import { serverNetworks, serverUrl } from '../config/hosts';
import { bucket, label, objectName, refusal, secretKey } from '../config/names';
import { resources, storageSize } from '../config/quantities';
import { facets, reason, scalar, wholeNumber } from '../config/scalar';
import { certificateAuthority } from './authority';
import { exactlyOne } from './choice';
import { foreignPods } from './installation';
import { peopleStorage } from './people-storage';
import { serverTls } from './server-tls';

const extraBucket = z
  .strictObject({
    name: bucket().describe('Name of the bucket.'),
    versioning: z.boolean().default(false).describe('Keep every version of an object.'),
    quota: storageSize().exactOptional().describe('Size that the bucket may have. Default: none.'),
    expireAfterDays: wholeNumber('a number of days', 1, 36500)
      .exactOptional()
      .describe('Days after which objects are deleted. Default: never.'),
    expireNoncurrentAfterDays: wholeNumber('a number of days', 1, 36500)
      .exactOptional()
      .describe('Days after which old versions are deleted. Default: never.'),
  })
  .check(({ value, issues }) => {
    if (issues.length > 0) return;
    if (value.expireNoncurrentAfterDays === undefined || value.versioning) return;
    const message = 'old versions cannot expire where none are kept: set versioning: true';
    issues.push({
      code: 'custom',
      input: value.expireNoncurrentAfterDays,
      path: ['expireNoncurrentAfterDays'],
      message,
    });
  });

const region = scalar('a region such as us-east-1', (text) =>
  /^[a-z0-9-]{1,63}$/.test(text) ? undefined : { message: 'no region' },
)
  .default('us-east-1')
  .describe('Region that clients sign for.');

/** `objectStore.minio`: an object store on the cluster's own volumes. */
const minio = z
  .strictObject({
    servers: wholeNumber('a number of servers', 1, 64)
      .default(1)
      .describe(
        'Servers. 1 is a single server with a single volume; 4 or more spread objects with erasure coding. Chosen once.',
      ),
    volumesPerServer: wholeNumber('a number of volumes', 1, 16)
      .default(1)
      .describe('Volumes of each server, where there are several servers. Chosen once.'),
    parity: wholeNumber('a number of drives', 1, 8)
      .exactOptional()
      .describe("Drives of an erasure set that may be lost. Default: MinIO's own choice."),
    volumeSize: storageSize().default('10Gi').describe('Size of each volume.'),
    storageClassName: objectName()
      .exactOptional()
      .describe('StorageClass of its volumes. Default: that of the cluster section.'),
    resources: resources(
      'pilot 100m to 1 CPU and 256Mi to 1Gi; production 500m to 4 CPU and 2Gi to 4Gi',
    ).exactOptional(),
    region,
    console: z.boolean().default(false).describe('Serve the console, a browser of buckets and objects.'),
    apiSubdomain: label()
      .exactOptional()
      .describe('First label of the host of the S3 interface, where there is an exposure. Default: it has no host.'),
    consoleSubdomain: label()
      .exactOptional()
      .describe('First label of the host of the console, where there is an exposure. Default: minio.'),
    metrics: z
      .strictObject({
        allowFrom: foreignPods('Pods that may read the metrics, such as Prometheus.'),
        publicBecause: reason()
          .exactOptional()
          .describe('Why everyone who reaches an exposed S3 interface may read them.'),
      })
      .exactOptional()
      .describe('Answer Prometheus without credentials, to the Pods named. Default: metrics ask for a token.'),
    tls: serverTls('the store').exactOptional(),
    buckets: z
      .array(extraBucket)
      .max(1000)
      .default([])
      .describe('Buckets besides those that the components make for themselves.'),
  })
  .check(({ value, issues }) => {
    if (issues.length > 0) return;
    if (value.servers === 1) {
      for (const key of ['volumesPerServer', 'parity'] as const) {
        if ((value[key] ?? 1) > 1)
          issues.push({
            code: 'custom',
            input: value[key],
            path: [key],
            message: 'a single server has a single volume and no parity: set servers',
          });
      }
      return;
    }
    const { servers, volumesPerServer, parity } = value;
    const message = refusal(() =>
      MinioTopology.distributed({ servers, volumesPerServer, ...(parity === undefined ? {} : { parity }) }),
    );
    if (message !== undefined)
      issues.push({
        code: 'custom',
        input: value,
        path: [message.startsWith('parity') ? 'parity' : 'servers'],
        message,
      });
  })
  .describe("A MinIO on the cluster's own volumes.");

const externalCredentials = z
  .strictObject({
    secretName: objectName().describe("Secret in the consumer's namespace."),
    accessKeyIdKey: secretKey().default('accessKeyId').describe('Key of the access key id in it.'),
    secretAccessKeyKey: secretKey().default('secretAccessKey').describe('Key of the secret access key in it.'),
  })
  .register(facets, {
    secret: true,
    expected: '{secretName: NAME}: a Secret that holds the pair of keys, never the keys themselves',
  })
  .describe('Where one consumer finds its pair of keys.');

/** `objectStore.external`: a store that somebody else runs. */
const external = z
  .strictObject({
    endpoint: serverUrl().describe('Its URL.'),
    region,
    forcePathStyle: z.boolean().default(true).describe('Address buckets as host/bucket rather than bucket.host.'),
    cidrs: serverNetworks(100),
    certificateAuthority: certificateAuthority.exactOptional(),
    plainTextBecause: reason()
      .exactOptional()
      .describe('Why an endpoint without TLS is right. Default: production refuses one.'),
    credentials: z
      .record(label(), externalCredentials)
      .default({})
      .describe(
        'Where each consumer finds its keys, by consumer. Default: Secrets CONSUMER-s3 with the keys accessKeyId and secretAccessKey.',
      ),
    people: peopleStorage.exactOptional(),
  })
  .check(({ value, issues }) => {
    if (issues.length > 0) return;
    if (value.certificateAuthority !== undefined && value.endpoint.startsWith('http://')) {
      issues.push({
        code: 'custom',
        input: value,
        path: ['certificateAuthority'],
        message: 'the endpoint is plain text: a certificate authority cannot matter',
      });
    }
  })
  .describe('S3 object storage that somebody else runs: its buckets and keys exist already.');

/** `objectStore`: where objects are kept. */
export const objectStore = exactlyOne({ minio, external }, {}).describe(
  "S3 object storage: made here, or somebody else's. Left out, it is that of the cloud which the cluster is made in, at AWS and Google; else there is none.",
);
