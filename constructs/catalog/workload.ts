import { containerSecurityContext, type k8s, podSecurityContext } from '../platform';
import type { Input } from './expression';
import { release } from './functions';
import { BASE_NAME, object, type ObjectTemplate } from './object';
import type { Contributions } from './part';
import type { Template, TemplateItem, TemplateMap } from './template';

/** How the kubelet asks whether a container is well. */
export type ProbeAction =
  | { readonly httpGet: { readonly path: Input<string>; readonly port: number | string } }
  | { readonly tcpSocket: { readonly port: number | string } }
  | { readonly exec: { readonly command: readonly Input<string>[] } };

/** The main container of a service. */
export interface WorkloadContainer {
  /** @default - the image that a part offers */
  readonly image?: Input<string>;
  /** @default - the image's own */
  readonly command?: readonly Input<string>[];
  /** @default - the image's own */
  readonly args?: readonly TemplateItem<string>[];
  /** Besides those of the parts. @default - none */
  readonly env?: readonly TemplateItem<k8s.EnvVar>[];
  /** Number of each port by its name, at most 15 letters. */
  readonly ports: Readonly<Record<string, number>>;
  /** What tells that it answers; at its start it has as long as the part `startupProbe` says. */
  readonly probe: ProbeAction;
  /** What tells that it need not be restarted, where asking by `probe` costs much. @default - `probe` */
  readonly liveness?: ProbeAction;
  /** Besides those of the parts. @default - none */
  readonly mounts?: readonly TemplateItem<k8s.VolumeMount>[];
  /** @default - the image's own */
  readonly workingDir?: string;
  /** What ends it in order, before it gets the signal TERM. @default - the signal does */
  readonly preStop?: readonly Input<string>[];
  /** Whether it writes outside of its volumes: notebooks do, where people install packages. @default false */
  readonly writesToRoot?: boolean;
}

/** A service's Pod with all that its parts add, kept by a StatefulSet, with a Service before it. */
export interface WorkloadProps {
  /** Name of the chart, by which the Pods are selected; another one for each workload of a chart with several. */
  readonly chart: string;
  /**
   * Id of one more workload of a chart, which keeps nothing: a Deployment, for the Pods of a StatefulSet carry its name in a label.
   * @default - the main one, a StatefulSet
   */
  readonly id?: string;
  readonly parts: Contributions;
  readonly container: WorkloadContainer;
  /** Number of the user that it runs as; never 0. */
  readonly uid: number;
  /** Number of the group that its files belong to. @default - that of the user */
  readonly gid?: number;
  /** Besides those of the parts. @default - none */
  readonly volumes?: readonly TemplateItem<k8s.Volume>[];
  /** How long the software may take to stop, in seconds. @default 30 */
  readonly terminationGracePeriodSeconds?: number;
}

/** Labels that select the Pods of a service. */
export function selectorLabels(chart: string): Readonly<Record<string, Input<string>>> {
  return { 'app.kubernetes.io/name': chart, 'app.kubernetes.io/instance': release.name };
}

/** How long a running container may be silent before it is restarted, in tries of ten seconds. */
const LIVENESS_TRIES = 6;

/**
 * The StatefulSet (or, with an id, the Deployment) of one Pod and its Service, under Pod Security `restricted`, with everything that the parts of the service add.
 *
 * @throws RangeError when the user is root
 * @throws Error when neither the container nor a part names an image, or no part says what it may use
 */
export function workload(props: WorkloadProps): readonly [ObjectTemplate, ObjectTemplate] {
  const { chart, id = '', parts, container, uid, gid = uid } = props;
  if (!Number.isInteger(uid) || uid < 1)
    throw new RangeError(`a service runs as a user that is not root, given ${uid}`);
  const labels = selectorLabels(chart);
  const ports = Object.entries(container.ports);
  return [
    object(id === '' ? 'StatefulSet' : 'Deployment', id, {
      spec: {
        ...(id === '' ? { serviceName: BASE_NAME } : {}),
        replicas: parts.replicas ?? 1,
        selector: { matchLabels: labels },
        template: {
          metadata: {
            labels,
            ...(Object.keys(parts.podAnnotations).length === 0 ? {} : { annotations: parts.podAnnotations }),
          },
          spec: {
            automountServiceAccountToken: false,
            enableServiceLinks: false,
            ...parts.pod,
            securityContext: {
              ...podSecurityContext(uid),
              runAsGroup: gid,
              fsGroup: gid,
            } as TemplateMap<k8s.PodSecurityContext>,
            terminationGracePeriodSeconds: props.terminationGracePeriodSeconds ?? 30,
            ...(parts.initContainers.length === 0 ? {} : { initContainers: parts.initContainers }),
            containers: [mainContainer(props)],
            volumes: [{ name: 'tmp', emptyDir: {} }, ...parts.volumes, ...(props.volumes ?? [])],
          },
        },
      },
    }),
    object('Service', id, {
      spec: {
        type: 'ClusterIP',
        selector: labels,
        ports: ports.map(([name, port]) => ({ name, port, targetPort: name, protocol: 'TCP' })),
      },
    }),
  ];
}

function mainContainer({ chart, parts, container }: WorkloadProps): Template<k8s.Container> {
  const image = container.image ?? parts.image;
  if (image === undefined) throw new Error(`chart "${chart}": no image: give container.image or the part image`);
  if (parts.resources === undefined) {
    throw new Error(`chart "${chart}": no requests and limits: add the part resources`);
  }
  const { probe, liveness = probe } = container;
  return {
    name: chart,
    image,
    imagePullPolicy: 'IfNotPresent',
    ...(container.command === undefined ? {} : { command: container.command }),
    ...(container.args === undefined ? {} : { args: container.args }),
    ...(container.workingDir === undefined ? {} : { workingDir: container.workingDir }),
    env: [...parts.env, ...(container.env ?? [])],
    ...(parts.envFrom.length === 0 ? {} : { envFrom: parts.envFrom }),
    ports: [
      ...Object.entries(container.ports).map(([name, containerPort]) => ({ name, containerPort, protocol: 'TCP' })),
      ...parts.ports,
    ],
    resources: parts.resources,
    ...(container.preStop === undefined ? {} : { lifecycle: { preStop: { exec: { command: container.preStop } } } }),
    ...(parts.startupProbe === undefined ? {} : { startupProbe: { ...probe, ...parts.startupProbe } }),
    readinessProbe: { ...probe, periodSeconds: 10, timeoutSeconds: 5, failureThreshold: 3 },
    livenessProbe: { ...liveness, periodSeconds: 10, timeoutSeconds: 5, failureThreshold: LIVENESS_TRIES },
    securityContext: {
      ...containerSecurityContext(),
      readOnlyRootFilesystem: container.writesToRoot !== true,
    } as TemplateMap<k8s.SecurityContext>,
    volumeMounts: [{ name: 'tmp', mountPath: '/tmp' }, ...parts.mounts, ...(container.mounts ?? [])],
  };
}

/** What a test of `helm test` runs. */
export interface HelmTestProps {
  readonly chart: string;
  readonly image: Input<string>;
  readonly command: readonly Input<string>[];
  /** @default - none */
  readonly env?: readonly TemplateItem<k8s.EnvVar>[];
  /** Number of the user that it runs as; never 0. */
  readonly uid: number;
}

/** A Pod that `helm test` runs: it succeeds when the service does what it promises. */
export function helmTest({ chart, image, command, env = [], uid }: HelmTestProps): ObjectTemplate {
  return object(
    'Pod',
    'test',
    {
      spec: {
        restartPolicy: 'Never',
        automountServiceAccountToken: false,
        enableServiceLinks: false,
        securityContext: podSecurityContext(uid) as TemplateMap<k8s.PodSecurityContext>,
        containers: [
          {
            name: 'test',
            image,
            imagePullPolicy: 'IfNotPresent',
            command,
            ...(env.length === 0 ? {} : { env }),
            resources: {
              requests: { cpu: '50m', memory: '64Mi', 'ephemeral-storage': '16Mi' },
              limits: { cpu: '500m', memory: '256Mi', 'ephemeral-storage': '64Mi' },
            },
            securityContext: containerSecurityContext() as TemplateMap<k8s.SecurityContext>,
            volumeMounts: [{ name: 'tmp', mountPath: '/tmp' }],
          },
        ],
        volumes: [{ name: 'tmp', emptyDir: {} }],
      },
    },
    {
      // Another name than the service's Pods have: its Service must not lead here.
      labels: { 'app.kubernetes.io/name': `${chart}-test` },
      annotations: {
        'helm.sh/hook': 'test',
        'helm.sh/hook-delete-policy': 'before-hook-creation,hook-succeeded',
      },
    },
  );
}
