import type { CloudSettings } from './cloud-settings';
import { DeployTimeValue } from './deploy-time';
import type { GeneratedValue } from './generated-value';
import { compare } from './names';

/** A bucket that whoever deploys makes. */
export interface CloudBucket {
  /** The name that it has in the cloud. */
  readonly name: string;
  readonly versioning: boolean;
  /** Days after which objects are deleted. @default - never */
  readonly expireAfterDays?: number;
  /** Days after which versions that are no longer current are deleted. @default - never */
  readonly expireNoncurrentAfterDays?: number;
  /** People's pages may call it. */
  readonly isForPeople: boolean;
}

/** What a program may do in a bucket, see `BucketGrant`. */
export interface CloudGrant {
  readonly bucket: string;
  /** @default - the whole bucket */
  readonly folder?: string;
  readonly permission: 'read' | 'readWrite' | 'put';
}

/** A program with keys of its own to the object store. */
export interface CloudProgram {
  readonly name: string;
  readonly grants: readonly CloudGrant[];
  /** What its keys are given by. */
  readonly accessKeyId: DeployTimeValue;
  readonly secretAccessKey: DeployTimeValue;
}

/** A role that tokens of people are exchanged for; the policies are documents of IAM. */
export interface CloudRole {
  readonly name: string;
  readonly trustPolicy: object;
  readonly permissionPolicy: object;
  /** The longest session, in seconds. */
  readonly maxSessionSeconds: number;
}

/** What lets people into the object store with tokens. */
export interface CloudPeople {
  readonly issuer: string;
  readonly audiences: readonly string[];
  readonly roles: readonly CloudRole[];
  /** What each of their buckets must allow pages of other hosts. */
  readonly cors: CloudCors;
}

/** People whom the API of the cluster knows by tokens of an identity provider. */
export interface CloudUsers {
  readonly issuer: string;
  /** What `aud` of their tokens holds. */
  readonly audience: string;
  readonly usernameClaim: string;
  readonly groupsClaim: string;
}

/** What pages may ask of a bucket. */
export interface CloudCors {
  readonly allowedOrigins: readonly string[];
  readonly allowedMethods: readonly string[];
  readonly allowedHeaders: readonly string[];
  readonly exposeHeaders: readonly string[];
  readonly maxAgeSeconds: number;
}

/** A PostgreSQL server of the cloud. */
export interface CloudServer {
  /** What its host is given by. */
  readonly host: DeployTimeValue;
  /** Administrator that the platform's Job makes roles and databases as. */
  readonly administrator: string;
  readonly password: GeneratedValue;
}

/** A key of the cloud's key service that a secret store unseals with, and the account that may use it. */
export interface CloudSeal {
  readonly namespace: string;
  readonly serviceAccount: string;
}

/** Everything that a platform asks of the cloud under it: plain data, made by whoever deploys. */
export interface CloudNeeds {
  readonly settings: CloudSettings;
  /** Name of the platform. */
  readonly platform: string;
  /** Where the platform's controller of Ingresses stands, and which domains lead to it. @default - the cluster has a way in of its own, or none */
  readonly exposure?: CloudExposure;
  readonly buckets: readonly CloudBucket[];
  readonly programs: readonly CloudProgram[];
  /** @default - the store serves programs alone */
  readonly people?: CloudPeople;
  /** @default - it knows nobody but those whom the cloud knows */
  readonly users?: CloudUsers;
  /** @default - the platform needs none */
  readonly database?: CloudServer;
  /** @default - nothing unseals with a key of the cloud */
  readonly seal?: CloudSeal;
}

/** The way in that a cloud gives. */
export interface CloudExposure {
  /** Domains whose subdomains all lead to the controller. */
  readonly domains: readonly string[];
}

/** Name of the StorageClass that every cloud's cluster gets: encrypted with a key of the office's own, grown on demand, in the zone of its Pod. */
export const CLOUD_STORAGE_CLASS = 'bouture-encrypted';

/** Alias of the key in AWS KMS that the secret store of a platform unseals with. */
export function sealKeyAlias(platform: string): string {
  return `alias/${platform}-unseal`;
}

/** The controller of Ingresses that every cloud's cluster gets. */
export const CLOUD_INGRESS = {
  className: 'traefik',
  namespace: 'traefik',
  podLabels: { 'app.kubernetes.io/name': 'traefik' },
  /** Port of its container for HTTPS. */
  port: 8443,
} as const;

/**
 * The cloud that a platform's cluster is made in. Constructs say what they need of it, and whoever deploys reads `needs`.
 *
 * @example
 * import { Cloud, type AwsSettings } from 'bouture';
 * declare const settings: AwsSettings;
 * const cloud = new Cloud('office', settings);
 */
export class Cloud {
  private readonly buckets = new Map<string, CloudBucket>();
  private readonly programs = new Map<string, { readonly name: string; readonly grants: CloudGrant[] }>();
  private people: (() => CloudPeople) | undefined;
  private users: CloudUsers | undefined;
  private database: CloudServer | undefined;
  private seal: CloudSeal | undefined;
  private readonly domains = new Set<string>();

  /** @param platform name of the platform */
  constructor(
    private readonly platform: string,
    readonly settings: CloudSettings,
  ) {}

  /** @throws Error when the name is asked for twice */
  addBucket(bucket: CloudBucket): void {
    if (this.buckets.has(bucket.name)) {
      throw new Error(`bucket "${bucket.name}" of the cloud is asked for twice: pass the first one on`);
    }
    this.buckets.set(bucket.name, bucket);
  }

  /** Lets a program into a bucket, with one pair of keys for all its buckets. @returns what its keys are given by */
  grant(name: string, grant: CloudGrant): Pick<CloudProgram, 'accessKeyId' | 'secretAccessKey'> {
    const program = this.programs.get(name) ?? { name, grants: [] };
    this.programs.set(name, program);
    if (!program.grants.some((other) => JSON.stringify(other) === JSON.stringify(grant))) program.grants.push(grant);
    return keysOf(name);
  }

  /** @param people asked for once the platform is complete */
  admitPeople(people: () => CloudPeople): void {
    this.people = people;
  }

  /** Lets the API of the cluster know people. */
  admitUsers(users: CloudUsers): void {
    this.users = users;
  }

  /** @throws Error when there is one already */
  useDatabase(database: CloudServer): void {
    if (this.database !== undefined) throw new Error('the platform has a database server of the cloud already');
    this.database = database;
  }

  /** Lets the Pods of an account unseal with a key of the cloud. */
  useKey(seal: CloudSeal): void {
    this.seal = seal;
  }

  /** Lets the world come in by the cloud's load balancer at the hosts of a domain. */
  serve(domain: string): void {
    this.domains.add(domain);
  }

  /** What the platform asks for; complete once the platform is. */
  get needs(): CloudNeeds {
    const { settings, platform, users, database, seal } = this;
    return {
      settings,
      platform,
      buckets: [...this.buckets.values()].sort((a, b) => compare(a.name, b.name)),
      programs: [...this.programs.values()]
        .sort((a, b) => compare(a.name, b.name))
        .map(({ name, grants }) => ({ name, grants, ...keysOf(name) })),
      ...(this.domains.size === 0 ? {} : { exposure: { domains: [...this.domains].sort(compare) } }),
      ...(this.people === undefined ? {} : { people: this.people() }),
      ...(users === undefined ? {} : { users }),
      ...(database === undefined ? {} : { database }),
      ...(seal === undefined ? {} : { seal }),
    };
  }
}

function keysOf(name: string): Pick<CloudProgram, 'accessKeyId' | 'secretAccessKey'> {
  return {
    accessKeyId: new DeployTimeValue(`${name}-s3-id`, `access key id of ${name}`),
    secretAccessKey: new DeployTimeValue(`${name}-s3-secret`, `secret access key of ${name}`),
  };
}
