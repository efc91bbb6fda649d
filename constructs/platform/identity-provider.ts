import type { IConstruct } from 'constructs';
import type { PlatformNamespace } from './namespace';
import type { IConnectable } from './network';
import type { SecretRef } from './secret-ref';

/** Names of the claims that every token carries, at its top level. */
export interface TokenClaims {
  /** One text: the name that namespaces, buckets and directories are derived from. */
  readonly username: string;
  /** A list of names without a slash. */
  readonly groups: string;
  /** A list of names. */
  readonly roles: string;
}

/** Where a login goes by. */
export interface LoginEndpoints {
  /** Where browsers are sent to log in. */
  readonly authorizationUrl: string;
  /** Where Pods of the platform change a code for tokens: it may have another host than the issuer. */
  readonly tokenUrl: string;
}

/** What a program needs that checks tokens itself. */
export interface TokenKeys {
  /** What `iss` must say. */
  readonly issuer: string;
  /** Where the discovery document is, for Pods of the platform: it may have another host than the issuer. */
  readonly discoveryUrl: string;
  /** Where the public keys are, for Pods of the platform. */
  readonly jwksUrl: string;
  /** Authority to trust for both, in the consumer's namespace. @default - the system's authorities, or plain HTTP inside the cluster */
  readonly certificateAuthority?: SecretRef;
  /** Where people log in, for programs that cannot ask an address other than the issuer's for it. @default - the discovery document of the issuer tells */
  readonly endpoints?: LoginEndpoints;
}

/** Whoever fetches keys: its Pods, and a name for what is made for it in its namespace. */
export interface TokenConsumer extends IConnectable {
  /** A DNS label. */
  readonly consumerName: string;
}

export interface PublicClientProps {
  /** What `aud` of its access tokens holds, so that nobody else accepts them. @default - the client's id */
  readonly audience?: string;
  /** Seconds that an access token lives, and with it what was got for it. @default 300 */
  readonly accessTokenSeconds?: number;
  /** Claim with the permissions that people have at this client, see {@link IOidcClient.grantEveryone}. @default - none */
  readonly permissionsClaim?: string;
  /**
   * Key of a session tag that holds a person's name, in the claim `https://aws.amazon.com/tags` of its access tokens: the form in which
   * AWS takes what policies say of a person.
   *
   * @default - none
   */
  readonly usernameTag?: string;
}

export interface ConfidentialClientProps extends PublicClientProps {
  /** Namespace of the Pods that use it: its Secret stands there. */
  readonly namespace: PlatformNamespace;
  /** Name of that Secret, which has the keys `clientId` and `clientSecret`. */
  readonly secretName: string;
  /** Whether it must prove by PKCE, too, that it brings a code that it has asked for. @default true */
  readonly pkce?: boolean;
}

/**
 * A program that asks people to log in: authorization code with PKCE. One in the browser has no secret. There is one for each kind of
 * server that accepts its tokens, so that a token for one is worthless at another.
 */
export interface IOidcClient {
  readonly clientId: string;
  readonly audience: string;
  readonly accessTokenSeconds: number;
  /** Claim with the permissions. @default - none */
  readonly permissionsClaim?: string;
  /**
   * Lets people come back to a page after they have logged in, and its scripts call the provider.
   *
   * @param url exact address, with `https://`; one last `*` stands for every path below
   * @throws Error when it is no such address
   */
  allowRedirect(url: string): void;
  /** A permission that everyone has. @throws Error when the client has no permissions claim */
  grantEveryone(permission: string): void;
  /** A permission that the members of a group have. @throws Error when the client has no permissions claim */
  grantGroup(group: string, permission: string): void;
}

/** A program on a server that asks people to log in, and proves with a secret who it is. */
export interface IConfidentialClient extends IOidcClient {
  /** Where its id stands. */
  readonly clientIdRef: SecretRef;
  /** Where its secret stands. */
  readonly clientSecretRef: SecretRef;
}

/** Who knows people and their groups, whoever runs it. */
export interface IIdentityProvider extends IConstruct {
  /** What `iss` says, and where browsers go: `https://auth.example.org/realms/datalab`. */
  readonly issuer: string;
  readonly claims: TokenClaims;
  /** A client of this id: made where the provider is ours, expected to exist where it is not. @throws Error when it is asked for twice */
  addPublicClient(clientId: string, props?: PublicClientProps): IOidcClient;
  /**
   * A client of this id with a secret. Where the provider is ours, both are made, and a rotated secret is given to both sides; where it is not,
   * the client is expected to exist there, and its id and secret in a Secret that somebody else makes.
   *
   * @throws Error when it is asked for twice
   */
  addConfidentialClient(clientId: string, props: ConfidentialClientProps): IConfidentialClient;
  /** A group of people: made where the provider is ours, expected to exist where it is not. */
  addGroup(name: string): void;
  /** Lets Pods fetch the keys that tokens are signed with. */
  grantKeys(consumer: TokenConsumer): TokenKeys;
}
