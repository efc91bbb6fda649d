import { Construct } from 'constructs';
import {
  compare,
  Component,
  type ConfidentialClientProps,
  Connections,
  type ContainerResources,
  dnsLabel,
  type ForeignPods,
  GeneratedValue,
  type HttpService,
  type IConfidentialClient,
  type IConnectable,
  type IIdentityProvider,
  type IMetrics,
  type IOidcClient,
  Layer,
  PlatformSecret,
  type PublicClientProps,
  type SecretRef,
  type TokenClaims,
  type TokenConsumer,
  type TokenKeys,
} from '../platform';
import { wholeNumber } from '../platform/whole-number';
import { KEYCLOAK_ALERTS, KEYCLOAK_DASHBOARD } from '../monitoring';
import { type CertificateAuthority, serverCertificate, refusePlainTextInProduction, ServerTls } from '../storage';
import { KeycloakBackup } from './keycloak-backup';
import { type ClientSecrecy, KeycloakClient } from './keycloak-client';
import type { KeycloakRealmProps } from './keycloak-realm-props';
import { CLAIMS, RealmSettings, SMTP_PASSWORD } from './keycloak-realm-state';
import { KeycloakReconciliation, RECONCILER_ROLE, type ReconcilerSecret } from './keycloak-reconciliation';
import { HTTP_PORT, HTTPS_PORT, KeycloakServer, MANAGEMENT_PORT, SERVER_ROLE, SOFTWARE } from './keycloak-server';

/** Name of the first administrator. */
const ADMINISTRATOR = 'admin';
const RECONCILER_CLIENT = 'bouture-reconciler';
/** A CronJob's name has at most 52 characters, and ends with `-reconcile` here. */
const NAME_MAX = 42;

const PILOT: ContainerResources = {
  cpu: { request: '250m', limit: '2' },
  memory: { request: '768Mi', limit: '1280Mi' },
};
const PRODUCTION: ContainerResources = {
  cpu: { request: '1', limit: '4' },
  memory: { request: '1536Mi', limit: '2Gi' },
};

/**
 * A Keycloak with one realm, which is data of the blueprint: its clients, groups, claims, password rules and lifetimes are brought to
 * what is declared by a Job, and back to it every ten minutes. People are not declared: they, and their membership of groups, are what
 * administrators of the realm care for.
 *
 * Tokens say who somebody is (`preferred_username`), which groups they are in (`groups`, without slash) and which of the declared roles
 * they have (`roles`), and are good for one audience alone. A permission of a client is a role of that client, held by everyone or by a
 * group; what somebody grants beside that by hand is taken away.
 *
 * The first administrator, `admin` of realm `master`, has a generated password and must choose another at the first login. Image: key
 * `keycloak`. A client, broker or directory that is no longer declared stays as it is, and the Job's log tells so.
 *
 * @throws Error when a number is out of its bounds, a session would be idle for longer than it lasts, e-mail is to be verified and none is
 *   sent, a secret stands in another namespace, or production lacks TLS and a reason for it
 *
 * @example
 * import { type IDatabaseServer, type IExposure, KeycloakRealm, SpaceNames } from 'bouture';
 * declare const postgres: IDatabaseServer, exposure: IExposure;
 * const realm = new KeycloakRealm(platform, 'keycloak', {
 *   database: postgres.addDatabase('keycloak'),
 *   exposure,
 *   names: new SpaceNames(),
 * });
 * const minio = realm.addPublicClient('onyxia-minio', { audience: 'minio', permissionsClaim: 'policy', accessTokenSeconds: 43_200 });
 * minio.allowRedirect('https://datalab.example.org/*');
 * minio.grantGroup('census', 'project-census');
 */
export class KeycloakRealm extends Component implements IIdentityProvider, IConnectable {
  readonly issuer: string;
  readonly claims: TokenClaims = CLAIMS;
  readonly connections: Connections;
  /** The Service, for who routes to it. */
  readonly service: HttpService;
  /** Name of the realm. */
  readonly realm: string;
  /** Where administrators of the realm go. */
  readonly adminUrl: string;
  private readonly settings: RealmSettings;
  private readonly clients = new Map<string, KeycloakClient>();
  private readonly clientSecrets: ReconcilerSecret[] = [];
  private readonly groups = new Set<string>();
  private readonly authority: CertificateAuthority | undefined;
  private readonly authorities = new Map<string, SecretRef>();
  private readonly internalUrl: string;
  private readonly isPlain: boolean;

  constructor(scope: Construct, id: string, props: KeycloakRealmProps) {
    super(scope, id, Layer.PLATFORM, props);
    const { componentName: name, namespace, platform } = this;
    if (name.length > NAME_MAX) {
      throw new Error(`component id "${name}" has ${name.length} characters: a Keycloak's has at most ${NAME_MAX}`);
    }
    const image = platform.images.get('keycloak');
    const tls = props.tls ?? ServerTls.none();
    refusePlainTextInProduction(platform, `Keycloak "${name}"`, tls);
    this.realm = dnsLabel('realm', props.realm ?? 'datalab');
    if (this.realm === 'master')
      throw new Error('realm "master" administers the others: give the people a realm of another name');
    this.settings = new RealmSettings(this.realm, props);
    for (const role of props.roles ?? []) checkedRole(role);

    this.connections = this.connectionsOf(name, SERVER_ROLE);
    const reconciler = this.connectionsOf(`${name}-${RECONCILER_ROLE}`, RECONCILER_ROLE);
    const port = tls.mode === 'none' ? HTTP_PORT : HTTPS_PORT;
    this.service = {
      namespace: namespace.name,
      name,
      port,
      containerPort: port,
      tls: tls.mode !== 'none',
      connections: this.connections,
    };
    const host = `${name}.${namespace.name}.svc.${platform.clusterDomain}`;
    this.internalUrl = `${tls.mode === 'none' ? 'http' : 'https'}://${host}:${port}`;
    const { url } = props.exposure.expose(this.service, props.subdomain ?? 'auth');
    this.issuer = `${url}/realms/${this.realm}`;
    this.adminUrl = `${url}/admin/${this.realm}/console/`;
    this.isPlain = url.startsWith('http:');

    this.authority = tls.mode === 'none' ? undefined : tls.certificateAuthority;
    const ca = this.authority?.refIn(this, namespace, `${name}-ca`);
    const certificateSecret = serverCertificate(this, tls, {
      what: `Keycloak ${name}`,
      labels: this.labels(SOFTWARE, SERVER_ROLE),
    });
    const trust = props.trustedAuthority?.refIn(this, namespace, `${name}-trust`);
    const administrator = this.secret('admin', 'username', ADMINISTRATOR, 'password');
    const client = this.secret('reconciler', 'clientId', RECONCILER_CLIENT, 'clientSecret');
    const replicas = wholeNumber('replicas', props.replicas ?? (platform.isProduction ? 2 : 1), 1, 20);
    new KeycloakServer(this, 'server', {
      image,
      connections: this.connections,
      replicas,
      rollOut: props.rollOut ?? (replicas === 1 ? 'recreate' : 'rolling'),
      resources: props.resources ?? (platform.isProduction ? PRODUCTION : PILOT),
      database: props.database.grantConnect({ consumerName: name, connections: this.connections }),
      publicUrl: url,
      administrator: { username: administrator.ref('username'), password: administrator.ref('password') },
      reconciler: { clientId: client.ref('clientId'), clientSecret: client.ref('clientSecret') },
      ...(certificateSecret === undefined ? {} : { certificateSecret }),
      ...(trust === undefined ? {} : { trustedAuthority: trust }),
      trustedProxies: props.trustedProxies ?? [],
    });
    reconciler.allowTo(this, port);
    const secrets = this.reachOut(props);
    new KeycloakReconciliation(this, 'reconciliation', {
      image,
      connections: reconciler,
      url: this.internalUrl,
      ...(ca === undefined ? {} : { certificateAuthority: ca }),
      clientId: client.ref('clientId'),
      secrets: () => [
        { ref: client.ref('clientSecret'), file: 'reconciler/clientSecret' },
        { ref: administrator.ref('password'), file: 'administrator/password' },
        ...secrets,
        ...[...this.clientSecrets].sort((a, b) => compare(a.file, b.file)),
      ],
      database: props.database.grantConnect({ consumerName: name, connections: reconciler }),
      schedule: props.reconcileSchedule ?? '*/10 * * * *',
      state: () => this.settings.state([...this.groups], this.clientStates(), ADMINISTRATOR),
    });
    if (props.backup !== undefined) {
      const backup = new KeycloakBackup(this, 'backup', {
        ...props.backup,
        image,
        database: props.database,
        realm: this.realm,
        server: { host, port },
      });
      backup.restore.allowTo(this, port);
    }
    platform.announce({
      title: 'Keycloak (administration)',
      url: `${url}/admin/`,
      username: ADMINISTRATOR,
      password: administrator.ref('password'),
    });
  }

  addPublicClient(clientId: string, props: PublicClientProps = {}): IOidcClient {
    return this.addClient(clientId, props);
  }

  addConfidentialClient(
    clientId: string,
    { namespace, secretName, pkce = true, ...props }: ConfidentialClientProps,
  ): IConfidentialClient {
    const file = `clients/${clientId}`;
    const client = this.addClient(clientId, props, { file, pkce });
    const name = `${this.componentName}-client-${clientId}`;
    const clientSecret = new GeneratedValue(name);
    const own = new PlatformSecret(this, `client-${clientId}`, {
      namespace: this.namespace,
      name,
      data: { clientSecret },
    });
    this.clientSecrets.push({ ref: own.ref('clientSecret'), file });
    const given = new PlatformSecret(this, `given-${clientId}`, {
      namespace,
      name: secretName,
      data: { clientId, clientSecret },
    });
    return Object.assign(client, { clientIdRef: given.ref('clientId'), clientSecretRef: given.ref('clientSecret') });
  }

  /** @throws Error when the name is no DNS label */
  addGroup(name: string): void {
    this.groups.add(dnsLabel('group', name));
  }

  grantKeys({ consumerName, connections }: TokenConsumer): TokenKeys {
    connections.allowTo(this, this.service.containerPort);
    const realm = `${this.internalUrl}/realms/${this.realm}`;
    const authority = this.authorityFor(connections, dnsLabel('secret', `${consumerName}-${this.componentName}-ca`));
    return {
      issuer: this.issuer,
      discoveryUrl: `${realm}/.well-known/openid-configuration`,
      jwksUrl: `${realm}/protocol/openid-connect/certs`,
      endpoints: {
        authorizationUrl: `${this.issuer}/protocol/openid-connect/auth`,
        tokenUrl: `${realm}/protocol/openid-connect/token`,
      },
      ...(authority === undefined ? {} : { certificateAuthority: authority }),
    };
  }

  /** Lets a Prometheus read the metrics, at `/metrics` of port 9000 of each Pod. They count logins and requests, and name no person. */
  allowMetricsFrom(pods: IConnectable | ForeignPods): void {
    if ('connections' in pods) pods.connections.allowTo(this, MANAGEMENT_PORT);
    else this.connections.allowFrom(pods, MANAGEMENT_PORT);
  }

  private addClient(clientId: string, props: PublicClientProps, secrecy?: ClientSecrecy): KeycloakClient {
    if (this.clients.has(clientId)) {
      throw new Error(`client "${clientId}" of realm "${this.realm}" is asked for twice: pass the first one on`);
    }
    const realm = {
      isPlain: this.isPlain,
      sessionMaxSeconds: this.settings.sessionMaxSeconds,
      addGroup: (name: string) => {
        this.addGroup(name);
      },
    };
    const client = new KeycloakClient(realm, clientId, props, secrecy);
    this.clients.set(clientId, client);
    return client;
  }

  /** Declares its metrics, alerts and dashboard. */
  monitorVia(metrics: IMetrics): void {
    const { authority, componentName: name, connections } = this;
    metrics.scrape({
      job: SOFTWARE,
      component: this,
      connections,
      port: MANAGEMENT_PORT,
      ...(this.service.tls === true
        ? {
            tls: {
              serverName: new URL(this.internalUrl).hostname,
              ...(authority === undefined
                ? {}
                : { authority: (scope, namespace) => authority.refIn(scope, namespace, `${name}-metrics-ca`) }),
            },
          }
        : {}),
    });
    for (const rule of KEYCLOAK_ALERTS) metrics.alert(rule);
    metrics.dashboard(KEYCLOAK_DASHBOARD);
  }

  private authorityFor({ namespace }: Connections, secretName: string): SecretRef | undefined {
    const key = `${namespace.name}-${secretName}`;
    const known = this.authorities.get(key);
    if (known !== undefined || this.authority === undefined) return known;
    const ref = this.authority.refIn(new Construct(this, key), namespace, secretName);
    this.authorities.set(key, ref);
    return ref;
  }

  private clientStates(): ReturnType<KeycloakClient['state']>[] {
    return [...this.clients].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, client]) => client.state());
  }

  private connectionsOf(name: string, role: string): Connections {
    const podLabels = this.selector(SOFTWARE, role);
    return new Connections(this, `${role}-connections`, { namespace: this.namespace, name, podLabels });
  }

  private secret(what: string, nameKey: string, name: string, valueKey: string): PlatformSecret {
    const full = `${this.componentName}-${what}`;
    return new PlatformSecret(this, what, {
      namespace: this.namespace,
      name: full,
      data: { [nameKey]: name, [valueKey]: new GeneratedValue(full) },
    });
  }

  /** Opens the network to brokers, directories and the e-mail server, and gives the secrets for them. */
  private reachOut({ brokers = [], federations = [], smtp }: KeycloakRealmProps): ReconcilerSecret[] {
    const names = [...brokers.map(({ alias }) => alias), ...federations.map(({ name }) => name)];
    const twice = names.find((name, index) => names.indexOf(name) !== index);
    if (twice !== undefined) {
      throw new Error(`realm "${this.realm}" has two brokers or directories named "${twice}": give one another name`);
    }
    for (const group of brokers.flatMap(({ groups }) => groups)) this.addGroup(group);
    const egress = [
      ...[...brokers, ...federations].flatMap((each) => (each.egress === undefined ? [] : [each.egress])),
      ...(smtp === undefined ? [] : [{ ports: [smtp.port ?? 587], ...('cidrs' in smtp ? { cidrs: smtp.cidrs } : {}) }]),
    ];
    for (const { ports, cidrs } of egress) {
      for (const port of ports) this.connections.allowToExternal(cidrs === undefined ? {} : { cidrs }, port);
    }
    const secrets = [
      ...[...brokers, ...federations].flatMap((each) => each.secrets),
      ...(smtp?.credentials === undefined
        ? []
        : [
            {
              ref: smtp.credentials.password,
              file: SMTP_PASSWORD,
              purpose: 'password of Keycloak at the e-mail server',
            },
          ]),
    ];
    for (const { ref, purpose } of secrets) this.expect(ref, purpose);
    return secrets;
  }

  private expect(ref: SecretRef, purpose: string): void {
    if (ref.namespace !== this.namespace.name) {
      throw new Error(
        `secret "${ref.name}" of namespace "${ref.namespace}", ${purpose}, must stand in namespace "${this.namespace.name}": Pods read no other`,
      );
    }
    this.platform.expectSecret({ namespace: ref.namespace, name: ref.name, keys: [ref.key], purpose });
  }
}

function checkedRole(role: string): void {
  if (!/^[a-z0-9]([a-z0-9_-]{0,61}[a-z0-9])?$/.test(role)) {
    throw new Error(`role "${role}": expected 1 to 63 of a-z, 0-9, and inner dashes and underscores`);
  }
}
