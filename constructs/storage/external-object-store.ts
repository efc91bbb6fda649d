import { Construct } from 'constructs';
import { type IIdentityProvider, Platform, type SecretRef } from '../platform';
import { bucketName } from './bucket-name';
import type { CertificateAuthority } from './certificate-authority';
import { ExternalPeople, type ExternalPeopleProps } from './external-people';
import {
  type BucketAccess,
  type BucketConsumer,
  type BucketProps,
  CREDENTIAL_KEYS,
  credentialsSecretName,
  type IBucket,
  type IObjectStore,
  type ObjectStoreEndpoint,
} from './object-store';

/** A Secret with the credentials of one consumer, in the consumer's namespace. */
export interface ExternalCredentials {
  readonly secretName: string;
  /** @default 'accessKeyId' */
  readonly accessKeyIdKey?: string;
  /** @default 'secretAccessKey' */
  readonly secretAccessKeyKey?: string;
}

export interface ExternalObjectStoreProps {
  /** `https://s3.example.org`, or with a port: `http://ceph.example.org:7480`. */
  readonly endpoint: string;
  /** Region that clients sign for. @default 'us-east-1' */
  readonly region?: string;
  /** Address buckets as `host/bucket` rather than `bucket.host`. @default true */
  readonly forcePathStyle?: boolean;
  /** Authority that signed the endpoint's certificate. @default - one that every system trusts */
  readonly certificateAuthority?: CertificateAuthority;
  /** Why an endpoint without TLS is right. @default - production refuses one */
  readonly plainTextBecause?: string;
  /** Networks, in CIDR notation, that the endpoint answers from. @default - every IPv4 address but the cloud's metadata service */
  readonly cidrs?: readonly string[];
  /**
   * Where each consumer finds its credentials, by consumer name.
   *
   * @default - Secrets `<consumer>-s3` with keys `accessKeyId` and `secretAccessKey`, the form that MinioTenant makes
   */
  readonly credentials?: Readonly<Record<string, ExternalCredentials>>;
  /** Names that buckets have over there, by the name that the blueprint gives them. @default - the same names */
  readonly bucketNames?: Readonly<Record<string, string>>;
}

/** A bucket that the blueprint expects to exist. */
export interface ExpectedBucket {
  /** The name that it has over there. */
  readonly name: string;
  /** What whoever runs the store must have set. */
  readonly props: BucketProps;
}

/**
 * S3 object storage that somebody else runs: Ceph RGW, SeaweedFS, a cloud's. It makes no bucket, user or policy: those exist already,
 * with versioning, quota and lifecycle as `expectedBuckets` says, and each consumer's credentials stand in a Secret of its namespace.
 * What it does is tell consumers where to find them, and open the network to the endpoint.
 *
 * @example
 * import { ExternalObjectStore } from 'bouture';
 * const store = new ExternalObjectStore(platform, 'object-store', {
 *   endpoint: 'https://s3.example.org',
 *   cidrs: ['192.0.2.0/24'],
 *   bucketNames: { mlflow: 'office-mlflow' },
 * });
 * store.addBucket('mlflow');
 *
 * @throws Error when the endpoint is no `http` or `https` URL of a host, or holds credentials, a path, a query or a fragment, when an
 *   authority is given for plain text, or when it is plain text in production without a reason
 */
export class ExternalObjectStore extends Construct implements IObjectStore {
  /** Where it answers. The certificate authority of an external store is told per consumer, in its own namespace. */
  readonly endpoint: ObjectStoreEndpoint;
  private readonly buckets = new Map<string, ExpectedBucket>();
  private readonly authorities = new Map<string, SecretRef>();
  private federated: ExternalPeople | undefined;

  constructor(
    scope: Construct,
    id: string,
    private readonly props: ExternalObjectStoreProps,
  ) {
    super(scope, id);
    this.endpoint = parseEndpoint(props);
    if (props.certificateAuthority !== undefined && !this.endpoint.tls) {
      throw new Error(
        `object store "${id}": ${this.endpoint.url} is plain text, so that no certificate authority can matter: use https, or leave it out`,
      );
    }
    if (!this.endpoint.tls && Platform.of(this).isProduction && (props.plainTextBecause ?? '').trim() === '') {
      throw new Error(
        `object store "${id}": ${this.endpoint.url} would be plain text in production: use https, or say in plainTextBecause why it is right`,
      );
    }
    for (const name of Object.values(props.bucketNames ?? {})) bucketName(name);
  }

  /** The buckets that must exist, by the name that they have over there. */
  get expectedBuckets(): readonly ExpectedBucket[] {
    return [...this.buckets.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  addBucket(name: string, props: BucketProps = {}): IBucket {
    bucketName(name);
    const actual = own(this.props.bucketNames, name) ?? name;
    const other = this.buckets.get(actual);
    if (other !== undefined) {
      throw new Error(`bucket "${actual}" of store "${this.node.id}" is asked for twice: pass the first one on`);
    }
    this.buckets.set(actual, { name: actual, props });
    const grant = (consumer: BucketConsumer): BucketAccess => this.grant(actual, consumer);
    return { name: actual, objectStore: this, grantReadWrite: grant, grantRead: grant, grantPut: grant };
  }

  /** What it is for people, once it is told whose tokens to take. @default - it serves programs alone */
  get people(): ExternalPeople | undefined {
    return this.federated;
  }

  /**
   * Lets people in with tokens of an identity provider, where the store exchanges them for credentials of a role: each has the bucket
   * `<user prefix><username>`, and each project one for its members. The platform makes nothing there: `people.setup` holds the policies
   * that whoever runs the store puts to its roles.
   *
   * @example
   * import { ExternalObjectStore, type IIdentityProvider, SpaceNames } from 'bouture';
   * declare const realm: IIdentityProvider;
   * const store = new ExternalObjectStore(platform, 'object-store', { endpoint: 'https://ceph.example.org' });
   * const people = store.federate(realm, { names: new SpaceNames(), system: { kind: 'ceph' } });
   * people.addProject('census');
   * const [person, census] = people.setup.roles;
   *
   * @throws Error when it has been called before, when the endpoint is plain text, or as {@link ExternalPeople} says
   */
  federate(identityProvider: IIdentityProvider, props: ExternalPeopleProps): ExternalPeople {
    const { id } = this.node;
    if (this.federated !== undefined) throw new Error(`store "${id}" takes tokens of an identity provider already`);
    const { url, tls, region, forcePathStyle } = this.endpoint;
    if (!tls) {
      throw new Error(
        `store "${id}" at ${url} is plain text: tokens of people would be read on the way, and pages that came by HTTPS may not call it`,
      );
    }
    const platform = Platform.of(this).name;
    const addBucket = (name: string): string => this.addBucket(name).name;
    this.federated = new ExternalPeople({ platform, url, region, forcePathStyle, addBucket }, identityProvider, props);
    return this.federated;
  }

  private grant(bucket: string, consumer: BucketConsumer): BucketAccess {
    const { consumerName, connections } = consumer;
    connections.allowToExternal(this.props.cidrs === undefined ? {} : { cidrs: this.props.cidrs }, this.endpoint.port);
    const { secretName, accessKeyIdKey, secretAccessKeyKey } = this.credentialsOf(consumerName);
    const secret = { namespace: connections.namespace.name, name: secretName };
    const accessKeyId = { ...secret, key: accessKeyIdKey ?? CREDENTIAL_KEYS.accessKeyId };
    const secretAccessKey = { ...secret, key: secretAccessKeyKey ?? CREDENTIAL_KEYS.secretAccessKey };
    const keys = [accessKeyId.key, secretAccessKey.key];
    Platform.of(this).expectSecret({ ...secret, keys, purpose: `keys of ${consumerName} for ${this.endpoint.host}` });
    const certificateAuthority = this.authorityFor(consumer);
    return {
      endpoint: {
        ...this.endpoint,
        ...(certificateAuthority === undefined ? {} : { certificateAuthority }),
      },
      bucket,
      accessKeyId,
      secretAccessKey,
    };
  }

  private credentialsOf(consumerName: string): ExternalCredentials {
    return own(this.props.credentials, consumerName) ?? { secretName: credentialsSecretName(consumerName) };
  }

  private authorityFor({ consumerName, connections }: BucketConsumer): SecretRef | undefined {
    const { namespace } = connections;
    const key = `${namespace.name}/${consumerName}`;
    const known = this.authorities.get(key);
    if (known !== undefined || this.props.certificateAuthority === undefined) return known;
    const scope = new Construct(this, `${namespace.name}-${consumerName}`);
    const ref = this.props.certificateAuthority.refIn(scope, namespace, `${credentialsSecretName(consumerName)}-ca`);
    this.authorities.set(key, ref);
    return ref;
  }
}

const DEFAULT_PORTS: Readonly<Record<string, number>> = { 'http:': 80, 'https:': 443 };

function parseEndpoint({ endpoint, region, forcePathStyle }: ExternalObjectStoreProps): ObjectStoreEndpoint {
  if (!URL.canParse(endpoint)) throw badEndpoint(withoutUserInfo(endpoint), 'is not a URL');
  const url = new URL(endpoint);
  const shown = withoutUserInfo(endpoint);
  const defaultPort = DEFAULT_PORTS[url.protocol];
  if (defaultPort === undefined) throw badEndpoint(shown, `has scheme "${url.protocol.slice(0, -1)}"`);
  if (url.username !== '' || url.password !== '') {
    throw badEndpoint(shown, 'holds credentials, which belong into a Secret');
  }
  if (url.pathname !== '/') throw badEndpoint(shown, `has a path, "${url.pathname}"`);
  if (url.search !== '' || url.hash !== '') throw badEndpoint(shown, 'has a query or a fragment');
  if (url.port === '0') throw badEndpoint(shown, 'has port 0');
  return {
    url: url.origin,
    host: url.hostname,
    port: url.port === '' ? defaultPort : Number(url.port),
    tls: url.protocol === 'https:',
    region: region ?? 'us-east-1',
    forcePathStyle: forcePathStyle ?? true,
  };
}

function badEndpoint(shown: string, problem: string): Error {
  return new Error(`object store endpoint "${shown}" ${problem}: expected https://host, or https://host:port`);
}

/** The endpoint as an error may show it: what stands before an `@` could be a password. */
function withoutUserInfo(endpoint: string): string {
  return endpoint.replace(/^([a-z0-9+.-]*:\/\/)?.*@/is, '$1***@');
}

function own<T>(values: Readonly<Record<string, T>> | undefined, name: string): T | undefined {
  return values !== undefined && Object.hasOwn(values, name) ? values[name] : undefined;
}
