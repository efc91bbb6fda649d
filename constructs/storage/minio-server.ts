import { Construct } from 'constructs';
import {
  type Component,
  type ContainerResources,
  containerSecurityContext,
  env,
  type ImageReference,
  k8s,
  lazily,
  podSecurityContext,
  quantities,
  resourceRequirements,
  type SecretRef,
} from '../platform';
import { identityEnvironment, keysContainer, keysVolumes, type MinioIdentity } from './minio-identity';
import type { MinioTopology } from './minio-topology';

/** Port of the S3 interface, MinIO's default. */
export const API_PORT = 9000;
/** Where a server tells of the whole store. */
export const METRICS_PATH = '/minio/v2/metrics/cluster';
/** Port of the console. */
export const CONSOLE_PORT = 9001;
/** Role of the servers in labels. */
export const SERVER_ROLE = 'server';
/** User of the image. */
const UID = 1000;
const ROOT_FOLDER = '/run/secrets/root';
const CERTIFICATES_FOLDER = '/etc/minio/certs';

/** Where the servers' certificate stands. */
export interface ServerCertificate {
  /** A Secret of type `kubernetes.io/tls`. */
  readonly secretName: string;
  /** @default - an authority that every system trusts */
  readonly certificateAuthority?: SecretRef;
}

export interface MinioServerProps {
  readonly image: ImageReference;
  readonly topology: MinioTopology;
  readonly volumeSize: string;
  /** @default - the cluster's default class */
  readonly storageClassName?: string;
  readonly resources: ContainerResources;
  readonly region: string;
  readonly root: { readonly user: SecretRef; readonly password: SecretRef };
  readonly clusterDomain: string;
  readonly console: boolean;
  /** Address of the console for browsers, asked for at synthesis. */
  readonly consoleUrl: () => string | undefined;
  /** Whether metrics are answered without credentials. */
  readonly publicMetrics: boolean;
  /** @default - plain text */
  readonly certificate?: ServerCertificate;
  /** The identity provider whose tokens it takes, asked for at synthesis. */
  readonly identity: () => MinioIdentity | undefined;
  /** Origins whose pages may call it from browsers, asked for at synthesis; undefined for every origin. */
  readonly origins: () => readonly string[] | undefined;
  /** Never place two servers of a distributed store unevenly, even if one must wait for it. */
  readonly spreadStrictly: boolean;
}

/** The servers of a MinIO: StatefulSet, Services and, where there are several, a PodDisruptionBudget. */
export class MinioServer extends Construct {
  private readonly component: Component;

  constructor(
    scope: Component,
    id: string,
    private readonly props: MinioServerProps,
  ) {
    super(scope, id);
    this.component = scope;
    this.service('api', scope.componentName, API_PORT);
    if (props.console) this.service('console', `${scope.componentName}-console`, CONSOLE_PORT);
    new k8s.KubeService(this, 'headless', {
      metadata: this.metadata(this.headlessName),
      spec: {
        clusterIp: 'None',
        // servers of one store must find each other before any of them is ready
        publishNotReadyAddresses: true,
        selector: { ...this.selector },
        ports: [this.port('api', API_PORT)],
      },
    });
    new k8s.KubeStatefulSet(this, 'statefulset', {
      metadata: this.metadata(scope.componentName),
      spec: this.statefulSetSpec(),
    });
    if (props.topology.isDistributed) {
      new k8s.KubePodDisruptionBudget(this, 'disruption-budget', {
        metadata: this.metadata(scope.componentName),
        spec: {
          // at most one at a time, and a broken Pod never stands in the way of a drain
          maxUnavailable: k8s.IntOrString.fromNumber(1),
          unhealthyPodEvictionPolicy: 'AlwaysAllow',
          selector: { matchLabels: { ...this.selector } },
        },
      });
    }
  }

  private get headlessName(): string {
    return `${this.component.componentName}-headless`;
  }

  private get selector() {
    return this.component.selector('minio', SERVER_ROLE);
  }

  private get labels() {
    return this.component.labels('minio', SERVER_ROLE, this.props.image.version);
  }

  private get scheme(): 'http' | 'https' {
    return this.props.certificate === undefined ? 'http' : 'https';
  }

  private metadata(name: string): k8s.ObjectMeta {
    return { name, namespace: this.component.namespace.name, labels: this.labels };
  }

  private service(id: 'api' | 'console', name: string, port: number): void {
    new k8s.KubeService(this, id, {
      metadata: this.metadata(name),
      spec: { type: 'ClusterIP', selector: { ...this.selector }, ports: [this.port(id, port)] },
    });
  }

  private port(target: 'api' | 'console', port: number): k8s.ServicePort {
    return { name: this.scheme, appProtocol: this.scheme, port, targetPort: k8s.IntOrString.fromString(target) };
  }

  private statefulSetSpec(): k8s.StatefulSetSpec {
    const { topology, volumeSize, storageClassName, publicMetrics } = this.props;
    return {
      serviceName: this.headlessName,
      replicas: topology.servers,
      // a server of a distributed store is ready only once the others are there
      podManagementPolicy: 'Parallel',
      updateStrategy: { type: 'RollingUpdate' },
      // The ready probe answers before a restarted server has joined the others. It has to: after a change of the root password the
      // first one cannot join until the others have started again, too.
      ...(topology.isDistributed ? { minReadySeconds: 20 } : {}),
      persistentVolumeClaimRetentionPolicy: { whenDeleted: 'Retain', whenScaled: 'Retain' },
      selector: { matchLabels: { ...this.selector } },
      template: {
        metadata: {
          labels: this.labels,
          ...(publicMetrics
            ? {
                annotations: {
                  'prometheus.io/scrape': 'true',
                  'prometheus.io/scheme': this.scheme,
                  'prometheus.io/port': String(API_PORT),
                  'prometheus.io/path': METRICS_PATH,
                },
              }
            : {}),
        },
        spec: lazily(() => this.podSpec()),
      },
      volumeClaimTemplates: this.volumes.map((name) => ({
        metadata: { name },
        spec: {
          accessModes: ['ReadWriteOnce'],
          ...(storageClassName === undefined ? {} : { storageClassName }),
          resources: { requests: quantities({ storage: volumeSize }) },
        },
      })),
    };
  }

  private podSpec(): k8s.PodSpec {
    const { image, root, resources, certificate } = this.props;
    const identity = this.props.identity();
    return {
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      terminationGracePeriodSeconds: 60,
      securityContext: podSecurityContext(UID),
      ...this.spread(),
      containers: [
        {
          name: 'minio',
          image: image.reference,
          imagePullPolicy: 'IfNotPresent',
          command: ['minio', 'server', ...this.arguments()],
          env: this.environment(),
          ports: [
            { name: 'api', containerPort: API_PORT, protocol: 'TCP' },
            ...(this.props.console ? [{ name: 'console', containerPort: CONSOLE_PORT, protocol: 'TCP' }] : []),
          ],
          securityContext: containerSecurityContext(),
          resources: resourceRequirements(resources),
          startupProbe: { ...this.probe('live'), periodSeconds: 2, failureThreshold: 150 },
          livenessProbe: { ...this.probe('live'), periodSeconds: 20, failureThreshold: 3 },
          readinessProbe: { ...this.probe('ready'), periodSeconds: 5, failureThreshold: 2 },
          volumeMounts: [
            ...this.volumes.map((name) => ({ name, mountPath: `/${name}` })),
            { name: 'root', mountPath: ROOT_FOLDER, readOnly: true },
            ...(certificate === undefined
              ? []
              : [{ name: 'certificates', mountPath: CERTIFICATES_FOLDER, readOnly: true }]),
            { name: 'tmp', mountPath: '/tmp' },
          ],
        },
        ...(identity === undefined ? [] : [keysContainer(identity)]),
      ],
      volumes: [
        {
          name: 'root',
          projected: {
            defaultMode: 0o440,
            sources: [
              { secret: { name: root.user.name, items: [{ key: root.user.key, path: 'rootUser' }] } },
              { secret: { name: root.password.name, items: [{ key: root.password.key, path: 'rootPassword' }] } },
            ],
          },
        },
        ...(certificate === undefined ? [] : [certificateVolume(certificate)]),
        { name: 'tmp', emptyDir: { sizeLimit: k8s.Quantity.fromString('256Mi') } },
        ...(identity === undefined ? [] : keysVolumes(identity)),
      ],
    };
  }

  private get volumes(): string[] {
    const count = this.props.topology.volumesPerServer;
    return count === 1 ? ['data'] : Array.from({ length: count }, (_, index) => `data${index}`);
  }

  private arguments(): string[] {
    const { topology, console, certificate } = this.props;
    return [
      this.drives(topology),
      '--address',
      `:${API_PORT}`,
      ...(console ? ['--console-address', `:${CONSOLE_PORT}`] : []),
      '--certs-dir',
      certificate === undefined ? '/tmp/certs' : CERTIFICATES_FOLDER,
    ];
  }

  /** MinIO expands `{0...3}` itself. */
  private drives({ isDistributed, servers, volumesPerServer }: MinioTopology): string {
    const path = volumesPerServer === 1 ? '/data' : `/data{0...${volumesPerServer - 1}}`;
    if (!isDistributed) return path;
    const { componentName, namespace } = this.component;
    const host = `${componentName}-{0...${servers - 1}}.${this.headlessName}.${namespace.name}.svc.${this.props.clusterDomain}`;
    return `${this.scheme}://${host}:${API_PORT}${path}`;
  }

  private environment(): k8s.EnvVar[] {
    const { topology, region, console, consoleUrl, publicMetrics } = this.props;
    const browserUrl = consoleUrl();
    const identity = this.props.identity();
    const origins = this.props.origins();
    return [
      // read when the server starts: a changed password counts from the next start on
      env('MINIO_ROOT_USER_FILE', `${ROOT_FOLDER}/rootUser`),
      env('MINIO_ROOT_PASSWORD_FILE', `${ROOT_FOLDER}/rootPassword`),
      env('MINIO_SITE_REGION', region),
      env('MINIO_PROMETHEUS_AUTH_TYPE', publicMetrics ? 'public' : 'jwt'),
      env('MINIO_BROWSER', console ? 'on' : 'off'),
      ...(browserUrl === undefined ? [] : [env('MINIO_BROWSER_REDIRECT_URL', browserUrl)]),
      // nothing is asked of the internet
      env('MINIO_UPDATE', 'off'),
      env('MINIO_CALLHOME_ENABLE', 'off'),
      ...(topology.setDrives === undefined ? [] : [env('MINIO_ERASURE_SET_DRIVE_COUNT', String(topology.setDrives))]),
      ...(topology.parity === undefined ? [] : [env('MINIO_STORAGE_CLASS_STANDARD', `EC:${topology.parity}`)]),
      ...(origins === undefined ? [] : [env('MINIO_API_CORS_ALLOW_ORIGIN', origins.join(','))]),
      ...(identity === undefined ? [] : identityEnvironment(identity)),
      env('HOME', '/tmp'),
    ];
  }

  private probe(kind: 'live' | 'ready'): k8s.Probe {
    return {
      httpGet: {
        path: `/minio/health/${kind}`,
        port: k8s.IntOrString.fromString('api'),
        scheme: this.scheme.toUpperCase(),
      },
      timeoutSeconds: 5,
    };
  }

  private spread(): Partial<Pick<k8s.PodSpec, 'affinity' | 'topologySpreadConstraints'>> {
    if (!this.props.topology.isDistributed) return {};
    const topologyKey = 'kubernetes.io/hostname';
    const labelSelector = { matchLabels: { ...this.selector } };
    return {
      affinity: {
        podAntiAffinity: {
          preferredDuringSchedulingIgnoredDuringExecution: [
            { weight: 100, podAffinityTerm: { topologyKey, labelSelector } },
          ],
        },
      },
      topologySpreadConstraints: [
        {
          maxSkew: 1,
          topologyKey,
          whenUnsatisfiable: this.props.spreadStrictly ? 'DoNotSchedule' : 'ScheduleAnyway',
          labelSelector,
        },
      ],
    };
  }
}

/**
 * The certificate under the names that MinIO looks for. The folder is read-only, so that `CAs` must exist: where every system trusts the
 * authority, the server's own certificate fills it.
 */
function certificateVolume({ secretName, certificateAuthority: ca }: ServerCertificate): k8s.Volume {
  const own = [
    { key: 'tls.crt', path: 'public.crt' },
    { key: 'tls.key', path: 'private.key' },
  ];
  return {
    name: 'certificates',
    projected: {
      defaultMode: 0o440,
      sources:
        ca === undefined
          ? [{ secret: { name: secretName, items: [...own, { key: 'tls.crt', path: 'CAs/server.crt' }] } }]
          : [
              { secret: { name: secretName, items: own } },
              { secret: { name: ca.name, items: [{ key: ca.key, path: 'CAs/ca.crt' }] } },
            ],
    },
  };
}
