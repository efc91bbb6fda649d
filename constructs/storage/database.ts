import type { IConstruct } from 'constructs';
import { dnsLabel, type IConnectable, type SecretRef } from '../platform';

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
  /** Begins the name of the Secret with its credentials, see {@link databaseSecretName}: a DNS label. */
  readonly consumerName: string;
}

/** Keys of the Secret that holds a consumer's credentials in the consumer's namespace. */
export const DATABASE_CREDENTIAL_KEYS = { username: 'username', password: 'password' } as const;

/**
 * Name of the Secret that holds a consumer's credentials, whether a server makes it or it exists already: `mlflow-db-mlflow`.
 *
 * @param consumerName what consumes
 * @param owner the role, or what stands for it in the blueprint; its underscores become dashes
 * @throws Error when the name is no DNS label, being too long
 */
export function databaseSecretName(consumerName: string, owner: string): string {
  return dnsLabel('secret', `${consumerName}-db-${owner.replaceAll('_', '-')}`);
}

/** One PostgreSQL database with the role that owns it. */
export interface IDatabase {
  /** Name that the server knows it by. */
  readonly name: string;
  /** Name that the blueprint asked for: another one where somebody else runs the server and calls it otherwise. */
  readonly askedName: string;
  /** Name of the role that owns it. */
  readonly owner: string;
  readonly server: IDatabaseServer;
  /**
   * Puts the owner's credentials into the consumer's namespace and opens the network to the server. Databases of one owner
   * share one Secret for each consumer; a second call for the same consumer gives the same credentials.
   */
  grantConnect(consumer: DatabaseConsumer): DatabaseAccess;
}

export interface DatabaseProps {
  /**
   * Another database of the same server, whose role owns this one too: one role and one Secret serve both. MLflow's tracking
   * store and its users' store are such a pair.
   *
   * @default - a role of its own, with the database's name
   */
  readonly owner?: IDatabase;
}

/** A PostgreSQL server, whoever runs it. */
export interface IDatabaseServer extends IConstruct {
  /**
   * A database with its owner, by default a role of the same name: made where the server is ours, expected to exist where it is not.
   *
   * @param name 1 to 63 of a-z, 0-9 and underscore, beginning with a letter, ending with a letter or a digit
   * @throws Error when the name breaks the rules or is asked for twice, or when the owner belongs to another server
   */
  addDatabase(name: string, props?: DatabaseProps): IDatabase;
}
