import { compare } from '../platform';
import { quantity } from '../platform/rules/quantity';

/** How much one space may hold. Quantities are those of Kubernetes. */
export interface SpaceQuotaProps {
  /** CPU of all Pods together, requested and at most. @default - '10' for a user, '20' for a project */
  readonly cpu?: string;
  /** Memory of all Pods together, requested and at most. @default - '32Gi' for a user, '64Gi' for a project */
  readonly memory?: string;
  /** Size of all volumes together. @default - '100Gi' for a user, '500Gi' for a project */
  readonly storage?: string;
  /** Local disk of all Pods together. @default - '50Gi' for a user, '100Gi' for a project */
  readonly ephemeralStorage?: string;
  /** GPUs, `nvidia.com/gpu`. @default 0 */
  readonly gpus?: number;
  /** Other devices, by extended resource: `nvidia.com/mig-1g.10gb`, `amd.com/gpu`. @default - none has a bound */
  readonly devices?: Readonly<Record<string, number>>;
  /** Pods at the same time. @default 50 */
  readonly pods?: number;
  /** Volumes. @default 30 */
  readonly volumes?: number;
  /** Services. @default 50 */
  readonly services?: number;
  /** Jobs, finished ones that are still there included. @default 100 */
  readonly jobs?: number;
  /** ConfigMaps. @default 200 */
  readonly configMaps?: number;
  /** Secrets; Helm keeps one for each revision of a service. @default 300 */
  readonly secrets?: number;
  /** Further keys of a ResourceQuota, such as `gold.storageclass.storage.k8s.io/requests.storage`. @default - none */
  readonly further?: Readonly<Record<string, string>>;
}

const USER: Required<SpaceQuotaProps> = {
  cpu: '10',
  memory: '32Gi',
  storage: '100Gi',
  ephemeralStorage: '50Gi',
  gpus: 0,
  devices: {},
  pods: 50,
  volumes: 30,
  services: 50,
  jobs: 100,
  configMaps: 200,
  secrets: 300,
  further: {},
};

const PROJECT: Required<SpaceQuotaProps> = {
  ...USER,
  cpu: '20',
  memory: '64Gi',
  storage: '500Gi',
  ephemeralStorage: '100Gi',
};

/**
 * The limits of a space, as the keys of a ResourceQuota.
 *
 * @throws Error when a value is no quantity of zero or more, or a further key repeats one that has a name here
 */
export class SpaceQuota {
  /** What each user may have. */
  static user(props: SpaceQuotaProps = {}): SpaceQuota {
    return new SpaceQuota('user', { ...USER, ...props });
  }

  /** What each project may have. */
  static project(props: SpaceQuotaProps = {}): SpaceQuota {
    return new SpaceQuota('project', { ...PROJECT, ...props });
  }

  /** Every key. */
  readonly hard: Readonly<Record<string, string>>;
  /** The keys that Onyxia knows, as its `services.quotas` wants them. */
  readonly onyxia: Readonly<Record<string, string>>;

  private constructor(whose: string, quota: Required<SpaceQuotaProps>) {
    const shared = {
      'requests.cpu': quota.cpu,
      'limits.cpu': quota.cpu,
      'requests.memory': quota.memory,
      'limits.memory': quota.memory,
      'requests.ephemeral-storage': quota.ephemeralStorage,
      'limits.ephemeral-storage': quota.ephemeralStorage,
      'requests.storage': quota.storage,
      'requests.nvidia.com/gpu': String(quota.gpus),
      'count/pods': String(quota.pods),
    };
    const own = {
      // no node ports and no load balancers: the world comes in by the Ingress or the Gateway
      'services.nodeports': '0',
      'services.loadbalancers': '0',
      pods: String(quota.pods),
      services: String(quota.services),
      persistentvolumeclaims: String(quota.volumes),
      'count/jobs.batch': String(quota.jobs),
      'count/configmaps': String(quota.configMaps),
      'count/secrets': String(quota.secrets),
    };
    const devices = Object.fromEntries(
      Object.entries(quota.devices).map(([resource, most]) => [`requests.${resource}`, String(most)]),
    );
    if ('requests.nvidia.com/gpu' in devices) {
      throw new Error(`quota of a ${whose}: devices has nvidia.com/gpu, whose bound is gpus`);
    }
    for (const key of Object.keys(quota.further)) {
      if (key in shared || key in own || key in devices) {
        throw new Error(
          `quota of a ${whose}: further key "${key}" is one that this library sets: use the property for it`,
        );
      }
    }
    this.onyxia = checked(whose, shared);
    this.hard = checked(whose, { ...this.onyxia, ...own, ...devices, ...quota.further });
  }
}

/**
 * What no space may pass: for each key the greatest of several quotas. A key that one of them lacks is unbounded there, so it is left out.
 */
export function greatest(quotas: readonly SpaceQuota[]): Record<string, string> {
  const [first, ...others] = quotas;
  if (first === undefined) return {};
  return Object.fromEntries(
    Object.entries(first.hard).flatMap(([key, value]) => {
      const values = [value, ...others.map(({ hard }) => hard[key])];
      if (!values.every((one) => one !== undefined)) return [];
      return [[key, values.reduce((most, one) => ((quantity(one) ?? 0) > (quantity(most) ?? 0) ? one : most))]];
    }),
  );
}

function checked(whose: string, hard: Readonly<Record<string, string>>): Record<string, string> {
  for (const [key, value] of Object.entries(hard)) {
    const amount = quantity(value);
    if (amount === undefined || !(amount >= 0)) {
      throw new Error(`quota of a ${whose}: ${key} "${value}" is no quantity of zero or more, such as "8" or "32Gi"`);
    }
  }
  return Object.fromEntries(Object.entries(hard).sort(([a], [b]) => compare(a, b)));
}
