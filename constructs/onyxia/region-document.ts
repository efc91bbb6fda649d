/**
 * The region as Onyxia API v4.12.0 reads it from its setting `regions`, and as web 5.5.1 reads `data.S3`. Names are theirs. What neither
 * reads is not here: `schemas/onyxia/regions.schema.json` holds the same closed set.
 */
export interface RegionDocument {
  readonly id: string;
  readonly name: string;
  /** @default - none */
  readonly description?: string;
  readonly services: RegionServices;
  /** @default - no file explorer */
  readonly data?: { readonly S3: S3Document | readonly S3Document[] };
  /** @default - no page of secrets */
  readonly vault?: VaultDocument;
  /** @default - none */
  readonly proxyInjection?: ProxyDocument;
  /** @default - public repositories */
  readonly packageRepositoryInjection?: PackageRepositoryDocument;
  /** @default - none */
  readonly certificateAuthorityInjection?: { readonly cacerts: string };
}

/** Who logs in, and at which client; what is left out is the main client's. */
export interface OidcDocument {
  /** @default - the main one */
  readonly issuerURI?: string;
  /** @default - the main one */
  readonly clientID?: string;
  /** @default - the main ones */
  readonly extraQueryParams?: string;
  /** @default - the main one */
  readonly scope?: string;
  /** @default - the main one */
  readonly idleSessionLifetimeInSeconds?: number;
  /** @default - the main one */
  readonly audience?: string;
}

/** `services` of the region: the cluster. */
export interface RegionServices {
  readonly type: 'KUBERNETES';
  readonly singleNamespace: false;
  readonly userNamespace: boolean;
  readonly allowNamespaceCreation: boolean;
  readonly namespacePrefix: string;
  readonly groupNamespacePrefix: string;
  /** @default - none */
  readonly usernamePrefix?: string;
  /** @default - none */
  readonly groupPrefix?: string;
  readonly namespaceLabels: Readonly<Record<string, string>>;
  /** @default - none */
  readonly namespaceAnnotations?: Readonly<Record<string, string>>;
  readonly namespaceAnnotationsDynamic: { readonly enabled: boolean; readonly userAttributes: readonly string[] };
  readonly authenticationMode: 'tokenPassthrough' | 'impersonate';
  /** @default - the cluster that the API runs on */
  readonly server?: { readonly URL: string; readonly auth: ServerAuthDocument };
  /** @default - not shown */
  readonly k8sPublicEndpoint?: { readonly URL: string; readonly oidcConfiguration: OidcDocument };
  readonly quotas: QuotasDocument;
  readonly expose: ExposeDocument;
  /** @default - no link */
  readonly monitoring?: { readonly URLPattern: string };
  readonly allowedURIPattern: string;
}

/** Credentials of a remote cluster. The values are placeholders that the API fills from a Secret. */
export type ServerAuthDocument = { readonly token: string } | { readonly username: string; readonly password: string };

/** Limits of one space. Onyxia knows ten keys; Kubernetes ignores its `limits.nvidia.com/gpu`, so nine are written. */
export interface QuotaDocument {
  /** @default - no limit */
  readonly 'requests.memory'?: string;
  /** @default - no limit */
  readonly 'requests.cpu'?: string;
  /** @default - no limit */
  readonly 'limits.memory'?: string;
  /** @default - no limit */
  readonly 'limits.cpu'?: string;
  /** @default - no limit */
  readonly 'requests.storage'?: string;
  /** @default - no limit */
  readonly 'count/pods'?: number;
  /** @default - no limit */
  readonly 'requests.ephemeral-storage'?: string;
  /** @default - no limit */
  readonly 'limits.ephemeral-storage'?: string;
  /** @default - no limit */
  readonly 'requests.nvidia.com/gpu'?: string;
}

/** `services.quotas`. */
export interface QuotasDocument {
  readonly userEnabled: boolean;
  /** @default - none */
  readonly user?: QuotaDocument;
  readonly groupEnabled: boolean;
  /** @default - none */
  readonly group?: QuotaDocument;
  /** @default - none */
  readonly roles?: Readonly<Record<string, QuotaDocument>>;
}

/** `services.expose`: where services that people start get their hosts. */
export interface ExposeDocument {
  readonly domain: string;
  readonly ingress: boolean;
  readonly route: boolean;
  /** @default - the cluster's default */
  readonly ingressClassName?: string;
  /** @default - 443 */
  readonly ingressPort?: number;
  /** @default - off */
  readonly istio?: { readonly enabled: true; readonly gateways: readonly string[] };
  /** @default - the Ingress controller's own certificate */
  readonly certManager?: { readonly useCertManager: true; readonly certManagerClusterIssuer: string };
}

/** A text, or one for each language: `{ en: ..., fr: ... }`. */
export type LocalizedString = string | Readonly<Record<string, string>>;

/** One entry of `data.S3`. */
export interface S3Document {
  readonly URL: string;
  /** @default 'us-east-1' */
  readonly region?: string;
  /** @default true */
  readonly pathStyleAccess?: boolean;
  /** @default - the entry fills the form for a profile of one's own */
  readonly sts?: {
    /** @default - the address of the store */
    readonly URL?: string;
    readonly durationSeconds: number;
    readonly role: readonly [S3RoleDocument, ...S3RoleDocument[]];
    readonly oidcConfiguration: OidcDocument;
  };
  /** @default - none */
  readonly bookmarks?: readonly S3BookmarkDocument[];
}

/** How the values of a claim of the ID token are picked; `$1` is the first group of the pattern. */
export interface ClaimFilter {
  /** @default - everyone */
  readonly claimName?: string;
  /** @default '^(.+)$' */
  readonly includedClaimPattern?: string;
  /** @default - none */
  readonly excludedClaimPattern?: string;
}

/** One role of `data.S3.sts`: each accepted value of the claim is a profile that people see. */
export interface S3RoleDocument extends ClaimFilter {
  readonly profileName: string;
  readonly roleARN: string;
  readonly roleSessionName: string;
}

/** A place that the file explorer shows. */
export interface S3BookmarkDocument extends ClaimFilter {
  readonly s3Uri: string;
  readonly title: LocalizedString;
  /** @default - every profile of the entry */
  readonly forProfileName?: string | readonly string[];
}

/** `vault`. The directory of a user is `prefix` and the name, that of a project `groupPrefix`, the namespace prefix and the group. */
export interface VaultDocument {
  readonly URL: string;
  readonly kvEngine: string;
  readonly role: string;
  readonly authPath: string;
  readonly prefix: string;
  readonly groupPrefix: string;
  readonly oidcConfiguration: OidcDocument;
}

/** `proxyInjection`. */
export interface ProxyDocument {
  readonly httpProxyUrl: string;
  readonly httpsProxyUrl: string;
  readonly noProxy: string;
}

/** `packageRepositoryInjection`. */
export interface PackageRepositoryDocument {
  /** @default - the public one */
  readonly cranProxyUrl?: string;
  /** @default - the public one */
  readonly condaProxyUrl?: string;
  /** @default - none */
  readonly packageManagerUrl?: string;
  /** @default - the public one */
  readonly pypiProxyUrl?: string;
}
