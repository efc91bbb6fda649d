import { env, envFromSecret, type k8s } from '../platform';
import type { BucketAccess } from '../storage';
import { storeAuthority } from './program-files';
import type { ProgramMount } from './program';
import type { RecordStore } from './record-store';

/** What programs of the case need in order to reach the records, as boto3 and the others read it. */
export interface StoreEnvironment {
  readonly env: readonly k8s.EnvVar[];
  readonly mounts: readonly ProgramMount[];
}

/** The environment in which the programs of `etl/` and `dashboard/` find the records. */
export function storeEnvironment(records: RecordStore, access: BucketAccess): StoreEnvironment {
  const { endpoint, accessKeyId, secretAccessKey } = access;
  const authority = storeAuthority(endpoint.certificateAuthority);
  return {
    env: [
      env('NACE_DATA', records.url),
      env('NACE_S3_PATH_STYLE', String(endpoint.forcePathStyle)),
      env('AWS_ENDPOINT_URL', endpoint.url),
      env('AWS_REGION', endpoint.region),
      envFromSecret('AWS_ACCESS_KEY_ID', accessKeyId),
      envFromSecret('AWS_SECRET_ACCESS_KEY', secretAccessKey),
      // Without it boto3 looks for credentials at 169.254.169.254 first, which no policy lets it reach, and waits.
      env('AWS_EC2_METADATA_DISABLED', 'true'),
      ...(authority.file === undefined ? [] : [env('AWS_CA_BUNDLE', authority.file)]),
    ],
    mounts: authority.mounts,
  };
}
