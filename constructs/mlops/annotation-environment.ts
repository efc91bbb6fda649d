import { env, envFromSecret, type k8s, type SecretRef } from '../platform';
import type { BucketAccess } from '../storage';
import { registryEnvironment, type ModelRegistryAccess } from './model-registry';
import type { ProgramMount } from './program';

const AUTHORITIES = '/etc/authorities';
const JOINED = '/tmp/authorities.crt';
/** Debian's bundle of public certificate authorities. */
const SYSTEM_AUTHORITIES = '/etc/ssl/certs/ca-certificates.crt';

/** How the programs of `annotation/` are started, and with what around them. */
export interface AnnotationEnvironment {
  readonly command: (arguments_: readonly string[]) => readonly string[];
  readonly env: readonly k8s.EnvVar[];
  readonly mounts: readonly ProgramMount[];
  /** File of the authorities. @default - the system's */
  readonly certificateAuthority?: string;
}

/**
 * What the programs of `annotation/` find around them. They take one file of authorities in place of the system's: where something has one of its own,
 * it is joined with the public ones before the program starts.
 *
 * @param authorities of the store, then of others
 */
export function annotationEnvironment(
  access: BucketAccess,
  registry: ModelRegistryAccess,
  authorities: readonly (SecretRef | undefined)[],
): AnnotationEnvironment {
  const refs = [
    ...new Map(
      authorities.flatMap((ref) => (ref === undefined ? [] : [[`${ref.name}/${ref.key}`, ref] as const])),
    ).values(),
  ];
  const program = ['python', '-m', 'nace_annotation'];
  const files = refs.map((_, index) => `${AUTHORITIES}/authority-${index + 1}.crt`);
  const { credentials, trackingUri } = registry;
  return {
    command: (arguments_) =>
      refs.length === 0
        ? [...program, ...arguments_]
        : [
            ...['sh', '-ec', `cat ${[...files, SYSTEM_AUTHORITIES].join(' ')} > ${JOINED}; exec "$@"`, 'start'],
            ...[...program, ...arguments_],
          ],
    env: [
      envFromSecret('AWS_ACCESS_KEY_ID', access.accessKeyId),
      envFromSecret('AWS_SECRET_ACCESS_KEY', access.secretAccessKey),
      env('AWS_EC2_METADATA_DISABLED', 'true'),
      ...registryEnvironment({ trackingUri, ...(credentials === undefined ? {} : { credentials }) }),
    ],
    mounts:
      refs.length === 0
        ? []
        : [
            {
              volume: {
                name: 'authorities',
                projected: {
                  sources: refs.map(({ name, key }, index) => ({
                    secret: { name, items: [{ key, path: `authority-${index + 1}.crt` }] },
                  })),
                },
              },
              mountPath: AUTHORITIES,
            },
          ],
    ...(refs.length === 0 ? {} : { certificateAuthority: JOINED }),
  };
}
