import type { IConstruct } from 'constructs';
import type { IConnectable, SecretRef } from '../platform';

/** `sslmode` of libpq. */
export type DatabaseTlsMode = 'disable' | 'require' | 'verify-ca' | 'verify-full';

/** What a consumer needs in order to connect to one PostgreSQL database. */
export interface DatabaseAccess {
  readonly host: string;
  /** 1 to 65535. */
  readonly port: number;
  /** Name of the database. */
  readonly database: string;
  /** Role that owns it. */
  readonly user: string;
  /** In the consumer's own namespace. */
  readonly password: SecretRef;
  readonly tlsMode: DatabaseTlsMode;
  /** Certificate authority, PEM, that clients must trust. @default - the system's authorities */
  readonly certificateAuthority?: SecretRef;
}

/** Whoever connects to a database: its Pods, and a name for its Secret. */
export interface DatabaseConsumer extends IConnectable {
  /** With `-db` and the database's name added, the name of the Secret: a DNS label. */
  readonly consumerName: string;
}

/** One PostgreSQL database with the role that owns it. */
export interface IDatabase {
  readonly name: string;
  readonly server: IDatabaseServer;
  /** Puts the owner's credentials into the consumer's namespace and opens the network to the server. */
  grantConnect(consumer: DatabaseConsumer): DatabaseAccess;
}

/** A PostgreSQL server, whoever runs it. */
export interface IDatabaseServer extends IConstruct {
  /**
   * A database with an owner of the same name: made where the server is ours, expected to exist where it is not.
   *
   * @param name 1 to 63 of a-z, 0-9 and underscore, beginning with a letter
   * @throws Error when the name breaks the rules or is asked for twice
   */
  addDatabase(name: string): IDatabase;
}
