import type { Construct } from 'constructs';
import {
  type Access,
  Component,
  Connections,
  type ExposedHost,
  type ForeignPods,
  type HttpService,
  type IConnectable,
  type IExposure,
  type IMetrics,
  k8s,
  Layer,
} from '../platform';
import { wholeNumber } from '../platform/whole-number';
import { CODING_ALERTS, CODING_DASHBOARD } from '../monitoring';
import type { Confidence } from './confidence';
import { InferenceAccounts } from './inference-accounts';
import { scaleInference } from './inference-scaling';
import type { FastTextInferenceServiceProps } from './inference-service-props';
import { type InferenceUser, MANAGEMENT_PORT, PORT } from './inference-settings';
import { InferenceWorkload, SOFTWARE } from './inference-workload';
import type { ICodingService } from './coding-service';
import type { IModelRegistry } from './model-registry';
import { modelName, selectionSetting } from './model-selection';
import type { RecordStore } from './record-store';
import { inferenceSettings } from './resolve-inference';

/** Whoever calls the service: its Pods, and a name for its account. */
export interface InferenceConsumer extends IConnectable {
  /** A DNS label; with the service's name added, the name of the Secret in the consumer's namespace. */
  readonly consumerName: string;
}

/** What a program needs in order to call the service. */
export interface InferenceAccess {
  /** `http://coding.demo-coding.svc.cluster.local:8080` */
  readonly url: string;
  /** @default - the service asks for a token of the identity provider, or for nothing */
  readonly credentials?: InferenceUser;
}

/**
 * An HTTP service that codes descriptions with the fastText model that a registry names. It is ready once a version is fetched and
 * verified: checksums first, then golden answers by its own preprocessing and reader. It follows an alias without a restart, goes on with
 * the last good version while registry and store are away, and keeps a record of each answer in the store. Image: key `nace-inference`.
 *
 * @throws Error when the model's version, a number or a size is out of range, when both replicas and scaling are given, or when a user is
 * named twice
 *
 * @example
 * import { Confidence, FastTextInferenceService, type IModelRegistry, type IObjectStore, RecordStore } from 'bouture';
 * declare const mlflow: IModelRegistry, store: IObjectStore;
 * const service = new FastTextInferenceService(platform, 'coding', {
 *   modelRegistry: mlflow,
 *   model: { name: 'nace', alias: 'champion' },
 *   confidence: new Confidence({ index: 'margin', threshold: 0.8 }),
 *   records: { store: new RecordStore({ bucket: store.addBucket('nace'), prefix: 'nace' }) },
 * });
 */
export class FastTextInferenceService extends Component implements ICodingService, IConnectable {
  readonly connections: Connections;
  /** The Service, for who routes to it. */
  readonly service: HttpService;
  /** What is coded automatically: whoever reads the records receives this object. */
  readonly confidence: Confidence;
  /** Where records go. @default - no answer is recorded */
  readonly records?: RecordStore;
  readonly modelRegistry: IModelRegistry;
  readonly modelName: string;
  private readonly props: FastTextInferenceServiceProps;
  private readonly accounts: InferenceAccounts | undefined;
  private readonly exposed: ExposedHost[] = [];

  constructor(scope: Construct, id: string, props: FastTextInferenceServiceProps) {
    super(scope, id, Layer.WORKLOADS, props);
    this.props = props;
    this.confidence = props.confidence;
    this.modelRegistry = props.modelRegistry;
    this.modelName = modelName(props.model.name);
    if (props.records !== undefined) this.records = props.records.store;
    const { componentName: name, namespace } = this;
    const image = this.platform.images.get('nace-inference');
    const podLabels = this.selector(SOFTWARE, 'server');
    this.connections = new Connections(this, 'connections', { namespace, name, podLabels });
    const { authentication = { kind: 'basic' } } = props;
    this.accounts =
      authentication.kind === 'basic'
        ? new InferenceAccounts(this, 'accounts', { namespace, name, users: authentication.users ?? ['api'] })
        : undefined;
    this.service = this.httpService();
    const settings = inferenceSettings(this, props, this.accounts);
    const account = new k8s.KubeServiceAccount(this, 'account', {
      metadata: { name, namespace: namespace.name, labels: this.labels(SOFTWARE, 'server', image.version) },
      automountServiceAccountToken: false,
    });
    const storageClassName = props.records?.storageClassName ?? this.platform.storageClassName;
    const common = {
      image,
      serviceAccountName: account.name,
      podLabels,
      settings,
      ...(storageClassName === undefined ? {} : { storageClassName }),
    };
    const replicas = this.replicas();
    const server = new InferenceWorkload(this, 'server', {
      ...common,
      role: 'server',
      name,
      select: selectionSetting(`the model of "${this.node.path}"`, props.model),
      ...(replicas === undefined ? {} : { replicas }),
    });
    scaleInference(this, server, { ...(props.scaling === undefined ? {} : { scaling: props.scaling }), replicas });
    const { canary } = props;
    if (canary !== undefined) {
      new InferenceWorkload(this, 'canary', {
        ...common,
        role: 'canary',
        name: this.canaryName,
        select: selectionSetting(`the canary of "${this.node.path}"`, canary.model),
        replicas: wholeNumber('canary.replicas', canary.replicas ?? 1, 1, 100),
        check: () => {
          this.checkCanary();
        },
      });
    }
    this.platform.announce(() => this.access());
  }

  /**
   * Gives the service a host for the world.
   *
   * @param subdomain first label of the host. @default - the component's name
   * @throws Error when nobody would be asked who calls, or when there is a canary and the exposure cannot weigh requests
   */
  exposeVia(exposure: IExposure, subdomain: string = this.componentName): ExposedHost {
    const { authentication } = this.props;
    if (authentication?.kind === 'none' && (authentication.exposedBecause ?? '').trim() === '') {
      throw new Error(
        `"${this.node.path}" asks nobody who calls: give authentication of kind basic or bearer, or say in exposedBecause why everyone may`,
      );
    }
    const host = exposure.expose(this.service, subdomain);
    this.exposed.push(host);
    return host;
  }

  /**
   * Lets a program of the platform call it: opens the network, and gives it an account where the service asks for one. A second call for
   * the same consumer gives the same access.
   *
   * @throws Error when another caller has its name
   */
  grantCall({ consumerName, connections }: InferenceConsumer): InferenceAccess {
    connections.allowTo(this, PORT);
    const credentials = this.accounts?.forProgram(consumerName, connections.namespace);
    return { url: this.url, ...(credentials === undefined ? {} : { credentials }) };
  }

  /** Lets a Prometheus read the counters, at `/metrics` of port 9090 of each Pod. */
  allowMetricsFrom(pods: IConnectable | ForeignPods): void {
    if ('connections' in pods) pods.connections.allowTo(this, MANAGEMENT_PORT);
    else this.connections.allowFrom(pods, MANAGEMENT_PORT);
  }

  /** Declares the metrics of every replica, those of a canary included, alerts and dashboard. */
  monitorVia(metrics: IMetrics): void {
    metrics.scrape({ job: SOFTWARE, component: this, connections: this.connections, port: MANAGEMENT_PORT });
    for (const rule of CODING_ALERTS) metrics.alert(rule);
    metrics.dashboard(CODING_DASHBOARD);
  }

  private get url(): string {
    const { name, namespace } = this.service;
    return `http://${name}.${namespace}.svc.${this.platform.clusterDomain}:${PORT}`;
  }

  private get canaryName(): string {
    return `${this.componentName}-canary`;
  }

  private httpService(): HttpService {
    const plain = {
      namespace: this.namespace.name,
      port: PORT,
      containerPort: PORT,
      connections: this.connections,
    };
    const { canary } = this.props;
    const main = { ...plain, name: this.componentName };
    if (canary === undefined) return main;
    const weight = wholeNumber('canary.weight', canary.weight, 0, 100);
    return { ...main, canary: { service: { ...plain, name: this.canaryName }, weight } };
  }

  /** Pods; undefined where their number follows the load. */
  private replicas(): number | undefined {
    const { replicas, scaling } = this.props;
    if (scaling === undefined) return wholeNumber('replicas', replicas ?? (this.platform.isProduction ? 2 : 1), 1, 100);
    if (replicas === undefined) return undefined;
    throw new Error(`"${this.node.path}" has both replicas and scaling: each would undo the other; leave one out`);
  }

  private checkCanary(): void {
    if (this.exposed.length > 0) return;
    throw new Error(
      `"${this.node.path}" has a canary and is not exposed: only a way in from outside weighs requests; call exposeVia, or leave out the canary`,
    );
  }

  private access(): Access {
    const { namespace, name, port } = this.service;
    const [first] = this.exposed;
    const where = first === undefined ? { url: this.url, service: { namespace, name, port } } : { url: first.url };
    if (this.accounts === undefined) return { title: `Coding service ${name}`, ...where };
    const user = this.accounts.first;
    return { title: `Coding service ${name}`, ...where, username: user.name, password: user.password };
  }
}
