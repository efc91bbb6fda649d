import type { Construct } from 'constructs';
import {
  Component,
  type ComponentProps,
  Connections,
  type ContainerResources,
  GeneratedValue,
  type IConnectable,
  type IMetrics,
  Layer,
  PlatformSecret,
  type SecretRef,
} from '../platform';
import { POSTGRES_ALERTS, POSTGRES_DASHBOARD } from '../monitoring';
import type {
  DatabaseAccess,
  DatabaseConsumer,
  DatabaseProps,
  DatabaseTlsMode,
  IDatabase,
  IDatabaseServer,
} from './database';
import { databaseIdentifier } from './database-name';
import { PostgresBackup, type PostgresBackupProps } from './postgres-backup';
import { type PostgresConfiguration, postgresConfiguration } from './postgres-configuration';
import { METRICS_PORT, METRICS_ROLE, PostgresExporter } from './postgres-exporter';
import type { SuperuserAccess } from './postgres-job';
import { PostgresProvisioning } from './postgres-provisioning';
import { PostgresRole } from './postgres-role';
import { PostgresServer, SERVER_ROLE } from './postgres-server';
import { POSTGRES_PORT, SUPERUSER } from './postgres-server-files';
import { serverCertificate, refusePlainTextInProduction, ServerTls } from './server-tls';

export interface PostgresDatabaseProps extends ComponentProps {
  /** Size of the volume, a Kubernetes quantity. @default '10Gi' */
  readonly volumeSize?: string;
  /** @default - the platform's class */
  readonly storageClassName?: string;
  /** @default - pilot: 100m to 1 CPU, 256Mi to 1Gi; production: 500m to 4 CPU, 2Gi to 4Gi */
  readonly resources?: ContainerResources;
  /** Memory for parallel queries at `/dev/shm`, a Kubernetes quantity; counts towards the memory limit. @default '256Mi' */
  readonly sharedMemory?: string;
  /**
   * Server parameters.
   *
   * @default - PostgreSQL's own, but for UTC, a quarter of the memory limit for `shared_buffers` and half of it for `effective_cache_size`
   */
  readonly configuration?: PostgresConfiguration;
  /** Where the certificate comes from. @default ServerTls.none(), which production refuses without a reason */
  readonly tls?: ServerTls;
  /** Scheduled logical backups. @default - none */
  readonly backup?: PostgresBackupProps;
}

export interface PostgresReaderProps {
  /** Databases of this server that it may read. */
  readonly databases: readonly IDatabase[];
  /** Its password, a Secret in the server's namespace that exists already. @default - generated */
  readonly password?: SecretRef;
}

/** A role that reads every table of some databases and writes nothing. */
export interface PostgresReader {
  /** Name of the role. */
  readonly role: string;
  /** In the server's namespace. */
  readonly password: SecretRef;
  /**
   * Puts its credentials into the consumer's namespace and opens the network to the server.
   *
   * @throws Error when it may not read the database, or when its password is a Secret that the consumer's Pods cannot read
   */
  grantConnect(consumer: DatabaseConsumer, database: IDatabase): DatabaseAccess;
}

const PILOT: ContainerResources = {
  cpu: { request: '100m', limit: '1' },
  memory: { request: '256Mi', limit: '1Gi' },
};
const PRODUCTION: ContainerResources = {
  cpu: { request: '500m', limit: '4' },
  memory: { request: '2Gi', limit: '4Gi' },
};

/** The longest name: a CronJob's has at most 52 characters (`<name>-restore`), and a label holds the StatefulSet's with its revision. */
const NAME_MAX = 40;

/**
 * A PostgreSQL server on one volume, with its databases and roles. Each database belongs to a role that can connect to its own databases
 * only; roles prove their passwords by SCRAM. One Pod: when it dies another takes over the volume, and clients wait as long.
 *
 * Roles and databases are made and kept as declared by a Job. A role that is no longer declared can log in no more; a database that is
 * no longer declared stays, until someone drops it. Passwords follow their Secrets: a role's when that Job runs again, the superuser's when the
 * server starts again. The volume outlives the server. Image: key `postgres`, PostgreSQL 15 or newer; a newer major version does not start
 * on the volume of an older one, and takes its data from a backup instead. It tells nothing by itself: {@link PostgresDatabase.monitorVia}
 * puts an exporter beside it, image `postgres-exporter`.
 *
 * @example
 * import { MinioTenant, PostgresDatabase } from 'bouture';
 * const store = new MinioTenant(platform, 'minio');
 * const server = new PostgresDatabase(platform, 'postgres', {
 *   volumeSize: '50Gi',
 *   configuration: { max_connections: 200, work_mem: '16MB', log_min_duration_statement: '2s' },
 *   backup: { bucket: store.addBucket('backups'), schedule: '30 1 * * *', retentionDays: 14 },
 * });
 * const tracking = server.addDatabase('mlflow');
 * server.addDatabase('mlflow_auth', { owner: tracking });
 * server.addReader('reporting', { databases: [tracking] });
 *
 * @throws Error when the component's name has more than 40 characters, a size is no size, a parameter is unknown, reserved or out of
 *   bounds, the backup cannot work, or production lacks TLS and a reason for it
 */
export class PostgresDatabase extends Component implements IDatabaseServer, IConnectable {
  readonly connections: Connections;
  /** Host inside the cluster. */
  readonly host: string;
  /** Port of the Service and of the container. */
  readonly port: number = POSTGRES_PORT;
  /** How clients connect. */
  readonly tlsMode: DatabaseTlsMode;
  /** Password of the superuser `postgres`, in the server's namespace. */
  readonly superuserPassword: SecretRef;
  private readonly tls: ServerTls;
  private readonly access: SuperuserAccess;
  private readonly databases = new Map<string, IDatabase>();
  private readonly roles = new Map<string, PostgresRole>();
  private readonly readers = new Map<string, readonly string[]>();
  private provisioning: PostgresProvisioning | undefined;
  private exporter: PostgresExporter | undefined;

  constructor(scope: Construct, id: string, props: PostgresDatabaseProps = {}) {
    super(scope, id, Layer.FOUNDATIONS, props);
    const { componentName: name, namespace, platform } = this;
    if (name.length > NAME_MAX) {
      throw new Error(`database server "${name}" has a name of ${name.length} characters: at most ${NAME_MAX}`);
    }
    this.tls = props.tls ?? ServerTls.none();
    refusePlainTextInProduction(platform, `database server "${name}"`, this.tls);
    this.host = `${name}.${namespace.name}.svc.${platform.clusterDomain}`;
    this.tlsMode = this.tls.mode === 'none' ? 'disable' : 'verify-full';
    this.connections = new Connections(this, 'connections', {
      namespace,
      name,
      podLabels: this.selector('postgresql', SERVER_ROLE),
    });
    this.superuserPassword = new PlatformSecret(this, 'superuser', {
      namespace,
      name: `${name}-superuser`,
      data: { username: SUPERUSER, password: new GeneratedValue(`${name}-superuser`) },
    }).ref('password');
    const certificateAuthority = this.authority?.refIn(this, namespace, `${name}-ca`);
    this.access = {
      host: this.host,
      port: this.port,
      password: this.superuserPassword,
      tlsMode: this.tlsMode,
      ...(certificateAuthority === undefined ? {} : { certificateAuthority }),
    };

    const image = platform.images.get('postgres');
    const volumeSize = props.volumeSize ?? '10Gi';
    const storageClassName = props.storageClassName ?? platform.storageClassName;
    const tlsSecretName = this.certificate();
    new PostgresServer(this, 'server', {
      image,
      volumeSize,
      ...(storageClassName === undefined ? {} : { storageClassName }),
      resources: props.resources ?? (platform.isProduction ? PRODUCTION : PILOT),
      sharedMemory: props.sharedMemory ?? '256Mi',
      configuration: postgresConfiguration(props.configuration ?? {}),
      superuserPassword: this.superuserPassword,
      ...(tlsSecretName === undefined ? {} : { tlsSecretName }),
    });
    if (props.backup !== undefined) {
      const { access } = this;
      const backup = new PostgresBackup(this, 'backup', { scratchSize: volumeSize, ...props.backup, image, access });
      for (const client of backup.clients) client.allowTo(this, this.port);
    }
    platform.announce({
      title: `Database server ${name}`,
      url: `postgresql://${this.host}:${this.port}`,
      service: { namespace: namespace.name, name, port: this.port },
      username: SUPERUSER,
      password: this.superuserPassword,
    });
  }

  addDatabase(name: string, props: DatabaseProps = {}): IDatabase {
    databaseIdentifier('database', name);
    if (this.databases.has(name)) {
      throw new Error(`database "${name}" of server "${this.componentName}" is asked for twice: pass the first one on`);
    }
    if (props.owner !== undefined) this.own(props.owner);
    const owner = props.owner?.owner ?? this.addRole(name).role;
    const database: IDatabase = {
      name,
      askedName: name,
      owner,
      server: this,
      grantConnect: (consumer) => this.grant(owner, name, consumer),
    };
    this.databases.set(name, database);
    return database;
  }

  /**
   * A role that reads every table, also those yet to come, of the databases named, and can connect to no other.
   *
   * @param name of the role, by the rules of a database's name
   * @throws Error when the name breaks the rules or is a role already, when it has no database to read or one of another server, or when the
   *   password stands in another namespace than the server's
   */
  addReader(name: string, props: PostgresReaderProps): PostgresReader {
    databaseIdentifier('role', name);
    if (props.databases.length === 0) throw new Error(`role "${name}" has no database to read: name one or more`);
    for (const database of props.databases) this.own(database);
    const databases = props.databases.map((database) => database.name);
    const { password } = this.addRole(name, props.password);
    this.readers.set(name, databases);
    return {
      role: name,
      password,
      grantConnect: (consumer, database) => {
        if (database.server !== this || !databases.includes(database.name)) {
          throw new Error(`role "${name}" may not read database "${database.name}": it reads ${databases.join(', ')}`);
        }
        return this.grant(name, database.name, consumer);
      },
    };
  }

  /**
   * Declares its metrics, alerts and dashboard, and makes what they are read from: a role that reads what the server tells of itself and no
   * table, and an exporter that has its password. The exporter is a Pod of its own: the server is neither started anew for it, nor does a
   * dead exporter take it from its clients.
   */
  monitorVia(metrics: IMetrics): void {
    const { connections } = (this.exporter ??= this.makeExporter());
    metrics.scrape({ job: 'postgres', component: this, connections, port: METRICS_PORT });
    for (const rule of POSTGRES_ALERTS) metrics.alert(rule);
    metrics.dashboard(POSTGRES_DASHBOARD);
  }

  private makeExporter(): PostgresExporter {
    const exporter = new PostgresExporter(this, {
      image: this.platform.images.get('postgres-exporter'),
      server: this.access,
      password: this.makeRole(METRICS_ROLE).password,
    });
    exporter.connections.allowTo(this, this.port);
    return exporter;
  }

  private own(database: IDatabase): void {
    if (database.server !== this) {
      throw new Error(
        `database "${database.name}" is one of server "${database.server.node.id}", not of "${this.componentName}"`,
      );
    }
  }

  private addRole(name: string, password?: SecretRef): PostgresRole {
    if (this.roles.has(name) || name === METRICS_ROLE) {
      const reason = name === METRICS_ROLE ? 'is the one that reads metrics' : 'exists already';
      throw new Error(`role "${name}" of server "${this.componentName}" ${reason}: choose another name`);
    }
    return this.makeRole(name, password);
  }

  private makeRole(name: string, password?: SecretRef): PostgresRole {
    const role = new PostgresRole(this, {
      role: name,
      ...(password === undefined ? {} : { password }),
      ...(this.authority === undefined ? {} : { certificateAuthority: this.authority }),
    });
    this.roles.set(name, role);
    this.provision();
    return role;
  }

  /** Made with the first role: a server without roles has nothing to be told. */
  private provision(): void {
    if (this.provisioning !== undefined) return;
    this.provisioning = new PostgresProvisioning(this, 'provisioning', {
      image: this.platform.images.get('postgres'),
      access: this.access,
      roles: () => [...this.roles.values()],
      plan: () => ({
        owners: [...this.roles.keys()].filter((role) => !this.readers.has(role) && role !== METRICS_ROLE),
        databases: [...this.databases.values()].map(({ name, owner }) => ({ name, owner })),
        readers: [...this.readers].map(([name, databases]) => ({ name, databases })),
        ...(this.roles.has(METRICS_ROLE) ? { watcher: METRICS_ROLE } : {}),
      }),
    });
    this.provisioning.connections.allowTo(this, this.port);
  }

  private grant(roleName: string, database: string, consumer: DatabaseConsumer): DatabaseAccess {
    const role = this.roles.get(roleName);
    if (role === undefined) throw new Error(`server "${this.componentName}" has no role "${roleName}"`);
    const { host, port, tlsMode } = this;
    consumer.connections.allowTo(this, port);
    return { host, port, database, user: roleName, tlsMode, ...role.credentialsFor(consumer) };
  }

  private get authority() {
    return this.tls.mode === 'none' ? undefined : this.tls.certificateAuthority;
  }

  /** Name of the Secret with the certificate; asks cert-manager for it where it is to be issued. */
  private certificate(): string | undefined {
    return serverCertificate(this, this.tls, {
      what: `database server ${this.componentName}`,
      labels: this.labels('postgresql', SERVER_ROLE),
    });
  }
}
