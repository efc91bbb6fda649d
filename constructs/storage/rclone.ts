import { env, envFromSecret, type k8s } from '../platform';
import type { BucketAccess } from './object-store';

/** Name of the remote that rclone's variables describe: a bucket is `store:<bucket>`. */
const REMOTE = 'store';

/** A folder of a bucket, as rclone wants it. */
export function rcloneFolder(access: BucketAccess, folder: string): string {
  return `${REMOTE}:${access.bucket}/${folder}`;
}

/**
 * The environment variables from which rclone reads where a bucket is and how to reach it (https://rclone.org/docs/#environment-variables,
 * https://rclone.org/s3/). No configuration file is read.
 *
 * @param certificateAuthorityFile where the container mounts the endpoint's authority. @default - the system's authorities
 */
export function rcloneEnvironment(access: BucketAccess, certificateAuthorityFile?: string): k8s.EnvVar[] {
  const { endpoint, accessKeyId, secretAccessKey } = access;
  const option = (name: string) => `RCLONE_CONFIG_${REMOTE.toUpperCase()}_${name}`;
  return [
    env('RCLONE_CONFIG', '/dev/null'),
    env(option('TYPE'), 's3'),
    env(option('PROVIDER'), 'Other'),
    env(option('ENDPOINT'), endpoint.url),
    env(option('REGION'), endpoint.region),
    env(option('FORCE_PATH_STYLE'), String(endpoint.forcePathStyle)),
    // These credentials may work in the bucket, not make it.
    env(option('NO_CHECK_BUCKET'), 'true'),
    envFromSecret(option('ACCESS_KEY_ID'), accessKeyId),
    envFromSecret(option('SECRET_ACCESS_KEY'), secretAccessKey),
    ...(certificateAuthorityFile === undefined ? [] : [env('RCLONE_CA_CERT', certificateAuthorityFile)]),
  ];
}
