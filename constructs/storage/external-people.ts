import { compare, type IIdentityProvider, type IOidcClient, type SpaceNames } from '../platform';
import { bucketName } from './bucket-name';
import { wrongLife } from './credential-life';
import { type ExpectedRole, type PeopleFacts } from './people-role';
import {
  peopleProfiles,
  peopleRolePolicies,
  type PeopleSystem,
  projectPermission,
  providerArn,
  stsUrlOf,
  tokenNeeds,
} from './people-system';
import type { PeopleStorage, PeopleStorageRole } from './people-storage';

export interface ExternalPeopleProps {
  /** How buckets are named. At AWS names are worldwide: choose prefixes that nobody else has. */
  readonly names: SpaceNames;
  /** What runs the store. */
  readonly system: PeopleSystem;
  /** Id of the client that asks for tokens. @default 'onyxia-s3' */
  readonly clientId?: string;
  /** Where AssumeRoleWithWebIdentity is answered. @default - at AWS the region's own, elsewhere the store's endpoint */
  readonly stsUrl?: string;
  /**
   * The longest life of credentials, in seconds: how long somebody who left a project may still reach its bucket. 3600 to 43200; at
   * MinIO 900 to 604800. It is the longest session that each role may have.
   *
   * @default 43200, twelve hours
   */
  readonly durationSeconds?: number;
}

/** What pages may ask of a bucket: the document that `put-bucket-cors` takes. */
export interface CorsDocument {
  readonly CORSRules: readonly {
    readonly AllowedOrigins: readonly string[];
    readonly AllowedMethods: readonly string[];
    readonly AllowedHeaders: readonly string[];
    readonly ExposeHeaders: readonly string[];
    readonly MaxAgeSeconds: number;
  }[];
}

/** What whoever runs the store sets up, all of it derived; nothing in it is secret. */
export interface PeopleSetup {
  readonly system: PeopleSystem['kind'];
  readonly url: string;
  readonly region: string;
  readonly stsUrl: string;
  /** What `iss` of the tokens says. */
  readonly issuer: string;
  /** What the store takes for the tokens' audience: `aud`, and the client's id where they differ. */
  readonly audiences: readonly string[];
  /** ARN by which policies name the provider. @default - MinIO gives it none */
  readonly providerArn?: string;
  /** The longest life of credentials, in seconds. */
  readonly durationSeconds: number;
  /** How long a token lives that they are had for, in seconds: who left a project may have credentials for as long. */
  readonly accessTokenSeconds: number;
  /** Roles with their policies. At Ceph each person has one: `USERNAME` stands for the name. */
  readonly roles: readonly ExpectedRole[];
  /** Buckets of projects, sorted. */
  readonly buckets: readonly string[];
  /** What the name of each person's bucket begins with. */
  readonly userPrefix: string;
  /** What each bucket must allow; at MinIO, the store. */
  readonly cors: CorsDocument;
}

/** What a store of somebody else does for its people. */
export interface ExternalPeopleStore {
  /** Name of the platform. */
  readonly platform: string;
  /** Address for browsers: the store's endpoint. */
  readonly url: string;
  readonly region: string;
  readonly forcePathStyle: boolean;
  /** Expects a bucket, and gives the name that it has over there. */
  addBucket(name: string): string;
}

/** A store of somebody else in which tokens select a role, see `ExternalObjectStore.federate`. */
export class ExternalPeople implements PeopleStorage {
  readonly client: IOidcClient;
  readonly url: string;
  readonly stsUrl: string;
  readonly region: string;
  readonly forcePathStyle: boolean;
  readonly durationSeconds: number;
  readonly names: SpaceNames;
  /** One that everyone has, and, where projects have roles of their own, one for each group of a token. */
  readonly roles: readonly PeopleStorageRole[];
  private readonly facts: Omit<PeopleFacts, 'projects'>;
  private readonly system: PeopleSystem;
  private readonly projects = new Set<string>();
  private readonly origins = new Set<string>();

  /**
   * @throws RangeError when the life of credentials is none that the store holds people to
   * @throws Error when a token would outlive the credentials that it is exchanged for, or the store could not tell people apart
   */
  constructor(
    private readonly store: ExternalPeopleStore,
    identityProvider: IIdentityProvider,
    { names, system, clientId = 'onyxia-s3', stsUrl, durationSeconds = 43_200 }: ExternalPeopleProps,
  ) {
    const wrong = wrongLife(system.kind, durationSeconds);
    if (wrong !== undefined) throw new RangeError(`durationSeconds: ${wrong}`);
    this.names = names;
    this.system = system;
    this.url = store.url;
    this.region = store.region;
    this.forcePathStyle = store.forcePathStyle;
    this.stsUrl = stsUrl ?? stsUrlOf(system, store.url, store.region);
    this.durationSeconds = durationSeconds;
    this.client = identityProvider.addPublicClient(clientId, tokenNeeds(system));
    const { accessTokenSeconds, audience } = this.client;
    if (accessTokenSeconds > durationSeconds) {
      throw new Error(
        `tokens of client "${this.client.clientId}" live ${accessTokenSeconds} s, longer than credentials of ${durationSeconds} s: who left a ` +
          'project would have them exchanged again; shorten the life of tokens, or lengthen durationSeconds',
      );
    }
    const { issuer, claims } = identityProvider;
    const { platform, region } = store;
    this.facts = {
      platform,
      issuer,
      clientId: this.client.clientId,
      audience,
      claims,
      names,
      region,
      durationSeconds,
    };
    this.roles = peopleProfiles(system, this.facts);
    peopleRolePolicies(system, { ...this.facts, projects: [] });
  }

  /** What whoever runs the store sets up. */
  get setup(): PeopleSetup {
    const { system, facts, url, region, stsUrl, durationSeconds, names } = this;
    const projects = [...this.projects].sort(compare);
    const arn = providerArn(system, facts.issuer);
    return {
      system: system.kind,
      url,
      region,
      stsUrl,
      issuer: facts.issuer,
      audiences: [...new Set([facts.audience, facts.clientId])],
      ...(arn === undefined ? {} : { providerArn: arn }),
      durationSeconds,
      accessTokenSeconds: this.client.accessTokenSeconds,
      roles: peopleRolePolicies(system, { ...facts, projects }),
      buckets: projects.map((project) => names.project(project)),
      userPrefix: names.userPrefix,
      cors: corsDocument([...this.origins].sort(compare)),
    };
  }

  allowOrigin(origin: string): void {
    this.origins.add(origin);
  }

  /** @throws Error when the project has its bucket already, or the name is none that a project, its bucket or its role may have */
  addProject(name: string): void {
    const bucket = bucketName(this.names.project(name));
    if (this.projects.has(name)) throw new Error(`project "${name}" has its bucket "${bucket}" already`);
    peopleRolePolicies(this.system, { ...this.facts, projects: [name] });
    const actual = this.store.addBucket(bucket);
    if (actual !== bucket) {
      throw new Error(
        `bucket "${bucket}" is "${actual}" over there, and people find a project's bucket by its name: leave it out of bucketNames`,
      );
    }
    this.projects.add(name);
    const permission = projectPermission(this.system, this.facts, name);
    if (permission !== undefined) this.client.grantGroup(name, permission);
  }
}

/** What lets pages read, write and list. A browser shows a script the header `ETag`, of which uploads in parts are put together, only where it is named. */
export function corsDocument(origins: readonly string[]): CorsDocument {
  return {
    CORSRules: [
      {
        AllowedOrigins: origins,
        AllowedMethods: ['GET', 'HEAD', 'PUT', 'POST', 'DELETE'],
        AllowedHeaders: ['*'],
        ExposeHeaders: ['ETag'],
        MaxAgeSeconds: 3600,
      },
    ],
  };
}
