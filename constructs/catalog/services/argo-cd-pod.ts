import {
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
} from '../../delivery/argo-cd-programs';
import { containerSecurityContext, type k8s } from '../../platform';
import type { Expression, Input } from '../expression';
import { release, text } from '../functions';
import { objectName } from '../object';
import type { Contributions } from '../part';
import { PASSWORD } from '../parts/password';
import type { Template, TemplateItem, TemplateMap } from '../template';
import { REDIS_PASSWORD } from './argo-cd-config';

const SHARED_ARGUMENTS = clientArguments(text`--namespace=${release.namespace}`);
const REDIS_VARIABLE = { name: 'REDIS_PASSWORD', valueFrom: { secretKeyRef: REDIS_PASSWORD } };
const VARIABLES = [REDIS_VARIABLE, ...SHARED_VARIABLES];

const mount = (name: string, mountPath: string) => ({ name, mountPath, readOnly: true });
const TOKEN_MOUNT = mount('token', TOKEN);
const SCRIPTS = mount('files', FILES);
/** Keys and certificates of servers that people add with `argocd cert`. */
const KNOWN_SERVERS = [mount('known-hosts', '/app/config/ssh'), mount('tls-certs', '/app/config/tls')];
const scratch = (name: string) => ({ name, mountPath: '/tmp' });

/** The volumes of the Pod. The token is in those containers alone that call the API: what renders other people's charts has none. */
export const VOLUMES: readonly TemplateItem<k8s.Volume>[] = [
  { name: 'files', configMap: { name: objectName('files') } },
  { name: 'known-hosts', configMap: { name: 'argocd-ssh-known-hosts-cm' } },
  { name: 'tls-certs', configMap: { name: 'argocd-tls-certs-cm' } },
  { name: 'memory', emptyDir: { medium: 'Memory', sizeLimit: '16Mi' } },
  { name: 'checkouts', emptyDir: {} },
  { name: 'controller', emptyDir: {} },
  TOKEN_VOLUME,
];

/** The server, which people reach. */
export const SERVER = {
  command: [
    ...['argocd-server', '--insecure', `--port=${PORTS.server}`, ...SHARED_ARGUMENTS],
    ...['--metrics-address=127.0.0.1', `--metrics-port=${PORTS.serverMetrics}`],
  ],
  env: VARIABLES,
  mounts: [TOKEN_MOUNT],
} as const;

/** What the other containers are made from. */
export interface Beside {
  readonly argocd: Input<string>;
  /** Image with Redis and the programs that set the password. */
  readonly companion: Input<string>;
  readonly parts: Contributions;
  /** How often repositories are looked at, in seconds. */
  readonly interval: Expression<number>;
}

type Fields = TemplateMap<k8s.Container>;

function container(fields: Fields): Fields {
  return {
    imagePullPolicy: 'IfNotPresent',
    ...fields,
    securityContext: containerSecurityContext(),
  };
}

/** A container that runs for as long as the Pod does, and is there before those behind it begin. */
function sidecar(fields: Fields): Fields {
  return container({ ...fields, restartPolicy: 'Always' });
}

/** Requests and limits, the smaller first. */
function amounts(
  cpu: readonly [string, string],
  memory: readonly [string, string],
  disk: string,
): Template<k8s.ResourceRequirements> {
  return {
    requests: { cpu: cpu[0], memory: memory[0], 'ephemeral-storage': '16Mi' },
    limits: { cpu: cpu[1], memory: memory[1], 'ephemeral-storage': disk },
  };
}

/** What the server may use. */
export const SERVER_RESOURCES = amounts(['50m', '500m'], ['128Mi', '512Mi'], '256Mi');

/**
 * The containers that start before the server: the one that sets the password, then Redis, the repository server and the controller, which
 * stay. They speak to each other on the loopback address.
 */
export function beside({ argocd, companion, parts, interval }: Beside): readonly Fields[] {
  const timeout = { name: 'ARGOCD_RECONCILIATION_TIMEOUT', value: text`${interval}s` };
  const pong = {
    exec: { command: ['sh', '-c', REDIS_PING] },
  };
  return [
    container({
      name: 'password',
      image: companion,
      command: ['sh', `${FILES}/password.sh`],
      env: [
        { name: 'PASSWORD', valueFrom: { secretKeyRef: PASSWORD } },
        {
          name: 'PASSWORD_HASH',
          valueFrom: { secretKeyRef: { name: ARGOCD_SECRET.name, key: ARGOCD_SECRET.passwordHash, optional: true } },
        },
        { name: 'KUBERNETES_API', value: CLUSTER },
        { name: 'NAMESPACE', value: release.namespace },
      ],
      resources: amounts(['20m', '500m'], ['32Mi', '64Mi'], '16Mi'),
      volumeMounts: [SCRIPTS, TOKEN_MOUNT, scratch('memory')],
    }),
    sidecar({
      name: 'redis',
      image: companion,
      command: REDIS_COMMAND,
      env: [REDIS_VARIABLE, { name: 'REDIS_PORT', value: String(PORTS.redis) }],
      startupProbe: { ...pong, periodSeconds: 1, timeoutSeconds: 5, failureThreshold: 60 },
      readinessProbe: { ...pong, periodSeconds: 20, timeoutSeconds: 5 },
      livenessProbe: { ...pong, periodSeconds: 20, timeoutSeconds: 5, failureThreshold: 6 },
      resources: amounts(['20m', '500m'], ['32Mi', '192Mi'], '16Mi'),
      volumeMounts: [SCRIPTS, scratch('memory')],
    }),
    sidecar({
      name: 'repositories',
      image: argocd,
      command: REPOSITORIES_COMMAND,
      env: [...parts.env, ...VARIABLES, timeout, ...REPOSITORIES_VARIABLES],
      ports: [{ name: 'repo-health', containerPort: PORTS.repositoriesHealth, protocol: 'TCP' }],
      startupProbe: {
        httpGet: { path: '/healthz', port: 'repo-health' },
        periodSeconds: 2,
        timeoutSeconds: 5,
        failureThreshold: 60,
      },
      readinessProbe: { httpGet: { path: '/healthz', port: 'repo-health' }, periodSeconds: 10, timeoutSeconds: 5 },
      livenessProbe: {
        httpGet: { path: '/healthz?full=true', port: 'repo-health' },
        periodSeconds: 30,
        timeoutSeconds: 5,
        failureThreshold: 3,
      },
      ...(parts.resources === undefined ? {} : { resources: parts.resources }),
      volumeMounts: [SCRIPTS, scratch('checkouts'), ...KNOWN_SERVERS, ...parts.mounts],
    }),
    sidecar({
      name: 'controller',
      image: argocd,
      command: ['argocd-application-controller', `--metrics-port=${PORTS.controllerHealth}`, ...SHARED_ARGUMENTS],
      env: [...VARIABLES, timeout, ...CONTROLLER_VARIABLES],
      ports: [{ name: 'ctrl-health', containerPort: PORTS.controllerHealth, protocol: 'TCP' }],
      readinessProbe: { httpGet: { path: '/healthz', port: 'ctrl-health' }, periodSeconds: 10, timeoutSeconds: 5 },
      livenessProbe: {
        httpGet: { path: '/healthz', port: 'ctrl-health' },
        initialDelaySeconds: 90,
        periodSeconds: 60,
        timeoutSeconds: 30,
      },
      resources: amounts(['50m', '1'], ['256Mi', '1Gi'], '256Mi'),
      volumeMounts: [TOKEN_MOUNT, scratch('controller')],
    }),
  ];
}
