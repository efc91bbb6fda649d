import type { ExternalHosts } from '../platform';
import type { Replaced } from './onyxia-version';
import type { LocalizedString } from './region-document';

/** An image: its address, or one for the light and one for the dark theme. `%PUBLIC_URL%/custom-resources/` stands for the office's own. */
export type ThemedAsset = string | { readonly light: string; readonly dark: string };

/** A link of a bar or a button. */
export interface Link {
  readonly label: LocalizedString;
  readonly url: string;
  /** A name of Material Design, or an address. @default - none */
  readonly icon?: string;
  /** Of a button. @default - none */
  readonly startIcon?: string;
  /** Of a button. @default - none */
  readonly endIcon?: string;
}

/** A card of the home page. */
export interface Card {
  readonly pictogram: ThemedAsset;
  readonly title: LocalizedString;
  readonly description: LocalizedString;
  readonly button: Link;
}

/** How the pages look and what they say. Fields are settings of web 5.5.1. */
export interface Branding {
  /** @default - Onyxia's */
  readonly headerLogo?: ThemedAsset;
  /** @default false */
  readonly headerHideOnyxia?: boolean;
  /** @default - none */
  readonly headerTextBold?: string;
  /** @default 'Datalab' */
  readonly headerTextFocus?: string;
  /** Always the dark theme, or never. @default - people choose */
  readonly darkMode?: boolean;
  /** Colours. @default - Onyxia's */
  readonly palette?: Readonly<Record<string, unknown>>;
  /** @default - Work Sans */
  readonly font?: Readonly<Record<string, string>>;
  /** @default - the logo of the header */
  readonly splashscreenLogo?: ThemedAsset;
  /** @default - the logo of the header */
  readonly favicon?: ThemedAsset;
  /** @default 'Onyxia' */
  readonly tabTitle?: string;
  /** False for none. @default - Onyxia's */
  readonly background?: ThemedAsset | false;
  /** @default - none */
  readonly headerLinks?: readonly Link[];
  /** @default - none */
  readonly leftbarLinks?: readonly Link[];
  /** @default - none */
  readonly footerLinks?: readonly Link[];
  /** Begin with the catalog. @default false */
  readonly disableHomepage?: boolean;
  /** False for none. @default - the logo of the header */
  readonly homepageLogo?: ThemedAsset | false;
  /** False for none. @default - Onyxia's */
  readonly homepageMainAsset?: ThemedAsset | false;
  /** @default - Onyxia's */
  readonly homepageHeroText?: LocalizedString;
  /** @default - the same as for who has not logged in */
  readonly homepageHeroTextAuthenticated?: LocalizedString;
  /** @default - Onyxia's */
  readonly homepageBelowHeroText?: LocalizedString;
  /** False for none. @default - Onyxia's */
  readonly homepageCallToAction?: Link | false;
  /** @default - Onyxia's */
  readonly homepageCards?: readonly Card[];
  /** A zip of the office's own files, fetched when the page's server starts: keep it on the platform. @default - none */
  readonly customResources?: { readonly url: string; readonly hosts?: ExternalHosts };
  /** A message to everyone. @default - none */
  readonly globalAlert?:
    | LocalizedString
    | { readonly severity: 'info' | 'success' | 'warning' | 'error'; readonly message: LocalizedString };
  /** Address of a text in Markdown. @default - none */
  readonly termsOfServices?: LocalizedString;
  /** The first is that of texts that are not translated. @default - all that Onyxia knows */
  readonly languages?: readonly string[];
  /** A data file to try the data explorer with. @default - Onyxia's own, on the internet */
  readonly sampleDatasetUrl?: string;
  /** A data catalogue in DCAT. @default - none */
  readonly sampleDataCollectionUrl?: string;
  /** @default - none */
  readonly vaultDocumentationLink?: string;
  /** Links that start a service at once, without a look at its settings. @default false, for such a link can run what its author likes */
  readonly autoLaunch?: boolean;
  /** Services in projects get the personal credentials of who starts them. @default false, for every member reads them there */
  readonly personalCredentialsInProjects?: boolean;
  /** Nobody sees anything before logging in. @default true */
  readonly loginRequired?: boolean;
  /** @default false */
  readonly disableCommandBar?: boolean;
  /** Share of a quota from which its use is shown in orange, in percent. @default 75 */
  readonly quotaWarningPercent?: number;
  /** Share of a quota from which its use is shown in red, in percent. @default 95 */
  readonly quotaCriticalPercent?: number;
  /** Hours after which a service is said to run for long. @default 168 */
  readonly runningTimeThresholdHours?: number;
  /** How a session is found again. @default - a full page where the identity provider has another registrable domain, else by itself */
  readonly sessionRestoration?: 'auto' | 'iframe' | 'full page redirect';
  /** @default - none: no value has this type */
  readonly customHtmlHead?: Replaced<'would run scripts in the page that holds everybody’s tokens: use the other settings'>;
  /** @default - none: no value has this type */
  readonly s3DocumentationLink?: Replaced<'is not among the settings of web 5.5.1: give a link in leftbarLinks'>;
}
