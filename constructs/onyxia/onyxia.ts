import type { Construct } from 'constructs';
import {
  Component,
  contentHash,
  type ContainerResources,
  env,
  type ExposedHost,
  type HttpService,
  type ImageReference,
  type IOidcClient,
  k8s,
  Layer,
} from '../platform';
import { wholeNumber } from '../platform/whole-number';
import { PlatformAccount } from '../tenancy';
import { withinQuotas } from './affordable';
import { apiRules, ONBOARDING_RULES, SpaceRights } from './api-access';
import { API_PATH, apiSettings, portOf } from './api-settings';
import type { CatalogDocument } from './catalog-document';
import { catalogDocuments } from './catalogs';
import { openNetwork } from './network';
import { onboardingSettings } from './onboarding-settings';
import type { OnyxiaProps } from './onyxia-props';
import { ONYXIA_VERSION } from './onyxia-version';
import { OnyxiaPart, replicasOf } from './part';
import { hasProjects, regionDocument } from './region';
import type { PackageRepositoryDocument, ProxyDocument, RegionDocument } from './region-document';
import type { Injections } from './schema-overrides';
import { schemaFiles } from './schema-files';
import { SecretValues, settingText } from './secret-values';
import { type Authorities, authorityFile, javaTrust, plainTrust } from './trust';
import { webSettings } from './web-settings';

/** User of the API's and the page's images. */
const UID = 101;
/** User of the onboarding image, which has none of its own that the platform would let run. */
const ONBOARDING_UID = 65532;

/**
 * Onyxia: the page where people start services, the API behind it, and, when asked for, the program for first logins; one host for
 * them. Every value that another system knows too is taken from the object that owns it: prefixes from the names of spaces, claims and
 * clients from the identity provider, directories from the secret store, buckets and roles from the storage. The API gets a role of its
 * own in place of the chart's cluster-admin, and admission policies keep what it writes inside people's spaces.
 *
 * In the default mode the API server judges each person's own token: it must accept tokens of `client.audience`.
 *
 * @throws Error when two of the objects disagree, when a setting is out of its range, or when an image has another version than the one
 * that these types describe
 *
 * @example
 * import { type IExposure, type IIdentityProvider, type ISecretStore, Onyxia, type PeopleStorage, SpaceNames } from 'bouture';
 * declare const keycloak: IIdentityProvider, exposure: IExposure, storage: PeopleStorage, vault: ISecretStore;
 * new Onyxia(platform, 'onyxia', {
 *   identityProvider: keycloak,
 *   exposure,
 *   subdomain: 'datalab',
 *   names: new SpaceNames(),
 *   storage,
 *   secretStore: vault,
 *   catalogs: [{ id: 'ide', name: 'Notebooks', location: 'https://charts.example.org/ide' }],
 *   services: { domain: 'lab.example.org', ingressClassName: 'traefik' },
 * });
 */
export class Onyxia extends Component {
  /** Where people go. */
  readonly exposed: ExposedHost;
  /** Client that people log in at. In the default mode the API server accepts its tokens. */
  readonly client: IOidcClient;
  /** The region, as the API serves it, with placeholders for secrets. */
  readonly region: RegionDocument;
  /** The catalogs, as the API reads them, with placeholders for secrets. */
  readonly catalogs: readonly CatalogDocument[];
  /** The API's own account, for policies that must let it work. */
  readonly account: PlatformAccount;
  private readonly api: OnyxiaPart;
  private readonly web: OnyxiaPart;
  private readonly onboarding: OnyxiaPart | undefined;

  constructor(
    scope: Construct,
    id: string,
    private readonly props: OnyxiaProps,
  ) {
    super(scope, id, Layer.PLATFORM, props);
    const { identityProvider, exposure, storage, secretStore, services } = props;
    const replicas = replicasOf(this, props.replicas);
    const part = (role: string, image: ImageReference): OnyxiaPart => new OnyxiaPart(this, { role, image, replicas });
    this.web = part('web', this.image('onyxia-web', ONYXIA_VERSION.web));
    this.api = part('api', this.image('onyxia-api', ONYXIA_VERSION.api));
    this.onboarding =
      props.onboarding === true
        ? part('onboarding', this.image('onyxia-onboarding', ONYXIA_VERSION.onboarding))
        : undefined;
    this.account = PlatformAccount.serviceAccount(this.api.account);

    this.exposed = exposure.expose(this.service, props.subdomain ?? this.componentName);
    const { origin } = new URL(this.exposed.url);
    this.client = identityProvider.addPublicClient('onyxia');
    const clients = [this.client, storage?.client, secretStore?.client, services.publicEndpoint?.client];
    for (const client of new Set(clients)) client?.allowRedirect(`${origin}/*`);
    storage?.allowOrigin(origin);
    secretStore?.allowOrigin(origin);

    const secrets = new SecretValues(this.platform, this.namespace.name);
    const surroundings = {
      platformName: this.platform.name,
      clusterDomain: this.platform.clusterDomain,
      isProduction: this.platform.isProduction,
    };
    this.catalogs = catalogDocuments(props.catalogs, surroundings, secrets);
    this.region = regionDocument(
      {
        identityProvider,
        names: props.names,
        services,
        region: props.region ?? {},
        quotas: props.quotas ?? {},
        ...(props.spaces === undefined ? {} : { spaces: props.spaces }),
        ...(storage === undefined ? {} : { storage }),
        ...(secretStore === undefined ? {} : { secretStore }),
        ...this.injected(),
      },
      secrets,
    );
    openNetwork(props, this.platform.clusterDomain, this.api, this.onboarding);
    this.runApi(origin, secrets);
    this.runWeb();
    this.runOnboarding(origin);
    this.platform.announce({ title: 'Onyxia', url: this.exposed.url });
  }

  /** The Service of the page, with those that answer the paths of the others. */
  get service(): HttpService {
    const { api, onboarding } = this;
    return {
      ...this.web.service,
      paths: [
        { path: API_PATH, service: api.service },
        ...(onboarding === undefined ? [] : [{ path: `${API_PATH}/onboarding`, service: onboarding.service }]),
      ],
    };
  }

  /** The image of a part, of the version that the types of this folder describe. */
  private image(key: string, version: string): ImageReference {
    const image = this.platform.images.get(key);
    if (image.version !== version) {
      throw new Error(
        `image "${key}" has tag "${image.version}": Onyxia's region and settings are written for ${version}; ` +
          `give images.overrides.${key} with that tag, or leave it out`,
      );
    }
    return image;
  }

  private injected(): { proxy?: ProxyDocument; packageMirrors?: PackageRepositoryDocument; certificates?: string } {
    const { proxy, packageMirrors: mirrors, trust } = this.props;
    const certificates = trust?.certificates;
    return {
      ...(proxy === undefined
        ? {}
        : {
            proxy: { httpProxyUrl: proxy.url, httpsProxyUrl: proxy.url, noProxy: this.direct(proxy.noProxy).join(',') },
          }),
      ...(mirrors === undefined
        ? {}
        : {
            packageMirrors: {
              ...(mirrors.cran === undefined ? {} : { cranProxyUrl: mirrors.cran }),
              ...(mirrors.conda === undefined ? {} : { condaProxyUrl: mirrors.conda }),
              ...(mirrors.packageManager === undefined ? {} : { packageManagerUrl: mirrors.packageManager }),
              ...(mirrors.pypi === undefined ? {} : { pypiProxyUrl: mirrors.pypi }),
            },
          }),
      ...(certificates === undefined ? {} : { certificates }),
    };
  }

  /** What is reached without a proxy. */
  private direct(noProxy: readonly string[]): readonly string[] {
    return [...new Set(['localhost', '127.0.0.1', '.svc', `.${this.platform.clusterDomain}`, ...noProxy])];
  }

  /** The office's own authority and the identity provider's, in the part's namespace. */
  private authorities(part: OnyxiaPart, role: string): Authorities {
    const { trust, identityProvider } = this.props;
    const consumerName = `${this.componentName}-${role}`;
    const keys = identityProvider.grantKeys({ consumerName, connections: part.connections });
    return {
      ...(trust === undefined ? {} : { office: trust.refIn(part, this.namespace, `${consumerName}-trust`) }),
      ...(keys.certificateAuthority === undefined ? {} : { 'identity-provider': keys.certificateAuthority }),
    };
  }

  private runApi(origin: string, secrets: SecretValues): void {
    const { api, props } = this;
    const { services } = props;
    const settings = apiSettings(
      {
        ...(props.proxy === undefined ? {} : { proxy: props.proxy }),
        ...(props.eventWebhook === undefined ? {} : { webhook: props.eventWebhook }),
        identityProvider: props.identityProvider,
        client: this.client,
        projects: hasProjects(services),
        login: props.login ?? {},
        origin,
        regions: settingText('regions', [this.region], secrets),
        catalogs: settingText('catalogs', this.catalogs, secrets),
        catalogRefreshSeconds: props.catalogRefreshSeconds ?? 300,
      },
      secrets,
    );
    const files = schemaFiles(
      `${this.componentName}-schemas`,
      withinQuotas(props.schemas ?? {}, props.spaces),
      this.injections(),
      props.userProfileForm,
    );
    if (files !== undefined) api.configMap('schemas', files.name, files.data);
    const trust = javaTrust(this.authorities(api, 'api'));
    const isRemote = services.server !== undefined;
    if (!isRemote) {
      new SpaceRights(this, 'api-rights', {
        accountName: api.account.name,
        role: 'api',
        labels: api.labels,
        rules: apiRules(services),
        reason: accessReason(services.authenticationMode === 'impersonate'),
        names: props.names,
      });
    }
    api.run({
      uid: UID,
      settingsFrom: api.configMap('settings', `${this.componentName}-api-${contentHash(settings)}`, settings),
      env: [
        env('HOME', '/tmp'),
        // By itself Java takes a quarter of the memory for what it keeps, and catalogs are kept whole; helm runs beside it.
        env('JAVA_TOOL_OPTIONS', '-XX:MaxRAMPercentage=60'),
        env('HELM_CACHE_HOME', '/tmp/helm/cache'),
        env('HELM_CONFIG_HOME', '/tmp/helm/config'),
        env('HELM_DATA_HOME', '/tmp/helm/data'),
        ...trust.env,
        ...this.proxyEnv(),
        ...secrets.env,
      ],
      mounts: [{ name: 'scratch', mountPath: '/tmp' }, ...trust.mounts, ...(files?.mounts ?? [])],
      volumes: [{ name: 'scratch', emptyDir: {} }, ...trust.volumes, ...(files === undefined ? [] : [files.volume])],
      ...(trust.init === undefined ? {} : { init: trust.init }),
      healthPath: `${API_PATH}/public/healthcheck`,
      startupSeconds: this.startupSeconds(),
      resources: props.resources?.api ?? API_RESOURCES,
      ...(isRemote
        ? {}
        : { tokenBecause: 'It makes the namespaces, quotas and rights of people through the API server.' }),
    });
  }

  private startupSeconds(): number {
    return wholeNumber('startupMinutes', this.props.startupMinutes ?? 15, 1, 120) * 60;
  }

  private injections(): Injections {
    const { packageRepositoryInjection: mirrors = {}, proxyInjection, certificateAuthorityInjection } = this.region;
    return {
      proxy: proxyInjection !== undefined,
      certificates: certificateAuthorityInjection !== undefined,
      packageMirrors: Object.keys(mirrors) as Injections['packageMirrors'],
    };
  }

  /** For helm, which the API calls; the API server is reached directly. */
  private proxyEnv(): readonly k8s.EnvVar[] {
    const { proxy } = this.props;
    if (proxy === undefined) return [];
    const direct = [...this.direct(proxy.noProxy), '$(KUBERNETES_SERVICE_HOST)'].join(',');
    return [env('HTTP_PROXY', proxy.url), env('HTTPS_PROXY', proxy.url), env('NO_PROXY', direct)];
  }

  private runWeb(): void {
    const { web, props } = this;
    const { trust, branding = {} } = props;
    const { customResources } = branding;
    const needsTrust = trust !== undefined && customResources !== undefined;
    const authorities = needsTrust
      ? plainTrust({ office: trust.refIn(web, this.namespace, `${this.componentName}-web-trust`) })
      : undefined;
    if (customResources !== undefined) {
      web.connections.allowToExternal(customResources.hosts ?? {}, portOf(new URL(customResources.url)));
    }
    const settings = {
      ...webSettings(branding, {
        version: ONYXIA_VERSION.chart,
        host: this.exposed.host,
        issuer: props.identityProvider.issuer,
        ...(needsTrust ? { authorityFile: authorityFile('office') } : {}),
      }),
      // The Go program for first logins reads no tokens that are bound to a key.
      ...(this.onboarding === undefined ? {} : { OIDC_DISABLE_DPOP: 'true' }),
    };
    web.run({
      uid: UID,
      env: [
        env('HOME', '/tmp'),
        env('NPM_CONFIG_CACHE', '/tmp/npm'),
        env('NPM_CONFIG_UPDATE_NOTIFIER', 'false'),
        ...Object.entries(settings).map(([name, value]) => env(name, escaped(value))),
      ],
      mounts: [
        { name: 'scratch', mountPath: '/tmp' },
        // The start script writes the settings into the pages.
        { name: 'pages', mountPath: '/usr/share/nginx/html' },
        ...(authorities?.mounts ?? []),
      ],
      volumes: [{ name: 'scratch', emptyDir: {} }, { name: 'pages', emptyDir: {} }, ...(authorities?.volumes ?? [])],
      healthPath: '/',
      startupSeconds: 120,
      resources: props.resources?.web ?? WEB_RESOURCES,
    });
  }

  private runOnboarding(origin: string): void {
    const { onboarding, props } = this;
    if (onboarding === undefined) return;
    const data = {
      'env.yaml': onboardingSettings({
        identityProvider: props.identityProvider,
        client: this.client,
        projects: hasProjects(props.services),
        services: this.region.services,
        origin,
      }),
    };
    const trust = plainTrust(this.authorities(onboarding, 'onboarding'));
    const name = onboarding.configMap('settings', `${this.componentName}-onboarding-${contentHash(data)}`, data);
    new SpaceRights(this, 'onboarding-rights', {
      accountName: onboarding.account.name,
      role: 'onboarding',
      labels: onboarding.labels,
      rules: ONBOARDING_RULES,
      names: props.names,
    });
    onboarding.run({
      uid: ONBOARDING_UID,
      env: trust.env,
      mounts: [{ name: 'settings', mountPath: '/env.yaml', subPath: 'env.yaml', readOnly: true }, ...trust.mounts],
      volumes: [{ name: 'settings', configMap: { name } }, ...trust.volumes],
      healthPath: '/healthz',
      startupSeconds: 120,
      resources: WEB_RESOURCES,
      tokenBecause: 'It makes the namespaces and quotas of people through the API server.',
    });
  }
}

const API_RESOURCES: ContainerResources = {
  cpu: { request: '250m', limit: '2' },
  memory: { request: '1Gi', limit: '2Gi' },
  // Charts are cached on the local disk, 500 MB at most, and again by helm.
  ephemeralStorage: { request: '1Gi', limit: '3Gi' },
};

const WEB_RESOURCES: ContainerResources = {
  cpu: { request: '50m', limit: '500m' },
  memory: { request: '128Mi', limit: '512Mi' },
};

/** Kubernetes replaces `$(NAME)` in the value of a variable, unless the dollar is doubled. */
function escaped(value: string): string {
  return value.replaceAll('$(', '$$$$(');
}

function accessReason(impersonates: boolean): string {
  return (
    'Onyxia makes people administrators of their own spaces and keeps a Secret for each of their services; ' +
    `${impersonates ? 'it starts services in their name; ' : ''}admission policies keep it inside spaces.`
  );
}
