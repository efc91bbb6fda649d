import type { IIdentityProvider, IOidcClient, SecretRef } from '../platform';
import type { EventWebhook, LoginSettings, ProxySettings } from './onyxia-props';
import type { SecretValues } from './secret-values';
import { wholeNumber } from '../platform/whole-number';

/** Path that the API answers below. */
export const API_PATH = '/api';
/** Where the API looks for schemas; the names of its settings are in {@link apiSettings}. */
export const SCHEMA_FOLDERS = { everyone: '/schemas/default', roles: '/schemas/role' } as const;

/** What the settings of the API are derived from. */
export interface ApiSettingsInput {
  readonly identityProvider: IIdentityProvider;
  readonly client: IOidcClient;
  /** Groups of the token are projects. */
  readonly projects: boolean;
  readonly login: LoginSettings;
  /** `https://datalab.example.org` */
  readonly origin: string;
  /** JSON. */
  readonly regions: string;
  /** JSON. */
  readonly catalogs: string;
  readonly catalogRefreshSeconds: number;
  /** @default - none */
  readonly proxy?: ProxySettings;
  /** @default - nobody is told */
  readonly webhook?: EventWebhook;
}

/** A claim that no token has: Onyxia has no switch for projects. */
const NO_CLAIM = 'no-projects';

/**
 * The settings of Onyxia API v4.12.0 that are no secrets, by the names of its `application.properties`.
 *
 * @throws Error when a value would be taken for a placeholder, or when a number is out of its range
 */
export function apiSettings(input: ApiSettingsInput, secrets: SecretValues): Readonly<Record<string, string>> {
  const { identityProvider, client, projects, login, proxy, webhook, catalogRefreshSeconds: refresh } = input;
  const { username, groups, roles } = identityProvider.claims;
  wholeNumber('catalogRefreshSeconds', refresh, 30);
  const plain = {
    'authentication.mode': 'openidconnect',
    'oidc.issuer-uri': identityProvider.issuer,
    'oidc.clientID': client.clientId,
    'oidc.audience': client.audience,
    'oidc.username-claim': username,
    'oidc.groups-claim': projects ? groups : NO_CLAIM,
    'oidc.roles-claim': roles,
    'oidc.scope': login.scope ?? 'openid profile',
    ...(login.extraQueryParams === undefined ? {} : { 'oidc.extra-query-params': login.extraQueryParams }),
    ...(login.idleSessionLifetimeSeconds === undefined
      ? {}
      : { 'oidc.idleSessionLifetimeInSeconds': String(login.idleSessionLifetimeSeconds) }),
    'oidc.skip-tls-verify': 'false',
    'security.cors.allowed_origins': input.origin,
    'server.servlet.context-path': API_PATH,
    'springdoc.swagger-ui.oauth.clientId': client.clientId,
    'catalogs.refresh.ms': String(refresh * 1000),
    'external.schema.directory': `${SCHEMA_FOLDERS.everyone}/`,
    'role.schema.directory': `${SCHEMA_FOLDERS.roles}/`,
    'event.logging.enabled': 'true',
    'admin.enabled': 'false',
    ...(webhook === undefined ? {} : webhookSettings(webhook, secrets)),
    ...(proxy === undefined ? {} : proxySettings(proxy)),
  };
  for (const [name, value] of Object.entries(plain)) {
    if (value.includes('${'))
      throw new Error(`${name} "${value}": the API would replace "\${" by one of its own settings: write it otherwise`);
  }
  return { ...plain, regions: input.regions, catalogs: input.catalogs };
}

function webhookSettings({ url, includes, excludes }: EventWebhook, secrets: SecretValues): Record<string, string> {
  if (typeof url !== 'string') secrets.add('event.webhook.url', url);
  return {
    'event.webhook.enabled': 'true',
    ...(typeof url === 'string' ? { 'event.webhook.url': webhookUrl(url).href } : {}),
    ...(includes === undefined ? {} : { 'event.webhook.includes': includes.join(',') }),
    ...(excludes === undefined ? {} : { 'event.webhook.excludes': excludes.join(',') }),
  };
}

/** Port that the webhook answers at. @throws Error when the address is none, or shows a secret */
export function webhookPort(webhook: EventWebhook): number {
  const url: string | SecretRef = webhook.url;
  if (webhook.port !== undefined) return webhook.port;
  return typeof url === 'string' ? portOf(webhookUrl(url)) : 443;
}

function webhookUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol)) {
    throw new Error('eventWebhook.url is no address: expected https://events.example.org/onyxia');
  }
  if (url.username !== '' || url.password !== '' || url.search !== '') {
    throw new Error(
      'eventWebhook.url holds a user or a query, which may be a secret: give it by reference, secret.ref(key)',
    );
  }
  return url;
}

/** A proxy's host and port. @throws Error when the address is none */
export function proxyAddress({ url: text }: ProxySettings): { readonly host: string; readonly port: number } {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol) || url.pathname !== '/' || url.username !== '') {
    throw new Error('proxy.url is no address of a proxy: expected http://proxy.example.org:3128, without a user');
  }
  return { host: url.hostname, port: portOf(url) };
}

/** The port that a URL means. */
export function portOf({ port, protocol }: URL): number {
  return port === '' ? (protocol === 'https:' ? 443 : 80) : Number(port);
}

/** Java compares whole names, with a star; programs in Go take subdomains along. */
function proxySettings(proxy: ProxySettings): Record<string, string> {
  const { host, port } = proxyAddress(proxy);
  const isName = (given: string): boolean => !given.includes('/') && /[a-z]/i.test(given);
  const direct = [
    'localhost',
    '127.0.0.1',
    '*.svc',
    '*.cluster.local',
    ...proxy.noProxy.flatMap((given) => (isName(given) ? [given, `*.${given.replace(/^\.+/, '')}`] : [given])),
  ];
  return { 'http.proxyHost': host, 'http.proxyPort': String(port), 'http.noProxy': [...new Set(direct)].join(',') };
}
