import type { Construct } from 'constructs';
import {
  type Cloud,
  Component,
  DeployTimeValue,
  type ExternalHosts,
  GeneratedValue,
  Layer,
  PlatformSecret,
} from '../platform';
import type { CertificateAuthority } from './certificate-authority';
import type {
  DatabaseAccess,
  DatabaseConsumer,
  DatabaseProps,
  DatabaseTlsMode,
  IDatabase,
  IDatabaseServer,
} from './database';
import { databaseIdentifier } from './database-name';
import { PostgresProvisioning } from './postgres-provisioning';
import { PostgresRole } from './postgres-role';
import { SUPERUSER } from './postgres-server-files';

export interface CloudDatabaseProps {
  /** Makes the server. */
  readonly cloud: Cloud;
  /** Networks, in CIDR notation, that the server answers from. */
  readonly cidrs: readonly string[];
  /** How far clients check whom they talk to. @default 'verify-full' */
  readonly tlsMode?: DatabaseTlsMode;
  /** Authority that signs the certificates of the cloud's servers. @default - one that every system trusts */
  readonly certificateAuthority?: CertificateAuthority;
}

/** TCP port of every cloud's PostgreSQL. */
const PORT = 5432;

/** Id of the value that the server's host is given by: what a configuration states it as. */
export const DATABASE_HOST = 'database-host';

/**
 * A PostgreSQL server of the cloud that the cluster is made in: Amazon RDS, Cloud SQL, Azure's Flexible Server. Whoever deploys makes the
 * server; a Job in the cluster makes roles and databases as its administrator, who is no superuser there. The administrator's
 * password is generated, and in no other place than that Job's namespace and the cloud. Backups are the cloud's own.
 *
 * @example
 * import { Cloud, CloudDatabase, type AwsSettings } from 'bouture';
 * declare const settings: AwsSettings;
 * const server = new CloudDatabase(platform, 'database', { cloud: new Cloud('office', settings), cidrs: ['10.80.240.0/22'] });
 * server.addDatabase('mlflow');
 */
export class CloudDatabase extends Component implements IDatabaseServer {
  /** Host, known only at deployment. */
  readonly host = new DeployTimeValue(DATABASE_HOST, 'host of the database server');
  readonly port: number = PORT;
  readonly tlsMode: DatabaseTlsMode;
  private readonly hosts: ExternalHosts;
  private readonly databases = new Map<string, IDatabase>();
  private readonly roles = new Map<string, PostgresRole>();

  constructor(
    scope: Construct,
    id: string,
    private readonly props: CloudDatabaseProps,
  ) {
    super(scope, id, Layer.FOUNDATIONS);
    this.tlsMode = props.tlsMode ?? 'verify-full';
    this.hosts = { cidrs: props.cidrs };
    const { componentName: name, namespace, platform } = this;
    const password = new GeneratedValue(`${name}-administrator`);
    const secret = new PlatformSecret(this, 'administrator', {
      namespace,
      name: `${name}-administrator`,
      data: { username: SUPERUSER, password },
    });
    props.cloud.useDatabase({ host: this.host, administrator: SUPERUSER, password });
    const certificateAuthority = props.certificateAuthority?.refIn(this, namespace, `${name}-ca`);
    const provisioning = new PostgresProvisioning(this, 'provisioning', {
      image: platform.images.get('postgres'),
      access: {
        host: this.host.token,
        port: PORT,
        password: secret.ref('password'),
        tlsMode: this.tlsMode,
        ...(certificateAuthority === undefined ? {} : { certificateAuthority }),
      },
      isSuperuser: false,
      roles: () => [...this.roles.values()],
      plan: () => ({
        owners: [...this.roles.keys()],
        databases: [...this.databases.values()].map(({ name: database, owner }) => ({ name: database, owner })),
        readers: [],
      }),
    });
    provisioning.connections.allowToExternal(this.hosts, PORT);
  }

  addDatabase(name: string, props: DatabaseProps = {}): IDatabase {
    databaseIdentifier('database', name);
    if (this.databases.has(name)) {
      throw new Error(`database "${name}" of server "${this.componentName}" is asked for twice: pass the first one on`);
    }
    if (props.owner !== undefined && props.owner.server !== this) {
      throw new Error(
        `database "${props.owner.name}" is one of server "${props.owner.server.node.id}", not of "${this.componentName}"`,
      );
    }
    const owner = props.owner?.owner ?? this.addRole(name);
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

  private addRole(role: string): string {
    const { certificateAuthority } = this.props;
    this.roles.set(
      role,
      new PostgresRole(this, { role, ...(certificateAuthority === undefined ? {} : { certificateAuthority }) }),
    );
    return role;
  }

  private grant(owner: string, database: string, consumer: DatabaseConsumer): DatabaseAccess {
    const role = this.roles.get(owner);
    if (role === undefined) throw new Error(`server "${this.componentName}" has no role "${owner}"`);
    consumer.connections.allowToExternal(this.hosts, PORT);
    const { port, tlsMode } = this;
    return { host: this.host.token, port, database, user: owner, tlsMode, ...role.credentialsFor(consumer) };
  }
}
