import type { IConstruct } from 'constructs';
import type { Confidence } from './confidence';
import type { IModelRegistry } from './model-registry';
import type { RecordStore } from './record-store';

/** A service that codes descriptions with a registered model, as whoever watches and improves it sees it. */
export interface ICodingService extends IConstruct {
  /** What is coded automatically. */
  readonly confidence: Confidence;
  /** Where its answers are recorded. @default - they are not */
  readonly records?: RecordStore;
  readonly modelRegistry: IModelRegistry;
  /** Name of the registered model. */
  readonly modelName: string;
}

/**
 * Where the answers of a service are recorded.
 *
 * @param who needs them, used in the error
 * @throws Error when they are not recorded
 */
export function recordsOf(service: ICodingService, who: string): RecordStore {
  if (service.records === undefined) {
    throw new Error(`${who} reads the records of "${service.node.path}", which keeps none: give that service records`);
  }
  return service.records;
}
