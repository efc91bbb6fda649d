import { Construct } from 'constructs';
import {
  type Access,
  atStep,
  Connections,
  type ContainerResources,
  containerSecurityContext,
  contentHash,
  dnsLabel,
  type ForeignPods,
  type IConnectable,
  k8s,
  lazily,
  podSecurityContext,
  quantities,
  resourceRequirements,
  type SecretRef,
} from '../platform';
import { wholeNumber } from '../platform/whole-number';
import { prometheusAlerts } from './alerts';
import { PROMETHEUS_DASHBOARD } from './dashboards/prometheus';
import { CLUSTER_DASHBOARD } from './dashboards/cluster';
import { labelsOf } from './labels';
import { type DeclaredTarget, MetricsComponent, type MetricsProps } from './metrics-component';
import {
  PROMETHEUS_PORT,
  prometheusConfiguration,
  rulesDocument,
  type ScrapeSettings,
} from './prometheus-configuration';

/** A server of the cluster that this platform does not make: a Service, and the Pods behind it. */
export interface ClusterService extends ForeignPods {
  /** Name of the Service. */
  readonly service: string;
  /** Port of the Service. */
  readonly port: number;
  /** Port of the container. @default - that of the Service */
  readonly containerPort?: number;
}

export interface PrometheusServerProps extends MetricsProps {
  /** Days that numbers are kept: 1 to 3650. @default 15 */
  readonly retentionDays?: number;
  /** Size of the volume, a Kubernetes quantity of whole Mi, Gi or Ti. When four fifths are full, the oldest numbers go. @default '10Gi' */
  readonly volumeSize?: string;
  /** @default - the platform's class */
  readonly storageClassName?: string;
  /** Seconds between two readings, and between two looks at the rules: 5 to 300. @default 30 */
  readonly intervalSeconds?: number;
  /** Tells of Jobs, CronJobs and Pods; this platform does not make it. @default - nobody watches them */
  readonly kubeState?: ClusterService;
  /** Who brings alerts to people. @default - alerts are shown at `/api/v1/alerts`, and sent to nobody */
  readonly alertmanager?: ClusterService;
  /** Pods that may ask Prometheus, such as Grafana. @default - nobody; people forward its port */
  readonly allowFrom?: ForeignPods;
  /** @default - 100m to 1 CPU, 256Mi to 1Gi */
  readonly resources?: ContainerResources;
}

const ROLE = 'server';
const SOFTWARE = 'prometheus';
/** User of the image: nobody. */
const UID = 65_534;
const DATA_FOLDER = '/prometheus';
const CONFIGURATION_FOLDER = '/etc/prometheus';
const TOKENS_FOLDER = '/etc/prometheus-tokens';
const AUTHORITIES_FOLDER = '/etc/prometheus-authorities';
const RESOURCES: ContainerResources = {
  cpu: { request: '100m', limit: '1' },
  memory: { request: '256Mi', limit: '1Gi' },
};

/**
 * A small Prometheus of the platform's own, for a cluster that has none: one server with one volume. It learns the addresses of Pods from
 * the cluster's DNS, so that it needs no right at the API server, and holes to the endpoints alone. It asks nobody who they are, and is
 * therefore reached by the Pods of `allowFrom` and by a forwarded port only. Image: key `prometheus`.
 *
 * Nothing of the platform waits for it. A change of what it watches is a new configuration, which starts it anew; numbers stay on the volume.
 *
 * @example
 * import { PrometheusServer } from 'bouture';
 * const metrics = new PrometheusServer(platform, 'metrics', {
 *   retentionDays: 30,
 *   alertmanager: { namespace: 'alerting', service: 'alertmanager', port: 9093 },
 * });
 *
 * @throws Error when a number or a size cannot be
 */
export class PrometheusServer extends MetricsComponent implements IConnectable {
  readonly connections: Connections;
  private readonly props: PrometheusServerProps;
  private readonly intervalSeconds: number;
  private readonly secrets = new Map<string, { readonly token?: SecretRef; readonly authority?: SecretRef }>();

  constructor(scope: Construct, id: string, props: PrometheusServerProps = {}) {
    super(scope, id, props, SOFTWARE);
    this.props = props;
    this.intervalSeconds = this.whole('intervalSeconds', props.intervalSeconds ?? 30, 5, 300);
    const { componentName: name, namespace, platform } = this;
    this.connections = new Connections(this, 'connections', {
      namespace,
      name,
      podLabels: this.selector(SOFTWARE, ROLE),
    });
    const { kubeState, alertmanager, allowFrom } = props;
    for (const other of [kubeState, alertmanager]) {
      if (other !== undefined) this.connections.allowToPods(podsOf(other), other.containerPort ?? other.port);
    }
    if (allowFrom !== undefined) this.connections.allowFrom(allowFrom, PROMETHEUS_PORT);
    for (const rule of prometheusAlerts(alertmanager !== undefined)) this.alert(rule);
    this.dashboard(PROMETHEUS_DASHBOARD);
    if (kubeState !== undefined) {
      this.watchCluster();
      this.dashboard(CLUSTER_DASHBOARD);
    }
    new k8s.KubeServiceAccount(this, 'account', {
      metadata: this.metadata(name),
      automountServiceAccountToken: false,
    });
    new k8s.KubeConfigMap(this, 'configuration', {
      metadata: this.metadata(lazily(() => this.configMapName)),
      immutable: true,
      data: lazily(() => this.files),
    });
    const retention = this.retention();
    const storageClassName = props.storageClassName ?? platform.storageClassName;
    atStep(
      new k8s.KubeStatefulSet(this, 'server', {
        metadata: this.metadata(name),
        spec: {
          serviceName: name,
          replicas: 1,
          revisionHistoryLimit: 3,
          persistentVolumeClaimRetentionPolicy: { whenDeleted: 'Retain', whenScaled: 'Retain' },
          selector: { matchLabels: { ...this.connections.podLabels } },
          template: {
            metadata: { labels: this.metadata(name).labels ?? {} },
            spec: lazily(() => this.podSpec(retention)),
          },
          volumeClaimTemplates: [
            {
              metadata: { name: 'data' },
              spec: {
                accessModes: ['ReadWriteOnce'],
                ...(storageClassName === undefined ? {} : { storageClassName }),
                resources: { requests: quantities({ storage: props.volumeSize ?? '10Gi' }) },
              },
            },
          ],
        },
      }),
      1,
    );
    atStep(
      new k8s.KubeService(this, 'service', {
        metadata: this.metadata(name),
        spec: {
          type: 'ClusterIP',
          clusterIp: 'None',
          selector: { ...this.connections.podLabels },
          ports: [
            { name: 'http', port: PROMETHEUS_PORT, targetPort: k8s.IntOrString.fromString('http'), protocol: 'TCP' },
          ],
        },
      }),
      1,
    );
    platform.announce(() => this.access());
  }

  /** Where programs of the platform ask it: `http://metrics.demo-metrics.svc.cluster.local:9090`. Who asks needs a hole, see `allowFrom`. */
  get url(): string {
    return `http://${this.componentName}.${this.namespace.name}.svc.${this.platform.clusterDomain}:${PROMETHEUS_PORT}`;
  }

  protected read({ target }: DeclaredTarget, id: string): void {
    const { connections, port, token, tls } = target;
    const scope = new Construct(this, `secrets-${id}`);
    const tokenRef = token?.(scope, this.namespace);
    const authority = tls?.authority?.(scope, this.namespace);
    this.secrets.set(id, {
      ...(tokenRef === undefined ? {} : { token: tokenRef }),
      ...(authority === undefined ? {} : { authority }),
    });
    this.connections.allowTo({ connections }, port);
  }

  private get scrapeSettings(): readonly ScrapeSettings[] {
    return this.declaredTargets.map(({ target, serviceName }) => {
      const namespace = target.component.namespace.name;
      const id = `${namespace}-${serviceName}`;
      const { token, authority } = this.secrets.get(id) ?? {};
      const { path = '/metrics', params = {}, port, tls } = target;
      return {
        id,
        dnsName: `${serviceName}.${namespace}.svc.${this.platform.clusterDomain}`,
        port,
        path,
        params,
        labels: labelsOf(target),
        ...(token === undefined ? {} : { tokenFile: `${TOKENS_FOLDER}/${id}` }),
        ...(tls === undefined
          ? {}
          : {
              tls: {
                serverName: tls.serverName,
                ...(authority === undefined ? {} : { caFile: `${AUTHORITIES_FOLDER}/${id}.crt` }),
              },
            }),
      };
    });
  }

  private get files(): Readonly<Record<string, string>> {
    const { kubeState, alertmanager } = this.props;
    const own = {
      platform: this.platform.name,
      namespace: this.namespace.name,
      component: this.componentName,
      job: SOFTWARE,
    };
    return {
      'prometheus.yml': prometheusConfiguration({
        platform: this.platform.name,
        intervalSeconds: this.intervalSeconds,
        targets: this.scrapeSettings,
        own,
        ...(kubeState === undefined ? {} : { kubeState: this.addressOf(kubeState) }),
        ...(alertmanager === undefined ? {} : { alertmanager: this.addressOf(alertmanager) }),
        rulesFile: `${CONFIGURATION_FOLDER}/rules.yml`,
      }),
      'rules.yml': rulesDocument(this.alertGroups),
    };
  }

  private get configMapName(): string {
    return `${this.componentName}-${contentHash(this.files)}`;
  }

  private addressOf({ service, namespace, port }: ClusterService): string {
    return `${service}.${namespace}.svc.${this.platform.clusterDomain}:${port}`;
  }

  private metadata(name: string): k8s.ObjectMeta {
    const { version } = this.platform.images.get('prometheus');
    return { name, namespace: this.namespace.name, labels: this.labels(SOFTWARE, ROLE, version) };
  }

  private podSpec(retention: readonly string[]): k8s.PodSpec {
    const probe = (path: string) => ({
      httpGet: { path, port: k8s.IntOrString.fromString('http') },
      timeoutSeconds: 5,
    });
    const volumes = [...this.secretVolumes('token', 'tokens'), ...this.secretVolumes('authority', 'authorities')];
    return {
      serviceAccountName: this.componentName,
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      terminationGracePeriodSeconds: 120,
      securityContext: podSecurityContext(UID),
      containers: [
        {
          name: SOFTWARE,
          image: this.platform.images.get('prometheus').reference,
          imagePullPolicy: 'IfNotPresent',
          command: [
            'prometheus',
            `--config.file=${CONFIGURATION_FOLDER}/prometheus.yml`,
            `--storage.tsdb.path=${DATA_FOLDER}`,
            ...retention,
            `--web.listen-address=:${PROMETHEUS_PORT}`,
            '--log.format=json',
          ],
          ports: [{ name: 'http', containerPort: PROMETHEUS_PORT, protocol: 'TCP' }],
          securityContext: containerSecurityContext(),
          resources: resourceRequirements(this.props.resources ?? RESOURCES),
          // After an unclean end it reads hours of its log again.
          startupProbe: { ...probe('/-/ready'), periodSeconds: 5, failureThreshold: 120 },
          readinessProbe: { ...probe('/-/ready'), periodSeconds: 10 },
          livenessProbe: { ...probe('/-/healthy'), periodSeconds: 20, failureThreshold: 3 },
          volumeMounts: [
            { name: 'data', mountPath: DATA_FOLDER },
            { name: 'configuration', mountPath: CONFIGURATION_FOLDER, readOnly: true },
            ...volumes.map(({ name }) => ({
              name,
              mountPath: name === 'tokens' ? TOKENS_FOLDER : AUTHORITIES_FOLDER,
              readOnly: true,
            })),
          ],
        },
      ],
      volumes: [{ name: 'configuration', configMap: { name: this.configMapName } }, ...volumes],
    };
  }

  /** One volume with what stands in several Secrets, a file for each endpoint. */
  private secretVolumes(what: 'token' | 'authority', name: 'tokens' | 'authorities'): k8s.Volume[] {
    const sources = [...this.secrets]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .flatMap(([id, refs]) => {
        const ref = refs[what];
        const path = what === 'token' ? id : `${id}.crt`;
        return ref === undefined ? [] : [{ secret: { name: ref.name, items: [{ key: ref.key, path }] } }];
      });
    return sources.length === 0 ? [] : [{ name, projected: { defaultMode: 0o440, sources } }];
  }

  /** Flags that say how long numbers are kept; Prometheus takes a size in powers of 1024, and calls them MB. */
  private retention(): string[] {
    const days = this.whole('retentionDays', this.props.retentionDays ?? 15, 1, 3650);
    const { volumeSize = '10Gi' } = this.props;
    const [, amount = '', unit = ''] = /^(\d{1,9}(?:\.\d{1,3})?)(Mi|Gi|Ti)$/.exec(volumeSize) ?? [];
    if (amount === '') {
      throw new Error(`"${this.node.path}": volumeSize "${volumeSize}" is no size of Mi, Gi or Ti, such as 10Gi`);
    }
    const mebibytes = Number(amount) * { Mi: 1, Gi: 1024, Ti: 1024 ** 2 }[unit as 'Mi' | 'Gi' | 'Ti'];
    return [`--storage.tsdb.retention.time=${days}d`, `--storage.tsdb.retention.size=${Math.floor(mebibytes * 0.8)}MB`];
  }

  private whole(what: string, value: number, least: number, most: number): number {
    return wholeNumber(`"${this.node.path}": ${what}`, value, least, most);
  }

  private access(): Access {
    const { componentName: name, namespace } = this;
    return {
      title: 'Prometheus',
      url: this.url,
      service: { namespace: namespace.name, name: dnsLabel('service', name), port: PROMETHEUS_PORT },
    };
  }
}

function podsOf({ namespace, podLabels }: ClusterService): ForeignPods {
  return { namespace, ...(podLabels === undefined ? {} : { podLabels }) };
}
