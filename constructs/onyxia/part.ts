import { Construct } from 'constructs';
import {
  atStep,
  type Component,
  Connections,
  type ContainerResources,
  containerSecurityContext,
  type HttpService,
  type ImageReference,
  k8s,
  podSecurityContext,
  resourceRequirements,
} from '../platform';
import { wholeNumber } from '../platform/whole-number';

/** Port of each container, whatever the part. */
export const PORT = 8080;
const SERVICE_PORT = 80;
const SOFTWARE = 'onyxia';

/** What the Pods of a part are made of. */
export interface PartPod {
  readonly uid: number;
  /** @default - what the image starts */
  readonly command?: readonly string[];
  readonly env: readonly k8s.EnvVar[];
  /** ConfigMap whose keys are environment variables. @default - none */
  readonly settingsFrom?: string;
  readonly mounts: readonly k8s.VolumeMount[];
  readonly volumes: readonly k8s.Volume[];
  /** Runs before, in the same image. @default - nothing */
  readonly init?: { readonly name: string; readonly script: string; readonly mounts: readonly k8s.VolumeMount[] };
  /** Path that answers while the part is well. */
  readonly healthPath: string;
  /** Seconds that it may take to start. */
  readonly startupSeconds: number;
  readonly resources: ContainerResources;
  /** Why it needs a token for the API server. @default - it gets none */
  readonly tokenBecause?: string;
}

export interface PartProps {
  /** `web`, `api`, `onboarding` */
  readonly role: string;
  readonly image: ImageReference;
  readonly replicas: number;
}

/**
 * How many Pods a part has.
 *
 * @param asked by who uses the library. @default - 1, in production 2
 * @throws RangeError when it is no whole number from 1 to 20
 */
export function replicasOf({ platform }: Component, asked: number | undefined): number {
  return wholeNumber('replicas', asked ?? (platform.isProduction ? 2 : 1), 1, 20);
}

/** One program of Onyxia or beside it: its Deployment, Service, account and network policy. */
export class OnyxiaPart extends Construct {
  readonly connections: Connections;
  readonly service: HttpService;
  readonly account: k8s.KubeServiceAccount;
  readonly labels: Readonly<Record<string, string>>;
  private readonly name: string;

  constructor(
    private readonly component: Component,
    private readonly props: PartProps,
  ) {
    super(component, props.role);
    const { namespace, componentName } = component;
    const { role, image } = props;
    this.name = `${componentName}-${role}`;
    const podLabels = component.selector(SOFTWARE, role);
    this.labels = component.labels(SOFTWARE, role, image.version);
    this.connections = new Connections(this, 'connections', { namespace, name: this.name, podLabels });
    this.service = {
      namespace: namespace.name,
      name: this.name,
      port: SERVICE_PORT,
      containerPort: PORT,
      connections: this.connections,
    };
    this.account = new k8s.KubeServiceAccount(this, 'account', {
      metadata: this.metadata(),
      automountServiceAccountToken: false,
    });
    const service = new k8s.KubeService(this, 'service', {
      metadata: this.metadata(),
      spec: {
        type: 'ClusterIP',
        selector: { ...podLabels },
        ports: [{ name: 'http', port: SERVICE_PORT, targetPort: k8s.IntOrString.fromString('http'), protocol: 'TCP' }],
      },
    });
    atStep(service, 1);
  }

  /** Runs the part. */
  run(pod: PartPod): void {
    const { replicas } = this.props;
    const matchLabels = { ...this.connections.podLabels };
    const deployment = new k8s.KubeDeployment(this, 'deployment', {
      metadata: {
        ...this.metadata(),
        ...(pod.tokenBecause === undefined
          ? {}
          : { annotations: { 'bouture.dev/suppress.no-account-token': pod.tokenBecause } }),
      },
      spec: {
        replicas,
        revisionHistoryLimit: 3,
        // The API reads every catalog first: a roll-out that waits for it is no failed one.
        progressDeadlineSeconds: pod.startupSeconds + 300,
        selector: { matchLabels },
        strategy: {
          type: 'RollingUpdate',
          rollingUpdate: { maxSurge: k8s.IntOrString.fromNumber(1), maxUnavailable: k8s.IntOrString.fromNumber(0) },
        },
        template: { metadata: { labels: { ...this.labels } }, spec: this.podSpec(pod, matchLabels) },
      },
    });
    atStep(deployment, 1);
    if (replicas > 1) {
      const budget = new k8s.KubePodDisruptionBudget(this, 'budget', {
        metadata: this.metadata(),
        spec: {
          maxUnavailable: k8s.IntOrString.fromNumber(1),
          selector: { matchLabels },
          unhealthyPodEvictionPolicy: 'AlwaysAllow',
        },
      });
      atStep(budget, 1);
    }
  }

  /** An immutable ConfigMap whose name changes with what it holds, so that Pods that name it roll out. */
  configMap(id: string, name: string, data: Readonly<Record<string, string>>): string {
    new k8s.KubeConfigMap(this, id, { metadata: { ...this.metadata(), name }, immutable: true, data: { ...data } });
    return name;
  }

  /** The same for bytes, in base64. */
  binaryConfigMap(id: string, name: string, binaryData: Readonly<Record<string, string>>): string {
    const metadata = { ...this.metadata(), name };
    new k8s.KubeConfigMap(this, id, { metadata, immutable: true, binaryData: { ...binaryData } });
    return name;
  }

  private podSpec(pod: PartPod, matchLabels: Record<string, string>): k8s.PodSpec {
    const { image, role } = this.props;
    const { init } = pod;
    const container = {
      image: image.reference,
      imagePullPolicy: 'IfNotPresent',
      securityContext: containerSecurityContext(),
    };
    const probe = { httpGet: { path: pod.healthPath, port: k8s.IntOrString.fromString('http') }, timeoutSeconds: 5 };
    return {
      serviceAccountName: this.account.name,
      automountServiceAccountToken: pod.tokenBecause !== undefined,
      enableServiceLinks: false,
      securityContext: podSecurityContext(pod.uid),
      topologySpreadConstraints: [
        {
          topologyKey: 'kubernetes.io/hostname',
          maxSkew: 1,
          whenUnsatisfiable: 'ScheduleAnyway',
          labelSelector: { matchLabels },
        },
      ],
      ...(init === undefined
        ? {}
        : {
            initContainers: [
              {
                ...container,
                name: init.name,
                command: ['sh', '-ec', init.script],
                resources: resourceRequirements({
                  cpu: { request: '50m', limit: '500m' },
                  memory: { request: '64Mi', limit: '256Mi' },
                }),
                volumeMounts: [...init.mounts],
              },
            ],
          }),
      containers: [
        {
          ...container,
          name: role,
          ...(pod.command === undefined ? {} : { command: [...pod.command] }),
          ports: [{ name: 'http', containerPort: PORT, protocol: 'TCP' }],
          env: [...pod.env],
          ...(pod.settingsFrom === undefined ? {} : { envFrom: [{ configMapRef: { name: pod.settingsFrom } }] }),
          resources: resourceRequirements(pod.resources),
          volumeMounts: [...pod.mounts],
          startupProbe: { ...probe, periodSeconds: 10, failureThreshold: Math.ceil(pod.startupSeconds / 10) },
          readinessProbe: { ...probe, periodSeconds: 10, failureThreshold: 3 },
          livenessProbe: { ...probe, periodSeconds: 20, failureThreshold: 6 },
        },
      ],
      volumes: [...pod.volumes],
    };
  }

  private metadata(): { name: string; namespace: string; labels: Record<string, string> } {
    return { name: this.name, namespace: this.component.namespace.name, labels: { ...this.labels } };
  }
}
