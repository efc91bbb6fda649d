import type { App } from 'cdk8s';
import { ImageCatalogue, Platform } from '../../constructs/platform';
import {
  CertificateAuthority,
  ExternalObjectStore,
  type IObjectStore,
  MinioTenant,
  MinioTopology,
  ServerTls,
} from '../../constructs/storage';
import type { ImageLock } from '../blueprint';
import type { MinimalConfig } from './schema';

/** Builds the platform of a configuration of the blueprint `minimal`. */
export function composeMinimal(app: App, config: MinimalConfig, images: ImageLock): Platform {
  const { cluster } = config;
  const platform = new Platform(app, 'platform', {
    name: config.name,
    profile: config.profile,
    clusterDomain: cluster.domain,
    images: new ImageCatalogue({
      lock: images,
      overrides: config.images.overrides,
      requireDigest: config.profile === 'production',
      ...(config.images.mirror === undefined ? {} : { mirror: config.images.mirror }),
    }),
    ...(cluster.storageClassName === undefined ? {} : { storageClassName: cluster.storageClassName }),
    ...(cluster.dns === undefined ? {} : { dns: cluster.dns }),
  });
  objectStoreOf(platform, config);
  return platform;
}

function objectStoreOf(platform: Platform, { objectStore }: MinimalConfig): IObjectStore | undefined {
  if (objectStore?.external !== undefined) {
    const { certificateAuthority, ...props } = objectStore.external;
    return new ExternalObjectStore(platform, 'object-store', {
      ...props,
      ...(certificateAuthority === undefined ? {} : { certificateAuthority: authorityOf(certificateAuthority) }),
    });
  }
  if (objectStore?.minio === undefined) return undefined;
  const { servers, volumesPerServer, parity, tls, buckets, ...props } = objectStore.minio;
  const store = new MinioTenant(platform, 'minio', {
    ...props,
    topology:
      servers === 1
        ? MinioTopology.standalone()
        : MinioTopology.distributed({ servers, volumesPerServer, ...(parity === undefined ? {} : { parity }) }),
    ...(tls === undefined ? {} : { tls: tlsOf(tls) }),
  });
  for (const { name, ...bucket } of buckets) store.addBucket(name, bucket);
  return store;
}

type Authority = NonNullable<
  NonNullable<NonNullable<MinimalConfig['objectStore']>['external']>['certificateAuthority']
>;
type Tls = NonNullable<NonNullable<NonNullable<MinimalConfig['objectStore']>['minio']>['tls']>;

function authorityOf({ pem, secretName, key }: Authority): CertificateAuthority {
  return pem === undefined ? CertificateAuthority.secret(secretName ?? '', key) : CertificateAuthority.pem(pem);
}

function tlsOf({ secretName, issuer, plainTextBecause, certificateAuthority }: Tls): ServerTls {
  const authority = certificateAuthority === undefined ? undefined : authorityOf(certificateAuthority);
  if (secretName !== undefined) return ServerTls.secret(secretName, authority);
  if (issuer !== undefined && authority !== undefined) return ServerTls.issuer(issuer, authority);
  return ServerTls.none(plainTextBecause);
}
