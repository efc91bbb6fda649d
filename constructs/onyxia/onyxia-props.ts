import type {
  ComponentProps,
  ContainerResources,
  ExternalHosts,
  IExposure,
  IIdentityProvider,
  SecretRef,
  SpaceNames,
} from '../platform';
import type { ISecretStore } from '../secrets';
import type { CertificateAuthority, PeopleStorage } from '../storage';
import type { UserSpaces } from '../tenancy';
import type { Branding } from './branding';
import type { CatalogSettings } from './catalog-document';
import type { QuotaSettings, RegionSettings, ServicesSettings } from './region-settings';
import type { FormSchema, SchemaSettings } from './schema-overrides';

/** The way out for programs of the platform and for services. */
export interface ProxySettings {
  /** `http://proxy.example.org:3128` */
  readonly url: string;
  /** Domains and networks that are reached directly. Names inside the cluster always are; name its networks here. */
  readonly noProxy: readonly string[];
  /** Where the proxy is, for the network policy. @default - every IPv4 address but the cloud's metadata service */
  readonly hosts?: ExternalHosts;
}

/** Repositories of packages that services use in place of the public ones. */
export interface PackageMirrors {
  /** For pip and uv. @default - the public one */
  readonly pypi?: string;
  /** @default - the public one */
  readonly conda?: string;
  /** @default - the public one */
  readonly cran?: string;
  /** A Posit Package Manager. @default - none */
  readonly packageManager?: string;
}

/** Who is told of what people start and stop. */
export interface EventWebhook {
  /** Where events are sent; by reference where the address holds a secret. */
  readonly url: string | SecretRef;
  /** Kinds of events, `service.install`. @default - all */
  readonly includes?: readonly string[];
  /** @default - none */
  readonly excludes?: readonly string[];
  /** Where it is, for the network policy. @default - every IPv4 address but the cloud's metadata service */
  readonly hosts?: ExternalHosts;
  /** 1 to 65535. @default - the address's own, 443 for an address by reference */
  readonly port?: number;
}

/** Details of logging in. */
export interface LoginSettings {
  /** @default 'openid profile' */
  readonly scope?: string;
  /** What else the login page is asked, `kc_idp_hint=office`. @default - nothing */
  readonly extraQueryParams?: string;
  /** Seconds without a click after which a person is logged out. @default - the provider's session */
  readonly idleSessionLifetimeSeconds?: number;
}

export interface OnyxiaProps extends ComponentProps {
  readonly identityProvider: IIdentityProvider;
  /** The way in for browsers. */
  readonly exposure: IExposure;
  /** First label of the host. @default - the component's name */
  readonly subdomain?: string;
  /** How spaces, buckets and directories are named: the object that storage and secret store have, too. */
  readonly names: SpaceNames;
  /** What holds in the spaces of people: their labels and quotas, and how the API server names people. @default - `services` and `quotas` say it */
  readonly spaces?: UserSpaces;
  /** Buckets of people. @default - no file explorer */
  readonly storage?: PeopleStorage;
  /** Secrets of people. @default - no page of secrets, and settings stay in the browser */
  readonly secretStore?: ISecretStore;
  /** In the order in which they are shown; an empty list offers nothing. */
  readonly catalogs: readonly CatalogSettings[];
  /** @default - one region, `default` */
  readonly region?: RegionSettings;
  readonly services: ServicesSettings;
  /** @default - quotas for users and for projects */
  readonly quotas?: QuotaSettings;
  /** What the office lays down for forms. @default - sliders whose ends the quotas of `spaces` can pay; what charts say */
  readonly schemas?: SchemaSettings;
  /** @default - Onyxia's own looks, safe behaviour */
  readonly branding?: Branding;
  /** Form that people fill for themselves, under `user.profile` in charts. To change it wipes what they entered. @default - none */
  readonly userProfileForm?: FormSchema;
  /** @default - nobody is told */
  readonly eventWebhook?: EventWebhook;
  /** Authority that signed the platform's certificates. Services get it only where it is given as text. @default - the systems' own */
  readonly trust?: CertificateAuthority;
  /** @default - none */
  readonly proxy?: ProxySettings;
  /** @default - public repositories */
  readonly packageMirrors?: PackageMirrors;
  /**
   * The separate program for first logins. It makes namespaces and quotas and no RoleBinding: something else must give people their
   * rights. @default false
   */
  readonly onboarding?: boolean;
  /** @default - the provider's own */
  readonly login?: LoginSettings;
  /** Where the API server is. @default - every IPv4 address but the cloud's metadata service, ports 443 and 6443 */
  readonly apiServer?: ExternalHosts & { readonly ports?: readonly number[] };
  /** Where the issuer's public name leads: the API asks it there. @default - every IPv4 address but the cloud's metadata service */
  readonly issuerHosts?: ExternalHosts;
  /**
   * Further ways out of the API, one hole for each. The API asks the issuer by its public name: where that leads back into the cluster,
   * to another port of the Ingress controller's Pods, open it here.
   *
   * @default - none
   */
  readonly furtherHosts?: readonly (ExternalHosts & { readonly port: number })[];
  /** Seconds between two looks at the catalogs. @default 300 */
  readonly catalogRefreshSeconds?: number;
  /** Minutes that the API may take to start, while it reads every catalog. @default 15 */
  readonly startupMinutes?: number;
  /** Of the page and of the API. @default - 1, in production 2 */
  readonly replicas?: number;
  /** @default - for the API 250m to 2 CPUs and 1Gi to 2Gi, for the page 50m to 500m and 128Mi to 512Mi */
  readonly resources?: { readonly api?: ContainerResources; readonly web?: ContainerResources };
}
