import type { z } from 'zod';
import type { IExposure, Platform } from '../../constructs/platform';
import {
  ExternalObjectStore,
  type IObjectStore,
  MinioTenant,
  MinioTopology,
  type PeopleSystem,
} from '../../constructs/storage';
import type { objectStore } from '../sections/object-store';
import type { peopleStorage } from '../sections/people-storage';
import { cloudObjectStore } from './cloud';
import { authorityOf, tlsOf } from './tls';

type Section = z.output<typeof objectStore>;

/**
 * The object store of a section, or that of the cloud; undefined where there is none.
 *
 * @param exposure how the world comes in, if it does
 */
export function makeObjectStore(
  platform: Platform,
  section: Section | undefined,
  exposure: IExposure | undefined,
): IObjectStore | undefined {
  if (section?.external !== undefined) return externalStore(platform, section.external);
  return section?.minio === undefined ? cloudObjectStore(platform) : minio(platform, section.minio, exposure);
}

function externalStore(platform: Platform, section: NonNullable<Section['external']>): ExternalObjectStore {
  const { certificateAuthority, endpoint, region, forcePathStyle, cidrs, plainTextBecause, credentials } = section;
  return new ExternalObjectStore(platform, 'object-store', {
    endpoint,
    region,
    forcePathStyle,
    credentials,
    ...(cidrs === undefined ? {} : { cidrs }),
    ...(plainTextBecause === undefined ? {} : { plainTextBecause }),
    ...(certificateAuthority === undefined ? {} : { certificateAuthority: authorityOf(certificateAuthority) }),
  });
}

/** What runs the store of a section that serves people. @throws Error when it names nothing */
export function peopleSystemOf({ aws, ceph, minio }: z.output<typeof peopleStorage>): PeopleSystem {
  if (aws !== undefined) return { kind: 'aws', ...aws };
  if (ceph !== undefined) return { kind: 'ceph', ...ceph };
  if (minio !== undefined) return { kind: 'minio' };
  throw new Error('the section names no system that runs the store');
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
