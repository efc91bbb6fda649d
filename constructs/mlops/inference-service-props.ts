import type { ComponentProps, ContainerResources, IIdentityProvider, IOidcClient } from '../platform';
import type { Confidence } from './confidence';
import type { KedaScaling } from './keda-scaling';
import type { IModelRegistry } from './model-registry';
import type { ModelSelection, RegisteredModel } from './model-selection';
import type { RecordStore } from './record-store';

/** Who may call the service. */
export type InferenceAuthentication =
  | {
      /** A name and a generated password for each user; parts of the platform get their own by `grantCall`. */
      readonly kind: 'basic';
      /** Names of people and programs outside the platform. @default - `api` */
      readonly users?: readonly string[];
    }
  | {
      /** Tokens of an identity provider, whose signature, issuer, audience and life are checked. */
      readonly kind: 'bearer';
      readonly identityProvider: IIdentityProvider;
      /** The client whose tokens are accepted. @default - one of its own, named as the component */
      readonly client?: IOidcClient;
    }
  | {
      /** Whoever reaches it may call it. */
      readonly kind: 'none';
      /** Why everyone outside may call it. @default - it refuses to be exposed */
      readonly exposedBecause?: string;
    };

/** What a replica refuses. */
export interface InferenceLimits {
  /** Descriptions in one request; more are answered 413. @default 1000 */
  readonly rowsPerRequest?: number;
  /** Size of a request, a Kubernetes quantity; more is answered 413. @default '4Mi' */
  readonly bodySize?: string;
  /** Characters of a description; more are answered 422. @default 5000 */
  readonly charactersPerLabel?: number;
  /** Of each replica; more are answered 429. @default 5000 */
  readonly requestsPerSecond?: number;
  /** Of each replica; more are answered 429. @default 512 */
  readonly concurrentRequests?: number;
}

/** What becomes of free text, which may name people, in the records. */
export type RecordMasking = 'none' | 'drop' | 'hash';

/** How answers are recorded. */
export interface InferenceRecords {
  /** Where records go: the service may put below the folder `records` and do nothing else. */
  readonly store: RecordStore;
  /**
   * What an answer waits for, and so what a fault can lose. `node`: the local disk; a replica that ends brings its records to the store, and a
   * container that dies finds them again, but a node that is lost takes up to `flushSeconds` with it. `volume`: a volume of its own, which
   * the next Pod of the same name finds again. `object-store`: the store itself, at the price of its delay in each answer.
   *
   * @default 'node' for a pilot, 'volume' in production
   */
  readonly durability?: 'node' | 'volume' | 'object-store';
  /** Seconds after which records are brought to the store. @default 60 */
  readonly flushSeconds?: number;
  /** Room for records that the store does not take yet, a Kubernetes quantity. @default '1Gi' */
  readonly spoolSize?: string;
  /** StorageClass of the volumes of durability `volume`. @default - the platform's class */
  readonly storageClassName?: string;
  /** What happens when that room is full: requests are answered 503, or records are dropped and counted. @default 'refuse' */
  readonly whenFull?: 'refuse' | 'drop';
  /** `drop` leaves the text out, `hash` keeps a keyed digest of it, by which equal texts are known. @default 'none' */
  readonly masking?: RecordMasking;
}

/** How the number of replicas follows the load. */
export interface CpuScaling {
  /** @default - 1 for a pilot, 2 in production */
  readonly minReplicas?: number;
  readonly maxReplicas: number;
  /** Share of the requested CPU that replicas are held at, in percent. @default 70 */
  readonly cpuPercent?: number;
}

/** Another version that answers a share of the requests. */
export interface InferenceCanary {
  readonly model: ModelSelection;
  /** Of 100 requests from outside, how many it answers. */
  readonly weight: number;
  /** @default 1 */
  readonly replicas?: number;
}

export interface FastTextInferenceServiceProps extends ComponentProps {
  /** Where models are. They are fetched through the server, so that it needs no keys of the bucket. */
  readonly modelRegistry: IModelRegistry;
  /** What answers. An alias that moves is followed without a restart; the version of before answers until the new one is verified. */
  readonly model: RegisteredModel;
  /**
   * The account by which the registry knows it; consumers that name one account share what it owns.
   *
   * @default - an account of its own: the registry must let it read what training made, as MLflow does with the default permission READ
   */
  readonly registryAccount?: string;
  /** Seconds after which the registry is asked again whether the version has changed. @default 30 */
  readonly reloadSeconds?: number;
  /** A version that is asked beside the first, and whose answers are only recorded. @default - none */
  readonly shadow?: ModelSelection;
  /** A version that answers a share of the requests from outside. Needs an exposure that weighs requests. @default - none */
  readonly canary?: InferenceCanary;
  /** What is coded automatically. */
  readonly confidence: Confidence;
  /** @default - no answer is recorded, and the service cannot be monitored */
  readonly records?: InferenceRecords;
  /** @default - basic, with a generated password for the user `api` */
  readonly authentication?: InferenceAuthentication;
  /** @default - those that `InferenceLimits` tells */
  readonly limits?: InferenceLimits;
  /** Pods, where their number does not follow the load. @default - 1 for a pilot, 2 in production */
  readonly replicas?: number;
  /** How the number of Pods follows the load, by the HorizontalPodAutoscaler or by KEDA, which the cluster must have. @default - it does not */
  readonly scaling?: CpuScaling | KedaScaling;
  /** The model and the one that replaces it lie in memory for a moment. @default - 250m to 2 CPU; 512Mi to 2Gi of memory */
  readonly resources?: ContainerResources;
  /** Room for versions of the model on the local disk, a Kubernetes quantity: two to three times the size of one. @default '2Gi' */
  readonly cacheSize?: string;
  /** Seconds that requests and records have to end after a stop. @default 25 */
  readonly shutdownSeconds?: number;
  /** @default 'info' */
  readonly logLevel?: 'debug' | 'info' | 'warn' | 'error';
}
