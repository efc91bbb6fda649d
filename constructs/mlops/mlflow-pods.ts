import {
  containerSecurityContext,
  type ContainerResources,
  env,
  k8s,
  podSecurityContext,
  resourceRequirements,
  type SecretRef,
} from '../platform';
import { type BucketAccess, type DatabaseAccess, libpqEnvironment } from '../storage';
import { bucketEnvironment } from './model-registry';

/** User that the image runs as. */
const UID = 1000;
const CONFIGURATION = '/etc/mlflow';
const DATABASE_AUTHORITY = '/etc/ssl/mlflow-database';
const BUCKET_AUTHORITY = '/etc/ssl/mlflow-bucket';
/** Debian's bundle of public certificate authorities. */
const SYSTEM_AUTHORITIES = '/etc/ssl/certs/ca-certificates.crt';

/** A file below `/etc/mlflow`. */
export interface ConfigurationFile {
  /** Key in the ConfigMap. */
  readonly key: string;
  /** Path below the folder. */
  readonly path: string;
  readonly text: string;
}

/** What the Pods of one MLflow server have in common. */
export interface MlflowRuntime {
  /** Full image reference. */
  readonly image: string;
  readonly serviceAccountName: string;
  /** Name of the ConfigMap that every container sees as `/etc/mlflow`. */
  readonly configMapName: string;
  readonly files: readonly ConfigurationFile[];
  readonly database: DatabaseAccess;
  /** Keys that the server itself uses on its bucket. */
  readonly bucket: BucketAccess;
}

/** One container, in terms of what differs between them. */
export interface MlflowContainer {
  readonly name: string;
  readonly command: readonly string[];
  readonly resources: ContainerResources;
  /** What it gets credentials for. @default - nothing */
  readonly reaches?: readonly ('database' | 'bucket')[];
  /** @default - none beyond those of what it reaches */
  readonly env?: readonly k8s.EnvVar[];
  /** @default - /tmp, /etc/mlflow and the certificate authorities of what it reaches */
  readonly mounts?: readonly k8s.VolumeMount[];
  /** Ports, probes and hooks. @default - none */
  readonly serving?: Pick<k8s.Container, 'ports' | 'startupProbe' | 'readinessProbe' | 'livenessProbe' | 'lifecycle'>;
}

/** A Pod, in terms of what differs between them. */
export interface MlflowPod {
  readonly containers: readonly MlflowContainer[];
  /** Containers that must end well before the others start. @default - none */
  readonly init?: readonly MlflowContainer[];
  /** @default - /tmp, /etc/mlflow and the certificate authorities */
  readonly volumes?: readonly k8s.Volume[];
  /** Further fields of the Pod's spec. @default - none */
  readonly spec?: Pick<k8s.PodSpec, 'restartPolicy' | 'topologySpreadConstraints' | 'terminationGracePeriodSeconds'>;
}

/** The path of a file of the ConfigMap. */
export function configurationFile(name: string): string {
  return `${CONFIGURATION}/${name}`;
}

/** A URI for SQLAlchemy without host, user or password: libpq takes those from its environment variables. */
export function databaseUri(database: string): string {
  return `postgresql+psycopg2:///${database}`;
}

/** The spec of a Pod under Pod Security `restricted`, where nothing can be written but `/tmp`. */
export function mlflowPod(runtime: MlflowRuntime, pod: MlflowPod): k8s.PodSpec {
  const render = (container: MlflowContainer) => mlflowContainer(runtime, container);
  return {
    ...pod.spec,
    serviceAccountName: runtime.serviceAccountName,
    automountServiceAccountToken: false,
    // A Service named mlflow would put MLFLOW_PORT=tcp://... into the environment, which `mlflow server` reads as its --port.
    enableServiceLinks: false,
    securityContext: podSecurityContext(UID),
    ...(pod.init === undefined ? {} : { initContainers: pod.init.map(render) }),
    containers: pod.containers.map(render),
    volumes: [
      {
        name: 'configuration',
        configMap: { name: runtime.configMapName, items: runtime.files.map(({ key, path }) => ({ key, path })) },
      },
      // Its bound is the local disk that the containers may use.
      { name: 'scratch', emptyDir: {} },
      ...authorityVolume('database-authority', runtime.database.certificateAuthority),
      ...authorityVolume('bucket-authority', runtime.bucket.endpoint.certificateAuthority),
      ...(pod.volumes ?? []),
    ],
  };
}

function mlflowContainer(runtime: MlflowRuntime, container: MlflowContainer): k8s.Container {
  const reached = (container.reaches ?? []).map((what) =>
    what === 'database' ? toDatabase(runtime.database) : toBucket(runtime.bucket),
  );
  return {
    name: container.name,
    image: runtime.image,
    imagePullPolicy: 'IfNotPresent',
    command: [...container.command],
    workingDir: '/tmp',
    env: [
      env('HOME', '/tmp'),
      env('PYTHONUNBUFFERED', '1'),
      env('MLFLOW_DISABLE_TELEMETRY', 'true'),
      env('DO_NOT_TRACK', 'true'),
      ...reached.flatMap((reach) => reach.env),
      ...(container.env ?? []),
    ],
    resources: resourceRequirements(container.resources),
    securityContext: containerSecurityContext(),
    volumeMounts: [
      { name: 'configuration', mountPath: CONFIGURATION, readOnly: true },
      { name: 'scratch', mountPath: '/tmp' },
      ...reached.flatMap((reach) => reach.mounts),
      ...(container.mounts ?? []),
    ],
    ...container.serving,
  };
}

interface Reach {
  readonly env: readonly k8s.EnvVar[];
  readonly mounts: readonly k8s.VolumeMount[];
}

function toDatabase(access: DatabaseAccess): Reach {
  const { certificateAuthority, tlsMode } = access;
  const isVerified = tlsMode === 'verify-ca' || tlsMode === 'verify-full';
  const file =
    certificateAuthority !== undefined
      ? `${DATABASE_AUTHORITY}/${certificateAuthority.key}`
      : isVerified
        ? SYSTEM_AUTHORITIES
        : undefined;
  return {
    env: [...libpqEnvironment(access, file), env('PGCONNECT_TIMEOUT', '10')],
    mounts: authorityMount('database-authority', DATABASE_AUTHORITY, certificateAuthority),
  };
}

function toBucket(access: BucketAccess): Reach {
  const { certificateAuthority } = access.endpoint;
  return {
    env: [
      ...bucketEnvironment(access),
      // Only boto3 calls the bucket; REQUESTS_CA_BUNDLE would make webhooks distrust every public host.
      ...(certificateAuthority === undefined
        ? []
        : [env('AWS_CA_BUNDLE', `${BUCKET_AUTHORITY}/${certificateAuthority.key}`)]),
    ],
    mounts: authorityMount('bucket-authority', BUCKET_AUTHORITY, certificateAuthority),
  };
}

function authorityVolume(name: string, authority: SecretRef | undefined): k8s.Volume[] {
  if (authority === undefined) return [];
  return [{ name, secret: { secretName: authority.name, items: [{ key: authority.key, path: authority.key }] } }];
}

function authorityMount(name: string, mountPath: string, authority: SecretRef | undefined): k8s.VolumeMount[] {
  return authority === undefined ? [] : [{ name, mountPath, readOnly: true }];
}
