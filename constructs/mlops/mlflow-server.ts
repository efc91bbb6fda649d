import type { Construct } from 'constructs';
import {
  type Access,
  atStep,
  Component,
  Connections,
  contentHash,
  cronSchedule,
  dnsLabel,
  type ExposedHost,
  type ForeignPods,
  GeneratedValue,
  type HttpService,
  type IConnectable,
  type IExposure,
  type IMetrics,
  k8s,
  Layer,
  lazily,
  type PlatformNamespace,
  PlatformSecret,
} from '../platform';
import { wholeNumber } from '../platform/whole-number';
import { MLFLOW_ALERTS, MLFLOW_DASHBOARD } from '../monitoring';
import type { BucketAccess, IDatabase } from '../storage';
import { ADMINISTRATOR, MlflowAccounts } from './mlflow-accounts';
import { allowedHosts, allowedOrigins, serviceNames } from './mlflow-hosts';
import { type ConfigurationFile, type MlflowPod, mlflowPod, type MlflowRuntime } from './mlflow-pods';
import {
  configurationFiles,
  defaultResources,
  garbageCollectionPod,
  METRICS_PORT,
  migrationPod,
  type MlflowSettings,
  PORT,
  serverPod,
} from './mlflow-workloads';
import type { MlflowAuthentication, MlflowServerProps } from './mlflow-server-props';
import type { IModelRegistry, ModelRegistryAccess, ModelRegistryConsumer } from './model-registry';

const SOFTWARE = 'mlflow';

/**
 * An MLflow tracking server and model registry: a Deployment whose state is a PostgreSQL database and a bucket, a Job that makes or
 * upgrades the schemas before each roll-out, a CronJob that deletes for good what users deleted, and an account for each part of the
 * platform that uses it. It downloads nothing and reports nothing.
 *
 * @throws Error when a number or a schedule is out of its range, when the prefix is no path, or when the users' database is not the
 * tracking database's neighbour with the same owner
 *
 * @example
 * import { type IDatabaseServer, type IObjectStore, MlflowServer } from 'bouture';
 * declare const postgres: IDatabaseServer, minio: IObjectStore;
 * const mlflow = new MlflowServer(platform, 'mlflow', {
 *   database: postgres.addDatabase('mlflow'),
 *   artifacts: { bucket: minio.addBucket('mlflow') },
 * });
 */
export class MlflowServer extends Component implements IModelRegistry {
  readonly trackingUri: string;
  readonly connections: Connections;
  /** The Service, for who routes to it. */
  readonly service: HttpService;

  private readonly props: MlflowServerProps;
  private readonly runtime: MlflowRuntime;
  private readonly settings: MlflowSettings;
  private readonly accounts: MlflowAccounts | undefined;
  private readonly version: string;
  private readonly exposed: ExposedHost[] = [];
  private readonly grants = new Map<string, ModelRegistryAccess>();
  private readonly discoveredIn = new Set<string>();

  constructor(scope: Construct, id: string, props: MlflowServerProps) {
    super(scope, id, Layer.PLATFORM, props);
    this.props = props;
    const image = this.platform.images.get('mlflow');
    const name = this.componentName;
    this.version = image.version;
    this.connections = new Connections(this, 'connections', {
      namespace: this.namespace,
      name,
      podLabels: this.selector(SOFTWARE, 'server'),
    });
    this.service = {
      namespace: this.namespace.name,
      name,
      port: PORT,
      containerPort: PORT,
      connections: this.connections,
    };
    const staticPrefix = checkedPrefix(props.staticPrefix);
    this.trackingUri = `http://${this.names.at(-1) ?? name}:${PORT}${staticPrefix ?? ''}`;
    const consumer = { consumerName: name, connections: this.connections };
    const workers = wholeNumber('workers', props.workers ?? 2, 1, 64);
    const accountsDatabase = this.accountsDatabase();
    accountsDatabase?.grantConnect(consumer);
    this.accounts =
      accountsDatabase === undefined
        ? undefined
        : new MlflowAccounts(this, 'accounts', { namespace: this.namespace, name });
    const keys = this.keys();
    this.settings = {
      database: props.database.name,
      artifactsUri: `s3://${[props.artifacts.bucket.name, props.artifacts.prefix ?? 'artifacts'].filter((part) => part !== '').join('/')}`,
      transfer: props.artifacts.transfer ?? 'proxied',
      ...(accountsDatabase === undefined || this.accounts === undefined
        ? {}
        : {
            authentication: {
              database: accountsDatabase.name,
              defaultPermission: authenticationOf(props).defaultPermission ?? 'NO_PERMISSIONS',
              accountsSecret: this.accounts.secretName,
              administrator: this.accounts.administrator,
              signingKey: keys.ref('signing'),
            },
          }),
      gatewayKey: keys.ref('gateway'),
      ...(props.webhooks === undefined ? {} : { webhookKey: keys.ref('webhooks') }),
      workers,
      resources: props.resources ?? defaultResources(workers),
      ...(staticPrefix === undefined ? {} : { staticPrefix }),
      hasMetrics: props.metrics ?? true,
      frameOptions: props.frameOptions ?? 'SAMEORIGIN',
      trackingUri: this.trackingUri,
    };
    const files = configurationFiles(this.settings);
    this.runtime = {
      image: image.reference,
      serviceAccountName: name,
      configMapName: this.configuration(files),
      files,
      database: props.database.grantConnect(consumer),
      bucket: props.artifacts.bucket.grantReadWrite(consumer),
    };
    if (props.webhooks !== undefined) this.connections.allowToExternal(props.webhooks, 443);
    new k8s.KubeServiceAccount(this, 'account', { metadata: this.metadata(name), automountServiceAccountToken: false });
    this.migration();
    this.deployment();
    this.garbageCollection();
    this.platform.announce(() => this.access());
  }

  /**
   * Exposes MLflow to the world, and accepts that host.
   *
   * @param subdomain first label of the host. @default - the component's name
   * @throws Error in production when there is no authentication
   */
  exposeVia(exposure: IExposure, subdomain: string = this.componentName): ExposedHost {
    if (this.platform.isProduction && this.settings.authentication === undefined) {
      throw new Error(
        `"${this.node.path}" has no authentication: the production profile does not expose it; leave out authentication: 'none'`,
      );
    }
    const host = exposure.expose(this.service, subdomain);
    this.exposed.push(host);
    return host;
  }

  grantUse(consumer: ModelRegistryConsumer): ModelRegistryAccess {
    const { consumerName, connections } = consumer;
    const namespace = connections.namespace;
    const key = `${namespace.name}/${consumerName}`;
    const granted = this.grants.get(key);
    if (granted !== undefined) return granted;
    connections.allowTo(this, PORT);
    const artifacts = this.clientArtifacts(consumer);
    const credentials = this.accounts?.credentialsFor(consumer);
    const access: ModelRegistryAccess = {
      trackingUri: this.trackingUri,
      ...(credentials === undefined ? {} : { credentials }),
      ...(artifacts === undefined ? {} : { artifacts }),
    };
    this.grants.set(key, access);
    return access;
  }

  /**
   * Lets the services that users start in a namespace find MLflow: a Secret that Onyxia's charts look for, with an account of its
   * own, and a way in through the network. The namespace's own policy must let its Pods out.
   *
   * @returns the name of the Secret. Its keys are those of the MLflow chart of InseeFrLab's `helm-charts-automation`, with the
   * address of the object store added
   */
  discoverableIn(namespace: PlatformNamespace): string {
    const name = `discoverable-${this.componentName}`;
    if (this.discoveredIn.has(namespace.name)) return name;
    this.discoveredIn.add(namespace.name);
    this.connections.allowFrom({ namespace: namespace.name }, PORT);
    const account = this.accounts?.forNamespace(namespace.name);
    new PlatformSecret(this, `discovery-${namespace.name}`, {
      namespace,
      name,
      annotations: { 'onyxia/discovery': 'mlflow' },
      data: {
        uri: this.trackingUri,
        MLFLOW_S3_ENDPOINT_URL: this.props.artifacts.bucket.objectStore.endpoint.url,
        ...(account === undefined
          ? {}
          : { MLFLOW_TRACKING_USERNAME: account.username, MLFLOW_TRACKING_PASSWORD: account.password }),
      },
    });
    return name;
  }

  /**
   * Lets a Prometheus read the counters, at `/metrics` of port 9090 of each Pod. They tell how often each path was called, and nothing of
   * what was said.
   *
   * @throws Error when there are no counters
   */
  allowMetricsFrom(pods: IConnectable | ForeignPods): void {
    if (!this.settings.hasMetrics) throw new Error(`"${this.node.path}" has no metrics: leave out metrics: false`);
    if ('connections' in pods) pods.connections.allowTo(this, METRICS_PORT);
    else this.connections.allowFrom(pods, METRICS_PORT);
  }

  /** Declares its metrics, alerts and dashboard. @throws Error when there are no counters */
  monitorVia(metrics: IMetrics): void {
    if (!this.settings.hasMetrics) throw new Error(`"${this.node.path}" has no metrics: leave out metrics: false`);
    const { connections } = this;
    const podLabels = { ...connections.podLabels, 'app.kubernetes.io/component': 'server' };
    metrics.scrape({ job: SOFTWARE, component: this, connections, podLabels, port: METRICS_PORT });
    for (const rule of MLFLOW_ALERTS) metrics.alert(rule);
    metrics.dashboard(MLFLOW_DASHBOARD);
  }

  private get names(): string[] {
    return serviceNames(this.service, this.platform.clusterDomain);
  }

  private accountsDatabase(): IDatabase | undefined {
    const { database, authentication } = this.props;
    if (authentication === 'none') return undefined;
    const given = authentication?.database;
    if (given === undefined) return database.server.addDatabase(`${database.askedName}_auth`, { owner: database });
    if (given.server !== database.server || given.owner !== database.owner || given.name === database.name) {
      throw new Error(
        `database "${given.name}" cannot hold the users of "${this.node.path}": it must stand beside "${database.name}" on the same ` +
          `server with the same owner: server.addDatabase(name, { owner: database })`,
      );
    }
    return given;
  }

  /** What `gateway` and `webhooks` encrypt stands in the database: rotated, it must be entered again, or see `mlflow crypto rotate-kek`. */
  private keys(): PlatformSecret {
    const name = this.componentName;
    return new PlatformSecret(this, 'keys', {
      namespace: this.namespace,
      name: `${name}-keys`,
      data: {
        gateway: new GeneratedValue(`${name}-gateway-key`),
        ...(this.accounts === undefined ? {} : { signing: new GeneratedValue(`${name}-signing-key`) }),
        // Webhook keys are Fernet keys, 32 bytes: 43 characters of base64.
        ...(this.props.webhooks === undefined ? {} : { webhooks: new GeneratedValue(`${name}-webhook-key`, 43) }),
      },
    });
  }

  private configuration(files: readonly ConfigurationFile[]): string {
    const data = Object.fromEntries(files.map(({ key, text }) => [key, text]));
    const name = `${this.componentName}-${contentHash(files)}`;
    new k8s.KubeConfigMap(this, 'configuration', { metadata: this.metadata(name), immutable: true, data });
    return name;
  }

  private migration(): void {
    const spec: k8s.JobSpec = {
      // A Pod waits five minutes for the database; the migration of a large one takes minutes.
      activeDeadlineSeconds: 3600,
      backoffLimit: 3,
      template: this.template('migration', migrationPod(this.settings)),
    };
    const name = `${this.componentName}-migrate-${contentHash(spec)}`;
    atStep(new k8s.KubeJob(this, 'migration', { metadata: this.metadata(name, 'migration'), spec }), 0);
  }

  private deployment(): void {
    const replicas = wholeNumber('replicas', this.props.replicas ?? (this.platform.isProduction ? 2 : 1), 1, 100);
    const name = this.componentName;
    const matchLabels = { ...this.connections.podLabels, 'app.kubernetes.io/component': 'server' };
    const hosts = lazily(() => allowedHosts(this.names, this.exposed, this.props.furtherHosts ?? []).join(','));
    const origins = lazily(() => allowedOrigins(this.names, PORT, this.exposed).join(','));
    const pod = serverPod(this.settings, hosts, origins);
    const spread = { topologyKey: 'kubernetes.io/hostname', maxSkew: 1, whenUnsatisfiable: 'ScheduleAnyway' };
    const annotations = {
      // The accounts are made when a Pod starts: a new account is a new Pod.
      'bouture.dev/accounts': lazily(() => contentHash(this.accounts?.usernames ?? [])),
      ...(this.settings.hasMetrics
        ? { 'prometheus.io/scrape': 'true', 'prometheus.io/port': String(METRICS_PORT) }
        : {}),
    };
    const deployment = new k8s.KubeDeployment(this, 'server', {
      metadata: this.metadata(name),
      spec: {
        replicas,
        revisionHistoryLimit: 3,
        selector: { matchLabels },
        strategy: {
          type: 'RollingUpdate',
          rollingUpdate: { maxSurge: k8s.IntOrString.fromNumber(1), maxUnavailable: k8s.IntOrString.fromNumber(0) },
        },
        template: this.template(
          'server',
          { ...pod, spec: { ...pod.spec, topologySpreadConstraints: [{ ...spread, labelSelector: { matchLabels } }] } },
          annotations,
        ),
      },
    });
    const service = new k8s.KubeService(this, 'service', {
      metadata: this.metadata(name),
      spec: {
        type: 'ClusterIP',
        selector: matchLabels,
        ports: [
          { name: 'http', port: PORT, targetPort: k8s.IntOrString.fromString('http'), protocol: 'TCP' },
          ...(this.settings.hasMetrics
            ? [
                {
                  name: 'metrics',
                  port: METRICS_PORT,
                  targetPort: k8s.IntOrString.fromString('metrics'),
                  protocol: 'TCP',
                },
              ]
            : []),
        ],
      },
    });
    atStep(deployment, 1);
    atStep(service, 1);
    if (replicas > 1) {
      const budget = new k8s.KubePodDisruptionBudget(this, 'budget', {
        metadata: this.metadata(name),
        spec: {
          maxUnavailable: k8s.IntOrString.fromNumber(1),
          selector: { matchLabels },
          unhealthyPodEvictionPolicy: 'AlwaysAllow',
        },
      });
      atStep(budget, 1);
    }
  }

  private garbageCollection(): void {
    const { garbageCollection = {} } = this.props;
    if (garbageCollection === 'off') return;
    const days = wholeNumber('garbageCollection.olderThanDays', garbageCollection.olderThanDays ?? 30, 1, 36500);
    if (this.settings.transfer === 'proxied') this.connections.allowTo(this, PORT);
    const cronJob = new k8s.KubeCronJob(this, 'garbage-collection', {
      metadata: this.metadata(`${this.componentName}-gc`, 'garbage-collection'),
      spec: {
        schedule: cronSchedule('garbageCollection.schedule', garbageCollection.schedule ?? '30 2 * * *'),
        timeZone: 'Etc/UTC',
        concurrencyPolicy: 'Forbid',
        startingDeadlineSeconds: 3600,
        successfulJobsHistoryLimit: 1,
        failedJobsHistoryLimit: 3,
        jobTemplate: {
          spec: {
            activeDeadlineSeconds: 6 * 3600,
            backoffLimit: 2,
            template: this.template('garbage-collection', garbageCollectionPod(this.settings, days)),
          },
        },
      },
    });
    atStep(cronJob, 1);
  }

  private template(role: string, pod: MlflowPod, annotations?: Record<string, string>): k8s.PodTemplateSpec {
    return {
      metadata: { labels: this.podLabels(role), ...(annotations === undefined ? {} : { annotations }) },
      spec: mlflowPod(this.runtime, pod),
    };
  }

  /** Every Pod carries the labels that open the network to the database and the bucket; the role tells the server from the Jobs. */
  private podLabels(role: string): Record<string, string> {
    return { ...this.labels(SOFTWARE, role, this.version), ...this.connections.podLabels };
  }

  private metadata(name: string, role = 'server'): k8s.ObjectMeta {
    return { name: dnsLabel('name', name), namespace: this.namespace.name, labels: this.podLabels(role) };
  }

  private clientArtifacts(consumer: ModelRegistryConsumer): BucketAccess | undefined {
    return this.settings.transfer === 'direct' ? this.props.artifacts.bucket.grantReadWrite(consumer) : undefined;
  }

  private access(): Access {
    const { namespace, name, port } = this.service;
    const [first] = this.exposed;
    const where =
      first === undefined
        ? { url: this.trackingUri, service: { namespace, name, port } }
        : { url: `${first.url}${this.settings.staticPrefix ?? ''}` };
    return {
      title: 'MLflow',
      ...where,
      ...(this.accounts === undefined ? {} : { username: ADMINISTRATOR, password: this.accounts.administrator }),
    };
  }
}

function authenticationOf({ authentication }: MlflowServerProps): MlflowAuthentication {
  return authentication === undefined || authentication === 'none' ? {} : authentication;
}

function checkedPrefix(prefix: string | undefined): string | undefined {
  if (prefix !== undefined && !/^(\/[A-Za-z0-9_-]+)+$/.test(prefix)) {
    throw new Error(`static prefix "${prefix}" is not a path: expected "/mlflow", with a slash first and none last`);
  }
  return prefix;
}
