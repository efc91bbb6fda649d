import {
  authorityFile,
  type ContainerResources,
  containerSecurityContext,
  env,
  envFromSecret,
  k8s,
  podSecurityContext,
  resourceRequirements,
  type SecretRef,
} from '../platform';
import type { CredentialsPod } from './argo-cd-credentials';
import {
  ARGO_CD_USER,
  ARGOCD_SECRET,
  clientArguments,
  CLUSTER,
  CONTROLLER_VARIABLES,
  FILES,
  PORTS,
  REDIS_COMMAND,
  REDIS_PING,
  REPOSITORIES_COMMAND,
  REPOSITORIES_VARIABLES,
  SHARED_VARIABLES,
  TOKEN,
  TOKEN_VOLUME,
} from './argo-cd-programs';

/** Where the authority is that the office trusts, and where it is put together with those of the image. */
export const AUTHORITY_FILES = {
  given: '/etc/bouture/authorities/ca.crt',
  system: '/etc/ssl/certs/ca-certificates.crt',
  bundle: '/tmp/ca-bundle.crt',
} as const;
const AUTHORITY_FOLDER = '/etc/bouture/authorities';

/** What the Pod of one Argo CD is made of. */
export interface ArgoCdPod {
  readonly namespace: string;
  readonly accountName: string;
  readonly image: string;
  readonly serverImage: string;
  /** ConfigMap of the scripts. */
  readonly filesName: string;
  readonly redisPassword: SecretRef;
  /** @default - there is no local account */
  readonly administrator?: SecretRef;
  /** @default - the system's authorities alone */
  readonly authority?: SecretRef;
  readonly serverSpeaksTls: boolean;
  readonly pollSeconds: number;
  readonly credentials: CredentialsPod;
  readonly resources: Readonly<Record<'server' | 'repositories' | 'controller', ContainerResources>>;
}

/** What containers that start before the server take: none of it grows. */
const SMALL: ContainerResources = {
  cpu: { request: '20m', limit: '500m' },
  memory: { request: '32Mi', limit: '192Mi' },
  ephemeralStorage: { request: '16Mi', limit: '64Mi' },
};

const readOnly = (name: string, mountPath: string): k8s.VolumeMount => ({ name, mountPath, readOnly: true });
const SCRIPTS = readOnly('files', FILES);
const ACCOUNT = readOnly(TOKEN_VOLUME.name, TOKEN);
const scratch = (name: string): k8s.VolumeMount => ({ name, mountPath: '/tmp' });
const http = (path: string, port: string): k8s.Probe => ({
  httpGet: { path, port: k8s.IntOrString.fromString(port) },
  timeoutSeconds: 5,
});

/**
 * The Pod: Redis, repository server and controller start before the server, and speak to each other on the loopback address. The token of
 * the account is in those containers alone that call the API: what reads repositories has none.
 */
export function argoCdPod(pod: ArgoCdPod): k8s.PodSpec {
  return {
    serviceAccountName: pod.accountName,
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    securityContext: podSecurityContext(ARGO_CD_USER),
    terminationGracePeriodSeconds: 30,
    initContainers: [
      ...pod.credentials.containers,
      ...(pod.administrator === undefined ? [] : [passwordContainer(pod, pod.administrator)]),
      redisContainer(pod),
      repositoriesContainer(pod),
      controllerContainer(pod),
    ],
    containers: [serverContainer(pod)],
    volumes: [
      { name: 'files', configMap: { name: pod.filesName } },
      { name: 'known-hosts', configMap: { name: 'argocd-ssh-known-hosts-cm' } },
      { name: 'tls-certs', configMap: { name: 'argocd-tls-certs-cm' } },
      { name: 'memory', emptyDir: { medium: 'Memory', sizeLimit: k8s.Quantity.fromString('16Mi') } },
      { name: 'checkouts', emptyDir: {} },
      { name: 'controller', emptyDir: {} },
      { name: 'server', emptyDir: {} },
      TOKEN_VOLUME,
      ...(pod.authority === undefined ? [] : [authorityFile('authorities', pod.authority)]),
      ...pod.credentials.volumes,
    ],
  };
}

function container(fields: k8s.Container): k8s.Container {
  return { imagePullPolicy: 'IfNotPresent', securityContext: containerSecurityContext(), ...fields };
}

/** A container that runs for as long as the Pod does, and is there before those behind it begin. */
function sidecar(fields: k8s.Container): k8s.Container {
  return container({ restartPolicy: 'Always', ...fields });
}

function passwordContainer({ image, namespace }: ArgoCdPod, password: SecretRef): k8s.Container {
  return container({
    name: 'password',
    image,
    command: ['sh', `${FILES}/password.sh`],
    env: [
      envFromSecret('PASSWORD', password),
      {
        name: 'PASSWORD_HASH',
        valueFrom: { secretKeyRef: { name: ARGOCD_SECRET.name, key: ARGOCD_SECRET.passwordHash, optional: true } },
      },
      env('KUBERNETES_API', CLUSTER),
      env('NAMESPACE', namespace),
    ],
    resources: resourceRequirements(SMALL),
    volumeMounts: [SCRIPTS, ACCOUNT, scratch('memory')],
  });
}

function redisContainer({ image, redisPassword }: ArgoCdPod): k8s.Container {
  const pong = { exec: { command: ['sh', '-c', REDIS_PING] }, timeoutSeconds: 5 };
  return sidecar({
    name: 'redis',
    image,
    command: [...REDIS_COMMAND],
    env: [envFromSecret('REDIS_PASSWORD', redisPassword), env('REDIS_PORT', String(PORTS.redis))],
    startupProbe: { ...pong, periodSeconds: 1, failureThreshold: 60 },
    readinessProbe: { ...pong, periodSeconds: 20 },
    livenessProbe: { ...pong, periodSeconds: 20, failureThreshold: 6 },
    resources: resourceRequirements(SMALL),
    volumeMounts: [SCRIPTS, scratch('memory')],
  });
}

/** Git, Helm's library and Go read the bundle, which the script writes. */
function trust({ authority }: ArgoCdPod, ...names: readonly string[]): k8s.EnvVar[] {
  return authority === undefined ? [] : names.map((name) => env(name, AUTHORITY_FILES.bundle));
}

function authorityMount({ authority }: ArgoCdPod): k8s.VolumeMount[] {
  return authority === undefined ? [] : [readOnly('authorities', AUTHORITY_FOLDER)];
}

function repositoriesContainer(pod: ArgoCdPod): k8s.Container {
  return sidecar({
    name: 'repositories',
    image: pod.image,
    command: [...REPOSITORIES_COMMAND],
    env: [
      envFromSecret('REDIS_PASSWORD', pod.redisPassword),
      ...SHARED_VARIABLES,
      ...REPOSITORIES_VARIABLES,
      ...trust(pod, 'SSL_CERT_FILE', 'GIT_SSL_CAINFO'),
      reconciliation(pod),
    ],
    ports: [{ name: 'repo-metrics', containerPort: PORTS.repositoriesHealth, protocol: 'TCP' }],
    startupProbe: { ...http('/healthz', 'repo-metrics'), periodSeconds: 2, failureThreshold: 60 },
    readinessProbe: { ...http('/healthz', 'repo-metrics'), periodSeconds: 10 },
    livenessProbe: { ...http('/healthz?full=true', 'repo-metrics'), periodSeconds: 30, failureThreshold: 3 },
    resources: resourceRequirements(pod.resources.repositories),
    volumeMounts: [
      SCRIPTS,
      scratch('checkouts'),
      readOnly('known-hosts', '/app/config/ssh'),
      readOnly('tls-certs', '/app/config/tls'),
      ...authorityMount(pod),
    ],
  });
}

function reconciliation({ pollSeconds }: ArgoCdPod): k8s.EnvVar {
  return env('ARGOCD_RECONCILIATION_TIMEOUT', `${pollSeconds}s`);
}

function controllerContainer(pod: ArgoCdPod): k8s.Container {
  return sidecar({
    name: 'controller',
    image: pod.image,
    command: [
      ...['argocd-application-controller', `--metrics-port=${PORTS.controllerHealth}`],
      // The API server says what a manifest would change: what it adds by itself is no drift. There is no --sync-timeout: in 3.1.16 it now and
      // then ends a synchronization that has just begun, with "Started at: 0001-01-01" in the log, and the commit is never applied.
      '--server-side-diff-enabled=true',
      ...clientArguments(`--namespace=${pod.namespace}`),
    ],
    env: [
      envFromSecret('REDIS_PASSWORD', pod.redisPassword),
      ...SHARED_VARIABLES,
      ...CONTROLLER_VARIABLES,
      reconciliation(pod),
    ],
    ports: [{ name: 'ctrl-metrics', containerPort: PORTS.controllerHealth, protocol: 'TCP' }],
    readinessProbe: { ...http('/healthz', 'ctrl-metrics'), periodSeconds: 10 },
    livenessProbe: {
      ...http('/healthz', 'ctrl-metrics'),
      initialDelaySeconds: 90,
      periodSeconds: 60,
      timeoutSeconds: 30,
    },
    resources: resourceRequirements(pod.resources.controller),
    volumeMounts: [ACCOUNT, scratch('controller')],
  });
}

function serverContainer(pod: ArgoCdPod): k8s.Container {
  const probe = http('/healthz', 'http');
  const httpGet = probe.httpGet && { ...probe.httpGet, ...(pod.serverSpeaksTls ? { scheme: 'HTTPS' } : {}) };
  const asked = { ...probe, ...(httpGet === undefined ? {} : { httpGet }) };
  return container({
    name: 'server',
    image: pod.serverImage,
    command: [
      ...['argocd-server', ...(pod.serverSpeaksTls ? [] : ['--insecure']), `--port=${PORTS.server}`],
      ...clientArguments(`--namespace=${pod.namespace}`),
      `--metrics-port=${PORTS.serverMetrics}`,
    ],
    env: [
      envFromSecret('REDIS_PASSWORD', pod.redisPassword),
      ...SHARED_VARIABLES,
      // The identity provider's authority, beside the system's own.
      ...(pod.authority === undefined ? [] : [env('SSL_CERT_DIR', `/etc/ssl/certs:${AUTHORITY_FOLDER}`)]),
    ],
    ports: [
      { name: 'http', containerPort: PORTS.server, protocol: 'TCP' },
      { name: 'metrics', containerPort: PORTS.serverMetrics, protocol: 'TCP' },
    ],
    startupProbe: { ...asked, periodSeconds: 2, failureThreshold: 90 },
    readinessProbe: { ...asked, periodSeconds: 10 },
    livenessProbe: { ...asked, periodSeconds: 20, failureThreshold: 6 },
    resources: resourceRequirements(pod.resources.server),
    volumeMounts: [ACCOUNT, scratch('server'), ...authorityMount(pod)],
  });
}
