import type { z } from 'zod';
import type { IExposure, Platform } from '../../constructs/platform';
import { ExternalObjectStore, type IObjectStore, MinioTenant, MinioTopology } from '../../constructs/storage';
import type { objectStore } from '../sections/object-store';
import { authorityOf, tlsOf } from './tls';

type Section = z.output<typeof objectStore>;

/**
 * The object store of a section; undefined where there is none.
 *
 * @param exposure how the world comes in, if it does
 */
export function makeObjectStore(
  platform: Platform,
  section: Section | undefined,
  exposure: IExposure | undefined,
): IObjectStore | undefined {
  if (section?.external !== undefined) return externalStore(platform, section.external);
  return section?.minio === undefined ? undefined : minio(platform, section.minio, exposure);
}

function externalStore(platform: Platform, section: NonNullable<Section['external']>): ExternalObjectStore {
  const { certificateAuthority, ...props } = section;
  return new ExternalObjectStore(platform, 'object-store', {
    ...props,
    ...(certificateAuthority === undefined ? {} : { certificateAuthority: authorityOf(certificateAuthority) }),
  });
}

function minio(
  platform: Platform,
  section: NonNullable<Section['minio']>,
  exposure: IExposure | undefined,
): MinioTenant {
  const {
    servers,
    volumesPerServer,
    parity,
    tls,
    buckets,
    apiSubdomain,
    consoleSubdomain = 'minio',
    ...props
  } = section;
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
  if (exposure !== undefined) {
    if (apiSubdomain !== undefined) store.exposeApiVia(exposure, apiSubdomain);
    if (props.console) store.exposeConsoleVia(exposure, consoleSubdomain);
  }
  return store;
}
