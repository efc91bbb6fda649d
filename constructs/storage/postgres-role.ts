import { Construct } from 'constructs';
import { type Component, GeneratedValue, PlatformSecret, type SecretRef } from '../platform';
import type { CertificateAuthority } from './certificate-authority';
import { DATABASE_CREDENTIAL_KEYS as KEYS, databaseSecretName, type DatabaseConsumer } from './database';

export interface PostgresRoleProps {
  /** Name of the role. */
  readonly role: string;
  /** Its password, in the server's namespace. @default - generated */
  readonly password?: SecretRef;
  /** Authority of the server's certificate, which consumers must trust. @default - the system's authorities, or no TLS */
  readonly certificateAuthority?: CertificateAuthority;
}

/** What a consumer finds in its own namespace. */
export interface RoleCredentials {
  readonly password: SecretRef;
  /** @default - the system's authorities, or no TLS */
  readonly certificateAuthority?: SecretRef;
}

/** A role of a server with its password, once for the server and once for each consumer. */
export class PostgresRole extends Construct {
  readonly role: string;
  /** In the server's namespace. */
  readonly password: SecretRef;
  private readonly generated: GeneratedValue | undefined;
  private readonly shared = new Map<string, RoleCredentials>();

  /** @throws Error when the password given stands in another namespace than the server's */
  constructor(
    server: Component,
    private readonly props: PostgresRoleProps,
  ) {
    super(server, `role-${props.role}`);
    const { componentName, namespace } = server;
    this.role = props.role;
    if (props.password !== undefined) {
      if (props.password.namespace !== namespace.name) {
        throw new Error(
          `the password of role "${this.role}" must be a Secret of namespace "${namespace.name}", where the server is, ` +
            `given "${props.password.name}" of "${props.password.namespace}"`,
        );
      }
      this.password = props.password;
      const { key, ...secret } = props.password;
      server.platform.expectSecret({ ...secret, keys: [key], purpose: `password of role ${this.role}` });
    } else {
      const id = `${componentName}-role-${this.role.replaceAll('_', '-')}`;
      this.generated = new GeneratedValue(id);
      this.password = new PlatformSecret(this, 'password', {
        namespace,
        name: id,
        data: { [KEYS.username]: this.role, [KEYS.password]: this.generated },
      }).ref(KEYS.password);
    }
  }

  /**
   * The credentials in the consumer's namespace; the same for the same consumer.
   *
   * @throws Error when the password is a Secret that the consumer's Pods cannot read
   */
  credentialsFor(consumer: DatabaseConsumer): RoleCredentials {
    const { namespace } = consumer.connections;
    const key = `${namespace.name}-${consumer.consumerName}`;
    const known = this.shared.get(key);
    if (known !== undefined) return known;
    const scope = new Construct(this, `for-${key}`);
    const name = databaseSecretName(consumer.consumerName, this.role);
    const password =
      this.generated === undefined
        ? this.readableIn(consumer)
        : new PlatformSecret(scope, 'credentials', {
            namespace,
            name,
            data: { [KEYS.username]: this.role, [KEYS.password]: this.generated },
          }).ref(KEYS.password);
    const certificateAuthority = this.props.certificateAuthority?.refIn(scope, namespace, `${name}-ca`);
    const credentials = { password, ...(certificateAuthority === undefined ? {} : { certificateAuthority }) };
    this.shared.set(key, credentials);
    return credentials;
  }

  private readableIn({ connections, consumerName }: DatabaseConsumer): SecretRef {
    if (connections.namespace.name !== this.password.namespace) {
      throw new Error(
        `role "${this.role}" has its password in Secret "${this.password.name}" of namespace "${this.password.namespace}", ` +
          `which "${consumerName}" in "${connections.namespace.name}" cannot read: leave the password out, and one is generated for both`,
      );
    }
    return this.password;
  }
}
