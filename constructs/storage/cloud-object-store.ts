import { Construct } from 'constructs';
import { type Cloud, type ExternalHosts, type IIdentityProvider, Platform, PlatformSecret } from '../platform';
import { bucketName } from './bucket-name';
import { ExternalPeople, type ExternalPeopleProps } from './external-people';
import type { BucketPermission } from './minio-policy';
import {
  type BucketAccess,
  bucketFolder,
  type BucketConsumer,
  type BucketProps,
  CREDENTIAL_KEYS,
  credentialsSecretName,
  type IBucket,
  type IObjectStore,
  type ObjectStoreEndpoint,
} from './object-store';

export interface CloudObjectStoreProps {
  /** Makes the buckets, keys and roles. */
  readonly cloud: Cloud;
  /** Host of its S3 interface: `s3.eu-west-3.amazonaws.com`, `storage.googleapis.com`. */
  readonly host: string;
  /** Region that clients sign for. */
  readonly region: string;
  /** What names of programs' buckets begin with: names are worldwide. Those of people begin with the prefixes of their spaces. */
  readonly bucketPrefix: string;
  /** Networks, in CIDR notation, that the store answers from. @default - every IPv4 address but the cloud's metadata service */
  readonly cidrs?: readonly string[];
}

/**
 * The object store of the cloud that the cluster is made in. Whoever deploys makes its buckets, encrypted and closed to the public; for each
 * program a user with keys that open the program's own buckets alone, in a Secret of the program's namespace; and the roles that
 * tokens of people are exchanged for.
 *
 * @example
 * import { Cloud, CloudObjectStore, type AwsSettings } from 'bouture';
 * declare const settings: AwsSettings;
 * const store = new CloudObjectStore(platform, 'object-store', {
 *   cloud: new Cloud('office', settings),
 *   host: 's3.eu-west-3.amazonaws.com',
 *   region: 'eu-west-3',
 *   bucketPrefix: 'office-123456789012-',
 * });
 * store.addBucket('mlflow');
 */
export class CloudObjectStore extends Construct implements IObjectStore {
  readonly endpoint: ObjectStoreEndpoint;
  private readonly names = new Set<string>();
  private readonly secrets = new Map<string, PlatformSecret>();
  private federated: ExternalPeople | undefined;

  constructor(
    scope: Construct,
    id: string,
    private readonly props: CloudObjectStoreProps,
  ) {
    super(scope, id);
    const { host, region } = props;
    this.endpoint = { url: `https://${host}`, host, port: 443, tls: true, region, forcePathStyle: true };
  }

  /** Where it answers, for whoever opens a way to it. */
  get hosts(): ExternalHosts {
    return this.props.cidrs === undefined ? {} : { cidrs: this.props.cidrs };
  }

  /** @throws Error when the name breaks the rules of S3 with its prefix, is asked for twice, or asks for a quota, which no cloud's bucket has */
  addBucket(name: string, props: BucketProps = {}): IBucket {
    const actual = bucketName(`${this.props.bucketPrefix}${name}`);
    this.make(actual, name, props, false);
    return {
      name: actual,
      objectStore: this,
      grantReadWrite: (consumer, folder) => this.grant(actual, consumer, 'readWrite', folder),
      grantRead: (consumer, folder) => this.grant(actual, consumer, 'read', folder),
      grantPut: (consumer, folder) => this.grant(actual, consumer, 'put', folder),
    };
  }

  /** What it is for people, once it is told whose tokens to take. @default - it serves programs alone */
  get people(): ExternalPeople | undefined {
    return this.federated;
  }

  /**
   * Lets people in with tokens of an identity provider, which the cloud exchanges for credentials of a role.
   *
   * @param usernames of people whose buckets are made
   * @throws Error when it has been called before, or as {@link ExternalPeople} says
   */
  federate(
    identityProvider: IIdentityProvider,
    props: ExternalPeopleProps,
    usernames: readonly string[] = [],
  ): ExternalPeople {
    if (this.federated !== undefined) {
      throw new Error(`store "${this.node.id}" takes tokens of an identity provider already`);
    }
    const { url, region, forcePathStyle } = this.endpoint;
    const addBucket = (name: string): string => {
      this.make(name, name, {}, true);
      return name;
    };
    const platform = Platform.of(this).name;
    const people = new ExternalPeople({ platform, url, region, forcePathStyle, addBucket }, identityProvider, props);
    for (const username of usernames) addBucket(bucketName(props.names.user(username)));
    this.props.cloud.admitPeople(() => {
      const { issuer, audiences, roles, cors, durationSeconds } = people.setup;
      const [rule] = cors.CORSRules;
      return {
        issuer,
        audiences,
        roles: roles.map(({ name, trustPolicy, permissionPolicy, maxSessionSeconds }) => {
          if (trustPolicy === undefined) throw new Error(`role "${name}" does not say who may assume it`);
          return { name, trustPolicy, permissionPolicy, maxSessionSeconds: maxSessionSeconds ?? durationSeconds };
        }),
        cors: {
          allowedOrigins: rule?.AllowedOrigins ?? [],
          allowedMethods: rule?.AllowedMethods ?? [],
          allowedHeaders: rule?.AllowedHeaders ?? [],
          exposeHeaders: rule?.ExposeHeaders ?? [],
          maxAgeSeconds: rule?.MaxAgeSeconds ?? 0,
        },
      };
    });
    this.federated = people;
    return people;
  }

  private make(actual: string, asked: string, props: BucketProps, isForPeople: boolean): void {
    const { quota, versioning = false, ...expiry } = props;
    if (this.names.has(actual)) {
      throw new Error(`bucket "${asked}" of store "${this.node.id}" is asked for twice: pass the first one on`);
    }
    if (quota !== undefined) {
      throw new Error(`bucket "${asked}" has a quota of ${quota}, and buckets of the cloud have none: leave it out`);
    }
    this.names.add(actual);
    this.props.cloud.addBucket({ name: actual, versioning, ...expiry, isForPeople });
  }

  private grant(
    bucket: string,
    { consumerName, connections }: BucketConsumer,
    permission: BucketPermission,
    folder?: string,
  ): BucketAccess {
    if (folder !== undefined) bucketFolder(`folder of ${consumerName}`, folder);
    connections.allowToExternal(this.hosts, this.endpoint.port);
    const keys = this.props.cloud.grant(consumerName, {
      bucket,
      permission,
      ...(folder === undefined ? {} : { folder }),
    });
    const { namespace } = connections;
    const id = `${namespace.name}-${consumerName}`;
    const secret =
      this.secrets.get(id) ??
      new PlatformSecret(this, id, {
        namespace,
        name: credentialsSecretName(consumerName),
        data: {
          [CREDENTIAL_KEYS.accessKeyId]: keys.accessKeyId,
          [CREDENTIAL_KEYS.secretAccessKey]: keys.secretAccessKey,
        },
      });
    this.secrets.set(id, secret);
    return {
      endpoint: this.endpoint,
      bucket,
      accessKeyId: secret.ref(CREDENTIAL_KEYS.accessKeyId),
      secretAccessKey: secret.ref(CREDENTIAL_KEYS.secretAccessKey),
    };
  }
}
