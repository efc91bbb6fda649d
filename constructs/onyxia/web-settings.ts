import type { Branding } from './branding';

/** Names of the settings of web 5.5.1 that are texts, images or JSON, by the field that gives them. */
const TEXTS = {
  headerLogo: 'HEADER_LOGO',
  headerHideOnyxia: 'HEADER_HIDE_ONYXIA',
  headerTextBold: 'HEADER_TEXT_BOLD',
  headerTextFocus: 'HEADER_TEXT_FOCUS',
  darkMode: 'DARK_MODE',
  palette: 'PALETTE_OVERRIDE',
  font: 'FONT',
  splashscreenLogo: 'SPLASHSCREEN_LOGO',
  favicon: 'FAVICON',
  tabTitle: 'TAB_TITLE',
  background: 'BACKGROUND_ASSET',
  headerLinks: 'HEADER_LINKS',
  leftbarLinks: 'LEFTBAR_LINKS',
  footerLinks: 'FOOTER_LINKS',
  disableHomepage: 'DISABLE_HOMEPAGE',
  homepageLogo: 'HOMEPAGE_LOGO',
  homepageMainAsset: 'HOMEPAGE_MAIN_ASSET',
  homepageHeroText: 'HOMEPAGE_HERO_TEXT',
  homepageHeroTextAuthenticated: 'HOMEPAGE_HERO_TEXT_AUTHENTICATED',
  homepageBelowHeroText: 'HOMEPAGE_BELOW_HERO_TEXT',
  homepageCallToAction: 'HOMEPAGE_CALL_TO_ACTION_BUTTON',
  homepageCards: 'HOMEPAGE_CARDS',
  globalAlert: 'GLOBAL_ALERT',
  termsOfServices: 'TERMS_OF_SERVICES',
  sampleDatasetUrl: 'SAMPLE_DATASET_URL',
  sampleDataCollectionUrl: 'SAMPLE_DATA_COLLECTION_URL',
  vaultDocumentationLink: 'VAULT_DOCUMENTATION_LINK',
  disableCommandBar: 'DISABLE_COMMAND_BAR',
} as const satisfies Partial<Record<keyof Branding, string>>;

/** What the page's settings are derived from, beside its looks. */
export interface WebSurroundings {
  /** Version that the footer shows. */
  readonly version: string;
  /** Host of the page. */
  readonly host: string;
  /** Issuer of tokens, whose pages the session is restored by. */
  readonly issuer: string;
  /** Path of the file with the authorities. @default - the system's */
  readonly authorityFile?: string;
}

/**
 * The environment of the page's container.
 *
 * @throws RangeError when a number is out of its range
 */
export function webSettings(
  branding: Branding,
  { version, host, issuer, authorityFile }: WebSurroundings,
): Readonly<Record<string, string>> {
  const {
    customResources,
    languages,
    quotaWarningPercent,
    quotaCriticalPercent,
    runningTimeThresholdHours: hours,
  } = branding;
  const looks = Object.entries(TEXTS).flatMap(([field, name]): [string, string][] => {
    const value = branding[field as keyof typeof TEXTS];
    if (value === undefined) return [];
    return [[name, typeof value === 'string' ? value : JSON.stringify(value)]];
  });
  return {
    ONYXIA_API_URL: '/api',
    ONYXIA_VERSION: version,
    ONYXIA_VERSION_URL: `https://github.com/InseeFrLab/onyxia/releases/tag/v${version}`,
    AUTHENTICATION_GLOBALLY_REQUIRED: String(branding.loginRequired ?? true),
    DISABLE_AUTO_LAUNCH: String(!(branding.autoLaunch ?? false)),
    DISABLE_PERSONAL_INFOS_INJECTION_IN_GROUP: String(!(branding.personalCredentialsInProjects ?? false)),
    OIDC_SESSION_RESTORATION_METHOD: branding.sessionRestoration ?? restoration(host, issuer),
    ...Object.fromEntries(looks),
    ...(languages === undefined ? {} : { ENABLED_LANGUAGES: languages.join(',') }),
    ...percent('quotaWarningPercent', 'QUOTA_WARNING_THRESHOLD', quotaWarningPercent),
    ...percent('quotaCriticalPercent', 'QUOTA_CRITICAL_THRESHOLD', quotaCriticalPercent),
    ...(hours === undefined
      ? {}
      : { RUNNING_TIME_THRESHOLD_HOURS: String(positive('runningTimeThresholdHours', hours)) }),
    ...(customResources === undefined ? {} : { CUSTOM_RESOURCES: customResources.url }),
    ...(customResources === undefined || authorityFile === undefined
      ? {}
      : { CUSTOM_RESOURCES_CA_CERTIFICATE: authorityFile }),
  };
}

/** The page lets frames of its own last two labels in, and of nobody else. */
function restoration(host: string, issuer: string): string {
  const domain = (name: string): string => name.split('.').slice(-2).join('.');
  return domain(new URL(issuer).hostname) === domain(host) ? 'auto' : 'full page redirect';
}

function percent(what: string, name: string, value: number | undefined): Record<string, string> {
  if (value === undefined) return {};
  if (!(value > 0 && value <= 100))
    throw new RangeError(`branding.${what} is more than 0 and at most 100, given ${value}`);
  return { [name]: `${value}%` };
}

function positive(what: string, value: number): number {
  if (!(value > 0)) throw new RangeError(`branding.${what} is more than 0, given ${value}`);
  return value;
}
