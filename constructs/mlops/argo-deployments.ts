import {
  compare,
  type Component,
  type ContainerResources,
  k8s,
  READS_SECRETS,
  type SecretRef,
  type SelectorLabels,
} from '../platform';
import { METRICS_PORT } from './argo-configuration';
import { type ArgoRuntime, controllerPod, PORT, serverPod } from './argo-pods';

const SOFTWARE = 'argo-workflows';
const WHY_TOKEN = 'It runs workflows through the API server of Kubernetes, in one namespace.';

interface ProgramProps {
  readonly runtime: ArgoRuntime;
  /** Of the image. */
  readonly version: string;
  readonly podLabels: SelectorLabels;
  readonly serviceAccountName: string;
  readonly resources?: ContainerResources;
  /** Secrets that it reads through the API. */
  readonly secretNames: readonly string[];
}

export interface ControllerProps extends ProgramProps {
  readonly hasMetrics: boolean;
}

export interface ServerProps extends ProgramProps {
  readonly mode: 'client' | 'server' | 'sso';
  readonly authority: SecretRef | undefined;
  readonly replicas: number;
}

/** The Deployment of the controller: `<component>-controller`. */
export function deployController(component: Component, props: ControllerProps): void {
  const { runtime, serviceAccountName, hasMetrics, resources = amounts('100m', '1Gi') } = props;
  const scraped = { 'prometheus.io/scrape': 'true', 'prometheus.io/port': String(METRICS_PORT) };
  new k8s.KubeDeployment(component, 'controller', {
    metadata: metadata(component, props, 'controller', { 'bouture.dev/suppress.no-account-token': WHY_TOKEN }),
    spec: {
      replicas: 1,
      revisionHistoryLimit: 3,
      selector: { matchLabels: { ...props.podLabels } },
      strategy: { type: 'Recreate' },
      template: {
        metadata: {
          labels: component.labels(SOFTWARE, 'controller', props.version),
          ...annotated({ ...(hasMetrics ? scraped : {}), ...reads(props) }),
        },
        spec: controllerPod(runtime, { serviceAccountName, resources }, hasMetrics),
      },
    },
  });
}

/** The Deployment of the servers with its Service, `<component>-server`, and a budget where there are several. */
export function deployServer(component: Component, props: ServerProps): void {
  const { runtime, serviceAccountName, replicas, mode, authority, resources = amounts('50m', '512Mi') } = props;
  const matchLabels = { ...props.podLabels };
  const one = k8s.IntOrString.fromNumber(1);
  new k8s.KubeDeployment(component, 'server', {
    metadata: metadata(component, props, 'server', { 'bouture.dev/suppress.no-account-token': WHY_TOKEN }),
    spec: {
      replicas,
      revisionHistoryLimit: 3,
      selector: { matchLabels },
      strategy: {
        type: 'RollingUpdate',
        rollingUpdate: { maxSurge: one, maxUnavailable: k8s.IntOrString.fromNumber(0) },
      },
      template: {
        metadata: { labels: component.labels(SOFTWARE, 'server', props.version), ...annotated(reads(props)) },
        spec: serverPod(runtime, { serviceAccountName, resources }, mode, authority),
      },
    },
  });
  new k8s.KubeService(component, 'service', {
    metadata: metadata(component, props, 'server'),
    spec: {
      type: 'ClusterIP',
      selector: matchLabels,
      ports: [{ name: 'http', port: PORT, targetPort: k8s.IntOrString.fromString('http'), protocol: 'TCP' }],
    },
  });
  if (replicas === 1) return;
  new k8s.KubePodDisruptionBudget(component, 'budget', {
    metadata: metadata(component, props, 'server'),
    spec: { maxUnavailable: one, selector: { matchLabels }, unhealthyPodEvictionPolicy: 'AlwaysAllow' },
  });
}

function metadata(
  component: Component,
  { version }: ProgramProps,
  role: 'controller' | 'server',
  annotations?: Record<string, string>,
): k8s.ObjectMeta {
  return {
    name: `${component.componentName}-${role}`,
    namespace: component.namespace.name,
    labels: component.labels(SOFTWARE, role, version),
    ...(annotations === undefined ? {} : { annotations }),
  };
}

function reads({ secretNames }: ProgramProps): Record<string, string> {
  return secretNames.length === 0 ? {} : { [READS_SECRETS]: [...new Set(secretNames)].sort(compare).join(',') };
}

function annotated(annotations: Record<string, string>): Pick<k8s.ObjectMeta, 'annotations'> {
  return Object.keys(annotations).length === 0 ? {} : { annotations };
}

/** @param cpu least @param memory most */
function amounts(cpu: string, memory: string): ContainerResources {
  return { cpu: { request: cpu, limit: '1' }, memory: { request: '128Mi', limit: memory } };
}
