import type { IOidcClient, PodSecurityLevel, SecretRef } from '../platform';
import type { ClaimFilter, LocalizedString, QuotaDocument } from './region-document';
import type { Replaced } from './onyxia-version';

/** What an office may say of the region itself; everything that two systems share comes from the objects that Onyxia is given. */
export interface RegionSettings {
  /** @default 'default' */
  readonly id?: string;
  /** Shown where there are several regions. @default - the id */
  readonly name?: string;
  /** @default - none */
  readonly description?: string;
  /** Entries of `data.S3` beside the people's own storage, such as one without `sts`, which fills the form for a store of one's own. @default - none */
  readonly furtherS3?: readonly S3Entry[];
  /** @default - none: no value has this type */
  readonly includedGroupPattern?: Replaced<'renames groups in Onyxia alone, so that buckets and directories of secrets are not found: name the group as it shall be called'>;
  /** @default - none: no value has this type */
  readonly transformGroupPattern?: Replaced<'renames groups in Onyxia alone, so that buckets and directories of secrets are not found: name the group as it shall be called'>;
  /** @default - none: no value has this type */
  readonly excludedGroupPattern?: Replaced<'is read and never used: leave the group out of the token'>;
  /** @default - none: no value has this type */
  readonly location?: Replaced<'is dropped by the API: nothing shows it any more'>;
  /** @default - none: no value has this type */
  readonly git?: Replaced<'is read and never used: people enter their Git account in their profile'>;
  /** @default - none: no value has this type */
  readonly certManager?: Replaced<'stands in services: give services.certManagerClusterIssuer'>;
  /** @default - none: no value has this type */
  readonly vault?: Replaced<'comes from the secret store: give secretStore'>;
  /** @default - none: no value has this type */
  readonly data?: Replaced<'comes from the storage for people: give storage, and region.furtherS3 for others'>;
}

/** An entry of `data.S3`. */
export interface S3Entry {
  /** Address for browsers. */
  readonly URL: string;
  /** @default 'us-east-1' */
  readonly region?: string;
  /** @default true */
  readonly pathStyleAccess?: boolean;
  /** How tokens become credentials. @default - none: the entry fills the form for a profile of one's own */
  readonly sts?: S3Sts;
  /** Places that the file explorer shows. @default - none */
  readonly bookmarks?: readonly S3Bookmark[];
  /** @default - none: no value has this type */
  readonly workingDirectory?: Replaced<'is gone since chart 11: give bookmarks, and sts.role'>;
  /** @default - none: no value has this type */
  readonly bookmarkedDirectories?: Replaced<'is gone since chart 11: give bookmarks'>;
}

/** How a token becomes credentials of a store. */
export interface S3Sts {
  /** @default - the address of the store */
  readonly URL?: string;
  /** Life of credentials, in seconds. Without it the browser asks for seven days. */
  readonly durationSeconds: number;
  /** At least one that everyone has: without any the page fails. */
  readonly role: readonly [S3Role, ...S3Role[]];
  /** @default - the main client's */
  readonly oidcConfiguration?: OidcEntry;
}

/** A role of a store. Each accepted value of the claim is a profile. */
export interface S3Role extends ClaimFilter {
  readonly profileName: string;
  /** Empty for MinIO. */
  readonly roleARN: string;
  /** Empty for MinIO. */
  readonly roleSessionName: string;
}

/** A place that the file explorer shows. */
export interface S3Bookmark extends ClaimFilter {
  /** `s3://open-data/`, with `$1` where there is a claim. */
  readonly s3Uri: string;
  readonly title: LocalizedString;
  /** @default - every profile of the entry */
  readonly forProfileName?: string | readonly string[];
}

/** A client of the identity provider. */
export interface OidcEntry {
  /** @default - the main one */
  readonly issuerURI?: string;
  /** @default - the main one */
  readonly clientID?: string;
  /** @default - the main ones */
  readonly extraQueryParams?: string;
  /** @default - the main one */
  readonly scope?: string;
  /** @default - none: no value has this type */
  readonly clientId?: Replaced<'is not read, whatever the documentation says: write clientID'>;
  /** @default - none: no value has this type */
  readonly issuerUri?: Replaced<'is not read: write issuerURI'>;
}

/** Limits of one space, in Kubernetes quantities. */
export interface OnyxiaQuota extends QuotaDocument {
  /** @default - none: no value has this type */
  readonly 'limits.nvidia.com/gpu'?: Replaced<'is counted by nobody, for Kubernetes allows no overcommitment of devices: give requests.nvidia.com/gpu'>;
}

/** Limits of spaces. Onyxia writes them at each login, unless the ResourceQuota `onyxia-quota` carries the annotation `onyxia_ignore`. */
export interface QuotaSettings {
  /** Of each user's space. @default - 8 CPUs and 32Gi requested, 16 and 64Gi at most, 100Gi of volumes, 50 Pods, no GPU */
  readonly user?: OnyxiaQuota | 'none';
  /** Of each project's space. @default - 16 CPUs and 64Gi requested, 32 and 128Gi at most, 500Gi of volumes, 100 Pods, no GPU */
  readonly project?: OnyxiaQuota | 'none';
  /** Of the spaces of users with a role, by its name; the first in alphabetical order holds. @default - none */
  readonly roles?: Readonly<Record<string, OnyxiaQuota>>;
  /** @default - none: no value has this type */
  readonly enabled?: Replaced<'is a dead key: quotas are on, and user or project set to none switches one off'>;
  /** @default - none: no value has this type */
  readonly default?: Replaced<'is a dead key: give user and project'>;
  /** @default - none: no value has this type */
  readonly group?: Replaced<'follows from project: give project'>;
  /** @default - none: no value has this type */
  readonly allowUserModification?: Replaced<'is dropped by the API: annotate one quota with onyxia_ignore instead'>;
}

/** Where people's services run, and how they are reached. */
export type ServicesSettings = ServicesBase & (TokenMode | ImpersonationMode);

/** The API server itself checks the person's token: it must accept tokens of Onyxia's client. Projects need this mode. */
export interface TokenMode {
  /** @default 'tokenPassthrough' */
  readonly authenticationMode?: 'tokenPassthrough';
  /** Groups of the token are projects. @default true */
  readonly projects?: boolean;
}

/**
 * The API acts in a person's name, where the API server cannot check tokens. Onyxia sends the name and drops the groups, so that nobody
 * would reach a project.
 */
export interface ImpersonationMode {
  readonly authenticationMode: 'impersonate';
  /** Says that there are none. */
  readonly projects: false;
}

/** What both modes have in common. */
export interface ServicesBase {
  /** Services get hosts below it: `lab.example.org`, with a wildcard in DNS. */
  readonly domain: string;
  /** Class of the Ingress that each service makes; the Gateway API does not lead to services yet. */
  readonly ingressClassName: string;
  /** Port that the world sees. @default - 443 */
  readonly ingressPort?: number;
  /** Issuer of a certificate for each service that is started. @default - the Ingress controller's own wildcard certificate */
  readonly certManagerClusterIssuer?: string;
  /** Gateways of Istio that services use. @default - none */
  readonly istioGateways?: readonly string[];
  /** Every user has a space. @default true */
  readonly userSpaces?: boolean;
  /** Onyxia makes the namespace of a space when somebody first comes. @default true */
  readonly namespaceCreation?: boolean;
  /** Pod Security level that the spaces enforce; they warn of `restricted`. @default 'baseline' */
  readonly podSecurity?: Exclude<PodSecurityLevel, 'privileged'>;
  /** Further labels of each space. @default - none */
  readonly namespaceLabels?: Readonly<Record<string, string>>;
  /** Annotations of each space. @default - none */
  readonly namespaceAnnotations?: Readonly<Record<string, string>>;
  /** Claims that each login writes into annotations of the space. @default - none, but the time of the last login */
  readonly userAttributes?: readonly string[];
  /** What the API server puts before names of users: `--oidc-username-prefix`. @default - nothing */
  readonly usernamePrefix?: string;
  /** What the API server puts before names of groups: `--oidc-groups-prefix`. @default - nothing */
  readonly groupPrefix?: string;
  /** Address of the API server for people's own `kubectl`, and the client whose tokens it accepts. @default - not shown */
  readonly publicEndpoint?: { readonly url: string; readonly client: IOidcClient };
  /** A cluster other than the one that Onyxia runs on. @default - its own */
  readonly server?: { readonly url: string; readonly auth: ServerAuth };
  /** Link to the monitoring of a service, with `$NAMESPACE` and `$INSTANCE`. @default - none */
  readonly monitoringUrlPattern?: string;
  /** What the address of a personal start script must match. The browser checks it, nobody else. @default '^https://' */
  readonly allowedUriPattern?: string;
  /** @default - none: no value has this type */
  readonly initScript?: Replaced<'is dropped by API v4.12.0: give schemas.initScript'>;
  /** @default - none: no value has this type */
  readonly customInitScript?: Replaced<'is dropped by API v4.12.0: give schemas.initScript'>;
  /** @default - none: no value has this type */
  readonly customValues?: Replaced<'is dropped by API v4.12.0: put a constant default into a schema, schemas.files'>;
  /** @default - none: no value has this type */
  readonly openshiftSCC?: Replaced<'is dropped by API v4.12.0: give schemas.files with ide/openshiftSCC.json'>;
  /** @default - none: no value has this type */
  readonly defaultConfiguration?: Replaced<'ends the API at its start since v3: give schemas'>;
  /** @default - none: no value has this type */
  readonly cloudshell?: Replaced<'is dropped by API v4.12.0: offer a service with a terminal in a catalog'>;
  /** @default - none: no value has this type */
  readonly singleNamespace?: Replaced<'puts everyone into the API own namespace: each person has a space'>;
  /** @default - none: no value has this type */
  readonly namespacePrefix?: Replaced<'comes from names, for buckets and directories of secrets share it: give names'>;
  /** @default - none: no value has this type */
  readonly groupNamespacePrefix?: Replaced<'comes from names, for buckets and directories of secrets share it: give names'>;
  /** @default - none: no value has this type */
  readonly expose?: Replaced<'is flattened here: give domain, ingressClassName and certManagerClusterIssuer'>;
  /** @default - none: no value has this type */
  readonly useDefaultCertificate?: Replaced<'reaches no chart: leave certManagerClusterIssuer out'>;
  /** @default - none: no value has this type */
  readonly annotations?: Replaced<'reaches no chart: give schemas.files with ide/ingress.json'>;
}

/** Credentials of a remote API server. They must hold no quote, no backslash and no `${`: the API puts them into JSON as they are. */
export type ServerAuth = { readonly token: SecretRef } | { readonly username: string; readonly password: SecretRef };
