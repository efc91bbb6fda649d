import { dnsLabel, type SecretRef } from '../platform';
import { type Mapper, type RealmObject, secretFile, webAddress } from './realm-objects';

/** Members of a group elsewhere who become members of a group here, each time they log in. */
export interface BrokeredGroup {
  /** Claim of the token, or attribute of the assertion, that lists the groups. */
  readonly claim: string;
  /** What stands in it for this group. */
  readonly value: string;
  /** Name of the group here. */
  readonly group: string;
}

export interface BrokerProps {
  /** A DNS label; ends the address that the other side must send people back to: `<issuer>/broker/<alias>/endpoint`. */
  readonly alias: string;
  /** What people read on the button. @default - the alias */
  readonly displayName?: string;
  /** Claim or attribute that the user's name is taken from, in lower case. It must give names that users may have. @default 'preferred_username', SAML: the subject's name */
  readonly usernameClaim?: string;
  /** The other side has verified the e-mail addresses that it tells. @default false */
  readonly trustEmail?: boolean;
  /** @default - none */
  readonly groups?: readonly BrokeredGroup[];
  /** Networks of the other side's servers that Keycloak calls. @default - every IPv4 address but the cloud's metadata service */
  readonly cidrs?: readonly string[];
}

export interface OidcBrokerProps extends BrokerProps {
  /** What `iss` of the other side's tokens says: an address with https://. */
  readonly issuer: string;
  readonly authorizationUrl: string;
  readonly tokenUrl: string;
  readonly jwksUrl: string;
  /** @default - claims come from the ID token alone */
  readonly userInfoUrl?: string;
  /** @default - leaving here does not end the session there */
  readonly logoutUrl?: string;
  readonly clientId: string;
  /** In the realm's namespace. */
  readonly clientSecret: SecretRef;
  /** @default ['openid', 'profile', 'email'] */
  readonly scopes?: readonly string[];
}

export interface SamlBrokerProps extends BrokerProps {
  /** Entity id of the other side. */
  readonly entityId: string;
  /** Where people are sent to log in. */
  readonly singleSignOnUrl: string;
  /** @default - leaving here does not end the session there */
  readonly singleLogoutUrl?: string;
  /** Certificate, PEM, that assertions must be signed with. It is public. */
  readonly signingCertificate: string;
}

/** Somebody else who can log people in. */
export interface IdentityBroker {
  readonly alias: string;
  /** Secrets that the realm must have, with what they are for. */
  readonly secrets: readonly { readonly ref: SecretRef; readonly file: string; readonly purpose: string }[];
  /** Servers that Keycloak calls. @default - none: only browsers go there */
  readonly egress?: { readonly ports: readonly number[]; readonly cidrs?: readonly string[] };
  readonly groups: readonly string[];
  /** What Keycloak is told. */
  render(): { readonly representation: RealmObject; readonly mappers: readonly Mapper[] };
}

/**
 * Another OpenID provider whose people may log in here: Entra ID, the Keycloak of a ministry. Tokens are checked by signature, issuer and
 * PKCE. People become users at their first login, under a name that must match the pattern of user names.
 *
 * @throws Error when the alias is no DNS label, or an address is no https:// address
 *
 * @example
 * import { OidcBroker } from 'bouture';
 * const agents = new OidcBroker({
 *   alias: 'agents',
 *   issuer: 'https://login.example.org/realms/agents',
 *   authorizationUrl: 'https://login.example.org/realms/agents/protocol/openid-connect/auth',
 *   tokenUrl: 'https://login.example.org/realms/agents/protocol/openid-connect/token',
 *   jwksUrl: 'https://login.example.org/realms/agents/protocol/openid-connect/certs',
 *   clientId: 'datalab',
 *   clientSecret: { namespace: 'demo-keycloak', name: 'agents', key: 'clientSecret' },
 * });
 */
export class OidcBroker implements IdentityBroker {
  readonly alias: string;
  readonly secrets: IdentityBroker['secrets'];
  readonly egress: NonNullable<IdentityBroker['egress']>;
  readonly groups: readonly string[];

  constructor(private readonly props: OidcBrokerProps) {
    const { alias, cidrs } = props;
    this.alias = dnsLabel('alias of a broker', alias);
    const called = [props.tokenUrl, props.jwksUrl, ...(props.userInfoUrl === undefined ? [] : [props.userInfoUrl])];
    const visited = [props.issuer, props.authorizationUrl, ...(props.logoutUrl === undefined ? [] : [props.logoutUrl])];
    for (const url of visited) webAddress(`broker "${alias}"`, url);
    const ports = called.map((url) => Number(webAddress(`broker "${alias}"`, url).port || 443));
    this.egress = { ports: [...new Set(ports)], ...(cidrs === undefined ? {} : { cidrs }) };
    const file = `brokers/${alias}/clientSecret`;
    this.secrets = [{ ref: props.clientSecret, file, purpose: `client secret at the identity provider ${alias}` }];
    this.groups = (props.groups ?? []).map(({ group }) => group);
  }

  render(): { representation: RealmObject; mappers: Mapper[] } {
    const { props, alias } = this;
    const claim = props.usernameClaim ?? 'preferred_username';
    return {
      representation: representation(props, 'oidc', {
        issuer: props.issuer,
        authorizationUrl: props.authorizationUrl,
        tokenUrl: props.tokenUrl,
        jwksUrl: props.jwksUrl,
        ...(props.userInfoUrl === undefined
          ? { disableUserInfo: 'true' }
          : { userInfoUrl: props.userInfoUrl, disableUserInfo: 'false' }),
        ...(props.logoutUrl === undefined ? {} : { logoutUrl: props.logoutUrl }),
        useJwksUrl: 'true',
        validateSignature: 'true',
        clientAuthMethod: 'client_secret_post',
        clientId: props.clientId,
        clientSecret: secretFile(`brokers/${alias}/clientSecret`),
        defaultScope: (props.scopes ?? ['openid', 'profile', 'email']).join(' '),
        pkceEnabled: 'true',
        pkceMethod: 'S256',
      }),
      mappers: [
        mapper(alias, 'username', 'oidc-username-idp-mapper', {
          template: `\${CLAIM.${claim} | lowercase}`,
          target: 'LOCAL',
        }),
        ...(props.groups ?? []).map(({ claim: key, value, group }) =>
          mapper(alias, `group-${group}`, 'oidc-advanced-group-idp-mapper', {
            claims: JSON.stringify([{ key, value }]),
            'are.claim.values.regex': 'false',
            group: `/${group}`,
          }),
        ),
      ],
    };
  }
}

/**
 * A SAML identity provider whose people may log in here. Only signed assertions count, and requests are signed with the realm's key.
 *
 * @throws Error when the alias is no DNS label, an address is no https:// address, or the certificate is no PEM certificate
 *
 * @example
 * import { SamlBroker } from 'bouture';
 * declare const certificate: string;
 * const universities = new SamlBroker({
 *   alias: 'universities',
 *   entityId: 'https://idp.example.org/metadata',
 *   singleSignOnUrl: 'https://idp.example.org/sso',
 *   usernameClaim: 'uid',
 *   signingCertificate: certificate,
 * });
 */
export class SamlBroker implements IdentityBroker {
  readonly alias: string;
  readonly secrets: IdentityBroker['secrets'] = [];
  readonly groups: readonly string[];
  private readonly certificate: string;

  constructor(private readonly props: SamlBrokerProps) {
    this.alias = dnsLabel('alias of a broker', props.alias);
    webAddress(`broker "${props.alias}"`, props.singleSignOnUrl);
    if (props.singleLogoutUrl !== undefined) webAddress(`broker "${props.alias}"`, props.singleLogoutUrl);
    const pem = /^\s*-----BEGIN CERTIFICATE-----([A-Za-z0-9+/=\s]+)-----END CERTIFICATE-----\s*$/.exec(
      props.signingCertificate,
    );
    if (pem === null) {
      throw new Error(
        `broker "${props.alias}": the signing certificate is not one certificate in PEM, from -----BEGIN CERTIFICATE----- to -----END CERTIFICATE-----`,
      );
    }
    this.certificate = (pem[1] ?? '').replace(/\s/g, '');
    this.groups = (props.groups ?? []).map(({ group }) => group);
  }

  render(): { representation: RealmObject; mappers: Mapper[] } {
    const { props, alias } = this;
    const name = props.usernameClaim === undefined ? 'NAMEID' : `ATTRIBUTE.${props.usernameClaim}`;
    return {
      representation: representation(props, 'saml', {
        idpEntityId: props.entityId,
        singleSignOnServiceUrl: props.singleSignOnUrl,
        ...(props.singleLogoutUrl === undefined ? {} : { singleLogoutServiceUrl: props.singleLogoutUrl }),
        signingCertificate: this.certificate,
        validateSignature: 'true',
        wantAssertionsSigned: 'true',
        wantAuthnRequestsSigned: 'true',
        signatureAlgorithm: 'RSA_SHA256',
        postBindingAuthnRequest: 'true',
        postBindingResponse: 'true',
        principalType: 'SUBJECT',
        nameIDPolicyFormat: 'urn:oasis:names:tc:SAML:2.0:nameid-format:persistent',
      }),
      mappers: [
        mapper(alias, 'username', 'saml-username-idp-mapper', {
          template: `\${${name} | lowercase}`,
          target: 'LOCAL',
        }),
        ...(props.groups ?? []).map(({ claim: key, value, group }) =>
          mapper(alias, `group-${group}`, 'saml-advanced-group-idp-mapper', {
            attributes: JSON.stringify([{ key, value }]),
            'are.attribute.values.regex': 'false',
            group: `/${group}`,
          }),
        ),
      ],
    };
  }
}

function representation(props: BrokerProps, providerId: string, config: RealmObject): RealmObject {
  return {
    alias: props.alias,
    displayName: props.displayName ?? props.alias,
    providerId,
    enabled: true,
    trustEmail: props.trustEmail === true,
    addReadTokenRoleOnCreate: false,
    linkOnly: false,
    config: { ...config, syncMode: 'FORCE' },
    storeToken: false,
  };
}

function mapper(alias: string, name: string, provider: string, config: Readonly<Record<string, string>>): Mapper {
  return {
    name,
    identityProviderAlias: alias,
    identityProviderMapper: provider,
    config: { ...config, syncMode: 'FORCE' },
  };
}
