import type { Construct } from 'constructs';
import {
  Component,
  type ComponentProps,
  Connections,
  type ContainerResources,
  type ExposedHost,
  type ForeignPods,
  GeneratedValue,
  type HttpService,
  type IConnectable,
  type IExposure,
  type IIdentityProvider,
  type IMetrics,
  Layer,
  PlatformSecret,
  type SecretRef,
} from '../platform';
import { MINIO_ALERTS, MINIO_DASHBOARD } from '../monitoring';
import { bucketName } from './bucket-name';
import { bytesOf } from './byte-quantity';
import { MinioBucket } from './minio-bucket';
import type { MinioIdentity } from './minio-identity';
import { AUDIENCE, MinioPeople, type MinioPeopleProps, POLICIES_CLAIM } from './minio-people';
import type { BucketPermission } from './minio-policy';
import { MinioProvisioning } from './minio-provisioning';
import { API_PORT, CONSOLE_PORT, METRICS_PATH, MinioServer, SERVER_ROLE, type ServerCertificate } from './minio-server';
import { MinioTopology } from './minio-topology';
import { type MinioUser, type MinioUserProps, MinioUsers } from './minio-users';
import {
  type BucketAccess,
  type BucketConsumer,
  bucketFolder,
  type BucketProps,
  type IObjectStore,
  type ObjectStoreEndpoint,
} from './object-store';
import { refusePlainTextInProduction, serverCertificate, ServerTls } from './server-tls';

export interface MinioMetricsProps {
  /** Pods that may read the metrics, such as Prometheus. They reach the S3 interface too, which asks them for credentials. */
  readonly allowFrom: ForeignPods;
  /**
   * Why the metrics, which name buckets and sizes and ask for no credentials, may be read by everyone who reaches an exposed S3 interface.
   *
   * @default - a store with metrics refuses to be exposed
   */
  readonly publicBecause?: string;
}

export interface MinioTenantProps extends ComponentProps {
  /** Chosen once: a store keeps its topology. @default MinioTopology.standalone() */
  readonly topology?: MinioTopology;
  /** Size of each volume, a Kubernetes quantity. @default '10Gi' */
  readonly volumeSize?: string;
  /** @default - the platform's class */
  readonly storageClassName?: string;
  /** Of each server. @default - pilot: 100m to 1 CPU, 256Mi to 1Gi; production: 500m to 4 CPU, 2Gi to 4Gi */
  readonly resources?: ContainerResources;
  /**
   * Where the certificate comes from. One that is given must also cover `*.<component>-headless.<namespace>.svc.<cluster domain>` where
   * the store is distributed.
   *
   * @default ServerTls.none(), which production refuses without a reason
   */
  readonly tls?: ServerTls;
  /** Serve the console, a browser of buckets and objects. @default false */
  readonly console?: boolean;
  /** Answer Prometheus without credentials, to the Pods named. @default - metrics ask for a token of the root user */
  readonly metrics?: MinioMetricsProps;
  /** Region that clients sign for. @default 'us-east-1' */
  readonly region?: string;
  /** Name of the user who may do everything: 3 characters or more. @default 'minio-root' */
  readonly rootUser?: string;
  /**
   * Users whose secret keys exist already, by access key: programs outside the platform, or consumers whose keys something else
   * makes. A consumer of such a name finds its pair in a Secret `<consumer>-s3` of its own namespace, which exists already too.
   *
   * @default - none: each consumer's key is generated
   */
  readonly users?: Readonly<Record<string, MinioUserProps>>;
}

/** User who reads metrics. */
const WATCHER = 'metrics-reader';

const PILOT: ContainerResources = {
  cpu: { request: '100m', limit: '1' },
  memory: { request: '256Mi', limit: '1Gi' },
};
const PRODUCTION: ContainerResources = {
  cpu: { request: '500m', limit: '4' },
  memory: { request: '2Gi', limit: '4Gi' },
};

/**
 * A MinIO: S3 object storage on the cluster's own volumes, on one server or spread over several with erasure coding, with its buckets,
 * users and policies. Each consumer is a user of its own, who sees no bucket but those it was granted; nobody reads anonymously.
 *
 * Buckets and users are made and kept as declared by a Job. A bucket or user that is no longer declared stays as it is, and the Job's
 * log tells so: remove it with `mc rb` or `mc admin user rm`. Volumes outlive the store. Image: key `minio`.
 *
 * The root password counts from the next start of the servers on: after it changes, restart all of them.
 *
 * @example
 * import { MinioTenant, MinioTopology } from 'bouture';
 * const store = new MinioTenant(platform, 'minio', {
 *   topology: MinioTopology.distributed({ servers: 4 }),
 *   volumeSize: '500Gi',
 * });
 * store.addBucket('models', { versioning: true, quota: '100Gi', expireNoncurrentAfterDays: 90 });
 *
 * @throws Error when the volume size is no size, the root user's name is too short, or production lacks TLS and a reason for it
 */
export class MinioTenant extends Component implements IObjectStore, IConnectable {
  readonly endpoint: ObjectStoreEndpoint;
  readonly connections: Connections;
  private readonly users: MinioUsers;
  private readonly provisioning: MinioProvisioning;
  private readonly tls: ServerTls;
  private exposedConsole: ExposedHost | undefined;
  private identity: MinioIdentity | undefined;
  private origins: Set<string> | undefined;

  constructor(
    scope: Construct,
    id: string,
    private readonly props: MinioTenantProps = {},
  ) {
    super(scope, id, Layer.FOUNDATIONS, props);
    const { componentName: name, namespace, platform } = this;
    const topology = props.topology ?? MinioTopology.standalone();
    const rootUser = props.rootUser ?? 'minio-root';
    const volumeSize = props.volumeSize ?? '10Gi';
    const image = platform.images.get('minio');
    this.tls = props.tls ?? ServerTls.none();
    refusePlainTextInProduction(platform, `store "${name}"`, this.tls);
    bytesOf(`volume size of store "${name}"`, volumeSize);
    if (rootUser.length < 3) {
      throw new Error(`root user "${rootUser}" of store "${name}": MinIO wants 3 characters or more`);
    }

    const authority = this.tls.mode === 'none' ? undefined : this.tls.certificateAuthority;
    const ca = authority?.refIn(this, namespace, `${name}-ca`);
    this.endpoint = this.endpointOf(props.region ?? 'us-east-1', ca);
    this.connections = new Connections(this, 'connections', {
      namespace,
      name,
      podLabels: this.selector('minio', SERVER_ROLE),
    });
    if (topology.isDistributed) this.connections.allowTo(this, API_PORT);
    if (props.metrics !== undefined) this.connections.allowFrom(props.metrics.allowFrom, API_PORT);

    const secret = new PlatformSecret(this, 'root', {
      namespace,
      name: `${name}-root`,
      data: { rootUser, rootPassword: new GeneratedValue(`${name}-root`) },
    });
    const root = { user: secret.ref('rootUser'), password: secret.ref('rootPassword') };
    const certificate = this.certificate(ca);
    const storageClassName = props.storageClassName ?? platform.storageClassName;
    new MinioServer(this, 'server', {
      image,
      topology,
      volumeSize,
      ...(storageClassName === undefined ? {} : { storageClassName }),
      resources: props.resources ?? (platform.isProduction ? PRODUCTION : PILOT),
      region: this.endpoint.region,
      root,
      clusterDomain: platform.clusterDomain,
      console: props.console === true,
      consoleUrl: () => this.exposedConsole?.url,
      publicMetrics: props.metrics !== undefined,
      ...(certificate === undefined ? {} : { certificate }),
      identity: () => this.identity,
      origins: () => (this.origins === undefined ? undefined : [...this.origins].sort()),
      spreadStrictly: platform.isProduction,
    });
    this.users = new MinioUsers(this, 'users', {
      storeName: name,
      namespace,
      rootUser,
      ...(props.users === undefined ? {} : { existing: props.users }),
      ...(authority === undefined ? {} : { certificateAuthority: authority }),
    });
    this.provisioning = new MinioProvisioning(this, 'provisioning', {
      image,
      storeUrl: this.endpoint.url,
      root,
      ...(ca === undefined ? {} : { certificateAuthority: ca }),
      users: () => this.users.all,
    });
    this.provisioning.connections.allowTo(this, API_PORT);
    this.announce(rootUser, root.password);
  }

  /**
   * A bucket that the store makes, and keeps at exactly the versioning, quota and lifecycle given here. MinIO counts a bucket's size
   * now and then, so that a quota may be passed for some minutes.
   *
   * @throws Error when the name breaks the rules of S3 or is asked for twice, the quota is no size, or old versions are to expire
   *   where none are kept
   */
  addBucket(name: string, props: BucketProps = {}): MinioBucket {
    this.provisioning.addBucket(bucketName(name), props);
    return new MinioBucket(this, name, (consumer, permission, folder) =>
      this.grant(name, consumer, permission, folder),
    );
  }

  /** One of the users of `users`, to grant buckets to. @throws Error when there is none of this name */
  user(name: string): MinioUser {
    return this.users.get(name);
  }

  /**
   * Lets people in with tokens of an identity provider: each gets a bucket of its own, `<user prefix><username>`, and each project one
   * for its members. Credentials are had by AssumeRoleWithWebIdentity and end by themselves. The store starts and serves programs while
   * the provider is away; a sidecar keeps the provider's keys. Only pages of allowed origins may call the store from browsers from then
   * on. Image: key `toolbox`.
   *
   * @throws Error when it has been called before, or when the life of credentials is out of range
   */
  federate(identityProvider: IIdentityProvider, props: MinioPeopleProps): MinioPeople {
    const { componentName: name, namespace, connections } = this;
    if (this.identity !== undefined) {
      throw new Error(
        `store "${name}" takes tokens of an identity provider already: MinIO reads policies of one alone`,
      );
    }
    const secret = new PlatformSecret(this, 'identity', {
      namespace,
      name: `${name}-identity`,
      data: { clientSecret: new GeneratedValue(`${name}-identity`) },
    });
    const origins = new Set([new URL(props.url).origin]);
    this.origins = origins;
    const people = new MinioPeople(
      {
        region: this.endpoint.region,
        forcePathStyle: this.endpoint.forcePathStyle,
        addPeoplePolicy: (policyName, policy) => {
          this.provisioning.addPeoplePolicy(policyName, policy);
        },
        addBucket: (bucket) => this.addBucket(bucket),
        allowOrigin: (origin) => origins.add(origin),
      },
      identityProvider,
      props,
    );
    this.identity = {
      keys: identityProvider.grantKeys({ consumerName: name, connections }),
      audience: AUDIENCE,
      policiesClaim: POLICIES_CLAIM,
      clientSecret: secret.ref('clientSecret'),
      image: this.platform.images.get('toolbox'),
    };
    return people;
  }

  /** Declares its metrics, alerts and dashboard. Whoever reads has a token of a user who may read metrics, and nothing else. */
  monitorVia(metrics: IMetrics): void {
    const { componentName: name, connections, endpoint } = this;
    const token = this.users.addWatcher(WATCHER);
    const authority = this.tls.mode === 'none' ? undefined : this.tls.certificateAuthority;
    const secretName = `${name}-metrics`;
    metrics.scrape({
      job: 'minio',
      component: this,
      connections,
      port: API_PORT,
      path: METRICS_PATH,
      token: (scope, namespace) =>
        new PlatformSecret(scope, 'token', { namespace, name: secretName, data: { token } }).ref('token'),
      ...(endpoint.tls
        ? {
            tls: {
              serverName: endpoint.host,
              ...(authority === undefined
                ? {}
                : { authority: (scope, namespace) => authority.refIn(scope, namespace, `${secretName}-ca`) }),
            },
          }
        : {}),
    });
    for (const rule of MINIO_ALERTS) metrics.alert(rule);
    metrics.dashboard(MINIO_DASHBOARD);
  }

  /**
   * Gives the S3 interface a host for clients outside the cluster. Consumers inside keep using the Service.
   *
   * @throws Error when metrics would be readable from outside without credentials
   */
  exposeApiVia(exposure: IExposure, subdomain: string): ExposedHost {
    if (this.props.metrics !== undefined && this.props.metrics.publicBecause === undefined) {
      throw new Error(
        `store "${this.componentName}" cannot be exposed while its metrics ask for no credentials: everyone outside could read them; ` +
          'leave out metrics, or say in metrics.publicBecause why that is right',
      );
    }
    return exposure.expose(this.httpService(this.componentName, API_PORT), subdomain);
  }

  /** Gives the console a host for browsers. @throws Error when the store has no console */
  exposeConsoleVia(exposure: IExposure, subdomain: string): ExposedHost {
    if (this.props.console !== true) {
      throw new Error(`store "${this.componentName}" has no console to expose: set console: true`);
    }
    this.exposedConsole = exposure.expose(this.httpService(`${this.componentName}-console`, CONSOLE_PORT), subdomain);
    return this.exposedConsole;
  }

  private grant(
    bucket: string,
    consumer: BucketConsumer,
    permission: BucketPermission,
    folder: string | undefined,
  ): BucketAccess {
    if (folder !== undefined) bucketFolder(`folder of bucket "${bucket}"`, folder);
    const { user, credentials } = this.users.forConsumer(consumer);
    user.allow(bucket, permission, folder);
    consumer.connections.allowTo(this, API_PORT);
    const { accessKeyId, secretAccessKey, certificateAuthority } = credentials;
    const endpoint = {
      ...this.endpoint,
      ...(certificateAuthority === undefined ? {} : { certificateAuthority }),
    };
    return { endpoint, bucket, accessKeyId, secretAccessKey };
  }

  private endpointOf(region: string, certificateAuthority: SecretRef | undefined): ObjectStoreEndpoint {
    const tls = this.tls.mode !== 'none';
    const host = `${this.componentName}.${this.namespace.name}.svc.${this.platform.clusterDomain}`;
    return {
      url: `${tls ? 'https' : 'http'}://${host}:${API_PORT}`,
      host,
      port: API_PORT,
      tls,
      region,
      forcePathStyle: true,
      ...(certificateAuthority === undefined ? {} : { certificateAuthority }),
    };
  }

  private certificate(certificateAuthority: SecretRef | undefined): ServerCertificate | undefined {
    const { clusterDomain } = this.platform;
    const secretName = serverCertificate(this, this.tls, {
      what: `object store ${this.componentName}`,
      labels: this.labels('minio', SERVER_ROLE),
      furtherNames: [
        `${this.componentName}-console.${this.namespace.name}.svc.${clusterDomain}`,
        `*.${this.componentName}-headless.${this.namespace.name}.svc.${clusterDomain}`,
      ],
      // the console, in the same process, calls the S3 interface by the loopback address
      ipAddresses: ['127.0.0.1'],
      isClient: true,
    });
    if (secretName === undefined) return undefined;
    return { secretName, ...(certificateAuthority === undefined ? {} : { certificateAuthority }) };
  }

  private httpService(name: string, port: number): HttpService {
    return {
      namespace: this.namespace.name,
      name,
      port,
      containerPort: port,
      tls: this.endpoint.tls,
      connections: this.connections,
    };
  }

  private announce(username: string, password: SecretRef): void {
    const { componentName: name, namespace } = this;
    this.platform.announce(() => {
      const credentials = { username, password };
      if (this.props.console !== true) {
        const service = { namespace: namespace.name, name, port: API_PORT };
        return { title: `Object store ${name} (S3)`, url: this.endpoint.url, service, ...credentials };
      }
      const title = `Object store ${name} (console)`;
      if (this.exposedConsole !== undefined) return { title, url: this.exposedConsole.url, ...credentials };
      const service = { namespace: namespace.name, name: `${name}-console`, port: CONSOLE_PORT };
      const scheme = this.endpoint.tls ? 'https' : 'http';
      const host = `${service.name}.${namespace.name}.svc.${this.platform.clusterDomain}`;
      return { title, url: `${scheme}://${host}:${CONSOLE_PORT}`, service, ...credentials };
    });
  }
}
