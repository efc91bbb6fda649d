import { Construct } from 'constructs';
import {
  Component,
  type ComponentProps,
  Connections,
  type ContainerResources,
  dnsLabel,
  type ExposedHost,
  type ForeignPods,
  GeneratedValue,
  type HttpService,
  type IConnectable,
  type IExposure,
  type IIdentityProvider,
  type IMetrics,
  type IOidcClient,
  Layer,
  PlatformSecret,
  type SecretRef,
  type SpaceNames,
} from '../platform';
import { wholeNumber } from '../platform/whole-number';
import { VAULT_ALERTS, VAULT_DASHBOARD } from '../monitoring';
import { serverCertificate, refusePlainTextInProduction, ServerTls } from '../storage/server-tls';
import { bytesOf } from '../storage/byte-quantity';
import type { ISecretStore } from './secret-store';
import { Unseal } from './unseal';
import { FLAVOURS, type VaultClientProps, type VaultFlavour } from './vault-client';
import { API_PORT, CLUSTER_PORT, METRICS_PORT } from './vault-configuration';
import { OWN_PATH } from './vault-keys-script';
import { VaultProvisioning } from './vault-provisioning';
import { sealOf } from './vault-seal';
import { SERVER_ROLE, VaultServer } from './vault-server';
import {
  type ExternalSecretStoreProps,
  externalSecretStore,
  type VaultWorkload,
  workloadAudience,
  type VaultWorkloadsProps,
} from './vault-workloads';
import { type VaultSnapshotProps, VaultSnapshots } from './vault-snapshots';

export interface VaultRealmProps extends ComponentProps {
  /** Who knows people and their groups. */
  readonly identityProvider: IIdentityProvider;
  /** How the directories of users and projects are named. */
  readonly names: SpaceNames;
  /** Whose server it is, and with it the key of the image: `vault` or `openbao`. @default 'vault' */
  readonly flavour?: VaultFlavour;
  /** Servers: 1, 3 or 5. Three survive the loss of one. @default - 1 in a pilot, 3 in production */
  readonly servers?: number;
  /** How a server gets its key after a start. @default Unseal.generatedSecret() */
  readonly unseal?: Unseal;
  /**
   * Where the certificate comes from. One that is given covers the Service's names; the servers check each other by the first.
   *
   * @default ServerTls.none(), which production refuses without a reason
   */
  readonly tls?: ServerTls;
  /** Snapshots of everything in the store. @default - none */
  readonly snapshots?: VaultSnapshotProps;
  /** Answer metrics, without a token and on a port of its own, to whom {@link VaultRealm.monitorVia} and `allowFrom` name. @default - none */
  readonly metrics?: {
    /** Pods that this platform does not make, such as a Prometheus. @default - none */
    readonly allowFrom?: ForeignPods;
  };
  /** Lets workloads of the cluster log in with their service accounts. @default - people alone log in */
  readonly workloads?: VaultWorkloadsProps;
  /** Mount of the key-value engine. @default 'onyxia-kv' */
  readonly mount?: string;
  /** Path of the authentication method. @default 'jwt' */
  readonly authPath?: string;
  /** Role that people log in as. @default 'onyxia-user' */
  readonly role?: string;
  /** Id of the client at the identity provider, and the audience of its tokens. @default 'vault' */
  readonly clientId?: string;
  /** Versions of a secret that are kept: 1 or more. @default 10 */
  readonly maxVersions?: number;
  /** Seconds that a login lasts unless it is renewed: 60 or more. @default 3600 */
  readonly tokenSeconds?: number;
  /**
   * Seconds after which a person must log in anew: the bound within which who has left a project no longer reaches its directory.
   *
   * @default 28800, a working day
   */
  readonly tokenMaxSeconds?: number;
  /** When changes made by hand are corrected, in UTC, as five fields of cron. @default '17 * * * *', once an hour */
  readonly correctionSchedule?: string;
  /** Size of each server's volume, a Kubernetes quantity. @default '5Gi' */
  readonly volumeSize?: string;
  /** @default - the platform's class */
  readonly storageClassName?: string;
  /** Of each server. @default - pilot: 100m to 1 CPU, 256Mi to 768Mi; production: 250m to 2 CPU, 512Mi to 2Gi */
  readonly resources?: ContainerResources;
}

/**
 * Claim that lists the projects whose directories a person reaches. Not the claim of groups: an identity provider leaves that out for who is
 * in no group, and Vault then lets nobody in.
 */
const DIRECTORIES_CLAIM = 'directories';
/** What stands in it for everyone. No project can have a name with an underscore. */
const OWN_DIRECTORY = 'own_directory';

const PILOT: ContainerResources = {
  cpu: { request: '100m', limit: '1' },
  memory: { request: '256Mi', limit: '768Mi' },
};
const PRODUCTION: ContainerResources = {
  cpu: { request: '250m', limit: '2' },
  memory: { request: '512Mi', limit: '2Gi' },
};

/**
 * A Vault, or an OpenBao, where people keep secrets: one server or several with storage of their own, tied to the people of an
 * identity provider. Each person reaches the directory of that person's name and nothing beside it; the members of a project reach
 * that of the project, in however many projects one is. Image: key `vault` or `openbao`.
 *
 * The first server initialises the store and lets the platform's own programs in; a Job makes mounts, policies, groups and settings
 * as declared, and a CronJob corrects what is changed by hand. Those programs log in with generated values at the store itself, so
 * that none needs the Kubernetes interface; a root token exists only while they are let in, made with the key and revoked at once.
 * A rotated value counts from the next start of the servers on. Everything that is asked is in the audit log, on standard output.
 *
 * A sealed server is alive and not ready: nobody is sent to it, its log says `SEALED`, and what runs elsewhere goes on. With the default
 * way of unsealing, whoever reads its Secret and a volume reads everything in the store: see {@link Unseal.generatedSecret}.
 *
 * @example
 * import { type IBucket, type IExposure, type IIdentityProvider, type Platform, SpaceNames, VaultRealm } from 'bouture';
 * function secretStore(platform: Platform, identityProvider: IIdentityProvider, exposure: IExposure, bucket: IBucket) {
 *   const vault = new VaultRealm(platform, 'vault', { identityProvider, names: new SpaceNames(), snapshots: { bucket } });
 *   vault.addProject('census');
 *   vault.exposeVia(exposure, 'vault');
 * }
 *
 * @throws Error when a name, size, number or schedule cannot be, or production lacks TLS and a reason for it
 */
export class VaultRealm extends Component implements ISecretStore, IConnectable {
  readonly connections: Connections;
  readonly mount: string;
  readonly role: string;
  readonly authPath: string;
  readonly client: IOidcClient;
  private readonly provisioning: VaultProvisioning;
  private readonly tls: ServerTls;
  private readonly host: string;
  private exposed: ExposedHost | undefined;

  constructor(
    scope: Construct,
    id: string,
    private readonly props: VaultRealmProps,
  ) {
    super(scope, id, Layer.PLATFORM, props);
    const { componentName: name, namespace, platform } = this;
    const flavour = props.flavour ?? 'vault';
    const volumeSize = props.volumeSize ?? '5Gi';
    const servers = props.servers ?? (platform.isProduction ? 3 : 1);
    const unseal = props.unseal ?? Unseal.generatedSecret();
    this.tls = props.tls ?? ServerTls.none();
    refusePlainTextInProduction(platform, `secret store "${name}"`, this.tls);
    bytesOf(`volume size of secret store "${name}"`, volumeSize);
    if (![1, 3, 5].includes(servers)) {
      throw new RangeError(
        `secret store "${name}": ${servers} servers cannot be: choose 1, 3 or 5, of which a majority decides`,
      );
    }
    this.mount = this.path('mount', props.mount ?? 'onyxia-kv');
    this.authPath = this.path('authPath', props.authPath ?? 'jwt');
    this.role = this.path('role', props.role ?? 'onyxia-user');
    const tokenSeconds = this.whole('tokenSeconds', props.tokenSeconds ?? 3600, 60);
    const tokenMaxSeconds = this.whole('tokenMaxSeconds', props.tokenMaxSeconds ?? 28_800, tokenSeconds);
    const maxVersions = this.whole('maxVersions', props.maxVersions ?? 10, 1);
    this.host = `${name}.${namespace.name}.svc.${platform.clusterDomain}`;

    const image = platform.images.get(FLAVOURS[flavour].image);
    const ca =
      this.tls.mode === 'none' ? undefined : this.tls.certificateAuthority?.refIn(this, namespace, `${name}-ca`);
    const common: VaultClientProps = {
      flavour,
      image,
      tls: this.tls.mode !== 'none',
      tlsServerName: this.host,
      ...(ca === undefined ? {} : { certificateAuthority: ca }),
    };
    this.connections = new Connections(this, 'connections', {
      namespace,
      name,
      podLabels: this.selector(flavour, SERVER_ROLE),
    });
    if (servers > 1) {
      this.connections.allowTo(this, API_PORT);
      this.connections.allowTo(this, CLUSTER_PORT);
    }
    if (props.metrics?.allowFrom !== undefined) this.connections.allowFrom(props.metrics.allowFrom, METRICS_PORT);

    if (props.workloads !== undefined) {
      const { cidrs, port = 6443 } = props.workloads.apiServer;
      this.connections.allowToExternal({ cidrs }, port);
    }

    const seal = sealOf(unseal);
    for (const ref of seal.secrets) this.expectHere(ref);
    if (seal.service !== undefined) this.connections.allowToExternal(seal.service.hosts, seal.service.port);
    if (seal.identityAgent !== undefined) {
      this.connections.allowToExternal(seal.identityAgent.hosts, seal.identityAgent.port);
      platform.cloud?.useKey({ namespace: namespace.name, serviceAccount: name });
    }
    const access = new PlatformSecret(this, 'access', {
      namespace,
      name: `${name}-access`,
      data: {
        servers: new GeneratedValue(`${name}-servers`),
        reconciler: new GeneratedValue(`${name}-reconciler`),
        snapshots: new GeneratedValue(`${name}-snapshots`),
      },
    });
    const keySecret =
      seal.keeper === 'people'
        ? undefined
        : new PlatformSecret(this, 'key', {
            namespace,
            name: `${name}-unseal`,
            data: {
              key: new GeneratedValue(
                `${name}-unseal`,
                43,
                'the servers encrypt their key with it and would stay sealed',
              ),
            },
          }).ref('key');
    const certificate = this.certificate();
    const storageClassName = props.storageClassName ?? platform.storageClassName;
    const server = new VaultServer(this, 'server', {
      ...common,
      servers,
      volumeSize,
      ...(storageClassName === undefined ? {} : { storageClassName }),
      resources: props.resources ?? (platform.isProduction ? PRODUCTION : PILOT),
      ...(certificate === undefined ? {} : { certificate }),
      seal,
      ...(keySecret === undefined ? {} : { keySecret }),
      access: {
        servers: access.ref('servers'),
        reconciler: access.ref('reconciler'),
        snapshots: access.ref('snapshots'),
      },
      mount: this.mount,
      authPath: this.authPath,
      metrics: props.metrics !== undefined,
      reviewsTokens: props.workloads !== undefined,
      clusterDomain: platform.clusterDomain,
      spreadStrictly: platform.isProduction,
    });

    const { identityProvider, names } = props;
    const clientId = props.clientId ?? 'vault';
    this.client = identityProvider.addPublicClient(clientId, {
      audience: clientId,
      permissionsClaim: DIRECTORIES_CLAIM,
    });
    this.client.grantEveryone(OWN_DIRECTORY);
    this.provisioning = new VaultProvisioning(this, 'provisioning', {
      ...common,
      url: this.internalUrl,
      servers: server.addresses,
      access: access.ref('reconciler'),
      mount: this.mount,
      authPath: this.authPath,
      role: this.role,
      userPrefix: names.userPrefix,
      maxVersions,
      keys: identityProvider.grantKeys({ consumerName: name, connections: this.connections }),
      usernameClaim: identityProvider.claims.username,
      directoriesClaim: DIRECTORIES_CLAIM,
      audience: this.client.audience,
      tokenSeconds,
      tokenMaxSeconds,
      ...(props.workloads === undefined ? {} : { workloadAudience: workloadAudience(props.workloads) }),
      schedule: props.correctionSchedule ?? '17 * * * *',
    });
    this.provisioning.connections.allowTo(this, API_PORT);
    if (props.snapshots !== undefined) {
      const snapshots = new VaultSnapshots(this, 'snapshots', {
        scratchSize: volumeSize,
        ...props.snapshots,
        ...common,
        url: this.internalUrl,
        access: access.ref('snapshots'),
        seal,
      });
      snapshots.connections.allowTo(this, API_PORT);
    }
    this.announce(seal.keeper, keySecret);
  }

  get url(): string {
    return this.exposed?.url ?? this.internalUrl;
  }

  /**
   * Gives the members of a group a directory of their own: `names.project(name)`. The group's name is the project's. Asked for
   * twice, it is the same.
   *
   * @throws Error when the name is none that a project may have
   */
  addProject(name: string): void {
    this.provisioning.addProject(name, this.props.names.project(name));
    this.client.grantGroup(name, name);
  }

  /** @throws Error when it is no origin: `https://datalab.example.org`, without a path or a final slash */
  allowOrigin(origin: string): void {
    if (!/^https?:/.test(origin) || !URL.canParse(origin) || new URL(origin).origin !== origin) {
      throw new Error(
        `secret store "${this.componentName}": "${origin}" is no origin: expected scheme and host alone, such as ` +
          'https://datalab.example.org',
      );
    }
    this.provisioning.addOrigin(origin);
  }

  /**
   * Lets a service account of the cluster read, or also write, the directory of one project.
   *
   * @throws Error when the store takes no workloads, a name cannot be, or is asked for twice
   */
  admitWorkload(workload: VaultWorkload): void {
    if (this.props.workloads === undefined) {
      throw new Error(`secret store "${this.componentName}" takes no workloads: give workloads.apiServer`);
    }
    dnsLabel('workload', workload.name);
    this.provisioning.addWorkload(workload, this.props.names.project(workload.project));
  }

  /**
   * Lets External Secrets copy secrets of one project into Secrets of one namespace: a SecretStore there, with a service account of its own,
   * for the ExternalSecrets that name it.
   *
   * @param name of the SecretStore, a DNS label
   * @throws Error when the store takes no workloads, a name cannot be, or is asked for twice
   */
  addExternalSecretStore(name: string, props: ExternalSecretStoreProps): void {
    const { namespace, operator, project } = props;
    const role = dnsLabel('workload', `${namespace.name}-${name}`);
    const serviceAccount = `${name}-secrets`;
    this.admitWorkload({ name: role, namespace: namespace.name, serviceAccount, project });
    this.connections.allowFrom(operator, API_PORT);
    const scope = new Construct(this, `store-${role}`);
    const ca =
      this.tls.mode === 'none' ? undefined : this.tls.certificateAuthority?.refIn(scope, namespace, `${name}-vault-ca`);
    externalSecretStore(scope, {
      name,
      namespace: namespace.name,
      serviceAccount,
      role,
      server: this.internalUrl,
      mount: this.mount,
      audience: workloadAudience(this.props.workloads),
      labels: this.labels(this.props.flavour ?? 'vault', 'consumer'),
      ...(ca === undefined ? {} : { certificateAuthority: ca }),
    });
  }

  /**
   * Declares its metrics, alerts and dashboard.
   *
   * @throws Error when it answers no metrics
   */
  monitorVia(metrics: IMetrics): void {
    if (this.props.metrics === undefined) {
      throw new Error(`secret store "${this.componentName}" answers no metrics: give metrics: {}`);
    }
    const { componentName: name, connections, tls } = this;
    const authority = tls.mode === 'none' ? undefined : tls.certificateAuthority;
    metrics.scrape({
      job: 'vault',
      component: this,
      connections,
      port: METRICS_PORT,
      path: '/v1/sys/metrics',
      params: { format: 'prometheus' },
      ...(tls.mode === 'none'
        ? {}
        : {
            tls: {
              serverName: this.host,
              ...(authority === undefined
                ? {}
                : { authority: (scope, namespace) => authority.refIn(scope, namespace, `${name}-metrics-ca`) }),
            },
          }),
    });
    for (const rule of VAULT_ALERTS) metrics.alert(rule);
    metrics.dashboard(VAULT_DASHBOARD);
  }

  /** Gives the store a host for browsers, and for clients outside the cluster. */
  exposeVia(exposure: IExposure, subdomain: string): ExposedHost {
    this.exposed = exposure.expose(this.service, subdomain);
    return this.exposed;
  }

  /** The servers that are ready, for whoever routes or connects to them. */
  get service(): HttpService {
    return {
      namespace: this.namespace.name,
      name: this.componentName,
      port: API_PORT,
      containerPort: API_PORT,
      tls: this.tls.mode !== 'none',
      connections: this.connections,
    };
  }

  private get internalUrl(): string {
    return `${this.tls.mode === 'none' ? 'http' : 'https'}://${this.host}:${API_PORT}`;
  }

  private path(what: string, text: string): string {
    if (!/^[a-z0-9]+(-[a-z0-9]+)*$/.test(text) || text === OWN_PATH) {
      throw new Error(
        `${what} "${text}" of secret store "${this.componentName}": expected parts of a-z and 0-9 with single dashes between them, ` +
          `and not "${OWN_PATH}"`,
      );
    }
    return text;
  }

  private whole(what: string, value: number, least: number): number {
    return wholeNumber(`${what} of secret store "${this.componentName}"`, value, least);
  }

  private expectHere({ namespace, name, key }: SecretRef): void {
    if (namespace !== this.namespace.name) {
      throw new Error(
        `Secret "${name}" of the seal stands in namespace "${namespace}", but secret store "${this.componentName}" reads Secrets of ` +
          `"${this.namespace.name}" only: put a copy there`,
      );
    }
    const purpose = `seal of secret store ${this.componentName}`;
    this.platform.expectSecret({ namespace, name, keys: [key], purpose });
  }

  private certificate(): string | undefined {
    const { componentName: name, namespace, platform } = this;
    return serverCertificate(this, this.tls, {
      what: `secret store ${name}`,
      labels: this.labels(this.props.flavour ?? 'vault', SERVER_ROLE),
      furtherNames: [`*.${name}-headless.${namespace.name}.svc.${platform.clusterDomain}`],
    });
  }

  private announce(keeper: 'server' | 'people' | 'service', key: SecretRef | undefined): void {
    const { componentName: name, namespace } = this;
    const manner = {
      server: `unseals itself: who reads Secret ${namespace.name}/${key?.name ?? ''} and a volume reads everything in it`,
      people: 'sealed after each start, until people give their shares',
      service: 'sealed while its key service does not answer',
    }[keeper];
    this.platform.announce(() => ({
      title: `Secret store ${name} (${manner})`,
      url: this.url,
      ...(this.exposed === undefined ? { service: { namespace: namespace.name, name, port: API_PORT } } : {}),
    }));
  }
}
