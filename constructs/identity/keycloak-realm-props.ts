import type { ComponentProps, ContainerResources, IExposure, SecretRef, SpaceNames } from '../platform';
import type { CertificateAuthority, IDatabase, ServerTls } from '../storage';
import type { IdentityBroker } from './identity-brokers';
import type { KeycloakBackupProps } from './keycloak-backup';
import type { LdapFederation } from './ldap-federation';

/** How long people stay logged in. */
export interface SessionProps {
  /** Seconds without any sign of a person, after which the session ends: 300 to 30 days. @default 43200, 12 hours */
  readonly idleSeconds?: number;
  /** Seconds after which a session ends in any case: no token outlives it. Up to 30 days. @default 86400, a day */
  readonly maxSeconds?: number;
}

/** How wrong passwords are answered. */
export interface BruteForceProps {
  /** Wrong passwords, one after the other, after which an account must wait: 3 to 100. @default 10 */
  readonly failures?: number;
  /** How long it waits after that, in seconds, and how much longer after as many again. @default 60 */
  readonly waitSeconds?: number;
  /** The longest wait, in seconds. @default 900 */
  readonly maxWaitSeconds?: number;
}

/** What passwords must be. */
export interface PasswordProps {
  /** Characters: 8 to 128. @default 12 */
  readonly minLength?: number;
  /** How many earlier passwords may not come again: 0 to 24. @default 3 */
  readonly history?: number;
}

/** Who sends the realm's e-mail. */
export interface SmtpProps {
  readonly host: string;
  /** 1 to 65535. @default 587 */
  readonly port?: number;
  /** Address that e-mail comes from. */
  readonly from: string;
  /** Name beside that address. @default - none */
  readonly fromName?: string;
  /** @default 'starttls' */
  readonly encryption?: 'starttls' | 'tls' | 'none';
  /** In the realm's namespace. @default - the server asks for none */
  readonly credentials?: { readonly username: string; readonly password: SecretRef };
  /** Networks of the server. @default - every IPv4 address but the cloud's metadata service */
  readonly cidrs?: readonly string[];
}

export interface KeycloakRealmProps extends ComponentProps {
  /** Where Keycloak keeps its state. */
  readonly database: IDatabase;
  /** The way from browsers to Keycloak; its host is part of the issuer, which every token says. */
  readonly exposure: IExposure;
  /** First label of the host. @default 'auth' */
  readonly subdomain?: string;
  /** How the spaces of people are named: a user's name is one that their space can have. */
  readonly names: SpaceNames;
  /** Name of the realm, a DNS label, part of the issuer. @default 'datalab' */
  readonly realm?: string;
  /** What people read above the login. @default - the realm's name */
  readonly displayName?: string;
  /** Languages of the pages, the first where a browser asks for none of them. @default ['en', 'fr'] */
  readonly locales?: readonly string[];
  /** Roles that tokens tell in claim `roles`, such as those that quotas and catalogues go by. @default - none */
  readonly roles?: readonly string[];
  /** @default - 12 hours idle, a day at most */
  readonly session?: SessionProps;
  /** @default - a minute's wait after 10 wrong passwords, growing to 15 minutes */
  readonly bruteForce?: BruteForceProps;
  /** @default - 12 characters, none of the last three, neither the user's name nor e-mail address */
  readonly password?: PasswordProps;
  /** People may make accounts for themselves. @default false */
  readonly registration?: boolean;
  /** People must show that their e-mail address is theirs; it needs `smtp`. @default false */
  readonly verifyEmail?: boolean;
  /** New people must set up a second factor. @default false */
  readonly secondFactor?: boolean;
  /** @default - no e-mail is sent, and nobody can reset a forgotten password alone */
  readonly smtp?: SmtpProps;
  /** Days that logins and changes are kept for inspection: 1 to 3650. @default 90 */
  readonly eventDays?: number;
  /** Others who can log people in. @default - none */
  readonly brokers?: readonly IdentityBroker[];
  /** Directories that people are looked up in. @default - none */
  readonly federations?: readonly LdapFederation[];
  /** Authority that Keycloak trusts beside the public ones, for brokers and directories. @default - none */
  readonly trustedAuthority?: CertificateAuthority;
  /** When the realm is brought back to what is declared, as a CronJob's schedule. @default every 10 minutes */
  readonly reconcileSchedule?: string;
  /** Scheduled backups of the realm with its people, encrypted, to an object store. @default - none */
  readonly backup?: KeycloakBackupProps;
  /** @default 1, in production 2 */
  readonly replicas?: number;
  /**
   * How a change reaches the servers. Two versions that differ in more than their last number must not run side by side: set
   * `recreate` for such an upgrade.
   *
   * @default 'rolling', with one replica 'recreate'
   */
  readonly rollOut?: 'rolling' | 'recreate';
  /** Of each server. @default - pilot: 250m to 2 CPU, 768Mi to 1280Mi; production: 1 to 4 CPU, 1536Mi to 2Gi */
  readonly resources?: ContainerResources;
  /** Certificate between the exposure and Keycloak. @default ServerTls.none(), which production refuses without a reason */
  readonly tls?: ServerTls;
  /** Networks of the proxies whose X-Forwarded headers count. @default - those of whoever the network lets in */
  readonly trustedProxies?: readonly string[];
}
