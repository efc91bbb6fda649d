import {
  type ContainerResources,
  containerSecurityContext,
  env,
  envFromSecret,
  type ImageReference,
  k8s,
  podSecurityContext,
  resourceRequirements,
  secretFile,
  type SecretRef,
} from '../platform';
import type { DatabaseTlsMode } from './database';
import { POSTGRES_UID, SUPERUSER } from './postgres-server-files';
import { SYSTEM_AUTHORITIES } from './libpq';

/** Where the certificate of the server's authority stands in the Pods of its Jobs. */
const SERVER_CA = '/etc/bouture-postgres-ca';

/** How the Jobs beside a server reach it, as the superuser. */
export interface SuperuserAccess {
  readonly host: string;
  readonly port: number;
  readonly password: SecretRef;
  readonly tlsMode: DatabaseTlsMode;
  /** In the server's namespace. @default - the system's authorities */
  readonly certificateAuthority?: SecretRef;
}

/** A volume with the place where the container sees it. */
export interface MountedVolume {
  readonly volume: k8s.Volume;
  readonly mountPath: string;
  /** @default false */
  readonly readOnly?: boolean;
}

export interface PostgresJobPodProps {
  /** Name of the container. */
  readonly name: string;
  readonly image: ImageReference;
  readonly command: readonly string[];
  readonly access: SuperuserAccess;
  readonly env: readonly k8s.EnvVar[];
  readonly resources: ContainerResources;
  readonly mounts: readonly MountedVolume[];
}

/** The Pod of a Job that works on a server as its superuser. A failed Pod stays, with its log, and another is tried. */
export function postgresJobPod(props: PostgresJobPodProps): k8s.PodSpec {
  const { host, port, password, tlsMode, certificateAuthority: ca } = props.access;
  const mounts: MountedVolume[] = [
    ...props.mounts,
    ...(ca === undefined
      ? []
      : [{ volume: secretFile('server-ca', ca, 'ca.crt'), mountPath: SERVER_CA, readOnly: true }]),
    { volume: { name: 'tmp', emptyDir: { sizeLimit: k8s.Quantity.fromString('64Mi') } }, mountPath: '/tmp' },
  ];
  return {
    restartPolicy: 'Never',
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    securityContext: podSecurityContext(POSTGRES_UID),
    containers: [
      {
        name: props.name,
        image: props.image.reference,
        imagePullPolicy: 'IfNotPresent',
        command: [...props.command],
        env: [
          env('PGHOST', host),
          env('PGPORT', String(port)),
          env('PGDATABASE', SUPERUSER),
          env('PGUSER', SUPERUSER),
          envFromSecret('PGPASSWORD', password),
          env('PGSSLMODE', tlsMode),
          ...(tlsMode === 'disable'
            ? []
            : [env('PGSSLROOTCERT', ca === undefined ? SYSTEM_AUTHORITIES : `${SERVER_CA}/ca.crt`)]),
          env('HOME', '/tmp'),
          ...props.env,
        ],
        securityContext: containerSecurityContext(),
        resources: resourceRequirements(props.resources),
        volumeMounts: mounts.map(({ volume, mountPath, readOnly }) => ({
          name: volume.name,
          mountPath,
          ...(readOnly === true ? { readOnly } : {}),
        })),
      },
    ],
    volumes: mounts.map(({ volume }) => volume),
  };
}
