import { compare, type IOidcClient, type PublicClientProps } from '../platform';
import { wholeNumber } from '../platform/whole-number';
import { PERSON_CLAIMS } from './person-claims';
import { type Mapper, type RealmObject, secretFile } from './realm-objects';

/** Clients that every realm has from the start. */
const BUILT_IN = ['account', 'account-console', 'admin-cli', 'broker', 'realm-management', 'security-admin-console'];

/** Claims that a token has anyway, or that have a meaning of their own: permissions may not stand in them. */
const TAKEN_CLAIMS = [
  ...['iss', 'sub', 'aud', 'exp', 'iat', 'nbf', 'jti', 'typ', 'azp', 'sid', 'scope', 'nonce', 'acr', 'auth_time'],
  ...PERSON_CLAIMS,
  ...['realm_access', 'resource_access'],
];

/** Scopes that every client of the platform has: `sub`, what programs show of a person, and the claims that everyone agrees on. */
export const PLATFORM_SCOPE = 'platform';
const SCOPES = ['basic', 'email', PLATFORM_SCOPE, 'profile'];

/** What a realm tells its clients about itself. */
export interface RealmOfClient {
  /** Says whether the realm itself is reached in plain text, as in a pilot without certificates. */
  readonly isPlain: boolean;
  /** The longest that a person stays logged in, in seconds. */
  readonly sessionMaxSeconds: number;
  /** A group has been named. @throws Error when no group may have this name */
  addGroup(name: string): void;
}

/** What the reconciling script makes of a client. */
export interface ClientState {
  readonly representation: RealmObject;
  readonly mappers: readonly Mapper[];
  /** The client scopes that it has, and no other. */
  readonly scopes: readonly string[];
  readonly everyone: readonly string[];
  readonly groups: Readonly<Record<string, readonly string[]>>;
}

/** How a client proves who it is that has a secret. */
export interface ClientSecrecy {
  /** File with the secret, below the folder of secrets. */
  readonly file: string;
  readonly pkce: boolean;
}

/**
 * A client of a realm of our own, public or with a secret: authorization code with PKCE (S256) and nothing else. Its permissions are roles of the client,
 * which the realm's default role or a group has; a mapper puts them into the permissions claim as a flat list.
 */
export class KeycloakClient implements IOidcClient {
  readonly audience: string;
  readonly accessTokenSeconds: number;
  readonly permissionsClaim?: string;
  private readonly usernameTag?: string;
  private readonly redirects = new Set<string>();
  private readonly everyone = new Set<string>();
  private readonly groups = new Map<string, Set<string>>();

  /** @throws Error when the id, the claim or the life of tokens is none that a client may have */
  constructor(
    private readonly realm: RealmOfClient,
    readonly clientId: string,
    props: PublicClientProps,
    private readonly secrecy?: ClientSecrecy,
  ) {
    if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(clientId) || clientId.length > 63 || BUILT_IN.includes(clientId)) {
      throw new Error(
        `client "${clientId}": expected at most 63 characters of a-z, 0-9 and inner dashes that begin with a letter, and none of ${BUILT_IN.join(', ')}`,
      );
    }
    this.audience = props.audience ?? clientId;
    if (!/^[\x21-\x7e]{1,255}$/.test(this.audience)) {
      throw new Error(
        `audience "${this.audience}" of client "${clientId}": expected 1 to 255 printable characters without space`,
      );
    }
    this.accessTokenSeconds = wholeNumber(
      `accessTokenSeconds of client "${clientId}"`,
      props.accessTokenSeconds ?? 300,
      60,
      30 * 86_400,
    );
    if (this.accessTokenSeconds > realm.sessionMaxSeconds) {
      throw new Error(
        `client "${clientId}": an access token of ${this.accessTokenSeconds} s would outlive the session, which ends after ` +
          `${realm.sessionMaxSeconds} s at the latest: shorten accessTokenSeconds, or raise session.maxSeconds of the realm`,
      );
    }
    if (props.usernameTag !== undefined) this.usernameTag = tagKey(props.usernameTag);
    const claim = props.permissionsClaim;
    if (claim === undefined) return;
    if (!/^[A-Za-z][A-Za-z0-9_-]{0,62}$/.test(claim) || TAKEN_CLAIMS.includes(claim)) {
      throw new Error(
        `permissions claim "${claim}" of client "${clientId}": expected a word of letters, digits, dashes and underscores that is no claim of another meaning`,
      );
    }
    this.permissionsClaim = claim;
  }

  allowRedirect(url: string): void {
    const exact = url.endsWith('/*') ? url.slice(0, -1) : url;
    const parsed = URL.canParse(exact) ? new URL(exact) : undefined;
    const plain = this.realm.isPlain || ['localhost', '127.0.0.1'].includes(parsed?.hostname ?? '');
    const known = parsed?.protocol === 'https:' || (parsed?.protocol === 'http:' && plain);
    const hasMore = parsed === undefined || parsed.username !== '' || parsed.hash !== '' || parsed.search !== '';
    if (!known || hasMore || /[*\s\\]|%2[ef]|\/\.\.?(\/|$)/i.test(exact)) {
      throw new Error(
        `redirect "${url}" of client "${this.clientId}" is not an exact address: expected "https://datalab.example.org/callback", ` +
          'or "https://datalab.example.org/*" for every path below, without user, query and fragment',
      );
    }
    this.redirects.add(url);
  }

  grantEveryone(permission: string): void {
    this.everyone.add(this.checked(permission));
  }

  grantGroup(group: string, permission: string): void {
    const checked = this.checked(permission);
    this.realm.addGroup(group);
    const permissions = this.groups.get(group) ?? new Set<string>();
    this.groups.set(group, permissions.add(checked));
  }

  /** What the reconciling script makes of it. */
  state(): ClientState {
    const redirects = [...this.redirects].sort(compare);
    const { secrecy } = this;
    const origins = secrecy === undefined ? redirects.map((url) => new URL(url).origin) : [];
    return {
      representation: {
        clientId: this.clientId,
        name: this.clientId,
        enabled: true,
        protocol: 'openid-connect',
        publicClient: secrecy === undefined,
        ...(secrecy === undefined
          ? {}
          : { clientAuthenticatorType: 'client-secret', secret: secretFile(secrecy.file) }),
        bearerOnly: false,
        standardFlowEnabled: true,
        implicitFlowEnabled: false,
        directAccessGrantsEnabled: false,
        serviceAccountsEnabled: false,
        consentRequired: false,
        fullScopeAllowed: false,
        frontchannelLogout: false,
        redirectUris: redirects,
        webOrigins: [...new Set(origins)].sort(compare),
        attributes: {
          'pkce.code.challenge.method': secrecy?.pkce === false ? '' : 'S256',
          'access.token.lifespan': String(this.accessTokenSeconds),
          'post.logout.redirect.uris': '+',
          'oauth2.device.authorization.grant.enabled': 'false',
          'oidc.ciba.grant.enabled': 'false',
          'standard.token.exchange.enabled': 'false',
        },
      },
      mappers: [audienceMapper(this.audience), ...this.permissionsMapper(), ...this.tagMapper()],
      scopes: SCOPES,
      everyone: [...this.everyone].sort(compare),
      groups: Object.fromEntries(
        [...this.groups].sort(([a], [b]) => compare(a, b)).map(([group, names]) => [group, [...names].sort(compare)]),
      ),
    };
  }

  private permissionsMapper(): Mapper[] {
    if (this.permissionsClaim === undefined) return [];
    const config = { 'usermodel.clientRoleMapping.clientId': this.clientId, multivalued: 'true' };
    return [claimMapper('permissions', 'oidc-usermodel-client-role-mapper', this.permissionsClaim, config)];
  }

  /** Keycloak reads a dot in a claim's name as a level, but one behind a backslash; AWS reads a list of one value for each tag. */
  private tagMapper(): Mapper[] {
    if (this.usernameTag === undefined) return [];
    const claim = String.raw`https://aws\.amazon\.com/tags.principal_tags.${this.usernameTag}`;
    const config = { 'user.attribute': 'username', multivalued: 'true', 'id.token.claim': 'false' };
    return [claimMapper('session-tag', 'oidc-usermodel-attribute-mapper', claim, config)];
  }

  private checked(permission: string): string {
    if (this.permissionsClaim === undefined) {
      throw new Error(
        `client "${this.clientId}" has no claim for permission "${permission}": give permissionsClaim to addPublicClient`,
      );
    }
    if (!/^[A-Za-z0-9][A-Za-z0-9._:-]{0,254}$/.test(permission)) {
      throw new Error(
        `permission "${permission}" of client "${this.clientId}": expected letters, digits, dots, colons, dashes and underscores`,
      );
    }
    return permission;
  }
}

/** @throws Error when the key is none that both Keycloak and AWS read as one word */
function tagKey(key: string): string {
  if (/^[A-Za-z][A-Za-z0-9_-]{0,127}$/.test(key)) return key;
  throw new Error(`session tag "${key}": expected at most 128 letters, digits, dashes and underscores, a letter first`);
}

function audienceMapper(audience: string): Mapper {
  return {
    name: 'audience',
    protocol: 'openid-connect',
    protocolMapper: 'oidc-audience-mapper',
    config: {
      'included.custom.audience': audience,
      'access.token.claim': 'true',
      'id.token.claim': 'false',
      'introspection.token.claim': 'true',
    },
  };
}

/** A mapper that puts something into a claim of every token. */
export function claimMapper(
  name: string,
  provider: string,
  claim: string,
  config: Readonly<Record<string, string>>,
): Mapper {
  return {
    name,
    protocol: 'openid-connect',
    protocolMapper: provider,
    config: {
      'claim.name': claim,
      'jsonType.label': 'String',
      'access.token.claim': 'true',
      'id.token.claim': 'true',
      'userinfo.token.claim': 'true',
      'introspection.token.claim': 'true',
      ...config,
    },
  };
}
