import { compare, type SpaceNames, type TokenClaims } from '../platform';
import { wholeNumber } from '../platform/whole-number';
import type { IdentityBroker } from './identity-brokers';
import { claimMapper, type ClientState, PLATFORM_SCOPE } from './keycloak-client';
import type { KeycloakRealmProps } from './keycloak-realm-props';
import type { LdapFederation } from './ldap-federation';
import { type Mapper, type RealmObject, type RealmValue, secretFile } from './realm-objects';

/** Names of the claims: fixed, for a realm of our own has no reason to call them otherwise. */
export const CLAIMS: TokenClaims = { username: 'preferred_username', groups: 'groups', roles: 'roles' };

/** The shortest name of a user. */
const USERNAME_MIN = 2;
const DAY = 86_400;
/** Where the e-mail server's password is, below the folder of secrets. */
export const SMTP_PASSWORD = 'smtp/password';

/** What the reconciling script brings the realm to. */
export interface RealmState {
  readonly realm: string;
  readonly settings: RealmObject;
  readonly userProfile: RealmObject;
  readonly requiredActions: readonly RealmObject[];
  readonly roles: readonly string[];
  readonly groups: readonly string[];
  readonly scope: { readonly representation: RealmObject; readonly mappers: readonly Mapper[] };
  readonly clients: readonly ClientState[];
  readonly builtInClients: readonly RealmObject[];
  readonly brokers: readonly ReturnType<IdentityBroker['render']>[];
  readonly federations: readonly ReturnType<LdapFederation['render']>[];
  /** Settings of the realm that administers the others. */
  readonly master: RealmObject;
  /** Name of the first administrator. */
  readonly administrator: string;
}

/** The settings of a realm, checked once. */
export class RealmSettings {
  readonly sessionMaxSeconds: number;
  readonly settings: RealmObject;
  readonly master: RealmObject;

  /** @throws Error when a number is out of its bounds, a session would be idle for longer than it lasts, or e-mail is to be verified and none is sent */
  constructor(
    readonly realm: string,
    private readonly props: KeycloakRealmProps,
  ) {
    const { session = {}, eventDays = 90, locales = ['en', 'fr'], smtp, verifyEmail = false } = props;
    const maxSeconds = wholeNumber('session.maxSeconds', session.maxSeconds ?? DAY, 300, 30 * DAY);
    const idleSeconds = wholeNumber('session.idleSeconds', session.idleSeconds ?? DAY / 2, 300, 30 * DAY);
    if (session.idleSeconds !== undefined && idleSeconds > maxSeconds) {
      throw new Error(
        `session.idleSeconds ${idleSeconds} is more than session.maxSeconds ${maxSeconds}: a session ends at its maximum in any case`,
      );
    }
    if (verifyEmail && smtp === undefined) {
      throw new Error(`realm "${realm}" cannot verify e-mail addresses without an e-mail server: give smtp`);
    }
    if (locales.length === 0 || !locales.every((locale) => /^[a-z]{2,3}(-[A-Z][A-Za-z]{1,3})?$/.test(locale))) {
      throw new Error(`locales ${JSON.stringify(locales)}: expected one or more languages such as "en" or "pt-BR"`);
    }
    this.sessionMaxSeconds = maxSeconds;
    const guarded = { ...guard(props), ...events(wholeNumber('eventDays', eventDays, 1, 3650)) };
    this.master = { ...guarded, sslRequired: 'external', registrationAllowed: false, resetPasswordAllowed: false };
    this.settings = {
      ...guarded,
      enabled: true,
      displayName: props.displayName ?? realm,
      sslRequired: 'external',
      registrationAllowed: props.registration === true,
      registrationEmailAsUsername: false,
      rememberMe: false,
      verifyEmail,
      loginWithEmailAllowed: false,
      duplicateEmailsAllowed: false,
      resetPasswordAllowed: smtp !== undefined,
      editUsernameAllowed: false,
      userManagedAccessAllowed: false,
      organizationsEnabled: false,
      defaultSignatureAlgorithm: 'RS256',
      accessTokenLifespan: Math.min(300, maxSeconds),
      ssoSessionIdleTimeout: Math.min(idleSeconds, maxSeconds),
      ssoSessionMaxLifespan: maxSeconds,
      clientSessionIdleTimeout: 0,
      clientSessionMaxLifespan: 0,
      internationalizationEnabled: true,
      supportedLocales: [...locales],
      defaultLocale: locales[0] ?? 'en',
      browserSecurityHeaders: {
        contentSecurityPolicy: "frame-src 'self'; frame-ancestors 'self'; object-src 'none';",
        contentSecurityPolicyReportOnly: '',
        referrerPolicy: 'no-referrer',
        strictTransportSecurity: 'max-age=31536000; includeSubDomains',
        xContentTypeOptions: 'nosniff',
        xFrameOptions: 'SAMEORIGIN',
        xRobotsTag: 'none',
      },
      ...(smtp === undefined ? {} : { smtpServer: mailServer(props) }),
    };
  }

  /** The whole state. @param groups names of groups */
  state(groups: readonly string[], clients: readonly ClientState[], administrator: string): RealmState {
    const { props } = this;
    return {
      realm: this.realm,
      settings: this.settings,
      userProfile: userProfile(props.names),
      requiredActions: [
        { alias: 'UPDATE_PASSWORD', enabled: true, defaultAction: false },
        { alias: 'VERIFY_EMAIL', enabled: true, defaultAction: false },
        { alias: 'CONFIGURE_TOTP', enabled: true, defaultAction: props.secondFactor === true },
        // A person who leaves takes a name with them that a namespace and a bucket still carry.
        { alias: 'delete_account', enabled: false, defaultAction: false },
      ],
      roles: [...new Set(props.roles ?? [])].sort(compare),
      groups: [...groups].sort(compare),
      scope: platformScope(),
      clients,
      builtInClients: [{ clientId: 'admin-cli', directAccessGrantsEnabled: false }],
      brokers: (props.brokers ?? []).map((broker) => broker.render()),
      federations: (props.federations ?? []).map((federation) => federation.render()),
      master: this.master,
      administrator,
    };
  }
}

function guard({ bruteForce = {}, password = {} }: KeycloakRealmProps): RealmObject {
  const wait = wholeNumber('bruteForce.waitSeconds', bruteForce.waitSeconds ?? 60, 1, DAY);
  const maxWait = wholeNumber('bruteForce.maxWaitSeconds', bruteForce.maxWaitSeconds ?? 900, wait, DAY);
  const history = wholeNumber('password.history', password.history ?? 3, 0, 24);
  const length = wholeNumber('password.minLength', password.minLength ?? 12, 8, 128);
  return {
    bruteForceProtected: true,
    permanentLockout: false,
    bruteForceStrategy: 'MULTIPLE',
    failureFactor: wholeNumber('bruteForce.failures', bruteForce.failures ?? 10, 3, 100),
    waitIncrementSeconds: wait,
    maxFailureWaitSeconds: maxWait,
    minimumQuickLoginWaitSeconds: Math.min(60, wait),
    quickLoginCheckMilliSeconds: 1000,
    maxDeltaTimeSeconds: DAY / 2,
    passwordPolicy: [
      `length(${length})`,
      'notUsername',
      'notEmail',
      ...(history === 0 ? [] : [`passwordHistory(${history})`]),
    ].join(' and '),
  };
}

function events(days: number): RealmObject {
  return {
    eventsEnabled: true,
    eventsExpiration: days * DAY,
    eventsListeners: ['jboss-logging'],
    adminEventsEnabled: true,
    // Details hold what was written, among it things that nobody needs to read later.
    adminEventsDetailsEnabled: false,
    attributes: { adminEventsExpiration: String(days * DAY) },
  };
}

function mailServer({ smtp }: KeycloakRealmProps): RealmObject {
  if (smtp === undefined) return {};
  const { encryption = 'starttls', credentials, fromName } = smtp;
  return {
    host: smtp.host,
    port: String(wholeNumber('smtp.port', smtp.port ?? 587, 1, 65_535)),
    from: smtp.from,
    ...(fromName === undefined ? {} : { fromDisplayName: fromName }),
    starttls: String(encryption === 'starttls'),
    ssl: String(encryption === 'tls'),
    auth: String(credentials !== undefined),
    ...(credentials === undefined ? {} : { user: credentials.username, password: secretFile(SMTP_PASSWORD) }),
  };
}

/** What is known of a person. A user's name names their space everywhere, so it is held to the pattern of spaces and never changes. */
function userProfile(names: SpaceNames): RealmObject {
  const everyone = { view: ['admin', 'user'], edit: ['admin', 'user'] };
  const attribute = (name: string, validations: RealmObject, required: boolean): RealmObject => ({
    name,
    displayName: `\${${name}}`,
    validations,
    ...(required ? { required: { roles: ['user'] } } : {}),
    permissions: everyone,
    multivalued: false,
  });
  const person: RealmObject = { length: { max: 255 }, 'person-name-prohibited-characters': {} };
  const username: RealmValue = {
    length: { min: USERNAME_MIN, max: names.usernameMax },
    pattern: {
      pattern: names.usernamePattern,
      'error-message':
        'A user name is made of a-z and 0-9 with single dashes between them, and does not begin with a reserved word.',
    },
    'username-prohibited-characters': {},
    'up-username-not-idn-homograph': {},
  };
  return {
    attributes: [
      attribute('username', username, false),
      attribute('email', { email: {}, length: { max: 255 } }, true),
      attribute('firstName', person, true),
      attribute('lastName', person, true),
    ],
    groups: [
      {
        name: 'user-metadata',
        displayHeader: 'User metadata',
        displayDescription: 'Attributes, which refer to user metadata',
      },
    ],
  };
}

/** The claims that all parts of the platform agree on. */
function platformScope(): RealmState['scope'] {
  return {
    representation: {
      name: PLATFORM_SCOPE,
      protocol: 'openid-connect',
      attributes: { 'include.in.token.scope': 'false', 'display.on.consent.screen': 'false' },
    },
    mappers: [
      claimMapper('username', 'oidc-usermodel-attribute-mapper', CLAIMS.username, { 'user.attribute': 'username' }),
      claimMapper('groups', 'oidc-group-membership-mapper', CLAIMS.groups, { 'full.path': 'false' }),
      claimMapper('roles', 'oidc-usermodel-realm-role-mapper', CLAIMS.roles, { multivalued: 'true' }),
    ],
  };
}
