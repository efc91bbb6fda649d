import { Construct } from 'constructs';
import { defineArgoKind } from '../delivery/argo-definitions';
import { ARGO_KINDS } from '../delivery/argo-kinds';
import {
  type Access,
  Component,
  Connections,
  contentHash,
  dnsLabel,
  type ExposedHost,
  type ForeignPods,
  type HttpService,
  type IConfidentialClient,
  type IConnectable,
  type IExposure,
  type IMetrics,
  k8s,
  Layer,
  lazily,
  PlatformNamespace,
  PlatformSecret,
  type TokenKeys,
} from '../platform';
import { wholeNumber } from '../platform/whole-number';
import { ARGO_WORKFLOWS_ALERTS, ARGO_WORKFLOWS_DASHBOARD } from '../monitoring';
import type { DatabaseAccess } from '../storage';
import { ArgoAccess } from './argo-access';
import {
  type ArgoConfiguration,
  type ArgoSsoConfiguration,
  configurationData,
  METRICS_PORT,
} from './argo-configuration';
import { deployController, deployServer } from './argo-deployments';
import { type ArgoRuntime, PORT } from './argo-pods';
import type { ArgoAuthentication, ArgoSso, ArgoWorkflowsProps } from './argo-workflows-props';
import type { IWorkflowEngine, WorkflowSubmitter } from './workflow-engine';

const SOFTWARE = 'argo-workflows';
const DISCOVERY = '/.well-known/openid-configuration';

/**
 * Argo Workflows for the platform: a controller and a server in one namespace, workflows with their Pods in another, so that no step reaches the
 * accounts and Secrets of those two. Nothing of it has a right in any other namespace.
 *
 * Steps have no token; what stands beside each of them may tell its result and nothing else. Artifacts and logs go to a bucket, by a user of
 * their own; ended workflows to a database.
 *
 * @throws Error when a number is out of its range, or when nobody could log in
 *
 * @example
 * import { ArgoWorkflows, type IDatabaseServer, type IObjectStore } from 'bouture';
 * declare const postgres: IDatabaseServer, minio: IObjectStore;
 * const argo = new ArgoWorkflows(platform, 'argo', {
 *   artifacts: { bucket: minio.addBucket('workflows') },
 *   archive: { database: postgres.addDatabase('workflows') },
 * });
 */
export class ArgoWorkflows extends Component implements IWorkflowEngine, IConnectable {
  readonly workflowNamespace: PlatformNamespace;
  readonly executorName: string;
  readonly mostPods: number;
  readonly offloadsStatus: boolean;
  readonly url: string;
  /** Traffic of the servers. */
  readonly connections: Connections;
  /** The Service of the servers, for who routes to it. */
  readonly service: HttpService;

  private readonly props: ArgoWorkflowsProps;
  private readonly authentication: ArgoAuthentication;
  private readonly access: ArgoAccess;
  private readonly controller: Connections;
  private readonly configuration: ArgoConfiguration;
  private readonly keys: TokenKeys | undefined;
  private readonly client: IConfidentialClient | undefined;
  private readonly database: DatabaseAccess | undefined;
  private artifacts: ArgoConfiguration['artifacts'];
  private exposed: ExposedHost | undefined;

  constructor(scope: Construct, id: string, props: ArgoWorkflowsProps = {}) {
    super(scope, id, Layer.PLATFORM, props);
    this.props = props;
    this.authentication = checkedAuthentication(this.node.path, props.authentication ?? { mode: 'client' });
    const name = this.componentName;
    const image = this.platform.images.get(SOFTWARE);
    this.mostPods = wholeNumber('mostPods', props.mostPods ?? 100, 1, 10_000);
    this.offloadsStatus = props.archive !== undefined;
    this.workflowNamespace = new PlatformNamespace(this, 'workflow-namespace', {
      name: `${this.namespace.name}-runs`,
      quota: { pods: String(this.mostPods) },
    });
    if (props.definitions !== 'existing') {
      const definitions = new Construct(this, 'definitions');
      for (const kind of ARGO_KINDS[SOFTWARE]) defineArgoKind(definitions, kind, this.labels(SOFTWARE, 'definitions'));
    }
    this.connections = this.connect('server');
    this.controller = this.connect('controller');
    for (const connections of [this.connections, this.controller]) this.callApiServer(connections);
    this.service = {
      namespace: this.namespace.name,
      name: `${name}-server`,
      port: PORT,
      containerPort: PORT,
      connections: this.connections,
    };
    this.url = `http://${this.service.name}.${this.namespace.name}.svc.${this.platform.clusterDomain}:${PORT}`;
    this.database = props.archive?.database.grantConnect({ consumerName: name, connections: this.connections });
    props.archive?.database.grantConnect({ consumerName: name, connections: this.controller });
    const archive = this.archive();
    this.keys =
      this.authentication.mode === 'sso'
        ? this.authentication.identityProvider.grantKeys({ consumerName: name, connections: this.connections })
        : undefined;
    this.client = this.authentication.mode === 'sso' ? this.addClient(this.authentication) : undefined;
    const databaseSecrets = archive === undefined ? [] : [archive.access.password.name, archive.username.name];
    this.access = new ArgoAccess(this, 'access', {
      component: this,
      workflowNamespace: this.workflowNamespace,
      databaseSecrets,
      isServerMode: this.authentication.mode === 'server',
      ...(this.authentication.mode === 'sso' && this.client !== undefined
        ? { sso: { clientSecretName: this.client.clientSecretRef.name, groups: this.authentication.groups } }
        : {}),
    });
    this.executorName = this.access.executor;
    this.configuration = {
      parallelism: wholeNumber('parallelism', props.parallelism ?? 10, 1, 10_000),
      hasMetrics: props.metrics ?? true,
      executorName: this.executorName,
      ...(archive === undefined ? {} : { archive }),
    };
    new k8s.KubeConfigMap(this, 'configuration', {
      metadata: {
        name: lazily(() => this.configMapName()),
        namespace: this.namespace.name,
        labels: this.labels(SOFTWARE, 'configuration', image.version),
      },
      immutable: true,
      data: lazily(() => this.configMapData()),
    });
    const runtime: ArgoRuntime = {
      image: image.reference,
      workflowNamespace: this.workflowNamespace.name,
      configMapName: lazily(() => this.configMapName()),
      ...(this.database === undefined ? {} : { database: this.database }),
    };
    const { version } = image;
    deployController(this, {
      runtime,
      version,
      podLabels: this.controller.podLabels,
      serviceAccountName: this.access.controller,
      secretNames: databaseSecrets,
      hasMetrics: this.configuration.hasMetrics,
      ...(props.controllerResources === undefined ? {} : { resources: props.controllerResources }),
    });
    deployServer(this, {
      runtime,
      version,
      podLabels: this.connections.podLabels,
      serviceAccountName: this.access.server,
      secretNames: [...databaseSecrets, ...(this.client === undefined ? [] : [this.client.clientSecretRef.name])],
      mode: this.authentication.mode,
      authority: this.keys?.certificateAuthority,
      replicas: wholeNumber('replicas', props.replicas ?? (this.platform.isProduction ? 2 : 1), 1, 100),
      ...(props.serverResources === undefined ? {} : { resources: props.serverResources }),
    });
    this.platform.announce(() => this.announcement());
  }

  /**
   * Exposes the server to the world.
   *
   * @param subdomain first label of the host. @default - the component's name
   * @throws Error when it lets anybody in, or is exposed already
   */
  exposeVia(exposure: IExposure, subdomain: string = this.componentName): ExposedHost {
    const { path } = this.node;
    if (this.authentication.mode === 'server') {
      throw new Error(
        `"${path}" lets anybody run workflows (authentication mode "server") and is not exposed: use mode "client" or "sso"`,
      );
    }
    if (this.exposed !== undefined) throw new Error(`"${path}" is exposed already, as ${this.exposed.host}`);
    this.exposed = exposure.expose(this.service, subdomain);
    this.client?.allowRedirect(callbackOf(this.exposed));
    return this.exposed;
  }

  connectSteps(connections: Connections): void {
    if (connections.namespace !== this.workflowNamespace) {
      throw new Error(
        `"${this.node.path}" runs workflows in namespace "${this.workflowNamespace.name}", not in "${connections.namespace.name}"`,
      );
    }
    this.callApiServer(connections);
    const { artifacts } = this.props;
    if (artifacts === undefined) return;
    // All steps are one user: the second grant gives the credentials of the first, and opens the network for further Pods.
    this.artifacts = {
      access: artifacts.bucket.grantReadWrite({ consumerName: `${this.componentName}-artifacts`, connections }),
      prefix: artifacts.prefix ?? 'workflows',
      archiveLogs: artifacts.archiveLogs ?? true,
    };
  }

  grantSubmit({ connections, serviceAccountName: name }: WorkflowSubmitter): void {
    const namespace = connections.namespace.name;
    connections.allowTo(this, PORT);
    this.callApiServer(connections);
    this.access.permit(dnsLabel('role', `submit-${namespace}-${name}`), 'run', { name, namespace });
  }

  /**
   * Lets a Prometheus read the counters of the controller, at `/metrics` of port 9090.
   *
   * @throws Error when there are no counters
   */
  allowMetricsFrom(pods: IConnectable | ForeignPods): void {
    if (!this.configuration.hasMetrics) throw new Error(`"${this.node.path}" has no metrics: leave out metrics: false`);
    if ('connections' in pods) pods.connections.allowTo({ connections: this.controller }, METRICS_PORT);
    else this.controller.allowFrom(pods, METRICS_PORT);
  }

  /** Declares the metrics of the controller, alerts and dashboard. @throws Error when there are no counters */
  monitorVia(metrics: IMetrics): void {
    if (!this.configuration.hasMetrics) throw new Error(`"${this.node.path}" has no metrics: leave out metrics: false`);
    metrics.scrape({ job: SOFTWARE, component: this, connections: this.controller, port: METRICS_PORT });
    for (const rule of ARGO_WORKFLOWS_ALERTS) metrics.alert(rule);
    metrics.dashboard(ARGO_WORKFLOWS_DASHBOARD);
  }

  private connect(role: 'server' | 'controller'): Connections {
    return new Connections(this, `${role}-connections`, {
      namespace: this.namespace,
      name: `${this.componentName}-${role}`,
      podLabels: this.selector(SOFTWARE, role),
    });
  }

  private callApiServer(connections: Connections): void {
    const { cidrs, ports = [443, 6443] } = this.props.apiServer ?? {};
    for (const port of ports) connections.allowToExternal(cidrs === undefined ? {} : { cidrs }, port);
  }

  /** Argo reads name and password of its database's user from Secrets, through the API; the name is none. */
  private archive(): ArgoConfiguration['archive'] {
    const { database: access } = this;
    if (access === undefined) return undefined;
    const username = new PlatformSecret(this, 'database-user', {
      namespace: this.namespace,
      name: `${this.componentName}-database-user`,
      data: { username: access.user },
    }).ref('username');
    const keepDays = wholeNumber('archive.keepDays', this.props.archive?.keepDays ?? 180, 1, 36_500);
    return { access, username, keepDays, clusterName: this.workflowNamespace.name };
  }

  private addClient({ clientId, clientSecretName, groups, identityProvider }: ArgoSso): IConfidentialClient {
    for (const group of Object.keys(groups)) identityProvider.addGroup(group);
    return identityProvider.addConfidentialClient(clientId ?? this.componentName, {
      namespace: this.namespace,
      secretName: clientSecretName ?? `${this.componentName}-sso`,
      pkce: false,
    });
  }

  private sso(): ArgoSsoConfiguration | undefined {
    const { authentication, client, keys, exposed } = this;
    if (authentication.mode !== 'sso' || client === undefined || keys === undefined) return undefined;
    if (exposed === undefined) {
      throw new Error(
        `"${this.node.path}" logs people in by their browsers: expose it by exposeVia, or use mode "client"`,
      );
    }
    return {
      issuer: keys.discoveryUrl.endsWith(DISCOVERY) ? keys.discoveryUrl.slice(0, -DISCOVERY.length) : keys.issuer,
      issuerAlias: keys.issuer,
      client,
      redirectUrl: callbackOf(exposed),
      groupsClaim: authentication.identityProvider.claims.groups,
      sessionSeconds: wholeNumber('sessionSeconds', authentication.sessionSeconds ?? 8 * 3600, 60, 7 * 24 * 3600),
    };
  }

  private configMapData(): Record<string, string> {
    const sso = this.sso();
    return configurationData({
      ...this.configuration,
      ...(this.artifacts === undefined ? {} : { artifacts: this.artifacts }),
      ...(sso === undefined ? {} : { sso }),
    });
  }

  private configMapName(): string {
    return `${this.componentName}-${contentHash(this.configMapData())}`;
  }

  private announcement(): Access {
    const { namespace, name, port } = this.service;
    const title = 'Argo Workflows';
    return this.exposed === undefined
      ? { title, url: this.url, service: { namespace, name, port } }
      : { title, url: this.exposed.url };
  }
}

/** Where people come back to after they have logged in. */
function callbackOf({ url }: ExposedHost): string {
  return `${url}/oauth2/callback`;
}

/** @throws Error when nobody could log in */
function checkedAuthentication(path: string, authentication: ArgoAuthentication): ArgoAuthentication {
  if (authentication.mode === 'sso' && Object.keys(authentication.groups).length === 0) {
    throw new Error(`"${path}" has mode "sso" and no group: whoever logs in may do nothing; name one in groups`);
  }
  return authentication;
}
