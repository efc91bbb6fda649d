import { Construct } from 'constructs';
import { GeneratedValue, type PlatformNamespace, PlatformSecret, type SecretRef, SignedToken } from '../platform';
import type { CertificateAuthority } from './certificate-authority';
import { type BucketGrant, type BucketPermission, type S3Policy, userPolicy } from './minio-policy';
import { type BucketConsumer, CREDENTIAL_KEYS, credentialsSecretName } from './object-store';

/** Shortest access key, `accessKeyMinLen` in MinIO's internal/auth/credentials.go. */
const ACCESS_KEY_MIN = 3;

export interface MinioUserProps {
  /** The user's secret key, in the store's namespace: 8 characters or more. */
  readonly secretAccessKey: SecretRef;
}

/** A user of a MinIO, who may do what buckets granted. */
export class MinioUser {
  private readonly grants = new Map<string, BucketGrant>();
  private isWatcher = false;

  /**
   * @param name access key
   * @param secretAccessKey in the store's namespace
   */
  constructor(
    readonly name: string,
    readonly secretAccessKey: SecretRef,
  ) {}

  /**
   * Lets the user work in a bucket; writing includes reading, and reading and putting together are no writing: nothing is deleted.
   *
   * @param folder below which the user may. @default - the whole bucket
   */
  allow(bucket: string, permission: BucketPermission, folder?: string): void {
    const place = `${bucket}/${folder ?? ''}`;
    if (this.grants.get(`${place} readWrite`) !== undefined) return;
    if (permission === 'readWrite') for (const less of ['read', 'put']) this.grants.delete(`${place} ${less}`);
    this.grants.set(`${place} ${permission}`, { bucket, permission, ...(folder === undefined ? {} : { folder }) });
  }

  /** Lets the user read metrics. */
  allowMetrics(): void {
    this.isWatcher = true;
  }

  /** Everything that was granted. @default - undefined when nothing was */
  get policy(): S3Policy | undefined {
    if (this.grants.size === 0 && !this.isWatcher) return undefined;
    return userPolicy([...this.grants.values()], this.isWatcher);
  }
}

/** What a consumer finds in its own namespace. */
export interface ConsumerCredentials {
  readonly accessKeyId: SecretRef;
  readonly secretAccessKey: SecretRef;
  /** @default - an authority that every system trusts, or no TLS */
  readonly certificateAuthority?: SecretRef;
}

export interface MinioUsersProps {
  /** Name of the store, which begins the names of its Secrets. */
  readonly storeName: string;
  /** Namespace of the store. */
  readonly namespace: PlatformNamespace;
  readonly rootUser: string;
  /** Users whose secret key exists already, by access key. @default - none */
  readonly existing?: Readonly<Record<string, MinioUserProps>>;
  /** @default - none */
  readonly certificateAuthority?: CertificateAuthority;
}

/**
 * The users of one MinIO: one for each consumer, with a generated secret key that stands both in the consumer's namespace and
 * in the store's.
 *
 * @throws Error when a user has the root user's name, a name of fewer than 3 characters, or a Secret outside the store's namespace
 */
export class MinioUsers extends Construct {
  private readonly users = new Map<string, MinioUser>();
  private readonly consumers = new Map<
    string,
    { readonly namespace: string; readonly credentials: ConsumerCredentials }
  >();

  constructor(
    scope: Construct,
    id: string,
    private readonly props: MinioUsersProps,
  ) {
    super(scope, id);
    for (const [name, { secretAccessKey }] of Object.entries(props.existing ?? {})) {
      if (secretAccessKey.namespace !== props.namespace.name) {
        throw new Error(
          `user "${name}": its Secret "${secretAccessKey.name}" stands in namespace "${secretAccessKey.namespace}", but the store ` +
            `reads Secrets of "${props.namespace.name}" only: put a copy there`,
        );
      }
      this.add(name, secretAccessKey);
    }
  }

  /** Every user, in the order in which they were added. */
  get all(): readonly MinioUser[] {
    return [...this.users.values()];
  }

  /** A user. @throws Error when there is none of this name */
  get(name: string): MinioUser {
    const user = this.users.get(name);
    if (user === undefined) {
      throw new Error(
        `store "${this.props.storeName}" has no user "${name}": it has ${[...this.users.keys()].sort().join(', ') || 'none'}`,
      );
    }
    return user;
  }

  /**
   * The user of a consumer, and its credentials in the consumer's namespace. A user with an existing secret key finds them in an
   * existing Secret of the same form as a made one.
   *
   * @throws Error when another consumer of the same name lives in another namespace
   */
  forConsumer({ consumerName, connections }: BucketConsumer): { user: MinioUser; credentials: ConsumerCredentials } {
    const namespace = connections.namespace;
    const known = this.consumers.get(consumerName);
    if (known !== undefined) {
      if (known.namespace !== namespace.name) {
        throw new Error(
          `two consumers of store "${this.props.storeName}" are named "${consumerName}", in namespaces "${known.namespace}" and ` +
            `"${namespace.name}": give one of them another name`,
        );
      }
      return { user: this.get(consumerName), credentials: known.credentials };
    }
    const scope = new Construct(this, consumerName);
    const credentials = {
      ...this.keys(scope, consumerName, namespace),
      ...(this.props.certificateAuthority === undefined
        ? {}
        : {
            certificateAuthority: this.props.certificateAuthority.refIn(
              scope,
              namespace,
              `${credentialsSecretName(consumerName)}-ca`,
            ),
          }),
    };
    this.consumers.set(consumerName, { namespace: namespace.name, credentials });
    return { user: this.get(consumerName), credentials };
  }

  /**
   * A user who reads metrics and nothing else. MinIO takes a token of the user for that, which the secret key signs.
   *
   * @param name access key
   * @returns the token, to be put where it is read
   * @throws Error when there is a user of the name
   */
  addWatcher(name: string): SignedToken {
    const { storeName, namespace } = this.props;
    if (this.users.has(name)) {
      throw new Error(`store "${storeName}" has a user "${name}", who would read metrics too: give it another name`);
    }
    const id = `${storeName}-user-${name}`;
    const key = new GeneratedValue(id);
    const secret = new PlatformSecret(this, `watcher-${name}`, {
      namespace,
      name: id,
      data: { [CREDENTIAL_KEYS.accessKeyId]: name, [CREDENTIAL_KEYS.secretAccessKey]: key },
    });
    this.add(name, secret.ref(CREDENTIAL_KEYS.secretAccessKey));
    this.get(name).allowMetrics();
    return new SignedToken(key, { sub: name, iss: 'prometheus' });
  }

  private keys(
    scope: Construct,
    user: string,
    namespace: PlatformNamespace,
  ): { accessKeyId: SecretRef; secretAccessKey: SecretRef } {
    const name = credentialsSecretName(user);
    if (this.users.has(user)) {
      const existing = { namespace: namespace.name, name };
      return {
        accessKeyId: { ...existing, key: CREDENTIAL_KEYS.accessKeyId },
        secretAccessKey: { ...existing, key: CREDENTIAL_KEYS.secretAccessKey },
      };
    }
    const { storeName, namespace: storeNamespace } = this.props;
    const data = {
      [CREDENTIAL_KEYS.accessKeyId]: user,
      [CREDENTIAL_KEYS.secretAccessKey]: new GeneratedValue(`${storeName}-user-${user}`),
    };
    const copy = new PlatformSecret(scope, 'store-copy', {
      namespace: storeNamespace,
      name: `${storeName}-user-${user}`,
      data,
    });
    this.add(user, copy.ref(CREDENTIAL_KEYS.secretAccessKey));
    const secret = new PlatformSecret(scope, 'credentials', { namespace, name, data });
    return {
      accessKeyId: secret.ref(CREDENTIAL_KEYS.accessKeyId),
      secretAccessKey: secret.ref(CREDENTIAL_KEYS.secretAccessKey),
    };
  }

  private add(name: string, secretAccessKey: SecretRef): void {
    const { storeName, rootUser } = this.props;
    if (!/^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/.test(name) || name.length < ACCESS_KEY_MIN) {
      throw new Error(
        `user "${name}" of store "${storeName}": an access key has ${ACCESS_KEY_MIN} characters or more of a-z, 0-9 and inner dashes`,
      );
    }
    if (name === rootUser) {
      throw new Error(
        `user "${name}" of store "${storeName}" has the name of the root user: give one of them another name`,
      );
    }
    this.users.set(name, new MinioUser(name, secretAccessKey));
  }
}
