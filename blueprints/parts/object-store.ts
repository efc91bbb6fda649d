import type { z } from 'zod';
import type { Platform } from '../../constructs/platform';
import { ExternalObjectStore, type IObjectStore, MinioTenant, MinioTopology } from '../../constructs/storage';
import type { objectStore } from '../sections/object-store';
import { authorityOf, tlsOf } from './tls';

type Section = z.output<typeof objectStore>;

/** The object store of a section; undefined where there is none. */
export function makeObjectStore(platform: Platform, section: Section | undefined): IObjectStore | undefined {
  if (section?.external !== undefined) return externalStore(platform, section.external);
  return section?.minio === undefined ? undefined : minio(platform, section.minio);
}

function externalStore(platform: Platform, section: NonNullable<Section['external']>): ExternalObjectStore {
  const { certificateAuthority, ...props } = section;
  return new ExternalObjectStore(platform, 'object-store', {
    ...props,
    ...(certificateAuthority === undefined ? {} : { certificateAuthority: authorityOf(certificateAuthority) }),
  });
}

function minio(platform: Platform, section: NonNullable<Section['minio']>): MinioTenant {
  const { servers, volumesPerServer, parity, tls, buckets, ...props } = section;
  const topology =
    servers === 1
      ? MinioTopology.standalone()
      : MinioTopology.distributed({ servers, volumesPerServer, ...(parity === undefined ? {} : { parity }) });
  const store = new MinioTenant(platform, 'minio', {
    ...props,
    topology,
    ...(tls === undefined ? {} : { tls: tlsOf(tls) }),
  });
  for (const { name, ...bucket } of buckets) store.addBucket(name, bucket);
  return store;
}
