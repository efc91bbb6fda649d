import { Construct } from 'constructs';
import { Platform, type SecretRef } from '../platform';
import { wholeNumber } from '../platform/whole-number';
import type { CertificateAuthority } from './certificate-authority';
import {
  DATABASE_CREDENTIAL_KEYS,
  type DatabaseAccess,
  type DatabaseConsumer,
  type DatabaseProps,
  databaseSecretName,
  type DatabaseTlsMode,
  type IDatabase,
  type IDatabaseServer,
} from './database';
import { databaseIdentifier } from './database-name';

/** A database that exists already, and who owns it. */
export interface ExistingDatabase {
  /** The name that it has over there. @default - the name that the blueprint gives it */
  readonly database?: string;
  /** Role that owns it. @default - the owner's role where the blueprint names an owner, or else the name that the blueprint gives it */
  readonly user?: string;
  /**
   * The role's password, once for each namespace that consumes it.
   *
   * @default - key `password` of Secret `<consumer>-db-<owner>`, the form that PostgresDatabase makes
   */
  readonly passwords?: readonly SecretRef[];
}

export interface ExternalDatabaseProps {
  /** Host name or address. */
  readonly host: string;
  /** 1 to 65535. @default 5432 */
  readonly port?: number;
  /** What exists over there, by the name that the blueprint gives it. @default - databases and roles of the same names */
  readonly databases?: Readonly<Record<string, ExistingDatabase>>;
  /** @default 'verify-full' */
  readonly tlsMode?: DatabaseTlsMode;
  /** Why a connection without TLS is right. @default - production refuses one */
  readonly plainTextBecause?: string;
  /** Authority that signed the server's certificate. @default - one that every system trusts */
  readonly certificateAuthority?: CertificateAuthority;
  /** Networks, in CIDR notation, that the server answers from. @default - every IPv4 address but the cloud's metadata service */
  readonly cidrs?: readonly string[];
}

/**
 * A PostgreSQL server that somebody else runs: a cloud's, an operator's, the office's own. It makes no role and no database: those exist
 * already, as `expectedDatabases` says, and each consumer's password stands in a Secret of its namespace. What it does is tell consumers
 * where to find them, and open the network to the server.
 *
 * @example
 * import { ExternalDatabase } from 'bouture';
 * const server = new ExternalDatabase(platform, 'database', {
 *   host: 'postgres.example.org',
 *   cidrs: ['192.0.2.10/32'],
 *   databases: { mlflow: { database: 'office_mlflow', user: 'office_mlflow' } },
 * });
 * const tracking = server.addDatabase('mlflow');
 *
 * @throws Error when the host is none, when an authority is given for plain text or for a certificate that nobody verifies, or when
 *   production would speak plain text without a reason
 */
export class ExternalDatabase extends Construct implements IDatabaseServer {
  readonly host: string;
  readonly port: number;
  readonly tlsMode: DatabaseTlsMode;
  private readonly databases = new Map<string, ExpectedDatabase>();
  private readonly authorities = new Map<string, SecretRef>();

  constructor(
    scope: Construct,
    id: string,
    private readonly props: ExternalDatabaseProps,
  ) {
    super(scope, id);
    this.host = hostName(props.host);
    this.port = props.port ?? 5432;
    this.tlsMode = props.tlsMode ?? 'verify-full';
    wholeNumber(`port of database server "${id}"`, this.port, 1, 65_535);
    if (props.certificateAuthority !== undefined && !this.tlsMode.startsWith('verify')) {
      throw new Error(
        `database server "${id}": with tlsMode "${this.tlsMode}" nobody looks at a certificate: leave the authority out, or use verify-full`,
      );
    }
    if (Platform.of(this).isProduction && this.tlsMode === 'disable' && (props.plainTextBecause ?? '').trim() === '') {
      throw new Error(
        `database server "${id}" would be spoken to in plain text in production: use tlsMode "verify-full", or say in plainTextBecause why that is right`,
      );
    }
  }

  /** The databases that must exist, by the name that they have over there, with the roles that must own them. */
  get expectedDatabases(): readonly { readonly name: string; readonly owner: string }[] {
    return [...this.databases.values()]
      .map(({ name, owner }) => ({ name, owner }))
      .sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  addDatabase(name: string, props: DatabaseProps = {}): IDatabase {
    databaseIdentifier('database', name);
    if (this.databases.has(name)) {
      throw new Error(`database "${name}" of server "${this.node.id}" is asked for twice: pass the first one on`);
    }
    const existing = this.existing(name);
    const owner = props.owner === undefined ? undefined : this.own(props.owner);
    // One role has one password.
    const passwords = existing.passwords ?? owner?.passwords;
    const database: ExpectedDatabase = {
      name: existing.database ?? name,
      owner: existing.user ?? owner?.owner ?? name,
      ownerKey: owner?.ownerKey ?? name,
      askedName: name,
      server: this,
      ...(passwords === undefined ? {} : { passwords }),
      grantConnect: (consumer) => this.grant(database, consumer),
    };
    this.databases.set(name, database);
    return database;
  }

  private existing(name: string): ExistingDatabase {
    const { databases } = this.props;
    return databases !== undefined && Object.hasOwn(databases, name) ? (databases[name] ?? {}) : {};
  }

  private own(owner: IDatabase): ExpectedDatabase {
    const found = [...this.databases.values()].find((database) => database === owner);
    if (found === undefined) {
      throw new Error(`database "${owner.name}" is one of server "${owner.server.node.id}", not of "${this.node.id}"`);
    }
    return found;
  }

  private grant({ name, owner, ownerKey, passwords }: ExpectedDatabase, consumer: DatabaseConsumer): DatabaseAccess {
    const { connections, consumerName } = consumer;
    const { host, port, tlsMode } = this;
    const namespace = connections.namespace.name;
    const secretName = databaseSecretName(consumerName, ownerKey);
    const password =
      passwords === undefined
        ? { namespace, name: secretName, key: DATABASE_CREDENTIAL_KEYS.password }
        : passwords.find((ref) => ref.namespace === namespace);
    if (password === undefined) {
      throw new Error(
        `"${consumerName}" connects to database "${name}" from namespace "${namespace}", where no password of it stands: ` +
          `add one to passwords, which has ${passwords?.map((ref) => ref.namespace).join(', ') ?? ''}`,
      );
    }
    Platform.of(this).expectSecret({ ...password, keys: [password.key], purpose: `password of ${owner} on ${host}` });
    connections.allowToExternal(this.props.cidrs === undefined ? {} : { cidrs: this.props.cidrs }, port);
    const certificateAuthority = this.authorityFor(consumer, `${secretName}-ca`);
    return {
      host,
      port,
      database: name,
      user: owner,
      password,
      tlsMode,
      ...(certificateAuthority === undefined ? {} : { certificateAuthority }),
    };
  }

  private authorityFor({ connections: { namespace } }: DatabaseConsumer, secretName: string): SecretRef | undefined {
    const key = `${namespace.name}-${secretName}`;
    const known = this.authorities.get(key);
    if (known !== undefined || this.props.certificateAuthority === undefined) return known;
    const ref = this.props.certificateAuthority.refIn(new Construct(this, key), namespace, secretName);
    this.authorities.set(key, ref);
    return ref;
  }
}

/** A database with the name under which the blueprint knows its owner. */
interface ExpectedDatabase extends IDatabase {
  readonly ownerKey: string;
  /** The owner's password by namespace. @default - the Secret that a PostgresDatabase would make */
  readonly passwords?: readonly SecretRef[];
}

const HOST = /^(?=.{1,253}$)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*$/i;

function hostName(host: string): string {
  if (HOST.test(host)) return host;
  // What stands before an @ could be a password.
  const shown = host.replace(/.*@/s, '***@');
  throw new Error(
    `database host "${shown}" is no host name: expected postgres.example.org, without scheme, port or user`,
  );
}
