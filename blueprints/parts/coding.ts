import type { z } from 'zod';
import {
  Confidence,
  FastTextInferenceService,
  type IModelRegistry,
  type InferenceAuthentication,
  type ModelSelection,
  RecordStore,
} from '../../constructs/mlops';
import type { IExposure, Platform } from '../../constructs/platform';
import type { IObjectStore } from '../../constructs/storage';
import type { coding, modelVersion } from '../sections/coding';

type Section = z.output<typeof coding>;

/**
 * The coding service of a section.
 *
 * @param exposure how the world comes in, if it does
 */
export function makeCoding(
  platform: Platform,
  section: Section,
  modelRegistry: IModelRegistry,
  objectStore: IObjectStore,
  exposure: IExposure | undefined,
): FastTextInferenceService {
  const { subdomain, model, serves, shadow, canary, confidence, records, limits, replicas, resources, metrics } =
    section;
  const { bucket, prefix, durability, flushSeconds, masking } = records;
  const service = new FastTextInferenceService(platform, 'coding', {
    modelRegistry,
    model: { name: model, ...selectionOf(serves) },
    ...(shadow === undefined ? {} : { shadow: selectionOf(shadow) }),
    ...(canary === undefined ? {} : { canary: { model: selectionOf(canary.serves), weight: canary.weight } }),
    confidence: new Confidence(confidence),
    records: {
      store: new RecordStore({ bucket: objectStore.addBucket(bucket, { versioning: true }), prefix }),
      flushSeconds,
      masking,
      ...(durability === undefined ? {} : { durability }),
    },
    authentication: authenticationOf(section.authentication),
    limits,
    ...(replicas?.always === undefined ? {} : { replicas: replicas.always }),
    ...(replicas?.upTo === undefined ? {} : { scaling: { maxReplicas: replicas.upTo } }),
    ...(resources === undefined ? {} : { resources }),
  });
  if (metrics !== undefined) service.allowMetricsFrom(metrics.allowFrom);
  if (exposure !== undefined) service.exposeVia(exposure, subdomain);
  return service;
}

/** @throws Error when the section names no version */
function selectionOf({ version, alias, stage }: z.output<ReturnType<typeof modelVersion>>): ModelSelection {
  if (version !== undefined) return { version };
  if (alias !== undefined) return { alias };
  if (stage !== undefined) return { stage };
  throw new Error('the section names no version of the model');
}

function authenticationOf({ users, everyoneBecause }: Section['authentication']): InferenceAuthentication {
  if (everyoneBecause !== undefined) return { kind: 'none', exposedBecause: everyoneBecause };
  return { kind: 'basic', ...(users === undefined ? {} : { users }) };
}
