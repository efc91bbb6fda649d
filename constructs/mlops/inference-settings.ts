import { type ContainerResources, type SecretRef, type TokenKeys } from '../platform';
import type { BucketAccess } from '../storage';
import type { Confidence } from './confidence';
import type { InferenceRecords } from './inference-service-props';
import type { ModelRegistryAccess } from './model-registry';
import type { SelectionSetting } from './model-selection';

/** Port of the routes that clients use. */
export const PORT = 8080;
/** Port of the probes and of the counters. */
export const MANAGEMENT_PORT = 9090;
/** Where versions of the model are kept. */
export const CACHE = '/var/cache/model';
/** Where records wait for the store. */
export const SPOOL = '/var/spool/records';
/** Seconds after which a replica that is to end has left every proxy. */
export const PRE_STOP_SECONDS = 5;

/** What of the spool's room records may take: the rest is for the file system itself. */
const SPOOL_SHARE = 0.9;

/** A user, by where its name and password stand. */
export interface InferenceUser {
  readonly username: SecretRef;
  readonly password: SecretRef;
}

/** Who may call, resolved. */
export type ResolvedAuthentication =
  | { readonly kind: 'none' }
  | { readonly kind: 'basic'; readonly users: () => readonly InferenceUser[] }
  | { readonly kind: 'bearer'; readonly keys: TokenKeys; readonly audience: string };

/** How answers are recorded, resolved. */
export interface ResolvedRecords {
  readonly access: BucketAccess;
  readonly prefix: string;
  readonly durability: NonNullable<InferenceRecords['durability']>;
  readonly flushSeconds: number;
  readonly spoolSize: string;
  readonly spoolBytes: number;
  readonly whenFull: 'refuse' | 'drop';
  /** Key of the digests. @default - text is kept, or left out */
  readonly maskingKey?: SecretRef;
  readonly masking: NonNullable<InferenceRecords['masking']>;
}

/** The configuration of the service, resolved. */
export interface InferenceSettings {
  readonly registry: ModelRegistryAccess;
  readonly model: string;
  readonly reloadSeconds: number;
  /** @default - none */
  readonly shadow?: SelectionSetting;
  readonly confidence: Confidence;
  /** @default - no answer is recorded */
  readonly records?: ResolvedRecords;
  readonly authentication: ResolvedAuthentication;
  readonly limits: Readonly<
    Record<'rowsPerRequest' | 'bodyBytes' | 'charactersPerLabel' | 'requestsPerSecond' | 'concurrentRequests', number>
  >;
  readonly shutdownSeconds: number;
  readonly cacheSize: string;
  readonly resources: ContainerResources;
  readonly logLevel: string;
}

/** Environment variables that hold secrets, by name. */
export type SecretVariables = Readonly<Record<string, SecretRef>>;

/**
 * The configuration file of the inference service, and the variables that it reads secrets from. Its form is owned by the service
 * (`inference/schemas/config.schema.json` of the workload).
 *
 * @param select the version that answers
 */
export function configurationOf(
  settings: InferenceSettings,
  select: SelectionSetting,
): { readonly file: string; readonly secrets: SecretVariables } {
  const secrets: Record<string, SecretRef> = {};
  const secret = (name: string, ref: SecretRef): { readonly env: string } => {
    secrets[name] = ref;
    return { env: name };
  };
  const { registry, records, shadow } = settings;
  const { credentials } = registry;
  const configuration = {
    server: { host: '0.0.0.0', port: PORT, managementPort: MANAGEMENT_PORT, shutdownSeconds: settings.shutdownSeconds },
    registry: {
      url: registry.trackingUri,
      model: settings.model,
      select,
      authentication:
        credentials === undefined
          ? { kind: 'none' }
          : {
              kind: 'basic',
              username: secret('REGISTRY_USERNAME', credentials.username),
              password: secret('REGISTRY_PASSWORD', credentials.password),
            },
      reloadSeconds: settings.reloadSeconds,
    },
    ...(shadow === undefined ? {} : { shadow: { select: shadow } }),
    cacheFolder: CACHE,
    confidence: settings.confidence,
    limits: settings.limits,
    authentication: authenticationOf(settings.authentication, secret),
    ...(records === undefined ? {} : { records: recordsOf(records, secret) }),
    logLevel: settings.logLevel,
  };
  return { file: `${JSON.stringify(configuration, undefined, 2)}\n`, secrets };
}

type Secret = (name: string, ref: SecretRef) => { readonly env: string };

function authenticationOf(authentication: ResolvedAuthentication, secret: Secret): object {
  switch (authentication.kind) {
    case 'none':
      return { kind: 'none' };
    case 'basic':
      return {
        kind: 'basic',
        users: authentication.users().map(({ username, password }, index) => ({
          username: secret(`CLIENT_${index + 1}_USERNAME`, username),
          password: secret(`CLIENT_${index + 1}_PASSWORD`, password),
        })),
      };
    case 'bearer':
      return {
        kind: 'bearer',
        issuer: authentication.keys.issuer,
        audience: authentication.audience,
        jwksUrl: authentication.keys.jwksUrl,
      };
  }
}

function recordsOf(records: ResolvedRecords, secret: Secret): object {
  const { endpoint, bucket, accessKeyId, secretAccessKey } = records.access;
  return {
    store: {
      endpoint: endpoint.url,
      region: endpoint.region,
      bucket,
      prefix: records.prefix,
      accessKeyId: secret('RECORDS_ACCESS_KEY_ID', accessKeyId),
      secretAccessKey: secret('RECORDS_SECRET_ACCESS_KEY', secretAccessKey),
    },
    spoolFolder: SPOOL,
    spoolBytes: Math.floor(records.spoolBytes * SPOOL_SHARE),
    flushSeconds: records.flushSeconds,
    durability: records.durability === 'object-store' ? 'object-store' : 'spool',
    whenFull: records.whenFull,
    masking:
      records.maskingKey === undefined
        ? { kind: records.masking }
        : { kind: 'hash', key: secret('RECORDS_MASKING_KEY', records.maskingKey) },
  };
}
