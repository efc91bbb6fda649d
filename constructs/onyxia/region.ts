import type { IIdentityProvider, IOidcClient, SpaceNames } from '../platform';
import type { ISecretStore } from '../secrets';
import type { PeopleStorage, PeopleStorageRole } from '../storage';
import { SPACE_SELECTOR, type UserSpaces } from '../tenancy';
import { type SecretValue, SecretValues } from './secret-values';
import type {
  ExposeDocument,
  OidcDocument,
  PackageRepositoryDocument,
  ProxyDocument,
  QuotaDocument,
  QuotasDocument,
  RegionDocument,
  RegionServices,
  S3BookmarkDocument,
  S3Document,
  S3RoleDocument,
  VaultDocument,
} from './region-document';
import type { QuotaSettings, RegionSettings, S3Entry, ServicesSettings, OnyxiaQuota } from './region-settings';

/** Everything that a region is derived from. */
export interface RegionInput {
  readonly identityProvider: IIdentityProvider;
  readonly names: SpaceNames;
  /** @default - none */
  readonly storage?: PeopleStorage;
  /** @default - none */
  readonly secretStore?: ISecretStore;
  readonly region: RegionSettings;
  readonly services: ServicesSettings;
  readonly quotas: QuotaSettings;
  /** @default - the settings of services and quotas say it */
  readonly spaces?: UserSpaces;
  /** @default - none */
  readonly proxy?: ProxyDocument;
  /** @default - public repositories */
  readonly packageMirrors?: PackageRepositoryDocument;
  /** Certificates in PEM that services shall trust. @default - none */
  readonly certificates?: string;
}

/** Whether groups of the token are projects. */
export function hasProjects(services: ServicesSettings): boolean {
  return services.projects ?? true;
}

/**
 * The region that the API serves. Each value that another system knows is taken from the object that owns it.
 *
 * @throws Error when storage is named otherwise than the spaces, gives somebody no role, or when a setting is out of its range
 */
export function regionDocument(input: RegionInput, secrets: SecretValues): RegionDocument {
  const { region, storage, secretStore, proxy, packageMirrors, certificates } = input;
  const id = region.id ?? 'default';
  const s3 = [
    ...(storage === undefined ? [] : [storageEntry(storage, input)]),
    ...(region.furtherS3 ?? []).map((entry) => furtherEntry(entry, input)),
  ];
  const [only, ...others] = s3;
  return {
    id,
    name: region.name ?? id,
    ...(region.description === undefined ? {} : { description: region.description }),
    services: servicesDocument(input, secrets),
    ...(only === undefined ? {} : { data: { S3: others.length === 0 ? only : s3 } }),
    ...(secretStore === undefined ? {} : { vault: vaultDocument(secretStore, input) }),
    ...(proxy === undefined ? {} : { proxyInjection: proxy }),
    ...(packageMirrors === undefined ? {} : { packageRepositoryInjection: packageMirrors }),
    ...(certificates === undefined
      ? {}
      : { certificateAuthorityInjection: { cacerts: Buffer.from(certificates, 'utf8').toString('base64') } }),
  };
}

function oidc({ identityProvider }: RegionInput, client: IOidcClient): OidcDocument {
  return { issuerURI: identityProvider.issuer, clientID: client.clientId };
}

function servicesDocument(input: RegionInput, secrets: SecretValues): RegionServices {
  const { services, names, quotas } = input;
  const { server, publicEndpoint } = services;
  const labels = Object.keys(services.namespaceLabels ?? {});
  const taken = labels.find((label) => label.startsWith('pod-security.kubernetes.io/') || label in SPACE_SELECTOR);
  if (taken !== undefined) {
    throw new Error(
      `services.namespaceLabels: "${taken}" is set by the platform: use services.podSecurity, or another label`,
    );
  }
  const level = services.podSecurity ?? 'baseline';
  const { spaces } = input;
  if (spaces !== undefined) refuseTwoSayings(input, spaces);
  const usernamePrefix = spaces?.subjects.userPrefix ?? services.usernamePrefix;
  const groupPrefix = spaces?.subjects.groupPrefix ?? services.groupPrefix;
  return {
    type: 'KUBERNETES',
    singleNamespace: false,
    userNamespace: services.userSpaces ?? true,
    allowNamespaceCreation: services.namespaceCreation ?? true,
    namespacePrefix: names.userPrefix,
    groupNamespacePrefix: names.projectPrefix,
    ...(usernamePrefix === undefined ? {} : { usernamePrefix }),
    ...(groupPrefix === undefined ? {} : { groupPrefix }),
    namespaceLabels: {
      ...services.namespaceLabels,
      ...(spaces?.namespaceLabels ?? {
        ...SPACE_SELECTOR,
        'pod-security.kubernetes.io/enforce': level,
        'pod-security.kubernetes.io/enforce-version': 'latest',
        'pod-security.kubernetes.io/warn': 'restricted',
        'pod-security.kubernetes.io/audit': 'restricted',
      }),
    },
    ...(services.namespaceAnnotations === undefined ? {} : { namespaceAnnotations: services.namespaceAnnotations }),
    namespaceAnnotationsDynamic: { enabled: true, userAttributes: services.userAttributes ?? [] },
    authenticationMode: services.authenticationMode ?? 'tokenPassthrough',
    ...(server === undefined
      ? {}
      : {
          server: {
            URL: server.url,
            auth:
              'token' in server.auth
                ? { token: secrets.placeholder(serverSecret('token', server.auth.token)) }
                : {
                    username: server.auth.username,
                    password: secrets.placeholder(serverSecret('password', server.auth.password)),
                  },
          },
        }),
    ...(publicEndpoint === undefined
      ? {}
      : { k8sPublicEndpoint: { URL: publicEndpoint.url, oidcConfiguration: oidc(input, publicEndpoint.client) } }),
    quotas:
      spaces === undefined ? quotasDocument(quotas, hasProjects(services)) : quotasOf(spaces, hasProjects(services)),
    expose: exposeDocument(services),
    ...(services.monitoringUrlPattern === undefined
      ? {}
      : { monitoring: { URLPattern: services.monitoringUrlPattern } }),
    allowedURIPattern: services.allowedUriPattern ?? '^https://',
  };
}

/** What the spaces say is said by nobody else. */
function refuseTwoSayings({ services, quotas, names }: RegionInput, spaces: UserSpaces): void {
  const twice = [
    ...(['podSecurity', 'usernamePrefix', 'groupPrefix'] as const)
      .filter((key) => services[key] !== undefined)
      .map((key) => `services.${key}`),
    ...Object.keys(quotas).map((key) => `quotas.${key}`),
  ];
  if (twice.length > 0) throw new Error(`${twice.join(', ')}: the spaces that are given say it already; leave it out`);
  const [own, theirs] = [names, spaces.names].map(
    ({ userPrefix, projectPrefix }) => `${userPrefix} and ${projectPrefix}`,
  );
  if (own !== theirs) {
    throw new Error(
      `names give the prefixes ${own ?? ''}, and the spaces ${theirs ?? ''}: give both the same SpaceNames`,
    );
  }
}

function quotasOf(spaces: UserSpaces, projects: boolean): QuotasDocument {
  const { user, group, roles, userEnabled } = spaces.onyxiaQuotas;
  const each = Object.entries(roles).map(([role, of]) => [role, counted(of)] as const);
  return {
    userEnabled,
    user: counted(user),
    groupEnabled: projects,
    ...(projects ? { group: counted(group) } : {}),
    ...(each.length === 0 ? {} : { roles: Object.fromEntries(each) }),
  };
}

/** Onyxia counts Pods by a number. */
function counted(given: Readonly<Record<string, string>>): QuotaDocument {
  const { 'count/pods': pods, ...rest } = given;
  return { ...rest, ...(pods === undefined ? {} : { 'count/pods': Number(pods) }) };
}

function serverSecret(what: string, ref: SecretValue['ref']): SecretValue {
  return { variable: `SECRET_SERVER_${what.toUpperCase()}`, ref };
}

function exposeDocument(services: ServicesSettings): ExposeDocument {
  const {
    domain,
    ingressClassName,
    ingressPort,
    certManagerClusterIssuer: issuer,
    istioGateways: gateways = [],
  } = services;
  if (!/^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)+$/.test(domain)) {
    throw new Error(
      `services.domain "${domain}": expected a domain such as "lab.example.org", without scheme, port or wildcard`,
    );
  }
  return {
    domain,
    ingress: gateways.length === 0,
    route: false,
    ingressClassName,
    ...(ingressPort === undefined ? {} : { ingressPort }),
    ...(gateways.length === 0 ? {} : { istio: { enabled: true as const, gateways } }),
    ...(issuer === undefined
      ? {}
      : { certManager: { useCertManager: true as const, certManagerClusterIssuer: issuer } }),
  };
}

const USER_QUOTA: QuotaDocument = {
  'requests.memory': '32Gi',
  'requests.cpu': '8',
  'limits.memory': '64Gi',
  'limits.cpu': '16',
  'requests.storage': '100Gi',
  'count/pods': 50,
  'requests.ephemeral-storage': '20Gi',
  'limits.ephemeral-storage': '100Gi',
  'requests.nvidia.com/gpu': '0',
};

const PROJECT_QUOTA: QuotaDocument = {
  'requests.memory': '64Gi',
  'requests.cpu': '16',
  'limits.memory': '128Gi',
  'limits.cpu': '32',
  'requests.storage': '500Gi',
  'count/pods': 100,
  'requests.ephemeral-storage': '40Gi',
  'limits.ephemeral-storage': '200Gi',
  'requests.nvidia.com/gpu': '0',
};

function quotasDocument(settings: QuotaSettings, projects: boolean): QuotasDocument {
  const { user = USER_QUOTA, project = PROJECT_QUOTA, roles } = settings;
  return {
    userEnabled: user !== 'none',
    ...(user === 'none' ? {} : { user: quota('quotas.user', user) }),
    groupEnabled: projects && project !== 'none',
    ...(!projects || project === 'none' ? {} : { group: quota('quotas.project', project) }),
    ...(roles === undefined
      ? {}
      : {
          roles: Object.fromEntries(
            Object.entries(roles).map(([role, each]) => [role, quota(`quotas.roles.${role}`, each)]),
          ),
        }),
  };
}

/** An empty quota would be taken for none: the API writes nothing. */
function quota(what: string, given: OnyxiaQuota | QuotaDocument): QuotaDocument {
  const entries = Object.entries(given);
  if (entries.length === 0) throw new Error(`${what} limits nothing: give a limit, or say 'none'`);
  for (const [key, value] of entries) {
    const fits =
      key === 'count/pods'
        ? Number.isInteger(value) && Number(value) >= 1
        : typeof value === 'string' && /^\d+(\.\d+)?(m|k|M|G|T|P|Ki|Mi|Gi|Ti|Pi)?$/.test(value);
    if (!fits)
      throw new Error(`${what}["${key}"]: ${JSON.stringify(value)} is no Kubernetes quantity, such as "8" or "64Gi"`);
  }
  return Object.fromEntries(entries);
}

function vaultDocument(store: ISecretStore, input: RegionInput): VaultDocument {
  return {
    URL: store.url,
    kvEngine: store.mount,
    role: store.role,
    authPath: store.authPath,
    // A project's directory has its namespace's name: Onyxia puts the namespace's prefix behind this one.
    prefix: input.names.userPrefix,
    groupPrefix: '',
    oidcConfiguration: oidc(input, store.client),
  };
}

function storageEntry(storage: PeopleStorage, input: RegionInput): S3Document {
  const { names, identityProvider } = input;
  if (storage.names.userPrefix !== names.userPrefix || storage.names.projectPrefix !== names.projectPrefix) {
    throw new Error(
      `storage names buckets "${storage.names.userPrefix}" and "${storage.names.projectPrefix}", the spaces are "${names.userPrefix}" ` +
        `and "${names.projectPrefix}": give both the same SpaceNames`,
    );
  }
  const { username, groups } = identityProvider.claims;
  const everyone = storage.roles.find(
    ({ claimName, includedClaimPattern }) =>
      claimName === undefined || (claimName === username && includedClaimPattern === undefined),
  );
  // A role that a group selects is of use where groups are projects, and nowhere else.
  const projects = hasProjects(input.services);
  const [first, ...rest] = storage.roles.filter(({ claimName }) => projects || claimName !== groups);
  if (everyone === undefined || first === undefined) {
    throw new Error(
      `storage gives no role that everyone has, and the page fails for who has none: give a role without claimName, or with "${username}"`,
    );
  }
  const ofProjects = projects ? storage.roles.filter(({ claimName }) => claimName === groups) : [];
  const projectRoles = ofProjects.length > 0 ? ofProjects : [everyone];
  const bookmarks: readonly S3BookmarkDocument[] = [
    {
      s3Uri: `s3://${names.userPrefix}$1/`,
      title: { en: 'Personal bucket', fr: 'Bucket personnel' },
      claimName: username,
      forProfileName: profileFor(everyone, username),
    },
    ...(projects
      ? projectRoles.map((role): S3BookmarkDocument => ({
          s3Uri: `s3://${names.projectPrefix}$1/`,
          title: { en: 'Project $1', fr: 'Projet $1' },
          claimName: groups,
          ...(role.claimName === groups && role.includedClaimPattern !== undefined
            ? { includedClaimPattern: role.includedClaimPattern }
            : {}),
          forProfileName: profileFor(role, groups),
        }))
      : []),
  ];
  return {
    URL: storage.url,
    region: storage.region,
    pathStyleAccess: storage.forcePathStyle,
    sts: {
      URL: storage.stsUrl,
      durationSeconds: duration(storage.durationSeconds),
      role: [roleDocument(first), ...rest.map(roleDocument)],
      oidcConfiguration: oidc(input, storage.client),
    },
    bookmarks,
  };
}

/** The profile that a bookmark of one claim belongs to: of a role that another claim selects, every profile. */
function profileFor(role: PeopleStorageRole, claim: string): string {
  return role.claimName === undefined || role.claimName === claim
    ? role.profileName
    : role.profileName.replace(/\$\d+/g, '*');
}

function roleDocument({
  profileName,
  roleArn,
  roleSessionName,
  claimName,
  includedClaimPattern,
}: PeopleStorageRole): S3RoleDocument {
  return {
    profileName,
    roleARN: roleArn,
    roleSessionName,
    ...(claimName === undefined ? {} : { claimName }),
    ...(includedClaimPattern === undefined ? {} : { includedClaimPattern }),
  };
}

/** AWS takes 900 seconds at least, MinIO a week at most. */
function duration(seconds: number): number {
  if (!Number.isInteger(seconds) || seconds < 900 || seconds > 604_800) {
    throw new RangeError(`credentials of a store live 900 to 604800 whole seconds, given ${seconds}`);
  }
  return seconds;
}

function furtherEntry(
  { URL, region, pathStyleAccess, sts, bookmarks }: S3Entry,
  { identityProvider }: RegionInput,
): S3Document {
  return {
    URL,
    ...(region === undefined ? {} : { region }),
    ...(pathStyleAccess === undefined ? {} : { pathStyleAccess }),
    ...(sts === undefined
      ? {}
      : {
          sts: {
            ...(sts.URL === undefined ? {} : { URL: sts.URL }),
            durationSeconds: duration(sts.durationSeconds),
            role: sts.role,
            oidcConfiguration: {
              issuerURI: identityProvider.issuer,
              ...(sts.oidcConfiguration as OidcDocument | undefined),
            },
          },
        }),
    ...(bookmarks === undefined ? {} : { bookmarks }),
  };
}
