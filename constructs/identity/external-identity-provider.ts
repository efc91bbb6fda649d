import { Construct } from 'constructs';
import {
  compare,
  type ConfidentialClientProps,
  dnsLabel,
  type IConfidentialClient,
  type IIdentityProvider,
  type IOidcClient,
  Platform,
  type PublicClientProps,
  type SecretRef,
  type TokenClaims,
  type TokenConsumer,
  type TokenKeys,
} from '../platform';
import type { CertificateAuthority } from '../storage';
import { webAddress } from './realm-objects';

/** A client that exists already at the provider. */
export interface ExternalClient {
  /** Its id there: for Entra ID the application's GUID. */
  readonly clientId: string;
  /** What `aud` of its access tokens holds. @default - what the consumer asks for, else the client's id there */
  readonly audience?: string;
}

export interface ExternalIdentityProviderProps {
  /** What `iss` of its tokens says, and where its discovery document stands: an address with https://, without a slash at its end. */
  readonly issuer: string;
  /** Names of the claims, each at the top level of every token. @default - username: 'preferred_username', groups: 'groups', roles: 'roles' */
  readonly claims?: Partial<TokenClaims>;
  /** The clients there, by the id that the platform asks for: `onyxia`, `vault`. @default - each has there the id that the platform asks for */
  readonly clients?: Readonly<Record<string, ExternalClient>>;
  /** Where the public keys are. @default - what the issuer's discovery document says; here `<issuer>/protocol/openid-connect/certs`, Keycloak's own */
  readonly jwksUrl?: string;
  /** Networks of the provider. @default - every IPv4 address but the cloud's metadata service */
  readonly cidrs?: readonly string[];
  /** Who signed its certificate. @default - an authority that every system trusts */
  readonly certificateAuthority?: CertificateAuthority;
}

/** What one client at a provider of somebody else must be and emit, for people who set it up and for `bouture doctor`. */
export interface ClientRequirement {
  readonly clientId: string;
  readonly audience: string;
  readonly accessTokenSeconds: number;
  readonly redirects: readonly string[];
  /** @default - the platform gives no permissions at this client */
  readonly permissionsClaim?: string;
  /** Plain statements, one a line. */
  readonly statements: readonly string[];
}

/**
 * An OpenID provider that somebody else runs: Entra ID, Auth0, another Keycloak. The platform changes nothing there: `requirements`
 * tells what its clients must be and emit.
 *
 * @throws Error when the issuer or the keys' address is no https:// address
 *
 * @example
 * import { ExternalIdentityProvider } from 'bouture';
 * const people = new ExternalIdentityProvider(platform, 'people', {
 *   issuer: 'https://login.example.org/realms/office',
 *   clients: { onyxia: { clientId: 'datalab-onyxia' } },
 *   cidrs: ['192.0.2.0/24'],
 * });
 */
export class ExternalIdentityProvider extends Construct implements IIdentityProvider {
  readonly issuer: string;
  readonly claims: TokenClaims;
  private readonly groups = new Set<string>();
  private readonly clients = new Map<string, ExpectedClient>();
  private readonly jwksUrl: string;
  private readonly authorities = new Map<string, SecretRef>();

  constructor(
    scope: Construct,
    id: string,
    private readonly props: ExternalIdentityProviderProps,
  ) {
    super(scope, id);
    const url = webAddress('issuer', props.issuer);
    if (url.search !== '' || /\/\/|\/$/.test(props.issuer.slice('https://'.length))) {
      throw new Error(`issuer "${props.issuer}": expected no query, no double slash and none at its end`);
    }
    this.issuer = props.issuer;
    this.claims = { username: 'preferred_username', groups: 'groups', roles: 'roles', ...props.claims };
    this.jwksUrl = props.jwksUrl ?? `${props.issuer}/protocol/openid-connect/certs`;
    webAddress('address of the keys', this.jwksUrl);
  }

  addPublicClient(clientId: string, props: PublicClientProps = {}): IOidcClient {
    return this.expectClient(clientId, props);
  }

  addConfidentialClient(
    clientId: string,
    { namespace, secretName, pkce = true, ...props }: ConfidentialClientProps,
  ): IConfidentialClient {
    const name = dnsLabel('secret', secretName);
    const place = `key clientSecret of Secret "${name}" of namespace "${namespace.name}"`;
    const client = this.expectClient(clientId, props, { place, pkce });
    Platform.of(this).expectSecret({
      namespace: namespace.name,
      name,
      keys: ['clientId', 'clientSecret'],
      purpose: `id and secret of client ${client.clientId} at ${this.issuer}`,
    });
    const ref = (key: string): SecretRef => ({ namespace: namespace.name, name, key });
    return Object.assign(client, { clientIdRef: ref('clientId'), clientSecretRef: ref('clientSecret') });
  }

  /** @throws Error when the name holds a slash or is empty */
  addGroup(name: string): void {
    if (name === '' || name.includes('/')) throw new Error(`group "${name}": expected a name without a slash`);
    this.groups.add(name);
  }

  grantKeys({ consumerName, connections }: TokenConsumer): TokenKeys {
    const { cidrs, certificateAuthority } = this.props;
    for (const url of new Set([this.issuer, this.jwksUrl])) {
      connections.allowToExternal(cidrs === undefined ? {} : { cidrs }, Number(new URL(url).port || 443));
    }
    const { namespace } = connections;
    const secretName = dnsLabel('secret', `${consumerName}-${this.node.id}-ca`);
    const key = `${namespace.name}-${secretName}`;
    const authority =
      this.authorities.get(key) ?? certificateAuthority?.refIn(new Construct(this, key), namespace, secretName);
    if (authority !== undefined) this.authorities.set(key, authority);
    return {
      issuer: this.issuer,
      discoveryUrl: `${this.issuer}/.well-known/openid-configuration`,
      jwksUrl: this.jwksUrl,
      ...(authority === undefined ? {} : { certificateAuthority: authority }),
    };
  }

  /** What must be set up at the provider, by client. */
  get requirements(): readonly ClientRequirement[] {
    return [...this.clients.values()]
      .map((client) => client.requirement(this.claims))
      .sort((a, b) => compare(a.clientId, b.clientId));
  }

  /** The groups that the platform expects there, sorted. */
  get expectedGroups(): readonly string[] {
    return [...this.groups].sort(compare);
  }

  private expectClient(clientId: string, props: PublicClientProps, confidential?: ExpectedSecrecy): ExpectedClient {
    if (this.clients.has(clientId)) throw new Error(`client "${clientId}" is asked for twice: pass the first one on`);
    const known = this.props.clients?.[clientId];
    if (this.props.clients !== undefined && known === undefined) {
      throw new Error(
        `the identity provider has no client for "${clientId}": give clients.${clientId}, it has ` +
          Object.keys(this.props.clients).sort(compare).join(', '),
      );
    }
    const client = new ExpectedClient(
      known ?? { clientId },
      { ...props, ...(confidential && { confidential }) },
      (group) => {
        this.addGroup(group);
      },
    );
    this.clients.set(clientId, client);
    return client;
  }
}

/** How a client proves who it is that has a secret. */
interface ExpectedSecrecy {
  /** Where the platform reads the secret. */
  readonly place: string;
  readonly pkce: boolean;
}

/** A client that somebody else must have made. */
class ExpectedClient implements IOidcClient {
  readonly clientId: string;
  readonly audience: string;
  readonly accessTokenSeconds: number;
  readonly permissionsClaim?: string;
  private readonly usernameTag?: string;
  private readonly confidential: ExpectedSecrecy | undefined;
  private readonly redirects = new Set<string>();
  private readonly everyone = new Set<string>();
  private readonly groups = new Map<string, Set<string>>();

  constructor(
    known: ExternalClient,
    props: PublicClientProps & { readonly confidential?: ExpectedSecrecy },
    private readonly addGroup: (name: string) => void,
  ) {
    this.clientId = known.clientId;
    this.audience = known.audience ?? props.audience ?? known.clientId;
    this.accessTokenSeconds = props.accessTokenSeconds ?? 300;
    this.confidential = props.confidential;
    if (props.permissionsClaim !== undefined) this.permissionsClaim = props.permissionsClaim;
    if (props.usernameTag !== undefined) this.usernameTag = props.usernameTag;
  }

  allowRedirect(url: string): void {
    const exact = url.endsWith('/*') ? url.slice(0, -1) : url;
    // A program of a person's own machine, as RFC 8252 has it: nobody is on the way there.
    if (!/^http:\/\/localhost(:\d{1,5})?\/[\w/-]*$/.test(exact)) {
      webAddress(`redirect of client "${this.clientId}"`, exact);
    }
    this.redirects.add(url);
  }

  grantEveryone(permission: string): void {
    this.everyone.add(this.checked(permission));
  }

  grantGroup(group: string, permission: string): void {
    const checked = this.checked(permission);
    this.addGroup(group);
    this.groups.set(group, (this.groups.get(group) ?? new Set<string>()).add(checked));
  }

  requirement(claims: TokenClaims): ClientRequirement {
    const redirects = [...this.redirects].sort(compare);
    const { permissionsClaim: claim, usernameTag: tag } = this;
    const held = [
      ...[...this.everyone].sort(compare).map((name) => `"${name}" for everyone`),
      ...[...this.groups]
        .sort(([a], [b]) => compare(a, b))
        .flatMap(([group, names]) =>
          [...names].sort(compare).map((name) => `"${name}" for members of group "${group}"`),
        ),
    ];
    return {
      clientId: this.clientId,
      audience: this.audience,
      accessTokenSeconds: this.accessTokenSeconds,
      redirects,
      ...(claim === undefined ? {} : { permissionsClaim: claim }),
      statements: [
        ...this.kind(),
        ...redirects.map((url) =>
          this.confidential === undefined
            ? `lets people come back to ${url}, and its scripts call from ${new URL(url).origin}`
            : `lets people come back to ${url}`,
        ),
        `puts "${this.audience}" into "aud" of its access tokens, and no other client does`,
        `puts a name that never changes, in small letters and digits with single dashes, into "${claims.username}" of every token`,
        `puts the names of a person's groups, as a list without slashes, into "${claims.groups}" of every token`,
        `puts the names of a person's roles, as a list, into "${claims.roles}" of every token`,
        `gives access tokens that live ${this.accessTokenSeconds} seconds`,
        ...(claim === undefined ? [] : [`puts a person's permissions, as a list, into "${claim}" of every token`]),
        ...held.map((each) => `has permission ${each}`),
        ...(tag === undefined
          ? []
          : [
              `puts {"principal_tags": {"${tag}": [NAME]}}, with the name that "${claims.username}" holds, into ` +
                '"https://aws.amazon.com/tags" of its access tokens, and no further tag',
            ]),
      ],
    };
  }

  private kind(): string[] {
    if (this.confidential === undefined) {
      return [
        `is a public client "${this.clientId}" with the authorization code flow and PKCE (S256), without secret, implicit flow and password grant`,
      ];
    }
    const { place, pkce } = this.confidential;
    return [
      `is a confidential client "${this.clientId}" with the authorization code flow${pkce ? ' and PKCE (S256)' : ', PKCE not required'}, without implicit flow and password grant`,
      `has the secret that stands in ${place}, beside its id in key clientId`,
    ];
  }

  private checked(permission: string): string {
    if (this.permissionsClaim === undefined) {
      throw new Error(
        `client "${this.clientId}" has no claim for permission "${permission}": give permissionsClaim to addPublicClient`,
      );
    }
    return permission;
  }
}
