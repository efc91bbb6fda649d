import {
  containerSecurityContext,
  type ContainerResources,
  env,
  k8s,
  podSecurityContext,
  resourceRequirements,
  type SecretRef,
} from '../platform';
import { type DatabaseAccess, SYSTEM_AUTHORITIES } from '../storage';
import { METRICS_PORT } from './argo-configuration';

/** Port that `argo server` listens on by default, and that its clients expect. */
export const PORT = 2746;
/** Port on which the controller tells whether it works. */
const HEALTH_PORT = 6060;
/** User of the image. */
const UID = 1000;
const DATABASE_AUTHORITY = '/etc/ssl/argo-database';
const PROVIDER_AUTHORITY = '/etc/ssl/argo-provider';
/** Debian's folder of public certificate authorities. */
const SYSTEM_FOLDER = '/etc/ssl/certs';

/** What both programs have in common. */
export interface ArgoRuntime {
  /** Full image reference. */
  readonly image: string;
  /** Namespace of workflows. */
  readonly workflowNamespace: string;
  /** Known at synthesis only. */
  readonly configMapName: string;
  /** @default - no archive */
  readonly database?: DatabaseAccess;
}

/** What differs between the Pods of the two programs. */
export interface ArgoPod {
  readonly serviceAccountName: string;
  readonly resources: ContainerResources;
}

/** The controller: there is one, which is replaced and never doubled. */
export function controllerPod(runtime: ArgoRuntime, pod: ArgoPod, hasMetrics: boolean): k8s.PodSpec {
  const health = { path: '/healthz', port: k8s.IntOrString.fromString('health') };
  return podSpec(runtime, pod, {
    name: 'controller',
    command: [
      ...['workflow-controller', '--namespaced', `--managed-namespace=${runtime.workflowNamespace}`],
      ...['--configmap', runtime.configMapName],
      ...[`--executor-image=${runtime.image}`, '--executor-image-pull-policy=IfNotPresent', '--log-format=json'],
    ],
    env: [env('LEADER_ELECTION_DISABLE', 'true')],
    ports: [
      { name: 'health', containerPort: HEALTH_PORT },
      ...(hasMetrics ? [{ name: 'metrics', containerPort: METRICS_PORT }] : []),
    ],
    readinessProbe: { httpGet: health, periodSeconds: 20, timeoutSeconds: 5 },
    // It asks the API for workflows that nobody has looked at for minutes.
    livenessProbe: { httpGet: health, initialDelaySeconds: 90, periodSeconds: 60, timeoutSeconds: 30 },
  });
}

/** A server. @param authority who signed the provider's certificate. @default - the system's authorities */
export function serverPod(
  runtime: ArgoRuntime,
  pod: ArgoPod,
  mode: 'client' | 'server' | 'sso',
  authority: SecretRef | undefined,
): k8s.PodSpec {
  const httpGet = { path: '/', port: k8s.IntOrString.fromString('http') };
  return podSpec(
    runtime,
    pod,
    {
      name: 'server',
      command: [
        ...[
          'argo',
          'server',
          `--auth-mode=${mode}`,
          '--namespaced',
          `--managed-namespace=${runtime.workflowNamespace}`,
        ],
        // Programs go on to come with tokens of their own.
        ...(mode === 'sso' ? ['--auth-mode=client'] : []),
        ...['--configmap', runtime.configMapName, '--secure=false', '--log-format=json'],
      ],
      env: authority === undefined ? [] : [env('SSL_CERT_DIR', `${SYSTEM_FOLDER}:${PROVIDER_AUTHORITY}`)],
      ports: [{ name: 'http', containerPort: PORT }],
      readinessProbe: { httpGet, periodSeconds: 10, timeoutSeconds: 5 },
      livenessProbe: { httpGet, initialDelaySeconds: 30, periodSeconds: 30, timeoutSeconds: 10, failureThreshold: 5 },
      lifecycle: { preStop: { exec: { command: ['sleep', '5'] } } },
    },
    mounted('provider-authority', PROVIDER_AUTHORITY, authority),
  );
}

interface Mounted {
  readonly volumes: readonly k8s.Volume[];
  readonly volumeMounts: readonly k8s.VolumeMount[];
}

function podSpec(
  runtime: ArgoRuntime,
  { serviceAccountName, resources }: ArgoPod,
  container: k8s.Container,
  more: Mounted = { volumes: [], volumeMounts: [] },
): k8s.PodSpec {
  const authority = runtime.database?.certificateAuthority;
  const database = mounted('database-authority', DATABASE_AUTHORITY, authority);
  return {
    serviceAccountName,
    automountServiceAccountToken: true,
    enableServiceLinks: false,
    securityContext: podSecurityContext(UID),
    containers: [
      {
        ...container,
        image: runtime.image,
        imagePullPolicy: 'IfNotPresent',
        env: [env('HOME', '/tmp'), ...databaseEnvironment(runtime.database), ...(container.env ?? [])],
        resources: resourceRequirements(resources),
        securityContext: containerSecurityContext(),
        volumeMounts: [{ name: 'tmp', mountPath: '/tmp' }, ...database.volumeMounts, ...more.volumeMounts],
      },
    ],
    volumes: [{ name: 'tmp', emptyDir: {} }, ...database.volumes, ...more.volumes],
  };
}

/** Argo's configuration has no place for an authority: its driver, pgx, reads the variables of libpq for what a connection does not say. */
function databaseEnvironment(database: DatabaseAccess | undefined): readonly k8s.EnvVar[] {
  if (database?.tlsMode.startsWith('verify') !== true) return [];
  const { certificateAuthority: authority } = database;
  return [
    env('PGSSLROOTCERT', authority === undefined ? SYSTEM_AUTHORITIES : `${DATABASE_AUTHORITY}/${authority.key}`),
  ];
}

function mounted(name: string, mountPath: string, ref: SecretRef | undefined): Mounted {
  if (ref === undefined) return { volumes: [], volumeMounts: [] };
  return {
    volumes: [{ name, secret: { secretName: ref.name, items: [{ key: ref.key, path: ref.key }] } }],
    volumeMounts: [{ name, mountPath, readOnly: true }],
  };
}
