import { type Component, type Connections, type ContainerResources, GeneratedValue, PlatformSecret } from '../platform';
import { wholeNumber } from '../platform/whole-number';
import { bytesOf } from '../storage/byte-quantity';
import type { InferenceAccounts } from './inference-accounts';
import type { FastTextInferenceServiceProps, InferenceRecords } from './inference-service-props';
import type { InferenceSettings, ResolvedAuthentication, ResolvedRecords } from './inference-settings';
import { modelName, selectionSetting } from './model-selection';

/** The component that is configured. */
type Service = Component & { readonly connections: Connections };

/** What the local disk holds beside models and records: logs, and files of a moment. */
const FURTHER_DISK_MIB = 256;

/**
 * The configuration of a service with its defaults, once everything that it needs is granted to it.
 *
 * @param accounts who may call. @default - others than users with a password
 * @throws Error when a number, a size, or a version is out of range
 */
export function inferenceSettings(
  service: Service,
  props: FastTextInferenceServiceProps,
  accounts: InferenceAccounts | undefined,
): InferenceSettings {
  const { componentName: consumerName, connections } = service;
  const { limits = {}, registryAccount: account, shadow } = props;
  const records = props.records === undefined ? undefined : resolveRecords(service, props.records);
  const cacheSize = props.cacheSize ?? '2Gi';
  return {
    registry: props.modelRegistry.grantUse({
      consumerName,
      connections,
      ...(account === undefined ? {} : { account }),
    }),
    model: modelName(props.model.name),
    reloadSeconds: wholeNumber('reloadSeconds', props.reloadSeconds ?? 30, 1, 86_400),
    ...(shadow === undefined ? {} : { shadow: selectionSetting(`the shadow of "${service.node.path}"`, shadow) }),
    confidence: props.confidence,
    ...(records === undefined ? {} : { records }),
    authentication: resolveAuthentication(service, props, accounts),
    limits: {
      rowsPerRequest: wholeNumber('limits.rowsPerRequest', limits.rowsPerRequest ?? 1000, 1, 1_000_000),
      bodyBytes: bytesOf('limits.bodySize', limits.bodySize ?? '4Mi'),
      charactersPerLabel: wholeNumber('limits.charactersPerLabel', limits.charactersPerLabel ?? 5000, 1, 1_000_000),
      requestsPerSecond: wholeNumber('limits.requestsPerSecond', limits.requestsPerSecond ?? 5000, 1, 1_000_000),
      concurrentRequests: wholeNumber('limits.concurrentRequests', limits.concurrentRequests ?? 512, 1, 1_000_000),
    },
    shutdownSeconds: wholeNumber('shutdownSeconds', props.shutdownSeconds ?? 25, 1, 3600),
    cacheSize,
    resources: resources(props.resources, cacheSize, records),
    logLevel: props.logLevel ?? 'info',
  };
}

function resolveRecords(service: Service, records: InferenceRecords): ResolvedRecords {
  const { componentName: name, connections, namespace, platform } = service;
  const { store, masking = 'none', spoolSize = '1Gi' } = records;
  const key =
    masking === 'hash'
      ? new PlatformSecret(service, 'masking', {
          namespace,
          name: `${name}-masking`,
          data: {
            key: new GeneratedValue(`${name}-masking`, 32, 'Equal texts are known by digests that were made with it.'),
          },
        }).ref('key')
      : undefined;
  return {
    access: store.grantPut({ consumerName: name, connections }, 'records'),
    prefix: store.prefix,
    durability: records.durability ?? (platform.isProduction ? 'volume' : 'node'),
    flushSeconds: wholeNumber('records.flushSeconds', records.flushSeconds ?? 60, 1, 3600),
    spoolSize,
    spoolBytes: bytesOf('records.spoolSize', spoolSize),
    whenFull: records.whenFull ?? 'refuse',
    masking,
    ...(key === undefined ? {} : { maskingKey: key }),
  };
}

function resolveAuthentication(
  { componentName: consumerName, connections }: Service,
  { authentication }: FastTextInferenceServiceProps,
  accounts: InferenceAccounts | undefined,
): ResolvedAuthentication {
  if (accounts !== undefined) return { kind: 'basic', users: () => accounts.all };
  if (authentication?.kind !== 'bearer') return { kind: 'none' };
  const { identityProvider, client = identityProvider.addPublicClient(consumerName) } = authentication;
  return { kind: 'bearer', keys: identityProvider.grantKeys({ consumerName, connections }), audience: client.audience };
}

/** The local disk holds versions of the model, and records where they wait there. */
function resources(
  given: ContainerResources | undefined,
  cacheSize: string,
  records: ResolvedRecords | undefined,
): ContainerResources {
  const cache = bytesOf('cacheSize', cacheSize);
  const spool = records === undefined || records.durability === 'volume' ? 0 : records.spoolBytes;
  const limit = `${Math.ceil((cache + spool) / 2 ** 20) + FURTHER_DISK_MIB}Mi`;
  const ephemeralStorage = { request: `${FURTHER_DISK_MIB}Mi`, limit };
  if (given !== undefined) return { ephemeralStorage, ...given };
  return { cpu: { request: '250m', limit: '2' }, memory: { request: '512Mi', limit: '2Gi' }, ephemeralStorage };
}
