import { Construct } from 'constructs';
import {
  type BucketAccess,
  type BucketConsumer,
  type DatabaseAccess,
  type DatabaseConsumer,
  type DatabaseProps,
  type IBucket,
  type IDatabase,
  type IDatabaseServer,
  type IObjectStore,
  type ObjectStoreEndpoint,
} from '../../constructs';

/** A database server that is somewhere else and makes no object: what the consumer does with it is the subject. */
export class FakeDatabaseServer extends Construct implements IDatabaseServer {
  constructor(
    scope: Construct,
    id: string,
    private readonly access: Partial<DatabaseAccess> = {},
  ) {
    super(scope, id);
  }

  addDatabase(name: string, props: DatabaseProps = {}): IDatabase {
    const owner = props.owner?.owner ?? name;
    return {
      name,
      askedName: name,
      owner,
      server: this,
      grantConnect: ({ consumerName, connections }: DatabaseConsumer): DatabaseAccess => {
        connections.allowToExternal({ cidrs: ['192.0.2.5/32'] }, 5432);
        return {
          host: 'db.example.org',
          port: 5432,
          database: name,
          user: owner,
          password: { namespace: connections.namespace.name, name: `${consumerName}-db-${owner}`, key: 'password' },
          tlsMode: 'verify-full',
          ...this.access,
        };
      },
    };
  }
}

/** An object store that is somewhere else and makes no object. */
export class FakeObjectStore extends Construct implements IObjectStore {
  readonly endpoint: ObjectStoreEndpoint;

  constructor(scope: Construct, id: string, endpoint: Partial<ObjectStoreEndpoint> = {}) {
    super(scope, id);
    this.endpoint = {
      url: 'https://s3.example.org',
      host: 's3.example.org',
      port: 443,
      tls: true,
      region: 'us-east-1',
      forcePathStyle: true,
      ...endpoint,
    };
  }

  addBucket(name: string): IBucket {
    const grant = ({ consumerName, connections }: BucketConsumer): BucketAccess => {
      connections.allowToExternal({ cidrs: ['192.0.2.6/32'] }, this.endpoint.port);
      const secret = { namespace: connections.namespace.name, name: `${consumerName}-s3` };
      return {
        endpoint: this.endpoint,
        bucket: name,
        accessKeyId: { ...secret, key: 'accessKeyId' },
        secretAccessKey: { ...secret, key: 'secretAccessKey' },
      };
    };
    return { name, objectStore: this, grantReadWrite: grant, grantRead: grant, grantPut: grant };
  }
}
